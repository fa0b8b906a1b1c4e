-- Roles belong to the whole server: another database may have made them, or make them at this moment.
do $$
declare
    role text;
begin
    foreach role in array array['airq_reader', 'airq_loader'] loop
        if not exists (select from pg_roles where rolname = role) then
            begin
                execute format('create role %I nologin', role);
            exception when duplicate_object or unique_violation then
                null;
            end;
        end if;
    end loop;
end
$$;

grant select on stations, measurements, loads, optional_pollutants to airq_reader;
grant select, insert, update on stations, measurements, optional_pollutants to airq_loader;
grant select, insert on loads to airq_loader;

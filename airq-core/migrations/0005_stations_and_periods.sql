-- The parameters of which a station has values. A station without rows here may have values of any parameter: who writes
-- measurements without airq adds the rows of new parameters, or deletes the station's rows.
create table station_parameters (
    station_id text collate "C" not null,
    code       text collate "C" not null,
    primary key (station_id, code)
);

-- Reads the measurements once and changes none.
do $$
declare
    codes text;
begin
    select string_agg(format('case when bool_or(%I is not null) then %L end', code, code), ', ') into codes from parameters;
    if codes is not null then
        execute format('insert into station_parameters
            select station_id, code
            from (select station_id, array[%s] as codes from measurements group by station_id) found
            cross join unnest(codes) as code
            where code is not null', codes);
    end if;
end
$$;

grant select on station_parameters to airq_reader, airq_loader;
grant insert, update, delete on station_parameters to airq_loader;

-- The period of the values of a load, such as 1h, if the files state it. All values of a database are of one period. This comes last,
-- because readers wait for the lock.
alter table loads add column period text;

-- The parameters that the data set has. Each has a column of its code in measurements. A column whose parameter is not here is
-- empty and not part of answers.
create table parameters (
    code text collate "C" primary key,
    -- The unit of all values, as airq writes it.
    unit text not null
);

-- Answers had the six first columns, and the columns that files had brought.
insert into parameters
select code, unit
from (values ('so2', 'µg/m³'), ('no2', 'µg/m³'), ('co', 'mg/m³'), ('o3', 'µg/m³'), ('pm10', 'µg/m³'), ('pm2_5', 'µg/m³'))
    as first (code, unit)
where exists (select from loads);
insert into parameters select name, 'µg/m³' from optional_pollutants on conflict do nothing;
drop table optional_pollutants;

-- Adds the column of a parameter, unless measurements has the column. A nullable column without a default rewrites no row, but
-- the lock blocks readers until the transaction ends: call this function in a short transaction with a lock_timeout.
create function airq_add_column(code text) returns void
language plpgsql security definer as $$
begin
    if $1 is null or $1 !~ '^[a-z][a-z0-9_]{0,54}$' or $1 ~ '^index_|_capture$'
        or $1 in ('station', 'time', 'index', 'station_id', 'line', 'city', 'latitude', 'longitude', 'others') then
        raise exception 'not the code of a parameter: %', $1 using errcode = 'invalid_parameter_value';
    end if;
    if not exists (select from pg_attribute where attrelid = 'measurements'::regclass and attname = $1 and attnum > 0) then
        execute format('alter table measurements add column if not exists %I double precision', $1);
    end if;
end
$$;

-- Adds a parameter to the data set, with its column. Returns whether the parameter is new.
create function airq_add_parameter(code text, unit text) returns boolean
language plpgsql security definer as $$
declare
    stored text;
begin
    perform airq_add_column($1);
    insert into parameters values ($1, $2) on conflict do nothing;
    if found then
        return true;
    end if;
    select known.unit into stored from parameters known where known.code = $1;
    if stored <> $2 then
        raise exception 'the unit of % is "%" in the database and "%" in the files', $1, stored, $2
            using errcode = 'invalid_parameter_value';
    end if;
    return false;
end
$$;

-- The functions run with the rights of their owner: names in them mean the objects of this schema.
do $$
begin
    execute format('alter function airq_add_column(text) set search_path = pg_catalog, %I, pg_temp', current_schema());
    execute format('alter function airq_add_parameter(text, text) set search_path = pg_catalog, %I, pg_temp', current_schema());
end
$$;

revoke execute on function airq_add_column(text), airq_add_parameter(text, text) from public;
grant execute on function airq_add_column(text), airq_add_parameter(text, text) to airq_loader;
grant select on parameters to airq_reader, airq_loader;

create table stations (
    id        text collate "C" primary key,
    name      text,
    city      text,
    country   text,
    latitude  double precision,
    longitude double precision,
    -- The city without accents, case and outer blanks: what city names are matched by.
    city_key  text collate "C"
);
create index stations_by_city on stations (city_key);

-- Nothing here but its key refers to a station, so that it can be distributed by station_id or made a hypertable as it is.
create table measurements (
    station_id text collate "C" not null,
    time       timestamptz not null,
    so2   double precision,
    no2   double precision,
    -- Milligrams a cubic metre; all others micrograms.
    co    double precision,
    o3    double precision,
    pm10  double precision,
    pm2_5 double precision,
    no    double precision,
    nox   double precision,
    nh3   double precision,
    c6h6  double precision,
    primary key (station_id, time)
);

-- One row a finished load. The last that changed something names the version of the data set.
create table loads (
    id          bigint generated always as identity primary key,
    source      text not null,
    sha256      text not null,
    started_at  timestamptz not null,
    finished_at timestamptz not null,
    accepted    bigint not null,
    duplicates  bigint not null,
    rejected    bigint not null,
    -- Measurements that were not there before.
    inserted    bigint not null,
    -- Measurements and stations that were inserted or updated.
    changed     bigint not null
);

-- The pollutants beyond the six of the data set that files have brought, in the order they came.
create table optional_pollutants (
    place integer generated always as identity,
    name  text primary key
);

//! The stations of an import, written to their table.

use super::input::Input;
use super::survey::Survey;
use crate::error::Result;
use crate::model::{CityKey, Station, Stations};
use crate::repository::postgres::described;
use postgres::Transaction;
use postgres::types::Type;

/// New metadata win; where an import has none, the stored metadata stay.
const UPSERT: &str = "\
insert into stations as known (id, name, city, country, latitude, longitude, city_key)
select * from unnest($1, $2, $3, $4, $5, $6, $7)
on conflict (id) do update set
    name = coalesce(excluded.name, known.name),
    city = coalesce(excluded.city, known.city),
    country = coalesce(excluded.country, known.country),
    latitude = coalesce(excluded.latitude, known.latitude),
    longitude = coalesce(excluded.longitude, known.longitude),
    city_key = coalesce(excluded.city_key, known.city_key)
where (coalesce(excluded.name, known.name), coalesce(excluded.city, known.city),
       coalesce(excluded.country, known.country), coalesce(excluded.latitude, known.latitude),
       coalesce(excluded.longitude, known.longitude), coalesce(excluded.city_key, known.city_key))
    is distinct from
      (known.name, known.city, known.country, known.latitude, known.longitude, known.city_key)";

const FALL_BACK: &str = "update stations set city = $1, city_key = $2 where city is null and id = any($3)";

/// The parameters of which stations have values, as `(station_id, code)`.
const ADD_PARAMETERS: &str = "\
insert into station_parameters (station_id, code)
select station_id, code from unnest($1, $2) as found (station_id, code)
on conflict do nothing";

/// Inserts or updates every station that has metadata or measurements. Returns the number of changed stations.
///
/// # Errors
/// If the database fails.
pub(super) fn upsert(
    transaction: &mut Transaction<'_>,
    input: &Input,
    survey: &Survey,
    default_city: Option<&str>,
) -> Result<u64> {
    let stations = merged(input, survey);
    let ids: Vec<String> = stations.iter().map(|station| station.id.clone()).collect();
    let changed = transaction
        .execute_typed(
            UPSERT,
            &[
                (&ids, Type::TEXT_ARRAY),
                (&column(&stations, |station| station.name.clone()), Type::TEXT_ARRAY),
                (&column(&stations, |station| station.city.clone()), Type::TEXT_ARRAY),
                (&column(&stations, |station| station.country.clone()), Type::TEXT_ARRAY),
                (&column(&stations, |station| station.latitude), Type::FLOAT8_ARRAY),
                (&column(&stations, |station| station.longitude), Type::FLOAT8_ARRAY),
                (&column(&stations, |station| station.city.as_deref().map(key)), Type::TEXT_ARRAY),
            ],
        )
        .map_err(described)?;
    add_parameters(transaction, &stations)?;
    let Some(city) = default_city else { return Ok(changed) };
    let filled_in = transaction
        .execute_typed(FALL_BACK, &[(&city, Type::TEXT), (&key(city), Type::TEXT), (&ids, Type::TEXT_ARRAY)])
        .map_err(described)?;
    Ok(changed + filled_in)
}

fn add_parameters(transaction: &mut Transaction<'_>, stations: &Stations) -> Result<()> {
    let mut ids = Vec::new();
    let mut codes = Vec::new();
    for station in stations {
        for parameter in station.parameters.iter().flatten() {
            ids.push(station.id.as_str());
            codes.push(parameter.code());
        }
    }
    let types = [(&ids as _, Type::TEXT_ARRAY), (&codes as _, Type::TEXT_ARRAY)];
    transaction.execute_typed(ADD_PARAMETERS, &types).map(drop).map_err(described)
}

/// The stations with their metadata. A stations file wins over metadata in files of measurements.
fn merged(input: &Input, survey: &Survey) -> Stations {
    let measured: Stations = survey.measured().collect();
    measured.described_by(survey.described.iter().cloned()).described_by(input.described.iter().cloned())
}

fn column<T>(stations: &Stations, value: fn(&Station) -> Option<T>) -> Vec<Option<T>> {
    stations.iter().map(value).collect()
}

fn key(city: &str) -> String {
    CityKey::new(city).as_str().to_owned()
}

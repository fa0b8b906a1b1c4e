//! `stations`: the stations there are, all or those of some cities.

use super::{pairs, print, wants_table};
use crate::args::StationsArgs;
use crate::failure::Failure;
use crate::output;
use crate::render::{Column, Table};
use crate::source::Source;
use airq_core::{Query, Station, Stations};
use std::collections::BTreeMap;

/// # Errors
/// If a city is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &StationsArgs) -> Result<(), Failure> {
    let (query, _) = Query::from_pairs(&["city"], pairs(&[("city", &args.city)]))?;
    let airq = source.open()?;
    let document = airq.stations_document(&query)?;
    if !wants_table(args.document.format) {
        return print(&document);
    }
    table(selected(&*airq.stations()?, &args.city)).write_to(output::stdout())
}

/// The stations of these cities, which are known to exist; all if there are none.
fn selected<'a>(stations: &'a Stations, cities: &[String]) -> Vec<&'a Station> {
    if cities.is_empty() {
        return stations.iter().collect();
    }
    let of_cities = cities.iter().flat_map(|city| stations.in_city(city));
    let unique: BTreeMap<&str, &Station> = of_cities.map(|station| (station.id.as_str(), station)).collect();
    unique.into_values().collect()
}

fn table(stations: Vec<&Station>) -> Table {
    let mut table = Table::new(vec![
        Column::text("station"),
        Column::text("name"),
        Column::text("city"),
        Column::text("country"),
        Column::number("latitude", "°N"),
        Column::number("longitude", "°E"),
    ]);
    for station in stations {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let degrees = |degrees: Option<f64>| degrees.map(|degrees| format!("{degrees:.3}")).unwrap_or_default();
        table.push(vec![
            station.id.clone(),
            text(&station.name),
            text(&station.city),
            text(&station.country),
            degrees(station.latitude),
            degrees(station.longitude),
        ]);
    }
    table
}

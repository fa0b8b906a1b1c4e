//! `stations`: all stations, or the stations of some cities or places.

use super::measurements::report_nothing_found;
use super::{pairs, print, wants_table};
use crate::args::{QueryOption, StationsArgs};
use crate::failure::Failure;
use crate::render::{Column, Table};
use crate::source::Source;
use airq_core::{Format, Query, Stations};

/// # Errors
/// If a parameter is invalid, a city is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &StationsArgs) -> Result<(), Failure> {
    let own: [QueryOption<'_>; 2] = [("city", &args.city), args.age.query_option()];
    let parameters = pairs(&[&own[..], &args.place.query_options()].concat());
    let (query, _) = Query::from_pairs(Query::STATION_PARAMETERS, parameters)?;
    source.ask(|airq| {
        let stations = airq.stations_of(&query)?;
        if wants_table(args.document.format) {
            table(&stations).print()?;
        } else {
            print(&airq.stations_document(&query, Format::Json)?)?;
        }
        if stations.is_empty() {
            report_nothing_found(airq, &query);
        }
        Ok(())
    })
}

fn table(stations: &Stations) -> Table {
    let mut table = Table::new(vec![
        Column::id("station"),
        Column::text("name"),
        Column::text("city"),
        Column::text("country").dispensable(0),
        Column::number("latitude", "°N"),
        Column::number("longitude", "°E"),
    ]);
    for station in stations {
        table.push(vec![
            station.id.clone(),
            station.name.clone().unwrap_or_default(),
            station.city.clone().unwrap_or_default(),
            station.country.clone().unwrap_or_default(),
            degrees(station.latitude),
            degrees(station.longitude),
        ]);
    }
    table
}

fn degrees(degrees: Option<f64>) -> String {
    match degrees {
        Some(degrees) => format!("{degrees:.3}"),
        None => String::new(),
    }
}

//! Time series of the European Environment Agency's e-Reporting: a row is one value, with its period and its validity.

use super::account::Counted;
use super::clock::Times;
use super::columns::Columns;
use super::measure::Measure;
use super::options::InputOptions;
use super::readings::Readings;
use super::recognise::FormatParts;
use super::rows::Rows;
use super::station_metadata::{Description, TextSource};
use crate::error::Result;

const STATION: &str = "AirQualityStationEoICode";

pub(super) fn matches(columns: &Columns) -> bool {
    columns.has(&[STATION, "AirPollutant", "Concentration", "DatetimeBegin"])
}

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let readings = Readings {
        station: TextSource::Column(columns.need(STATION)?),
        description: Description {
            country: TextSource::optional_column(columns.place("Countrycode")),
            ..Description::default()
        },
        time: columns.need("DatetimeBegin")?,
        times: Times::default(),
        period: 0,
        parameter: columns.need("AirPollutant")?,
        value: columns.need("Concentration")?,
        unit: Some(columns.need("UnitOfMeasurement")?),
        validity: Some(columns.need("Validity")?),
        measure: Measure::new(&[], options),
        remembered: Vec::new(),
        columns: columns.clone(),
    };
    Ok(FormatParts::new(readings, Rows::merged(Counted::Rows)))
}

//! Any other table, with a [`Map`] of its columns. Each pollutant has a column or, with `parameter` and `value`, each value
//! has a row.

use super::account::Counted;
use super::clock::{Spelling, Times};
use super::columns::Columns;
use super::map::{self, Map};
use super::measure::{Measure, UNITS};
use super::options::InputOptions;
use super::readings::Readings;
use super::recognise::FormatParts;
use super::rows::Rows;
use super::station_metadata::{Description, TextSource};
use super::table::{Table, ValueColumn, When};
use crate::error::{Result, cut};
use crate::model::{Pollutant, Unit};

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let map = options.map.as_ref().ok_or_else(|| map::fault("the format generic needs one"))?;
    let mapped = Mapped { map, columns };
    let measure = Measure::new(&[], options);
    let times = Times::new(options.time_format.as_deref().map_or(Spelling::Iso, Spelling::pattern), options.clock());
    if let Some(parameter) = mapped.place("parameter")? {
        return readings(&mapped, parameter, times, measure);
    }
    let table = Table {
        columns: columns.clone(),
        station: mapped.station()?,
        description: mapped.description()?,
        when: mapped.when()?,
        times,
        values: mapped.values()?,
        measure,
        others: Vec::new(),
        date_and_clock: Vec::new(),
    };
    Ok(FormatParts::table(table.with_others(&[])))
}

fn readings(mapped: &Mapped<'_>, parameter: usize, times: Times, measure: Measure) -> Result<FormatParts> {
    let time = mapped.place("time")?.ok_or_else(|| map::fault("with parameter, time must be one column"))?;
    let value = mapped.place("value")?.ok_or_else(|| map::fault("parameter needs a value beside it"))?;
    let readings = Readings {
        columns: mapped.columns.clone(),
        station: mapped.station()?,
        description: mapped.description()?,
        time,
        times,
        period: 0,
        parameter,
        value,
        unit: mapped.place("unit")?,
        validity: None,
        measure,
        remembered: Vec::new(),
    };
    Ok(FormatParts::new(readings, Rows::merged(Counted::Rows)).merging())
}

/// A map applied to a header.
struct Mapped<'a> {
    map: &'a Map,
    columns: &'a Columns,
}

impl Mapped<'_> {
    /// The index of the column with this role.
    fn place(&self, key: &str) -> Result<Option<usize>> {
        self.map.column(key).map(|name| self.columns.need(name)).transpose()
    }

    /// A column or, after `=`, a constant text.
    fn text_source(&self, key: &str) -> Result<TextSource> {
        match self.map.column(key) {
            None => Ok(TextSource::None),
            Some(name) => match name.strip_prefix('=') {
                Some(text) => Ok(TextSource::Constant(text.to_owned())),
                None => self.columns.need(name).map(TextSource::Column),
            },
        }
    }

    fn station(&self) -> Result<TextSource> {
        match self.text_source("station")? {
            TextSource::None => Err(map::fault("no station; station==NAME names the only one")),
            source => Ok(source),
        }
    }

    fn description(&self) -> Result<Description> {
        Ok(Description {
            name: self.place("name")?,
            city: self.text_source("city")?,
            country: self.text_source("country")?,
            latitude: self.place("latitude")?,
            longitude: self.place("longitude")?,
        })
    }

    fn when(&self) -> Result<When> {
        match (self.place("date")?, self.place("time")?) {
            (Some(date), Some(clock)) => Ok(When::DateAndClock(date, clock)),
            (Some(place), None) | (None, Some(place)) => Ok(When::Column(place)),
            (None, None) => Err(map::fault("no time")),
        }
    }

    fn values(&self) -> Result<Vec<ValueColumn>> {
        let value = |(pollutant, name): (Pollutant, &str)| {
            Ok(ValueColumn { place: self.columns.need(name)?, pollutant, unit: unit(name, pollutant)? })
        };
        let values: Vec<ValueColumn> = self.map.pollutants().map(value).collect::<Result<_>>()?;
        if values.is_empty() { Err(map::fault("no pollutant")) } else { Ok(values) }
    }
}

/// The unit in brackets in a column's name; the canonical unit if the brackets have another text, as in `NO2 (hourly)`.
fn unit(name: &str, pollutant: Pollutant) -> Result<Unit> {
    let Some((_, text)) = Unit::in_brackets(name) else { return Ok(pollutant.canonical_unit()) };
    let is_other = text.contains(['/', '%', '^']) || text.trim_start().to_lowercase().starts_with("pp");
    match Unit::parse(text) {
        None if is_other => Err(map::fault(&format!("{:?} is in no unit that is known ({UNITS})", cut(name)))),
        unit => Ok(unit.unwrap_or(pollutant.canonical_unit())),
    }
}

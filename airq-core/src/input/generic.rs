//! Any other table, of which a [`Map`] tells what its columns are: a column a pollutant or, with `parameter` and `value`,
//! a row a value.

use super::account::Counted;
use super::clock::{Spelling, Times};
use super::columns::Columns;
use super::map::{self, Map};
use super::measure::{Measure, UNITS};
use super::options::InputOptions;
use super::readings::Readings;
use super::recognise::Opened;
use super::rows::Rows;
use super::table::{Table, ValueColumn, When};
use super::told::{Description, Told};
use crate::error::{Result, cut};
use crate::model::{Pollutant, Unit};

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<Opened> {
    let map = options.map.as_ref().ok_or_else(|| map::fault("the format generic needs one"))?;
    let mapped = Mapped { map, columns };
    let measure = Measure::new(&[], options);
    let times = Times::new(options.time_format.clone().map_or(Spelling::Iso, Spelling::Pattern), options.clock());
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
    };
    Ok(Opened::table(table.with_others(&[])))
}

fn readings(mapped: &Mapped<'_>, parameter: usize, times: Times, measure: Measure) -> Result<Opened> {
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
    Ok(Opened::new(readings, Rows::merged(Counted::Rows)).merging())
}

/// A map laid on a header.
struct Mapped<'a> {
    map: &'a Map,
    columns: &'a Columns,
}

impl Mapped<'_> {
    /// The place of the column that plays this role.
    fn place(&self, key: &str) -> Result<Option<usize>> {
        self.map.column(key).map(|name| self.columns.need(name)).transpose()
    }

    /// A column, or after `=` the text itself.
    fn told(&self, key: &str) -> Result<Told> {
        match self.map.column(key) {
            None => Ok(Told::Nowhere),
            Some(name) => match name.strip_prefix('=') {
                Some(text) => Ok(Told::As(text.to_owned())),
                None => self.columns.need(name).map(Told::ByColumn),
            },
        }
    }

    fn station(&self) -> Result<Told> {
        match self.told("station")? {
            Told::Nowhere => Err(map::fault("no station; station==NAME names the only one")),
            told => Ok(told),
        }
    }

    fn description(&self) -> Result<Description> {
        Ok(Description {
            name: self.place("name")?,
            city: self.told("city")?,
            country: self.told("country")?,
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

/// The unit that a column's name has in brackets, the canonical one if there is none. Other words may stand there, as in
/// `NO2 (hourly)`.
fn unit(name: &str, pollutant: Pollutant) -> Result<Unit> {
    let Some((_, text)) = Unit::in_brackets(name) else { return Ok(pollutant.canonical_unit()) };
    let is_other = text.contains(['/', '%', '^']) || text.trim_start().to_lowercase().starts_with("pp");
    match Unit::parse(text) {
        None if is_other => Err(map::fault(&format!("{:?} is in no unit that is known ({UNITS})", cut(name)))),
        unit => Ok(unit.unwrap_or(pollutant.canonical_unit())),
    }
}

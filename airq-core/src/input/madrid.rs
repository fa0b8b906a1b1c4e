//! Madrid's files: a row holds the hours of a day, or the days of a month, of one station and magnitude, a flag each.
//!
//! `Hnn` is the hour that starts at (nn − 1):00 by Madrid's clocks. In autumn, when clocks show an hour twice, the file has
//! the second of the two; in spring the hour that clocks skip has the flag `N`.

use super::account::Counted;
use super::clock::{civil_instant, whole};
use super::columns::Columns;
use super::measure::Measure;
use super::options::InputOptions;
use super::recognise::FormatParts;
use super::records::{Fault, Records, check_width, trimmed};
use super::rows::Rows;
use crate::csv::Record;
use crate::error::Result;
use crate::model::{Pollutant, Station, Timestamp, Zone};
use std::collections::HashMap;

/// The number of days whose hours are remembered: more than ten years, about 2 MB. A file with more days, station by station,
/// would find no day remembered.
const MOST_DAYS: usize = 4000;

pub(super) fn matches(columns: &Columns) -> bool {
    columns.has(&["ESTACION", "MAGNITUD", "V01"])
}

pub(super) fn open(columns: &Columns, options: &InputOptions) -> Result<FormatParts> {
    let day = columns.place("DIA");
    let (letter, periods) = if day.is_some() { ('H', 24) } else { ('D', 31) };
    let cells = (1..=periods).map(|period| {
        let (value, flag) = (columns.need(&format!("{letter}{period:02}"))?, columns.need(&format!("V{period:02}"))?);
        Ok(Cell { period, value, flag })
    });
    let madrid = Madrid {
        width: columns.names.len(),
        province: columns.need("PROVINCIA")?,
        municipality: columns.need("MUNICIPIO")?,
        station: columns.need("ESTACION")?,
        magnitude: columns.need("MAGNITUD")?,
        year: columns.one_of(&["ANO", "AÑO"]).map_or_else(|| columns.need("ANO"), Ok)?,
        month: columns.need("MES")?,
        day,
        cells: cells.collect::<Result<_>>()?,
        zone: Zone::named("Europe/Madrid")?,
        measure: Measure::new(&[], options),
        days: HashMap::new(),
    };
    Ok(FormatParts::new(madrid, Rows::merged(Counted::Values)))
}

#[derive(Debug)]
struct Madrid {
    width: usize,
    province: usize,
    municipality: usize,
    station: usize,
    magnitude: usize,
    year: usize,
    month: usize,
    /// Only hourly files have one.
    day: Option<usize>,
    cells: Vec<Cell>,
    zone: Zone,
    measure: Measure,
    /// The start of each hour of a day, or of each day of a month; `None` for an hour or a day that does not exist.
    days: HashMap<[i64; 3], Vec<Option<Timestamp>>>,
}

/// The columns of an hour or a day.
#[derive(Clone, Copy, Debug)]
struct Cell {
    period: i64,
    value: usize,
    flag: usize,
}

impl Records for Madrid {
    fn counted(&self) -> u64 {
        self.cells.len() as u64
    }

    fn take(&mut self, record: Record<'_>, rows: &mut Rows) -> Result<(), Fault> {
        check_width(record, self.width)?;
        let magnitude = number(record, self.magnitude)?;
        let count = self.counted();
        let Some(pollutant) = pollutant(magnitude) else {
            rows.account.ignored.unknown += count;
            rows.account.note_unknown(&name_of(magnitude), count);
            return Ok(());
        };
        let date = [number(record, self.year)?, number(record, self.month)?, self.day_of(record)?];
        let id = self.id(record)?;
        self.note_day(date);
        let station = rows.station(id.as_bytes(), Some(self.station), describe)?;
        let begins = self.days.get(&date).map(Vec::as_slice).unwrap_or_default();
        for (cell, begin) in self.cells.iter().zip(begins) {
            let taken = self.cell(record, *cell, *begin, pollutant, station, rows);
            rows.faults.extend(taken.err());
        }
        Ok(())
    }
}

impl Madrid {
    fn day_of(&self, record: Record<'_>) -> Result<i64, Fault> {
        self.day.map_or(Ok(0), |place| number(record, place))
    }

    /// `28079` and three digits: province, municipality and the station in it.
    fn id(&self, record: Record<'_>) -> Result<String, Fault> {
        let (province, municipality) = (number(record, self.province)?, number(record, self.municipality)?);
        Ok(format!("{province:02}{municipality:03}{:03}", number(record, self.station)?))
    }

    fn cell(
        &self,
        record: Record<'_>,
        cell: Cell,
        begin: Option<Timestamp>,
        pollutant: Pollutant,
        station: u32,
        rows: &mut Rows,
    ) -> Result<(), Fault> {
        let (text, flag) = (trimmed(record, cell.value), trimmed(record, cell.flag));
        match flag {
            b"V" => {}
            b"N" => {
                rows.account.ignored.invalid += 1;
                return Ok(());
            }
            _ => return Err(Fault::value(cell.flag, flag, "is neither V (valid) nor N (not valid)")),
        }
        let Some(value) = self.measure.read(text, cell.value, pollutant, pollutant.canonical_unit())? else {
            rows.account.ignored.missing += 1;
            return Ok(());
        };
        let begin = begin.ok_or_else(|| Fault::value(cell.value, text, "is valid, but there is no such time"))?;
        rows.value(station, begin, pollutant, &value)
    }

    /// Finds the starts of the periods of a day or month, unless they are remembered.
    fn note_day(&mut self, date: [i64; 3]) {
        if self.days.contains_key(&date) {
            return;
        }
        if self.days.len() >= MOST_DAYS {
            self.days.clear();
        }
        let begins = self.cells.iter().map(|cell| self.begin(date, cell.period)).collect();
        self.days.insert(date, begins);
    }

    fn begin(&self, [year, month, day]: [i64; 3], period: i64) -> Option<Timestamp> {
        let (day, hour) = if self.day.is_some() { (day, period - 1) } else { (period, 0) };
        let read = civil_instant(year, month, day, hour, 0, 0)?;
        // The second instant of an hour that clocks show twice.
        self.zone.instants(read).map(|[_, second]| second)
    }
}

fn number(record: Record<'_>, place: usize) -> Result<i64, Fault> {
    let text = trimmed(record, place);
    whole(text).ok_or_else(|| Fault::value(place, text, "is not a whole number"))
}

fn describe(station: Station) -> Station {
    let in_city = station.id.starts_with("28079");
    Station { city: in_city.then(|| "Madrid".to_owned()), country: Some("ES".to_owned()), ..station }
}

fn pollutant(magnitude: i64) -> Option<Pollutant> {
    match magnitude {
        1 => Some(Pollutant::So2),
        6 => Some(Pollutant::Co),
        7 => Some(Pollutant::No),
        8 => Some(Pollutant::No2),
        9 => Some(Pollutant::Pm2_5),
        10 => Some(Pollutant::Pm10),
        12 => Some(Pollutant::Nox),
        14 => Some(Pollutant::O3),
        30 => Some(Pollutant::C6h6),
        _ => None,
    }
}

fn name_of(magnitude: i64) -> String {
    let name = match magnitude {
        20 => "toluene",
        35 => "ethylbenzene",
        37 => "metaxylene",
        38 => "paraxylene",
        39 => "orthoxylene",
        42 => "hydrocarbons",
        43 => "methane",
        44 => "non-methane hydrocarbons",
        _ => return format!("magnitude {magnitude}"),
    };
    format!("{name} (magnitude {magnitude})")
}

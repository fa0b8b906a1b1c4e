//! A query drawn: one line a station, or one a pollutant, as SVG (feature `chart`).

mod axis;
mod draw;
mod labels;
mod options;
mod panels;
mod series;
mod strips;
mod style;
mod svg;
mod thin;
mod ticks;

use crate::engine::{Airq, Answer};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::hash::{StableHasher, hex};
use crate::aqi::AirQualityIndex;
use crate::model::{HOUR, Stations, Timestamp};
use crate::query::{Averages, Every, Query, Statistic};
pub use options::ChartOptions;
pub use panels::{Line, Panel};
use series::Table;
use std::sync::Arc;
pub use strips::BandLine;
use strips::Strips;

/// How many measurements a chart takes at most.
const MOST_ROWS: u64 = Query::MAX_LIMIT;

/// The measurements of a query, to be drawn.
///
/// Where they are of one station, there is one line a pollutant, and a panel for each unit; where they are of several,
/// there is a panel for each pollutant and in it one line a station. Values are in the pollutants' units. A line has a
/// gap where a value is missing, and where the time to the next one is over 1.75 times as long as is usual in it.
///
/// ```
/// use airq_core::{Airq, ChartOptions, CsvRepository, Query};
/// # let csv = "time,station,no2\n2016-10-01 00:00,aq_salvia,48.3\n2016-10-01 01:00,aq_salvia,40.2\n";
/// let airq = Airq::builder().repository(CsvRepository::from_bytes("sample.csv", csv.as_bytes())?).build()?;
/// let chart = airq.chart(&Query::all())?;
/// let svg = chart.svg(&ChartOptions::default().time_zone("Europe/Madrid")?)?;
/// assert!(svg.starts_with("<svg ") && svg.contains("µg/m³"));
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chart {
    answer: Answer,
    stations: Arc<Stations>,
    /// The time that was asked for, where it was.
    asked: (Option<Timestamp>, Option<Timestamp>),
    averaging: Option<Averages>,
    /// The index of which there are strips.
    index: Option<AirQualityIndex>,
}

impl Airq {
    /// The measurements of a query as a chart. They are those of [`answer`](Airq::answer) as CSV, from the cache as it
    /// is; drawing them is left to [`Chart::svg`].
    ///
    /// # Errors
    /// As [`answer`](Airq::answer); [`ErrorKind::InvalidParameter`] if they are over 100,000 and the query names no limit.
    pub fn chart(&self, query: &Query) -> Result<Chart> {
        let answer = self.answer(&query.clone().or_limit(MOST_ROWS), Format::Csv)?;
        if query.row_limit().is_none() && answer.next_page().is_some() {
            return Err(too_much("from", &format!("over {MOST_ROWS} measurements"), MOST_ROWS));
        }
        Ok(Chart {
            answer,
            stations: self.stations()?,
            asked: query.range(),
            averaging: query.averages().cloned(),
            index: query.index(),
        })
    }
}

impl Chart {
    /// The names [`ChartOptions::from_pairs`] knows.
    pub const PARAMETERS: &'static [&'static str] = &[
        "city",
        "station",
        "bbox",
        "near",
        "radius",
        "pollutant",
        "from",
        "to",
        "every",
        "stat",
        "running",
        "tz",
        "interval",
        "capture",
        "index",
        "limit",
        "cursor",
        "width",
        "height",
    ];

    /// The answer that is drawn: its rows, its age, the version of its data.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The strong entity tag, without quotes, of the SVG with these options. Costs no drawing.
    pub fn etag(&self, options: &ChartOptions) -> String {
        let hasher = StableHasher::default()
            .with(self.answer.etag().as_bytes())
            .with(format!("{self_version} {options:?}", self_version = env!("CARGO_PKG_VERSION")).as_bytes());
        hex(hasher.finish())
    }

    /// The lines, panel by panel. Pollutants without a value are left out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if they are of more stations than can be told apart (24).
    pub fn panels(&self) -> Result<Vec<Panel>> {
        panels::panels(&self.table()?, &self.stations)
    }

    /// The bands of the index that was asked for, a line a station; empty if none was.
    ///
    /// # Errors
    /// If the answer cannot be read.
    pub fn bands(&self) -> Result<Vec<BandLine>> {
        let table = self.table()?;
        Ok(self.strips(&table).map(Strips::into_lines).unwrap_or_default())
    }

    /// The index that was asked for.
    pub fn index(&self) -> Option<AirQualityIndex> {
        self.index
    }

    /// The time that the chart spans, first and last: what was asked for, else what there is. `None` if nothing is.
    pub fn span(&self, panels: &[Panel]) -> Option<(Timestamp, Timestamp)> {
        let instants = || panels.iter().flat_map(|panel| &panel.lines).flat_map(Line::values).map(|(time, _)| time);
        // A rated period has an end, not only a beginning.
        let last = instants().max().and_then(|last| match self.index {
            Some(_) => Timestamp::from_microseconds(last.as_microseconds() + self.period()),
            None => Some(last),
        });
        Some((self.asked.0.or(instants().min())?, self.asked.1.or(last)?))
    }

    /// The chart as an SVG document: readable in light and in dark, with its numbers in words for screen readers.
    ///
    /// # Errors
    /// As [`panels`](Chart::panels).
    pub fn svg(&self, options: &ChartOptions) -> Result<String> {
        let table = self.table()?;
        let panels = panels::panels(&table, &self.stations)?;
        let title = self.titled(&table, &panels);
        let strips = self.strips(&table);
        draw::svg(&title, &panels, strips.as_ref(), self.span(&panels), options)
    }

    /// What the chart is of, such as `NO₂ in Madrid`.
    ///
    /// # Errors
    /// As [`panels`](Chart::panels).
    pub fn title(&self) -> Result<String> {
        let table = self.table()?;
        Ok(self.titled(&table, &panels::panels(&table, &self.stations)?))
    }

    fn table(&self) -> Result<Table> {
        let counts = self.averaging.as_ref().is_some_and(|averaging| averaging.kind() == Statistic::Count);
        Ok(Table::read(self.answer.body())?.counting(counts))
    }

    /// The bands of the index, if one was asked for.
    fn strips(&self, table: &Table) -> Option<Strips> {
        let labels = labels::stations(table, &self.stations);
        self.index.map(|index| Strips::new(table, index, self.period(), labels))
    }

    /// How long a rated period is, in microseconds.
    fn period(&self) -> i64 {
        let is_day = self.averaging.as_ref().is_some_and(|averages| averages.periods() == Every::Day);
        if is_day { 24 * HOUR } else { HOUR }
    }

    fn titled(&self, table: &Table, panels: &[Panel]) -> String {
        let title = labels::title(table, panels, &self.stations);
        match &self.averaging {
            Some(averaging) => format!("{title}, {}", labels::averages(averaging)),
            None => title,
        }
    }
}

/// More of something than a chart takes.
fn too_much(parameter: &str, given: &str, most: impl std::fmt::Display) -> Error {
    let allowed = format!("a chart takes at most {most}: ask for a shorter time or fewer stations");
    Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new(parameter, given, allowed)])
}

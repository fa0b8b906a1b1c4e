//! Charts of a query as SVG: a line for each station, or for each parameter (feature `chart`).

mod axis;
mod bands;
mod calendar;
mod downsample;
mod draw;
mod labels;
mod options;
mod panels;
mod series;
mod style;
mod svg;
mod ticks;
mod time_labels;

use crate::aqi::AirQualityIndex;
use crate::engine::{Airq, Answer};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::hash::{StableHasher, hex};
use crate::model::{HOUR, Stations, Timestamp};
use crate::query::{Averages, Every, Query};
pub use bands::BandLine;
use bands::BandLines;
use calendar::DayCalendar;
pub use options::ChartOptions;
pub use panels::{Line, Panel};
use series::SeriesTable;
use std::sync::Arc;
pub use time_labels::TimeLabels;

/// The greatest number of measurements of a chart.
const MOST_ROWS: u64 = Query::MAX_LIMIT;

/// A chart of the measurements of a query.
///
/// Measurements of one station make a line for each parameter, and a panel for each unit. Measurements of several stations make a
/// panel for each parameter, and in each panel a line for each station. Values are in the units of their parameters. A line has
/// a gap where a value is missing, and where the step to the next value is over 1.75 times the usual step of the line.
/// With [`ChartOptions::calendar`], averages of days are a calendar: a grid for each line and year.
///
/// ```
/// use airq_core::chart::ChartOptions;
/// use airq_core::repository::CsvRepository;
/// use airq_core::{Airq, Query};
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
    /// The time range of the query.
    range: (Option<Timestamp>, Option<Timestamp>),
    averaging: Option<Averages>,
    /// The index of the query.
    index: Option<AirQualityIndex>,
    /// True if the averages replace too many measurements.
    is_reduced: bool,
}

impl Airq {
    /// Returns a chart of the measurements of a query. The measurements are an [`answer`](Airq::answer) in CSV and come from the
    /// cache like any other; [`Chart::svg`] draws them. If a query without a limit selects over 100,000 measurements, the chart has
    /// means of the shortest period that makes fewer rows, and its title says so.
    ///
    /// # Errors
    /// As [`answer`](Airq::answer); [`ErrorKind::InvalidParameter`] if there are over 100,000 averages and the query has no limit.
    pub fn chart(&self, query: &Query) -> Result<Chart> {
        let mut query = self.ending_with_newest(query)?.into_owned();
        let mut answer = self.chart_answer(&query)?;
        let is_limited = query.row_limit().is_some();
        let is_averaged = query.averages().is_some();
        for every in [Every::Hour, Every::Day, Every::Month, Every::Year] {
            if is_limited || is_averaged || answer.next_page().is_none() {
                break;
            }
            query = query.averaged(every);
            answer = self.chart_answer(&query)?;
        }
        if !is_limited && answer.next_page().is_some() {
            let every = query.averages().map_or("", |averages| averages.every().name());
            let allowed =
                format!("a longer period, a shorter time or fewer stations: a chart has at most {MOST_ROWS} rows");
            return Err(Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new("every", every, allowed)]));
        }
        Ok(Chart {
            answer,
            stations: self.stations()?,
            range: query.range(),
            averaging: query.averages().cloned(),
            index: query.index(),
            is_reduced: !is_averaged && query.averages().is_some(),
        })
    }

    fn chart_answer(&self, query: &Query) -> Result<Answer> {
        self.answer(&query.clone().without_local_times().or_limit(MOST_ROWS), Format::Csv)
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
        "parameter",
        "pollutant",
        "from",
        "to",
        "last",
        "every",
        "stat",
        "running",
        "tz",
        "interval",
        "capture",
        "index",
        "limit",
        "cursor",
        "view",
        "level",
        "width",
        "height",
    ];

    /// The answer of the chart, with its age and the version of its data.
    pub fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The strong entity tag, without quotes, of the SVG with these options, without drawing it.
    pub fn etag(&self, options: &ChartOptions) -> String {
        let hasher = StableHasher::default()
            .with(self.answer.etag().as_bytes())
            .with(format!("{self_version} {options:?}", self_version = env!("CARGO_PKG_VERSION")).as_bytes());
        hex(hasher.finish())
    }

    /// Returns the lines, panel by panel. Parameters without a value are left out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if there are more stations than distinguishable lines (24).
    pub fn panels(&self) -> Result<Vec<Panel>> {
        panels::panels(&self.table()?, &self.stations)
    }

    /// Returns the bands of the index, a line for each station; empty if the query has no index.
    ///
    /// # Errors
    /// If the answer cannot be read.
    pub fn bands(&self) -> Result<Vec<BandLine>> {
        let table = self.table()?;
        Ok(self.band_lines(&table).map(BandLines::into_lines).unwrap_or_default())
    }

    /// The index of the query.
    pub fn index(&self) -> Option<AirQualityIndex> {
        self.index
    }

    /// Returns the time span of the chart: the range of the query, else the times of the first and last values. Returns `None`
    /// if there is neither.
    pub fn span(&self, panels: &[Panel]) -> Option<(Timestamp, Timestamp)> {
        // The band of a rated period extends to its end.
        let last = match instants(panels).max() {
            Some(last) if self.index.is_some() => Timestamp::from_microseconds(last.as_microseconds() + self.period()),
            last => last,
        };
        // The range of the query selects the periods that a profile groups.
        let range = match self.averaging.as_ref().and_then(Averages::profile) {
            Some(_) => (None, None),
            None => self.range,
        };
        Some((range.0.or(instants(panels).min())?, range.1.or(last)?))
    }

    /// Draws the chart as an SVG document for light and dark backgrounds, with a description in words for screen readers.
    ///
    /// # Errors
    /// As [`panels`](Chart::panels).
    pub fn svg(&self, options: &ChartOptions) -> Result<String> {
        let table = self.table()?;
        let panels = panels::panels(&table, &self.stations)?;
        let title = self.title_of(&table, &panels);
        if options.is_calendar {
            return self.calendar(&title, &panels, options);
        }
        let band_lines = self.band_lines(&table);
        let labels = self.time_labels(options);
        draw::svg(&title, &panels, band_lines.as_ref(), self.span(&panels), &labels, options)
    }

    /// Draws a calendar of days.
    fn calendar(&self, title: &str, panels: &[Panel], options: &ChartOptions) -> Result<String> {
        const MOST_GRIDS: usize = 60;
        let averages = self.averaging.as_ref();
        if !matches!(averages, Some(averages) if averages.every() == Every::Day && averages.profile().is_none()) {
            let issue = Issue::new("view", "calendar", "every=1d, because a calendar shows days");
            return Err(Error::parameters(ErrorKind::InvalidParameter, vec![issue]));
        }
        let labels = self.time_labels(options);
        let panel = match panels {
            [] => return draw::svg(title, panels, None, None, &labels, options),
            [panel] => panel,
            _ => {
                let issue = Issue::new("view", "calendar", "one parameter, such as parameter=no2");
                return Err(Error::parameters(ErrorKind::InvalidParameter, vec![issue]));
            }
        };
        let calendar = DayCalendar::new(panel, options.zone.rules(), options.level, options.width);
        if calendar.grids() > MOST_GRIDS {
            let given = format!("{} grids", calendar.grids());
            return Err(too_much("view", &given, format_args!("{MOST_GRIDS} stations and years")));
        }
        draw::calendar(title, labels.zone_name(), &calendar, options.width)
    }

    /// Returns the texts of times.
    pub fn time_labels(&self, options: &ChartOptions) -> TimeLabels {
        TimeLabels::new(&options.zone, self.averaging.as_ref().and_then(Averages::profile))
    }

    /// Returns the title, such as `NO₂ in Madrid`.
    ///
    /// # Errors
    /// As [`panels`](Chart::panels).
    pub fn title(&self) -> Result<String> {
        let table = self.table()?;
        Ok(self.title_of(&table, &panels::panels(&table, &self.stations)?))
    }

    fn table(&self) -> Result<SeriesTable> {
        let own_unit = self.averaging.as_ref().and_then(|averaging| averaging.statistic().own_unit());
        Ok(SeriesTable::read(self.answer.body())?.in_unit(own_unit))
    }

    /// The bands of the index; `None` if the query has no index.
    fn band_lines(&self, table: &SeriesTable) -> Option<BandLines> {
        let index = self.index?;
        let labels = labels::stations(table, &self.stations);
        Some(BandLines::new(table, index, self.period(), labels))
    }

    /// The length of a rated period, in microseconds.
    fn period(&self) -> i64 {
        match &self.averaging {
            Some(averages) if averages.every() == Every::Day => 24 * HOUR,
            _ => HOUR,
        }
    }

    fn title_of(&self, table: &SeriesTable, panels: &[Panel]) -> String {
        let title = labels::title(table, panels, &self.stations);
        match &self.averaging {
            Some(averaging) if self.is_reduced => {
                format!("{title}, {} (over {MOST_ROWS} measurements)", labels::averages(averaging))
            }
            Some(averaging) => format!("{title}, {}", labels::averages(averaging)),
            None => title,
        }
    }
}

/// The error for more stations or measurements than a chart can have.
/// The times of all values.
fn instants(panels: &[Panel]) -> impl Iterator<Item = Timestamp> {
    panels.iter().flat_map(|panel| &panel.lines).flat_map(Line::values).map(|(time, _)| time)
}

fn too_much(parameter: &str, given: &str, most: impl std::fmt::Display) -> Error {
    let allowed = format!("at most {most} in a chart: ask for a shorter time or fewer stations");
    Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new(parameter, given, allowed)])
}

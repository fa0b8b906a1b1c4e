//! Profiles: values grouped by hour of the day, weekday or month of the year.

use super::averager::measured_columns;
use super::calendar::{Calendar, Period};
use super::cell::{Average, Gathered};
use super::encoding::{header, push_averages};
use super::{millionths, needed};
use crate::csv::{Layout, OnRejected, Row, RowFeed, RowSink};
use crate::error::Result;
use crate::model::Timestamp;
use crate::query::{Averages, Page, Profile, Selection};
use crate::text::push_csv_field;
use std::io::Write;

/// Writes a profile of a selection as CSV. `write` writes the rows of a selection as CSV and returns the version of the data.
///
/// # Errors
/// The errors of `write` and `out`.
pub(crate) fn write_profile<V>(
    selection: &Selection,
    averages: &Averages,
    profile: Profile,
    out: &mut dyn Write,
    write: impl FnOnce(&Selection, &mut dyn Write) -> Result<V>,
) -> Result<V> {
    // The range selects periods. The cursor names a row of the profile.
    let needed = needed(&Selection { after: None, ..selection.clone() }, averages);
    let shown = Selection { from: None, to: None, ..selection.clone() };
    let sink = ProfileAverager {
        averages,
        profile,
        calendar: Calendar::new(averages),
        columns: Vec::new(),
        values: Vec::new(),
        station: Vec::new(),
        open: None,
        groups: Vec::new(),
        page: Page::new(&shown, out),
    };
    let mut rows = RowFeed::new(selection.parameters.clone(), OnRejected::Fail, sink);
    let version = write(&needed, &mut rows)?;
    rows.finish()?;
    rows.sink.close_station()?;
    rows.sink.page.finish()?;
    Ok(version)
}

/// Averages the rows of one station at a time.
struct ProfileAverager<'a> {
    averages: &'a Averages,
    profile: Profile,
    calendar: Calendar,
    columns: Vec<usize>,
    values: Vec<Option<i64>>,
    station: Vec<u8>,
    /// The period of the last row.
    open: Option<Period>,
    groups: Vec<Group>,
    page: Page<'a>,
}

/// The values of one row.
#[derive(Clone, Debug, Default)]
struct Group {
    has_row: bool,
    /// The number of expected values.
    slots: u32,
    /// The values of each parameter.
    gathered: Vec<Gathered>,
}

impl ProfileAverager<'_> {
    /// Counts the expected values of a period, and of the periods without rows before it.
    fn open(&mut self, period: Period) {
        let mut next = match self.open.replace(period) {
            Some(last) => self.calendar.period(last.end),
            None => period,
        };
        loop {
            let position = self.position(next);
            self.groups[position].slots += next.slots;
            if next.start >= period.start {
                return;
            }
            next = self.calendar.period(next.end);
        }
    }

    fn position(&self, period: Period) -> usize {
        self.calendar.position(self.profile, period.start)
    }

    fn close_station(&mut self) -> Result<()> {
        let mut averages: Vec<Average> = Vec::with_capacity(self.columns.len());
        self.open = None;
        for (position, group) in self.groups.iter_mut().enumerate() {
            let Some((name, time)) = name_and_time(self.profile, position) else { continue };
            averages.clear();
            for gathered in &mut group.gathered {
                averages.push(gathered.close(self.averages, group.slots));
            }
            let has_row = std::mem::take(&mut group.has_row);
            group.slots = 0;
            if !has_row {
                continue;
            }
            let station = &self.station;
            self.page.row(station, time, |line| {
                push_csv_field(line, station);
                line.push(b',');
                time.write_to(line);
                line.push(b',');
                line.extend_from_slice(name.as_bytes());
                push_averages(line, &averages);
                line.push(b'\n');
            })?;
        }
        Ok(())
    }
}

impl RowSink for ProfileAverager<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let mut parameters = Vec::new();
        for (parameter, column) in measured_columns(layout) {
            parameters.push(parameter);
            self.columns.push(column);
        }
        let group = Group { gathered: vec![Gathered::default(); self.columns.len()], ..Group::default() };
        self.groups = vec![group; groups_of(self.profile)];
        self.page.header(&header(Some(self.profile), &parameters))
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        if self.station != row.station {
            self.close_station()?;
            row.station.clone_into(&mut self.station);
        }
        let time = row.time.as_microseconds();
        let period = match self.open {
            Some(open) if open.has(time) => open,
            _ => {
                let period = self.calendar.period(time);
                self.open(period);
                period
            }
        };
        self.values.clear();
        self.values.extend(self.columns.iter().map(|column| row.column(*column).and_then(millionths::read)));
        let slot = self.calendar.slot(time);
        let position = self.position(period);
        let group = &mut self.groups[position];
        group.has_row = true;
        for (gathered, value) in group.gathered.iter_mut().zip(&self.values) {
            if let Some(value) = value {
                gathered.take(*value, slot, self.averages.statistic());
            }
        }
        Ok(())
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn groups_of(profile: Profile) -> usize {
    match profile {
        Profile::HourOfDay => 24,
        Profile::Weekday => WEEKDAYS.len(),
        Profile::MonthOfYear => MONTHS.len(),
    }
}

/// Returns the name and the nominal time of a row: an hour of 1 January 1970, a day of the week from 5 January 1970, or a month of 1970.
fn name_and_time(profile: Profile, position: usize) -> Option<(String, Timestamp)> {
    let (name, time) = match profile {
        Profile::HourOfDay => (format!("{position:02}:00"), format!("1970-01-01T{position:02}:00Z")),
        Profile::Weekday => (WEEKDAYS[position].to_owned(), format!("1970-01-{:02}", position + 5)),
        Profile::MonthOfYear => (MONTHS[position].to_owned(), format!("1970-{:02}-01", position + 1)),
    };
    Some((name, time.parse::<Timestamp>().ok()?))
}

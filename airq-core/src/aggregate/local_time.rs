//! Columns of local times in rows of CSV, next to the time in UTC.

use super::calendar::Calendar;
use crate::csv::{CsvWriter, Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::error::{Error, Result};
use crate::model::{Timestamp, Zone};
use crate::query::{Averages, Every};
use std::io::Write;

/// The name of the column with the local time of a row.
const LOCAL_TIME: &str = "local_time";
/// The name of the column with the local time at the end of a period.
const LOCAL_END: &str = "local_end";
/// The name of the column with the local date, month or year of a period.
const PERIOD: &str = "period";

/// Passes the CSV that `write` writes to `out`, with columns of local times after the time: `local_time` of measurements, and of averages
/// also `local_end` and, for days, months and years, `period`. Profiles have no times. Without a zone, columns of these names are
/// removed. Returns the result of `write`.
///
/// # Errors
/// The errors of `write` and `out`.
pub(crate) fn with_local_times<V, E: From<Error>>(
    zone: Option<&Zone>,
    averages: Option<&Averages>,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> std::result::Result<V, E>,
) -> std::result::Result<V, E> {
    let sink = LocalTimes {
        clocks: zone.map(|zone| LocalClocks::new(zone, averages)),
        removed: Vec::new(),
        out: CsvWriter::new(out),
    };
    let mut rows = RowFeed::new(Wanted::from(Vec::new()), OnRejected::Fail, sink);
    let written = write(&mut rows)?;
    rows.finish()?;
    rows.sink.out.flush()?;
    Ok(written)
}

/// Returns whether rows have local times: with a zone other than UTC, except for profiles.
pub(crate) fn has_local_times(zone: &Zone, averages: Option<&Averages>) -> bool {
    *zone != Zone::default() && averages.is_none_or(|averages| averages.profile().is_none())
}

struct LocalTimes<'a> {
    clocks: Option<LocalClocks<'a>>,
    /// The positions of the columns that a server in front has added.
    removed: Vec<usize>,
    out: CsvWriter<'a>,
}

/// The clocks of a zone, and the periods of averages.
struct LocalClocks<'a> {
    zone: &'a Zone,
    every: Option<Every>,
    calendar: Option<Calendar>,
}

impl<'a> LocalClocks<'a> {
    fn new(zone: &'a Zone, averages: Option<&Averages>) -> Self {
        LocalClocks { zone, every: averages.map(Averages::every), calendar: averages.map(Calendar::new) }
    }

    fn columns(&self) -> &'static [&'static str] {
        match self.every {
            None => &[LOCAL_TIME],
            Some(Every::Hour | Every::EightHours) => &[LOCAL_TIME, LOCAL_END],
            Some(Every::Day | Every::Month | Every::Year) => &[LOCAL_TIME, LOCAL_END, PERIOD],
        }
    }

    /// Appends the values of the columns, each after a comma.
    fn push(&self, line: &mut Vec<u8>, time: Timestamp) {
        line.push(b',');
        self.zone.push_local_time(line, time);
        let Some(calendar) = &self.calendar else { return };
        line.push(b',');
        if let Some(end) = Timestamp::from_microseconds(calendar.period(time.as_microseconds()).end) {
            self.zone.push_local_time(line, end);
        }
        let label_length = match self.every {
            Some(Every::Day) => "2016-10-01".len(),
            Some(Every::Month) => "2016-10".len(),
            Some(Every::Year) => "2016".len(),
            _ => return,
        };
        line.push(b',');
        line.extend(self.zone.local_date(time).bytes().take(label_length));
    }
}

impl RowSink for LocalTimes<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let is_local = |column: &usize| [LOCAL_TIME, LOCAL_END, PERIOD].contains(&layout.names[*column].as_str());
        self.removed = (0..layout.width()).filter(is_local).collect();
        for (column, name) in layout.names.iter().enumerate() {
            if self.removed.contains(&column) {
                continue;
            }
            self.out.field(name.as_bytes());
            if column == layout.time {
                for name in self.clocks.as_ref().map_or(&[][..], LocalClocks::columns) {
                    self.out.field(name.as_bytes());
                }
            }
        }
        self.out.end_row()
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        for column in 0..row.layout.width() {
            if self.removed.contains(&column) {
                continue;
            }
            self.out.field(row.column(column).unwrap_or_default());
            if let Some(clocks) = self.clocks.as_ref().filter(|_| column == row.layout.time) {
                clocks.push(self.out.line(), row.time);
            }
        }
        self.out.end_row()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(zone: Option<&str>, averages: Option<&Averages>, csv: &str) -> String {
        let zone = zone.map(|name| name.parse::<Zone>().unwrap());
        let mut out = Vec::new();
        let write = |rows: &mut dyn Write| -> Result<()> { Ok(rows.write_all(csv.as_bytes())?) };
        with_local_times(zone.as_ref(), averages, &mut out, write).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn measurements_have_the_local_time_with_its_offset() {
        let csv = "station,time,no2\n\"a,b\",2016-10-30T00:59:59.004Z,1.50\nc,2016-10-30 01:00:00.000001,\n";
        let expected = "station,time,local_time,no2\n\
                        \"a,b\",2016-10-30T00:59:59.004Z,2016-10-30T02:59:59.004+02:00,1.50\n\
                        c,2016-10-30 01:00:00.000001,2016-10-30T02:00:00.000001+01:00,\n";
        assert_eq!(passed(Some("Europe/Madrid"), None, csv), expected);
    }

    #[test]
    fn averages_have_the_end_of_the_period_and_a_day_its_local_date() {
        let csv = "station,time,no2,no2_capture\na,2016-10-29T22:00:00.000Z,1,1\n";
        let of = |every| {
            passed(
                Some("Europe/Madrid"),
                Some(&Averages::new(every).with_zone("Europe/Madrid".parse::<Zone>().unwrap())),
                csv,
            )
        };
        assert_eq!(
            of(Every::Day),
            "station,time,local_time,local_end,period,no2,no2_capture\n\
             a,2016-10-29T22:00:00.000Z,2016-10-30T00:00:00.000+02:00,2016-10-31T00:00:00.000+01:00,2016-10-30,1,1\n"
        );
        assert!(of(Every::Hour).ends_with("Z,2016-10-30T00:00:00.000+02:00,2016-10-30T01:00:00.000+02:00,1,1\n"));
        let month = csv.replace("2016-10-29", "2016-09-30");
        let months = Averages::new(Every::Month).with_zone("Europe/Madrid".parse::<Zone>().unwrap());
        let month = passed(Some("Europe/Madrid"), Some(&months), &month);
        assert!(
            month.ends_with("2016-10-01T00:00:00.000+02:00,2016-11-01T00:00:00.000+01:00,2016-10,1,1\n"),
            "{month}"
        );
    }

    #[test]
    fn the_columns_of_another_server_are_replaced_or_removed() {
        let csv = "station,time,local_time,local_end,period,no2\na,2016-10-01T00:00:00.000Z,x,y,z,1\n";
        assert_eq!(passed(None, None, csv), "station,time,no2\na,2016-10-01T00:00:00.000Z,1\n");
        let replaced = "station,time,local_time,no2\na,2016-10-01T00:00:00.000Z,2016-10-01T05:30:00.000+05:30,1\n";
        assert_eq!(passed(Some("Asia/Kolkata"), None, csv), replaced);
    }

    #[test]
    fn an_offset_with_seconds_is_rounded_and_the_instant_stays() {
        let csv = "station,time,no2\na,1850-01-01T00:00:00.000Z,1\na,9999-12-31T23:59:59.999Z,1\n";
        let text = passed(Some("Europe/Madrid"), None, csv);
        assert!(text.contains("Z,1849-12-31T23:45:00.000-00:15,1\n"), "{text}");
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            if !cells[2].is_empty() {
                assert_eq!(cells[2].parse::<Timestamp>().ok(), cells[1].parse::<Timestamp>().ok(), "{line}");
            }
        }
    }
}

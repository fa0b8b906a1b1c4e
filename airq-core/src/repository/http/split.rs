//! Splits rows of newest values, whose values have different times, into a row for each time.

use crate::csv::{Kind, Layout, OnRejected, Row, RowFeed, RowSink, Wanted, header_of};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Parameter, Timestamp};
use crate::text::push_csv_field;
use std::collections::BTreeSet;
use std::io::Write;

/// Returns the rows of an answer of `/v1/latest` in CSV, with each value in a row of its time.
///
/// # Errors
/// If the answer is not such CSV.
pub(super) fn by_times(csv: &[u8]) -> Result<Vec<u8>> {
    let mut rows = RowFeed::new(Wanted::from(Vec::new()), OnRejected::Fail, SplitRows::default());
    rows.write_all(csv)?;
    rows.finish()?;
    Ok(rows.sink.out)
}

#[derive(Default)]
struct SplitRows {
    columns: Vec<Column>,
    out: Vec<u8>,
}

/// The positions of a value and of its time in the fields of a row.
struct Column {
    value: usize,
    time: Option<usize>,
}

impl RowSink for SplitRows {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        let parameters: Vec<Parameter> = layout.parameters().collect();
        self.out = header_of(&parameters);
        for (value, field) in layout.fields.iter().enumerate() {
            if !matches!(field.kind, Kind::Parameter(_)) {
                continue;
            }
            let name = format!("{}_time", field.name);
            let time = layout.fields.iter().position(|field| field.kind == Kind::Text && field.name == name);
            self.columns.push(Column { value, time });
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let mut cells = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let value = row.value(&row.layout.fields[column.value]);
            let time = match column.time.and_then(|time| row.value(&row.layout.fields[time])) {
                Some(text) => Timestamp::parse_bytes(text).ok_or_else(|| invalid(text))?,
                None => row.time,
            };
            cells.push((value, time));
        }
        let times: BTreeSet<Timestamp> =
            cells.iter().filter(|(value, _)| value.is_some()).map(|(_, time)| *time).collect();
        for time in times {
            push_csv_field(&mut self.out, row.station);
            self.out.push(b',');
            self.out.extend(time.to_string().bytes());
            for (value, of_value) in &cells {
                self.out.push(b',');
                self.out.extend_from_slice(value.filter(|_| *of_value == time).unwrap_or_default());
            }
            self.out.push(b'\n');
        }
        Ok(())
    }
}

fn invalid(time: &[u8]) -> Error {
    let time = String::from_utf8_lossy(time);
    Error::new(
        ErrorKind::Unavailable,
        format!("the source's answer has the invalid time {time:?}: is it an airq server?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_in_the_row_of_its_time() {
        let csv = "station,time,so2,no2,pm10,so2_time\n\
                   \"a,b\",2020-01-01T02:00:00.000Z,3,12,,2020-01-01T00:00:00.000Z\n\
                   c,2020-01-01T02:00:00.000Z,,7,8,\n";
        let expected = "station,time,so2,no2,pm10\n\
                        \"a,b\",2020-01-01T00:00:00.000Z,3,,\n\
                        \"a,b\",2020-01-01T02:00:00.000Z,,12,\n\
                        c,2020-01-01T02:00:00.000Z,,7,8\n";
        assert_eq!(String::from_utf8(by_times(csv.as_bytes()).unwrap()).unwrap(), expected);
        assert!(by_times(csv.replace("2020-01-01T00:00:00.000Z\n", "noon\n").as_bytes()).unwrap_err().is_unavailable());
    }
}

//! Converts the concentrations of rows to one unit.

use crate::csv::{CsvWriter, Kind, Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::error::Result;
use crate::model::{Parameter, Unit};
use crate::query::units::{CONDITIONS, unit_of};
use std::io::Write;

/// Passes the CSV that `write` writes to `out`, with converted values. Values that cannot be converted stay as they are. Names of columns
/// stay, too, so the caller states the [units](unit_of). Returns the result of `write`.
///
/// # Errors
/// The errors of `write` and `out`.
pub(super) fn with_units(
    units: Unit,
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> Result<String>,
) -> Result<String> {
    let sink = ConvertedRows { units, out: CsvWriter::new(out) };
    let mut rows = RowFeed::new(Wanted::from(Vec::new()), OnRejected::Fail, sink);
    let version = write(&mut rows)?;
    rows.finish()?;
    rows.sink.out.flush()?;
    Ok(version)
}

struct ConvertedRows<'a> {
    units: Unit,
    out: CsvWriter<'a>,
}

impl RowSink for ConvertedRows<'_> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        for name in &layout.names {
            self.out.field(name.as_bytes());
        }
        self.out.end_row()
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        for column in 0..row.layout.width() {
            let text = row.column(column).unwrap_or_default();
            let converted = match row.layout.kinds[column] {
                Some(Kind::Parameter(parameter)) => converted(text, parameter, self.units),
                _ => None,
            };
            match converted {
                Some(number) => self.out.field(number.as_bytes()),
                None => self.out.field(text),
            }
        }
        self.out.end_row()
    }
}

/// Returns a number in other units, rounded to six significant digits; `None` if the number stays as it is.
fn converted(number: &[u8], parameter: Parameter, units: Unit) -> Option<String> {
    let own = parameter.unit();
    let unit = unit_of(parameter, Some(units));
    if unit == own {
        return None;
    }
    let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
    let value = own.convert(value, unit, parameter, CONDITIONS)?;
    let rounded: f64 = format!("{value:.5e}").parse().ok()?;
    // Without the sign of a zero.
    Some((rounded + 0.0).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_converted_at_20_degrees_and_rounded_to_six_digits() {
        let csv = "station,time,local_time,no2,co,pm10,temperature,no2_capture\n\
                   \"a,b\",2016-10-01T00:00:00.000Z,\"x,y\",100,0.657363926741451,12.34567,20,0.5\n\
                   c,2016-10-01T00:00:00.000Z,,,-0,,,\n";
        let with = |units| {
            let mut out = Vec::new();
            let write = |rows: &mut dyn Write| {
                rows.write_all(csv.as_bytes())?;
                Ok(String::new())
            };
            with_units(units, &mut out, write).unwrap();
            String::from_utf8(out).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        };
        // 100 × 24.06 ÷ 46.01 = 52.292979…; 657.363926741451 × 24.06 ÷ 28.01 = 564.6619…
        assert_eq!(
            with(Unit::PartPerBillion),
            [
                "\"a,b\",2016-10-01T00:00:00.000Z,\"x,y\",52.293,564.662,12.34567,20,0.5",
                "c,2016-10-01T00:00:00.000Z,,,0,,,"
            ]
        );
        assert_eq!(
            with(Unit::MilligramPerCubicMetre)[0],
            "\"a,b\",2016-10-01T00:00:00.000Z,\"x,y\",0.1,0.657363926741451,0.0123457,20,0.5"
        );
        assert_eq!(
            with(Unit::MicrogramPerCubicMetre)[0],
            "\"a,b\",2016-10-01T00:00:00.000Z,\"x,y\",100,657.364,12.34567,20,0.5"
        );
    }
}

//! Averages as CSV: each value next to its capture.

use super::averager::AverageSink;
use super::cell::Average;
use super::millionths;
use crate::error::Result;
use crate::model::{Parameter, Timestamp};
use crate::query::{Page, Profile};
use crate::text::push_csv_field;

impl AverageSink for Page<'_> {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        Page::header(self, &header(None, parameters))
    }

    fn row(&mut self, _: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        Page::row(self, station, start, |line| {
            push_row(line, station, start, averages);
            line.push(b'\n');
        })
    }

    fn finish(&mut self) -> Result<()> {
        Page::finish(self)
    }
}

/// Returns `station,time,no2,no2_capture,…` and a line end. A profile has its own column after the time.
pub(crate) fn header(profile: Option<Profile>, parameters: &[Parameter]) -> Vec<u8> {
    let mut header = b"station,time".to_vec();
    if let Some(profile) = profile {
        header.push(b',');
        header.extend_from_slice(profile.column_name().as_bytes());
    }
    for parameter in parameters {
        header.push(b',');
        push_csv_field(&mut header, parameter.column_name().as_bytes());
        header.push(b',');
        header.extend_from_slice(parameter.capture_name().as_bytes());
    }
    header.push(b'\n');
    header
}

/// Appends `aq_a,2016-10-01T00:00:00.000Z,48.3,0.75,…`, without a line end.
pub(crate) fn push_row(out: &mut Vec<u8>, station: &[u8], start: Timestamp, averages: &[Average]) {
    push_csv_field(out, station);
    out.push(b',');
    start.write_to(out);
    push_averages(out, averages);
}

/// Appends `,48.3,0.75,…`.
pub(super) fn push_averages(out: &mut Vec<u8>, averages: &[Average]) {
    for average in averages {
        out.push(b',');
        if let Some(value) = average.value {
            millionths::write(out, value);
        }
        out.push(b',');
        millionths::write(out, i64::from(average.capture()) * 1000);
    }
}

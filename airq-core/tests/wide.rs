//! The work of reading a file grows in proportion to the number of its columns.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with the difference")]

use airq_core::Format;
use airq_core::encode::EncoderOptions;
use airq_core::input::{Converter, InputOptions};
use std::io::Write;
use std::time::Duration;

const COLUMNS: usize = 2000;
/// Ten times as many columns take ten times the work, or a hundred times where each column looks at each other column.
const MOST_GROWTH: u32 = 30;
/// The number of measurements, the least of which counts: other processes on the machine only make a measurement longer.
const RUNS: usize = 3;

/// Returns a file with two rows and this number of text columns.
fn wide_file(columns: usize) -> Vec<u8> {
    let mut csv = b"time,station,no2".to_vec();
    for column in 0..columns {
        write!(csv, ",c{column}").unwrap();
    }
    for hour in 0..2 {
        write!(csv, "\n2020-01-01 {hour:02}:00,a,1").unwrap();
        csv.extend(b",v".repeat(columns));
    }
    csv.push(b'\n');
    csv
}

/// Returns the processor time that this thread has had: the first number of its `schedstat`, in nanoseconds.
fn processor_time() -> Duration {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = statistics.split_whitespace().next().unwrap();
    Duration::from_nanos(nanoseconds.parse().unwrap())
}

fn least_time(csv: &[u8], read: fn(&[u8])) -> Duration {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let start = processor_time();
        read(csv);
        times.push(processor_time().saturating_sub(start));
    }
    times.into_iter().min().unwrap()
}

/// Checks that ten times the columns take less than thirty times the processor time.
fn assert_linear(what: &str, read: fn(&[u8])) {
    let narrow = least_time(&wide_file(COLUMNS), read);
    let wide = least_time(&wide_file(10 * COLUMNS), read);
    assert!(wide < narrow * MOST_GROWTH, "{what}: {COLUMNS} columns take {narrow:?}, ten times as many {wide:?}");
}

fn encode(csv: &[u8], format: Format, row_count: u64) {
    let mut encoder = EncoderOptions::new(format).into_writer(Vec::new());
    encoder.write_all(csv).unwrap();
    assert_eq!(encoder.finish().unwrap().1.rows, row_count);
}

#[test]
fn encoding_takes_time_in_proportion_to_the_columns() {
    assert_linear("ndjson", |csv| encode(csv, Format::Ndjson, 2));
    assert_linear("csv", |csv| encode(csv, Format::Csv, 2));
    assert_linear("json", |csv| encode(csv, Format::Json, 2));
    assert_linear("columns", |csv| encode(csv, Format::Columns, 2));
}

#[test]
fn recognising_a_format_takes_time_in_proportion_to_the_columns() {
    assert_linear("converter", |csv| {
        let mut converter = Converter::new(InputOptions::default(), Vec::new());
        converter.write_all(csv).unwrap();
        let (csv, _) = converter.finish().unwrap();
        assert_eq!(csv.split(|byte| *byte == b'\n').count(), 4);
    });
}

//! Several threads encode as one thread does, for any input and any chunk boundaries.
#![allow(clippy::format_push_string, reason = "inputs are easier to read as they are formatted")]

use super::{LONGEST_OUTPUT, LeaderEncoder, encode_chunk, encode_chunks};
use crate::csv::chunks::StreamChunks;
use crate::encode::output_buffer::OutputBuffer;
use crate::encode::{EncoderOptions, Summary};
use crate::error::{Error, Result};
use crate::format::Format;
use proptest::prelude::*;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Answer = std::result::Result<(Vec<u8>, Summary), String>;

fn encode_on_one_thread(options: EncoderOptions, csv: &[u8]) -> Answer {
    let mut encoder = options.into_writer(Vec::new());
    encoder.write_all(csv).map_err(Error::from).and_then(|()| encoder.finish()).map_err(|error| error.to_string())
}

/// The threads and the length of the chunks.
#[derive(Clone, Copy, Debug)]
struct Setup {
    threads: usize,
    length: usize,
}

fn encode(options: EncoderOptions, setup: Setup, input: impl Read + Send, out: impl Write + Send) -> Result<Summary> {
    encode_chunks(
        options.into_engine(setup.threads),
        setup.threads,
        &StreamChunks::with_length(input, setup.length),
        out,
    )
}

fn encode_on_threads(options: EncoderOptions, setup: Setup, csv: &[u8]) -> Answer {
    let mut out = Vec::new();
    let summary = encode(options, setup, csv, &mut out);
    summary.map(|summary| (out, summary)).map_err(|error| error.to_string())
}

fn assert_same_answer(options: &dyn Fn() -> EncoderOptions, setup: Setup, csv: &[u8]) {
    let expected = encode_on_one_thread(options(), csv);
    let actual = encode_on_threads(options(), setup, csv);
    assert!(
        expected == actual,
        "{setup:?}\n{:?}\n{:?}\n{:?}",
        String::from_utf8_lossy(csv),
        expected.map(|(bytes, summary)| (String::from_utf8_lossy(&bytes).into_owned(), summary)),
        actual.map(|(bytes, summary)| (String::from_utf8_lossy(&bytes).into_owned(), summary)),
    );
}

const HEADER: &str = "time,station,no2,o3\n";

fn rows(count: usize) -> String {
    let mut csv = HEADER.to_owned();
    for row in 0..count {
        let (minute, second) = (row / 60 % 60, row % 60);
        let (station, no2) = (row / 9, row % 97);
        csv += &format!("2016-10-01 00:{minute:02}:{second:02}.000,aq_{station},{no2}.5,{row}\n");
    }
    csv
}

/// Files with quoted cells, some of them with line ends, with line ends of every kind and with a few invalid rows.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let station = prop_oneof![
        12 => Just("aq_retiro".to_owned()),
        2 => Just("\"aq, \"\"quoted\"\"\"".to_owned()),
        2 => Just("\"aq\nin two, lines\n\"".to_owned()),
        1 => Just("\"aq\n2016-10-01,a,1,2\n\"".to_owned()),
        1 => Just("málaga".to_owned()),
    ];
    let number = (0..2000_u32).prop_map(|value| format!("{}.{}", value / 10, value % 10));
    let value = prop_oneof![30 => number, 5 => Just(String::new())];
    let fault = prop_oneof![400 => Just(""), 1 => Just("x"), 1 => Just("\""), 1 => Just(",")];
    let end = prop_oneof![60 => Just(""), 1 => Just("\n\n"), 1 => Just("\r"), 1 => Just("\r\r\n"), 1 => Just("\n\r")];
    let row = (station, value.clone(), value, fault, end);
    (prop::collection::vec(row, 0..60), any::<bool>(), any::<bool>()).prop_map(|(rows, crlf, no_end)| {
        let common_end = if crlf { "\r\n" } else { "\n" };
        let mut csv = ["time,station,no2,o3", common_end].concat();
        for (second, (station, no2, o3, fault, end)) in rows.into_iter().enumerate() {
            let end = if end.is_empty() { common_end } else { end };
            csv += &format!("2016-10-01 00:00:{second:02},{station},{no2},{o3}{fault}{end}");
        }
        if no_end {
            csv.truncate(csv.trim_end().len());
        }
        csv.into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn any_file_is_encoded_as_on_one_thread(
        csv in file(),
        format in prop::sample::select(Format::ALL),
        limit in prop_oneof![6 => Just(None), 1 => (1..60_u64).prop_map(Some)],
        reports_rejected in prop_oneof![4 => Just(false), 1 => Just(true)],
        length in 1..700_usize,
        threads in 1..5_usize,
    ) {
        let options = || {
            let mut options = EncoderOptions::new(format);
            if let Some(rows) = limit {
                options = options.limit(rows);
            }
            if reports_rejected { options.on_rejected(|_| {}) } else { options }
        };
        assert_same_answer(&options, Setup { threads, length }, &csv);
    }
}

#[test]
fn short_and_empty_input_is_encoded_as_on_one_thread() {
    let some_rows = rows(3);
    for csv in [
        "",
        "\n",
        "\u{feff}",
        "time,station",
        HEADER,
        &HEADER[..10],
        "a,b\n1,2\n",
        "2016-10-01,a,1,2,3,4,5,6\n",
        &some_rows,
    ] {
        for &format in Format::TEXT {
            for (length, threads) in [(1, 2), (20, 2), (21, 3), (60, 4), (1000, 2)] {
                assert_same_answer(&|| EncoderOptions::new(format), Setup { threads, length }, csv.as_bytes());
            }
        }
    }
}

#[cfg(feature = "parquet")]
#[test]
fn row_groups_are_encoded_as_on_one_thread() {
    let mut csv = "time,station,no2,note\n".to_owned();
    for row in 0..300_000_u32 {
        let value = if row.is_multiple_of(5) { String::new() } else { (f64::from(row) / 7.0).to_string() };
        let note = if row.is_multiple_of(3) { "" } else { "\"quoted, with a comma\"" };
        csv += &format!("2016-10-01 {:02}:00:00,aq_{},{value},{note}\n", row % 24, row % 9);
    }
    for threads in 2..4 {
        assert_same_answer(&|| EncoderOptions::new(Format::Parquet), Setup { threads, length: 60_000 }, csv.as_bytes());
    }
}

#[cfg(feature = "testing")]
#[test]
fn simulated_files_with_every_dirt_are_encoded_as_on_one_thread() {
    use crate::testing::{Dirt, Simulation};
    for dirt in Dirt::ALL {
        let mut csv = Vec::new();
        Simulation::new(5).rows(4_000).by_station().dirt(dirt).write_csv(&mut csv).unwrap();
        for &format in Format::TEXT {
            assert_same_answer(&|| EncoderOptions::new(format), Setup { threads: 3, length: 10_000 }, &csv);
        }
    }
}

#[test]
fn an_invalid_row_is_reported_with_its_line() {
    let csv = rows(5_000) + "2016-10-01,a,bad,2\n" + &rows(5_000);
    for threads in 1..5 {
        let setup = Setup { threads, length: 1_000 };
        let error = encode_on_threads(EncoderOptions::new(Format::Ndjson), setup, csv.as_bytes()).unwrap_err();
        assert_eq!(error, "line 5002, column \"no2\": \"bad\" is not a number");
    }
}

#[test]
fn an_invalid_row_is_reported_although_the_input_fails_later() {
    let csv = rows(500) + "2016-10-01,a,bad,2\n";
    for threads in 1..5 {
        let options = EncoderOptions::new(Format::Ndjson);
        let input = Ending { room: csv.len(), end: fail };
        let error =
            encode(options, Setup { threads, length: 1_000 }, input.with(csv.as_bytes()), io::sink()).unwrap_err();
        assert_eq!(error.position().unwrap().line, 502, "{threads} threads: {error}");
    }
}

/// A branch as a thread of `encode_together` has.
fn branch() -> Box<dyn super::Engine> {
    let mut leader = LeaderEncoder {
        engine: EncoderOptions::new(Format::Ndjson).into_engine(1),
        buffer: OutputBuffer::for_rows(),
        out: Vec::new(),
    };
    leader.encode(rows(1).as_bytes()).unwrap();
    leader.engine.branch().unwrap()
}

#[test]
fn a_branch_encodes_only_whole_valid_rows() {
    let row = "2016-10-01,a,1,2\n";
    let longest = row.repeat(LONGEST_OUTPUT / 40);
    for (csv, is_encoded) in [
        (row, true),
        ("2016-10-01,\"a\nb\",1,2\n", true),
        ("2016-10-01,a,bad,2\n", false),
        ("2016-10-01,\"a\n", false),
        ("2016-10-01,a", false),
        (&longest, false),
    ] {
        let mut output = OutputBuffer::default().emptied(LONGEST_OUTPUT);
        let counts = encode_chunk(&mut *branch(), csv.as_bytes(), &mut output);
        assert_eq!(counts.is_some(), is_encoded, "{:?}", &csv[..csv.len().min(50)]);
    }
}

#[test]
fn rows_that_cross_chunks_do_not_end_the_work_of_branches() {
    let one_row = format!("2016-10-01,\"{}\",1,2\n", "a line\n".repeat(500));
    let csv = rows(1_000) + &(one_row + rows(1_000).strip_prefix(HEADER).unwrap()).repeat(20);
    for threads in 1..5 {
        for length in [300, 1_000, 3_000, 10_000] {
            assert_same_answer(&|| EncoderOptions::new(Format::Ndjson), Setup { threads, length }, csv.as_bytes());
        }
    }
}

#[test]
fn short_input_with_long_output_is_encoded_as_on_one_thread() {
    let csv = format!("time,station,{}\n{}", "n".repeat(20_000), "2016-10-01,a,\n".repeat(1_000));
    let setup = Setup { threads: 3, length: 50_000 };
    assert_same_answer(&|| EncoderOptions::new(Format::Ndjson), setup, csv.as_bytes());
}

fn fail() -> io::Result<usize> {
    Err(io::ErrorKind::StorageFull.into())
}

fn panic_with_payload() -> io::Result<usize> {
    panic!("payload")
}

/// Reads or writes `room` bytes, then ends with `end`.
#[derive(Clone, Copy)]
struct Ending {
    room: usize,
    end: fn() -> io::Result<usize>,
}

impl Ending {
    fn take(&mut self, length: usize) -> io::Result<usize> {
        if self.room == 0 {
            return (self.end)();
        }
        let count = length.min(self.room);
        self.room -= count;
        Ok(count)
    }

    /// A reader of this input.
    fn with(self, input: &[u8]) -> EndingInput<'_> {
        EndingInput { input, ending: self }
    }
}

impl Write for Ending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct EndingInput<'a> {
    input: &'a [u8],
    ending: Ending,
}

impl Read for EndingInput<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.ending.take(buffer.len().min(self.input.len()))?;
        self.input.read(&mut buffer[..count])
    }
}

#[test]
fn the_error_of_the_output_is_returned() {
    let csv = rows(2_000);
    for format in [Format::Records, Format::Json] {
        for threads in 1..5 {
            for room in [0, 1, 500, 20_000, 100_000] {
                let out = Ending { room, end: fail };
                let setup = Setup { threads, length: 700 };
                let error = encode(EncoderOptions::new(format), setup, csv.as_bytes(), out).unwrap_err();
                assert_eq!(error.io_kind(), Some(io::ErrorKind::StorageFull), "{format}, {setup:?}, {room}: {error}");
            }
        }
    }
}

#[test]
fn the_error_of_the_input_is_returned() {
    let csv = rows(2_000);
    for format in [Format::Records, Format::Json] {
        for threads in 1..5 {
            for room in [0, 1, 500, 20_000, csv.len()] {
                let input = Ending { room, end: fail }.with(csv.as_bytes());
                let setup = Setup { threads, length: 700 };
                let error = encode(EncoderOptions::new(format), setup, input, io::sink()).unwrap_err();
                assert_eq!(error.io_kind(), Some(io::ErrorKind::StorageFull), "{format}, {setup:?}, {room}: {error}");
            }
        }
    }
}

#[test]
fn a_panic_of_the_input_or_the_output_is_passed_on() {
    let csv = rows(2_000);
    let ending = Ending { room: 10_000, end: panic_with_payload };
    for format in [Format::Csv, Format::Json] {
        for threads in 1..5 {
            let setup = Setup { threads, length: 700 };
            let of_output =
                catch_unwind(AssertUnwindSafe(|| encode(EncoderOptions::new(format), setup, csv.as_bytes(), ending)));
            assert_eq!(of_output.unwrap_err().downcast_ref(), Some(&"payload"), "output, {format}, {setup:?}");
            let of_input = catch_unwind(AssertUnwindSafe(|| {
                encode(EncoderOptions::new(format), setup, ending.with(csv.as_bytes()), io::sink())
            }));
            assert_eq!(of_input.unwrap_err().downcast_ref(), Some(&"payload"), "input, {format}, {setup:?}");
        }
    }
}

//! Every instruction set gives the same bytes and errors as the scalar parser, for any input cut anywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with the difference")]
#![allow(clippy::format_push_string, clippy::format_collect, reason = "inputs are easier to read as formatted text")]

use airq_core::csv::Instructions;
use airq_core::encode::{EncoderOptions, Summary};
use airq_core::testing::{Dirt, Simulation, vector_instructions};
use airq_core::{Format, Parameter, Result};
use proptest::prelude::*;
use std::io::Write;
use std::sync::{Arc, Mutex};

/// The answer or the error for an input, and the rejected rows.
#[derive(Debug, PartialEq)]
struct Encoded {
    answer: std::result::Result<(Vec<u8>, Summary), String>,
    rejected: Vec<String>,
}

#[derive(Clone, Debug)]
struct Job {
    format: Format,
    parameters: Vec<Parameter>,
    limit: Option<u64>,
    reports_rejected: bool,
}

impl Job {
    /// All rows and parameters; the first invalid row is an error.
    fn all(format: Format) -> Job {
        Job { format, parameters: Vec::new(), limit: None, reports_rejected: false }
    }

    /// All rows and parameters; invalid rows are reported.
    fn all_valid(format: Format) -> Job {
        Job { reports_rejected: true, ..Job::all(format) }
    }

    fn encode(&self, instructions: Instructions, csv: &[u8], cuts: &[usize]) -> Encoded {
        let rejected = Arc::new(Mutex::new(Vec::new()));
        let mut options =
            EncoderOptions::new(self.format).instructions(instructions).parameters(self.parameters.clone());
        if let Some(rows) = self.limit {
            options = options.limit(rows);
        }
        if self.reports_rejected {
            let log = rejected.clone();
            options = options.on_rejected(move |row| log.lock().unwrap().push(row.to_string()));
        }
        let answer = encode_chunks(options, csv, cuts).map_err(|error| error.to_string());
        let rejected = std::mem::take(&mut *rejected.lock().unwrap());
        Encoded { answer, rejected }
    }
}

fn encode_chunks(options: EncoderOptions, csv: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, Summary)> {
    let mut encoder = options.into_writer(Vec::new());
    let mut start = 0;
    for end in cuts.iter().copied().chain([csv.len()]) {
        encoder.write_all(&csv[start..end])?;
        start = end;
    }
    encoder.finish()
}

/// Compares every instruction set, on the input cut at `cuts`, with the scalar parser on the whole input.
fn assert_same(job: &Job, csv: &[u8], cuts: &[usize]) {
    let expected = job.encode(Instructions::Scalar, csv, &[]);
    for set in vector_instructions() {
        let actual = job.encode(*set, csv, cuts);
        if actual != expected {
            report_difference(&actual, &expected);
            panic!("{set:?} differs: {job:?} cut at {cuts:?}\n{}", String::from_utf8_lossy(csv));
        }
    }
}

fn report_difference(actual: &Encoded, expected: &Encoded) {
    let actual_text = actual.text();
    let expected_text = expected.text();
    let pairs = actual_text.bytes().zip(expected_text.bytes());
    let same = pairs.take_while(|(actual, expected)| actual == expected).count();
    let start = same.saturating_sub(200);
    eprintln!("same up to {:?}", String::from_utf8_lossy(&actual_text.as_bytes()[start..same]));
    for (name, text) in [("actual", actual_text.as_bytes()), ("expected", expected_text.as_bytes())] {
        eprintln!("{name}: {:?}", String::from_utf8_lossy(&text[same..text.len().min(same + 200)]));
    }
    let rejected = actual.rejected.iter().zip(&expected.rejected).find(|(actual, expected)| actual != expected);
    eprintln!("first different rejected row: {rejected:?}");
    eprintln!("numbers of rejected rows: {} and {}", actual.rejected.len(), expected.rejected.len());
}

impl Encoded {
    fn text(&self) -> String {
        match &self.answer {
            Ok((bytes, summary)) => format!("{summary:?} {}", String::from_utf8_lossy(bytes)),
            Err(error) => error.clone(),
        }
    }
}

#[test]
fn simulated_files_with_every_dirt_are_encoded_alike() {
    for dirt in Dirt::ALL {
        for by_station in [false, true] {
            let simulation = Simulation::new(7).rows(3_000).dirt(dirt);
            let simulation = if by_station { simulation.by_station() } else { simulation };
            let mut csv = Vec::new();
            simulation.write_csv(&mut csv).unwrap();
            for &format in Format::TEXT {
                assert_same(&Job::all(format), &csv, &[]);
                assert_same(&Job::all(format), &csv, &[1, 100, 5_000, 5_001, 70_000, 200_000]);
            }
        }
    }
}

#[test]
fn a_short_file_is_encoded_alike_for_every_cut() {
    let mut csv = Vec::new();
    Simulation::new(3).rows(40).by_station().write_csv(&mut csv).unwrap();
    for cut in 0..csv.len() {
        assert_same(&Job::all(Format::Json), &csv, &[cut]);
    }
}

#[test]
fn numbers_in_every_spelling_are_read_alike_in_every_column() {
    let letters = b"0929.-+e \r";
    let mut numbers = vec![String::new()];
    for _ in 0..3 {
        let mut longer = Vec::new();
        for number in &numbers {
            longer.extend(letters.iter().map(|letter| format!("{number}{}", char::from(*letter))));
        }
        numbers.extend(longer);
        numbers.sort();
        numbers.dedup();
    }
    let others = ["2991.", "-0.5", "123456789012345.12345678901234567", "-0", "00.5", "1.2.3", "0x1", "NaN"];
    numbers.extend(others.map(str::to_owned));
    numbers.extend((1..40).map(|length| format!("0.{}", "7".repeat(length))));
    for ending in ["\n", "\r\n"] {
        let mut csv = format!("TimeInstant,id_entity,so2,no2{ending}");
        for number in &numbers {
            csv += &format!("2016-10-01 00:00:00.004,aq_a,{number},1{ending}");
            csv += &format!("2016-10-01 00:00:00.004,aq_a,1,{number}{ending}");
        }
        assert_same(&Job::all_valid(Format::Ndjson), csv.as_bytes(), &[]);
    }
}

#[test]
fn times_in_every_spelling_are_read_alike() {
    const DATES: [&str; 16] = [
        "2016-10-01",
        "2016-02-29",
        "2015-02-29",
        "1900-02-29",
        "2000-02-29",
        "2016-04-31",
        "2016-12-31",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "2016-13-01",
        "2016-00-10",
        "2016-10-00",
        "2016-10-32",
        "2016/10/01",
        "216-10-010",
    ];
    const CLOCKS: [&str; 9] =
        [" 00:00:00", "T23:59:59", " 24:00:00", " 00:60:00", " 00:00:60", "t01:02:03", "_01:02:03", " 1:02:03", ""];
    const FRACTIONS: [&str; 10] = ["", ".", ".1", ".12", ".123", ".1234", ".123456", ".1234567", ".000", ",123"];
    const ZONES: [&str; 10] = ["", "Z", "z", "+00", "+01", "-00", "+00:00", "+0000", " ", "Zx"];
    let mut csv = "time,station,no2\n".to_owned();
    for date in DATES {
        for clock in CLOCKS {
            for fraction in FRACTIONS {
                for zone in ZONES {
                    csv += &format!("{date}{clock}{fraction}{zone},aq_a,1.5\n");
                }
            }
        }
    }
    for &format in Format::TEXT {
        assert_same(&Job::all_valid(format), csv.as_bytes(), &[]);
    }
}

#[test]
fn the_newest_row_is_the_same_for_every_order_of_times() {
    const TIMES: [&str; 6] = [
        "2016-10-01 00:00:00.001",
        "2016-10-01T00:00:00.001",
        "2016-10-01 00:00:00.002",
        "2016-09-30T23:59:59.999",
        "2016-10-01 00:00:00.0015",
        "2016-10-02 00:00:00",
    ];
    for order in 0..TIMES.len().pow(4) {
        let mut csv = "time,station,no2\n2016-01-01 00:00:00.000,aq_a,1.5\n".to_owned();
        for row in 0..4 {
            let time = TIMES[order / TIMES.len().pow(row) % TIMES.len()];
            csv += &format!("{time},aq_a,{row}.5\n");
        }
        assert_same(&Job::all(Format::GeoJson), csv.as_bytes(), &[]);
    }
}

/// The index of a window keeps entries of the window before, and a row must not be read from them.
#[test]
fn a_last_row_with_too_few_cells_is_rejected_at_every_length() {
    let header = "time,station,no2,o3\n";
    let row = "2016-10-01 00:00:00,a,1,2\n";
    let job = Job::all_valid(Format::Ndjson);
    for length in 1..300 {
        let short = format!("2016-10-01 00:00:00,{}\n", "7".repeat(length));
        for rows in 1..4 {
            let csv = [header, &row.repeat(rows), &short].concat();
            assert_same(&job, csv.as_bytes(), &[]);
            assert_same(&job, csv.as_bytes(), &[csv.len() - short.len()]);
            // A quote ends the run of rows that the scanner proves.
            assert_same(&job, (csv + "\"x\"\n").as_bytes(), &[]);
        }
    }
}

#[test]
fn every_short_string_is_a_number_or_not_alike_in_every_column() {
    let letters = *b"019.-";
    let mut numbers = vec![String::new()];
    let mut start = 0;
    for _ in 0..5 {
        let mut longer = Vec::new();
        for number in &numbers[start..] {
            longer.extend(letters.map(|letter| format!("{number}{}", char::from(letter))));
        }
        start = numbers.len();
        numbers.extend(longer);
    }
    assert_eq!(numbers.len(), 1 + 5 + 25 + 125 + 625 + 3125);
    let mut csv = "time,station,so2,no2\n".to_owned();
    for number in &numbers {
        csv += &format!("2016-10-01,a,{number},1\n2016-10-01,a,1,{number}\n");
    }
    let job = Job::all_valid(Format::Ndjson);
    assert_same(&job, csv.as_bytes(), &[]);
    assert_same(&job, csv.replace('\n', "\r\n").as_bytes(), &[]);
}

/// The cells of a row, and a fault at its end by number.
type RowParts = (String, String, String, String, String, String, u8);

fn row_parts() -> impl Strategy<Value = RowParts> {
    let number = prop_oneof![
        12 => prop::string::string_regex("-?(0|[1-9][0-9]{0,3})\\.[0-9]{1,15}").unwrap(),
        2 => Just(String::new()),
        1 => prop::string::string_regex("[-0-9.eE+]{1,40}").unwrap(),
    ];
    let text = prop_oneof![
        8 => Just("aq_retiro".to_owned()),
        4 => prop::string::string_regex("aq_[a-z]{1,40}").unwrap(),
        1 => prop::string::string_regex("[a-zé\"\\\\,;\r\n\t\u{1}]{0,40}").unwrap(),
    ];
    let common_time = (0..86_400_000_u32).prop_map(|milliseconds| {
        let (seconds, fraction) = (milliseconds / 1000, milliseconds % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("2016-10-01 {hour:02}:{minute:02}:{second:02}.{fraction:03}")
    });
    let time = "201[0-9]-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,4})?(Z|\\+00)?";
    let time = prop_oneof![9 => common_time, 1 => prop::string::string_regex(time).unwrap()];
    (time, text.clone(), number.clone(), number.clone(), text, number, 0..60_u8)
}

/// Files with mostly valid rows.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let rows = prop::collection::vec(row_parts(), 0..80);
    let delimiter = prop::sample::select(vec![",", ";", "\t"]);
    (rows, any::<bool>(), delimiter, any::<bool>()).prop_map(|(rows, crlf, delimiter, no_end)| {
        let end = if crlf { "\r\n" } else { "\n" };
        let mut csv = ["TimeInstant", "id_entity", "no2", "co", "remark", "pm2_5"].join(delimiter) + end;
        for (time, station, no2, co, remark, pm2_5, fault) in rows {
            csv += &[time, station, no2, co, remark, pm2_5].join(delimiter);
            // The faults: an additional cell, an additional or a different line end, a quote, no line end.
            csv += match fault {
                0 => ",1\n",
                1 => "\n\n",
                2 => "\r",
                3 => "\"\n",
                4 => "",
                _ => end,
            };
        }
        if no_end {
            csv.truncate(csv.trim_end().len());
        }
        csv.into_bytes()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_file_is_encoded_alike(
        csv in file(),
        format in prop::sample::select(Format::TEXT),
        parameters in prop::sample::subsequence(vec![Parameter::NO2, Parameter::NH3, Parameter::PM2_5], 0..3),
        limit in prop::option::of(1..60_u64),
        reports_rejected in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(csv.len() + 1)).collect();
        cuts.sort_unstable();
        assert_same(&Job { format, parameters, limit, reports_rejected }, &csv, &cuts);
    }
}

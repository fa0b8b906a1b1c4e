//! Every path gives the same bytes and the same errors, whatever the input, its dirt and the places where it is cut.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "inputs are easier to read as they are formatted"
)]

use airq_core::csv::Instructions;
use airq_core::encode::{EncoderOptions, Summary};
use airq_core::testing::{Dirt, Simulation};
use airq_core::{Format, Pollutant, Result};
use proptest::prelude::*;
use std::io::Write;
use std::sync::{Arc, Mutex};

const FAST: [Instructions; 4] = [Instructions::Auto, Instructions::Avx512, Instructions::Avx2, Instructions::Portable];

/// What a path made of an input: the answer or the error, and what it rejected.
#[derive(Debug, PartialEq)]
struct Made {
    answer: std::result::Result<(Vec<u8>, Summary), String>,
    rejects: Vec<String>,
}

#[derive(Clone, Debug)]
struct Job {
    format: Format,
    pollutants: Vec<Pollutant>,
    limit: Option<u64>,
    tolerant: bool,
}

fn made(instructions: Instructions, job: &Job, csv: &[u8], cuts: &[usize]) -> Made {
    let rejects = Arc::new(Mutex::new(Vec::new()));
    let mut reshape = EncoderOptions::new(job.format).instructions(instructions).pollutants(job.pollutants.clone());
    if let Some(rows) = job.limit {
        reshape = reshape.limit(rows);
    }
    if job.tolerant {
        let rejects = rejects.clone();
        reshape = reshape.on_rejected(move |reject| rejects.lock().unwrap().push(reject.to_string()));
    }
    let answer = pushed(reshape, csv, cuts).map_err(|error| error.to_string());
    let rejects = std::mem::take(&mut *rejects.lock().unwrap());
    Made { answer, rejects }
}

fn pushed(reshape: EncoderOptions, csv: &[u8], cuts: &[usize]) -> Result<(Vec<u8>, Summary)> {
    let mut encoder = reshape.into_writer(Vec::new());
    let mut from = 0;
    for cut in cuts.iter().copied().chain([csv.len()]) {
        encoder.write_all(&csv[from..cut])?;
        from = cut;
    }
    encoder.finish()
}

fn assert_alike(job: &Job, csv: &[u8], cuts: &[usize]) {
    let careful = made(Instructions::Scalar, job, csv, &[]);
    for path in FAST {
        let fast = made(path, job, csv, cuts);
        if fast == careful {
            continue;
        }
        let text = |made: &Made| match &made.answer {
            Ok((bytes, summary)) => format!("{summary:?} {}", String::from_utf8_lossy(bytes)),
            Err(error) => error.clone(),
        };
        let (one, other) = (text(&fast), text(&careful));
        let alike = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
        eprintln!("they part behind {:?}", String::from_utf8_lossy(&one.as_bytes()[alike.saturating_sub(200)..alike]));
        eprintln!("fast    {:?}", one.get(alike..one.len().min(alike + 200)));
        eprintln!("careful {:?}", other.get(alike..other.len().min(alike + 200)));
        let parted = fast.rejects.iter().zip(&careful.rejects).find(|(one, other)| one != other);
        eprintln!("rejects {parted:?}");
        panic!(
            "{path:?} {job:?} cut at {cuts:?}\n{}\nfast    {} {:?}\ncareful {} {:?}",
            String::from_utf8_lossy(csv),
            text(&fast),
            fast.rejects,
            text(&careful),
            careful.rejects,
        );
    }
}

fn everything(format: Format) -> Job {
    Job { format, pollutants: Vec::new(), limit: None, tolerant: false }
}

#[test]
fn simulated_files_with_every_dirt_come_out_alike() {
    for dirt in Dirt::ALL {
        for by_station in [false, true] {
            let simulation = Simulation::new(7).rows(3_000).dirt(dirt);
            let simulation = if by_station { simulation.by_station() } else { simulation };
            let mut csv = Vec::new();
            simulation.write_csv(&mut csv).unwrap();
            for format in Format::ALL {
                assert_alike(&everything(format), &csv, &[]);
                assert_alike(&everything(format), &csv, &[1, 100, 5_000, 5_001, 70_000, 200_000]);
            }
        }
    }
}

#[test]
fn one_day_comes_out_alike_wherever_it_is_cut_in_two() {
    let mut csv = Vec::new();
    Simulation::new(3).rows(40).by_station().write_csv(&mut csv).unwrap();
    for cut in 0..csv.len() {
        assert_alike(&everything(Format::Json), &csv, &[cut]);
    }
}

#[test]
fn every_spelling_of_a_number_comes_out_alike_in_every_column() {
    let letters = b"0929.-+e \r";
    let mut numbers = vec![String::new()];
    for _ in 0..3 {
        let longer =
            numbers.iter().flat_map(|text| letters.iter().map(move |letter| format!("{text}{}", *letter as char)));
        numbers = numbers.iter().cloned().chain(longer).collect();
        numbers.sort();
        numbers.dedup();
    }
    numbers.extend(
        ["2991.", "-0.5", "123456789012345.12345678901234567", "-0", "00.5", "1.2.3", "0x1", "NaN"].map(str::to_owned),
    );
    let lengths = (1..40).map(|length| format!("0.{}", "7".repeat(length)));
    numbers.extend(lengths);
    let job = Job { tolerant: true, ..everything(Format::Ndjson) };
    for ending in ["\n", "\r\n"] {
        let mut csv = format!("TimeInstant,id_entity,so2,no2{ending}");
        for number in &numbers {
            csv += &format!(
                "2016-10-01 00:00:00.004,aq_a,{number},1{ending}2016-10-01 00:00:00.004,aq_a,1,{number}{ending}"
            );
        }
        assert_alike(&job, csv.as_bytes(), &[]);
    }
}

#[test]
fn every_spelling_of_a_time_comes_out_alike() {
    let mut times: Vec<String> = Vec::new();
    for date in [
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
    ] {
        for clock in
            [" 00:00:00", "T23:59:59", " 24:00:00", " 00:60:00", " 00:00:60", "t01:02:03", "_01:02:03", " 1:02:03", ""]
        {
            for fraction in ["", ".", ".1", ".12", ".123", ".1234", ".123456", ".1234567", ".000", ",123"] {
                for zone in ["", "Z", "z", "+00", "+01", "-00", "+00:00", "+0000", " ", "Zx"] {
                    times.push(format!("{date}{clock}{fraction}{zone}"));
                }
            }
        }
    }
    let rows: String = times.iter().map(|time| format!("{time},aq_a,1.5\n")).collect();
    let csv = format!("time,station,no2\n{rows}");
    for format in Format::ALL {
        assert_alike(&Job { tolerant: true, ..everything(format) }, csv.as_bytes(), &[]);
    }
}

/// The index of a window must not be read past its end: what is behind it is of a window before.
#[test]
fn the_newest_row_is_the_same_one_in_any_order_of_the_times() {
    let clocks = ["2016-10-01 00:00:00.001", "2016-10-01T00:00:00.001", "2016-10-01 00:00:00.002"];
    let times = [&clocks[..], &["2016-09-30T23:59:59.999", "2016-10-01 00:00:00.0015", "2016-10-02 00:00:00"]].concat();
    for order in 0..times.len().pow(4) {
        let place = |row: u32| order / times.len().pow(row) % times.len();
        let rows: String = (0..4).map(|row| format!("{},aq_a,{row}.5\n", times[place(row)])).collect();
        let csv = format!("time,station,no2\n2016-01-01 00:00:00.000,aq_a,1.5\n{rows}");
        assert_alike(&everything(Format::GeoJson), csv.as_bytes(), &[]);
    }
}

#[test]
fn a_last_line_that_is_too_short_is_refused_wherever_it_ends() {
    let (header, row) = ("time,station,no2,o3\n", "2016-10-01 00:00:00,a,1,2\n");
    let job = Job { tolerant: true, ..everything(Format::Ndjson) };
    for length in 1..300 {
        let short = format!("2016-10-01 00:00:00,{}\n", "7".repeat(length));
        for rows in 1..4 {
            let csv = [header, &row.repeat(rows), &short].concat();
            assert_alike(&job, csv.as_bytes(), &[]);
            assert_alike(&job, csv.as_bytes(), &[csv.len() - short.len()]);
            // A quote ends the scan behind it.
            assert_alike(&job, (csv + "\"x\"\n").as_bytes(), &[]);
        }
    }
}

#[test]
fn every_short_string_is_a_number_or_none_in_every_column() {
    let letters = *b"019.-";
    let mut numbers = vec![String::new()];
    let mut from = 0;
    for _ in 0..5 {
        let longer: Vec<_> = numbers[from..]
            .iter()
            .flat_map(|text| letters.map(|letter| format!("{text}{}", char::from(letter))))
            .collect();
        from = numbers.len();
        numbers.extend(longer);
    }
    assert_eq!(numbers.len(), 1 + 5 + 25 + 125 + 625 + 3125);
    let row = |number: &String| format!("2016-10-01,a,{number},1\n2016-10-01,a,1,{number}\n");
    let csv: String = ["time,station,so2,no2\n".to_owned()].into_iter().chain(numbers.iter().map(row)).collect();
    let job = Job { tolerant: true, ..everything(Format::Ndjson) };
    assert_alike(&job, csv.as_bytes(), &[]);
    assert_alike(&job, csv.replace('\n', "\r\n").as_bytes(), &[]);
}

/// A file of rows that are right for the most part.
fn file() -> impl Strategy<Value = Vec<u8>> {
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
    let time = prop_oneof![
        9 => (0..86_400_000_u32).prop_map(|ms| {
            let (s, ms) = (ms / 1000, ms % 1000);
            format!("2016-10-01 {:02}:{:02}:{:02}.{ms:03}", s / 3600, s / 60 % 60, s % 60)
        }),
        1 => prop::string::string_regex("201[0-9]-[01][0-9]-[0-3][0-9][ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,4})?(Z|\\+00)?")
            .unwrap(),
    ];
    let row = (time, text.clone(), number.clone(), number.clone(), text, number, 0..60_u8);
    let rows = prop::collection::vec(row, 0..80);
    (rows, any::<bool>(), prop::sample::select(b",;\t".to_vec()), any::<bool>()).prop_map(
        |(rows, crlf, delimiter, no_end)| {
            let (end, delimiter) = (if crlf { "\r\n" } else { "\n" }, char::from(delimiter));
            let mut csv =
                ["TimeInstant", "id_entity", "no2", "co", "remark", "pm2_5"].join(&delimiter.to_string()) + end;
            for (time, station, no2, co, remark, pm2_5, accident) in rows {
                csv += &[time, station, no2, co, remark, pm2_5].join(&delimiter.to_string());
                // Accidents: a field too many, a line end too many or of the wrong kind, or none.
                csv += match accident {
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
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_file_comes_out_alike(
        csv in file(),
        format in prop::sample::select(Format::ALL.to_vec()),
        pollutants in prop::sample::subsequence(vec![Pollutant::No2, Pollutant::Nh3, Pollutant::Pm2_5], 0..3),
        limit in prop::option::of(1..60_u64),
        tolerant in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(csv.len() + 1)).collect();
        cuts.sort_unstable();
        assert_alike(&Job { format, pollutants, limit, tolerant }, &csv, &cuts);
    }
}

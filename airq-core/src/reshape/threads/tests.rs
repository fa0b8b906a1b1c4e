//! Several threads give what one gives, whatever the input and wherever it is cut.

use crate::format::Format;
use crate::reshape::{Reshape, Summary};
use proptest::prelude::*;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Made = Result<(Vec<u8>, Summary), String>;

fn by_one(reshape: Reshape, csv: &[u8]) -> Made {
    let mut reshaper = reshape.into_writer(Vec::new());
    reshaper
        .write_all(csv)
        .map_err(crate::Error::from)
        .and_then(|()| reshaper.finish())
        .map_err(|error| error.to_string())
}

fn by_many(reshape: Reshape, csv: &[u8], piece: usize, threads: usize, chunk: usize) -> Made {
    let mut made = Vec::new();
    let summary = reshape.in_pieces(piece, threads, &mut made, |mut reshaper| {
        csv.chunks(chunk).try_for_each(|chunk| reshaper.write_all(chunk))?;
        reshaper.finish()
    });
    summary.map(|summary| (made, summary)).map_err(|error| error.to_string())
}

fn assert_alike(reshape: &dyn Fn() -> Reshape, csv: &[u8], piece: usize, threads: usize, chunk: usize) {
    let (one, many) = (by_one(reshape(), csv), by_many(reshape(), csv, piece, threads, chunk));
    assert!(
        one == many,
        "pieces of {piece}, {threads} threads, chunks of {chunk}\n{:?}\n{:?}\n{:?}",
        String::from_utf8_lossy(csv),
        one.map(|(made, summary)| (String::from_utf8_lossy(&made).into_owned(), summary)),
        many.map(|(made, summary)| (String::from_utf8_lossy(&made).into_owned(), summary)),
    );
}

fn rows(count: usize) -> String {
    let row =
        |row| format!("2016-10-01 00:{:02}:{:02}.000,aq_{},{}.5,{row}\n", row / 60 % 60, row % 60, row / 9, row % 97);
    std::iter::once("time,station,no2,o3\n".to_owned()).chain((0..count).map(row)).collect()
}

/// A file of rows of which some are quoted, also around line ends, a few at fault, and line ends of every kind.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let station = prop_oneof![
        12 => Just("aq_retiro".to_owned()),
        2 => Just("\"aq, \"\"quoted\"\"\"".to_owned()),
        2 => Just("\"aq\nin two, lines\n\"".to_owned()),
        1 => Just("\"aq\n2016-10-01,a,1,2\n\"".to_owned()),
        1 => Just("málaga".to_owned()),
    ];
    let value = prop_oneof![30 => (0..2000_u32).prop_map(|value| format!("{}.{}", value / 10, value % 10)), 5 => Just(String::new())];
    let fault = prop_oneof![400 => Just(""), 1 => Just("x"), 1 => Just("\""), 1 => Just(",")];
    let end = prop_oneof![60 => Just(""), 1 => Just("\n\n"), 1 => Just("\r"), 1 => Just("\r\r\n"), 1 => Just("\n\r")];
    let row = (station, value.clone(), value, fault, end);
    (prop::collection::vec(row, 0..60), any::<bool>(), any::<bool>()).prop_map(|(rows, crlf, no_end)| {
        let usual = if crlf { "\r\n" } else { "\n" };
        let mut csv = ["time,station,no2,o3", usual].concat();
        for (second, (station, no2, o3, fault, end)) in rows.into_iter().enumerate() {
            let end = if end.is_empty() { usual } else { end };
            let time = format!("2016-10-01 00:00:{second:02}");
            csv += &([&*time, &station, &no2, &o3].join(",") + fault + end);
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
    fn any_file_comes_out_as_by_one(
        csv in file(),
        format in prop::sample::select(Format::ALL.to_vec()),
        limit in prop_oneof![6 => Just(None), 1 => (1..60_u64).prop_map(Some)],
        tolerant in prop_oneof![4 => Just(false), 1 => Just(true)],
        piece in 1..700_usize,
        threads in 1..5_usize,
        chunk in 1..900_usize,
    ) {
        let reshape = || {
            let reshape = limit.iter().fold(Reshape::to(format), |reshape, rows| reshape.limit(*rows));
            if tolerant { reshape.on_reject(|_| {}) } else { reshape }
        };
        assert_alike(&reshape, &csv, piece, threads, chunk);
    }
}

#[test]
fn little_or_nothing_comes_out_as_by_one() {
    let whole = rows(3);
    let header = "time,station,no2,o3\n";
    for csv in [
        "",
        "\n",
        "\u{feff}",
        "time,station",
        header,
        &header[..10],
        "a,b\n1,2\n",
        "2016-10-01,a,1,2,3,4,5,6\n",
        &whole,
    ] {
        for format in Format::ALL {
            for (piece, threads) in [(1, 2), (20, 2), (21, 3), (60, 4), (1000, 2)] {
                assert_alike(&|| Reshape::to(format), csv.as_bytes(), piece, threads, 1000);
            }
        }
    }
}

#[cfg(feature = "testing")]
#[test]
fn simulated_files_with_every_dirt_come_out_as_by_one() {
    use crate::testing::{Dirt, Simulation};
    for dirt in Dirt::ALL {
        let mut csv = Vec::new();
        Simulation::new(5).rows(4_000).by_station().dirt(dirt).write_csv(&mut csv).unwrap();
        for format in Format::ALL {
            assert_alike(&|| Reshape::to(format), &csv, 10_000, 3, 65_536);
        }
    }
}

#[test]
fn rows_are_turned_by_the_others_until_one_is_at_fault() {
    let csv = rows(5_000);
    let mut stages = Vec::new();
    let summary = Reshape::to(Format::Records).in_pieces(1000, 2, io::sink(), |mut reshaper| {
        reshaper.write_all(csv.as_bytes())?;
        stages.push(format!("{reshaper:?}"));
        reshaper.write_all(b"2016-10-01,\"in\ntwo lines\",1,2\n")?;
        reshaper.write_all(csv.split_once('\n').unwrap().1.as_bytes())?;
        stages.push(format!("{reshaper:?}"));
        reshaper.finish()
    });
    assert_eq!(summary.unwrap().rows, 10_001);
    assert!(stages[0].contains("Together"), "{stages:?}");
    let bad = csv.clone() + "2016-10-01,a,bad,2\n" + &csv;
    for threads in 1..5 {
        let error = by_many(Reshape::to(Format::Ndjson), bad.as_bytes(), 1000, threads, 4096).unwrap_err();
        assert_eq!(error, "line 5002, column \"no2\": \"bad\" is not a number");
    }
}

#[test]
fn little_input_that_makes_much_output_is_turned_bit_by_bit() {
    let csv = format!("time,station,{}\n{}", "n".repeat(20_000), "2016-10-01,a,\n".repeat(1_000));
    assert_alike(&|| Reshape::to(Format::Ndjson), csv.as_bytes(), 50_000, 3, 4096);
}

/// Takes so many bytes, then does this.
struct Ending<F>(usize, F);

impl<F: FnMut() -> io::Result<usize>> Write for Ending<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return (self.1)();
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_the_output_fails_with_comes_back_as_it_is() {
    let csv = rows(2_000);
    for format in [Format::Records, Format::Json] {
        for threads in 1..5 {
            for room in [0, 1, 500, 20_000, 100_000] {
                let out = Ending(room, || Err(io::ErrorKind::StorageFull.into()));
                let ended = Reshape::to(format).in_pieces(700, threads, out, |mut reshaper| {
                    csv.as_bytes().chunks(3_000).try_for_each(|chunk| reshaper.write_all(chunk))?;
                    reshaper.finish()
                });
                let error = ended.unwrap_err();
                assert_eq!(error.io_kind(), Some(io::ErrorKind::StorageFull), "{format}, {threads}, {room}: {error}");
            }
        }
    }
}

#[test]
fn a_panic_ends_all_threads_and_is_the_callers() {
    let csv = rows(2_000);
    for threads in 1..5 {
        let out = Ending(10_000, || panic!("the output's"));
        let ended = catch_unwind(AssertUnwindSafe(|| {
            Reshape::to(Format::Csv).in_pieces(700, threads, out, |mut reshaper| {
                reshaper.write_all(csv.as_bytes())?;
                reshaper.finish()
            })
        }));
        assert_eq!(ended.unwrap_err().downcast_ref(), Some(&"the output's"), "{threads}");
        let ended = catch_unwind(AssertUnwindSafe(|| {
            Reshape::to(Format::Csv).in_pieces(700, threads, io::sink(), |mut reshaper| {
                reshaper.write_all(csv.as_bytes()).unwrap();
                panic!("the caller's");
            });
        }));
        assert_eq!(ended.unwrap_err().downcast_ref(), Some(&"the caller's"), "{threads}");
    }
}

#[test]
fn whoever_leaves_before_the_end_waits_for_nothing() {
    let csv = rows(2_000);
    Reshape::to(Format::Csv).in_pieces(700, 3, io::sink(), |mut reshaper| reshaper.write_all(csv.as_bytes())).unwrap();
}

#[test]
fn after_a_failure_it_does_not_go_on() {
    Reshape::to(Format::Ndjson).on_threads(2, io::sink(), |mut reshaper| {
        assert!(reshaper.write_all(&vec![b'x'; 4 << 20]).is_err());
        assert!(reshaper.write_all(b"2016-10-01,a,1\n").is_err());
        assert!(reshaper.finish().is_err());
    });
}

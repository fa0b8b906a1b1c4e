//! Whatever the bytes, a format gives rows or an error, and everything that it read is accounted for.

use crate::fixture;
use airq_core::input::{Converter, InputFormat, InputOptions};
use proptest::prelude::*;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const FIXTURES: [&str; 34] = [
    "airnow.dat",
    "airnow_hourly.csv",
    "airnow_tech.csv",
    "barcelona.csv",
    "catalonia.csv",
    "china_sites.csv",
    "epa_airdata.csv",
    "epa_aqs_daily.csv",
    "epa_aqs_hourly.csv",
    "france.csv",
    "laqn.csv",
    "purpleair.csv",
    "saxony.csv",
    "sensor_weather.csv",
    "seoul.csv",
    "seoul_summary.csv",
    "taiwan.csv",
    "uk_air.csv",
    "zurich.csv",
    "cpcb.csv",
    "eea_nox.csv",
    "eea_pm2_5.csv",
    "generic.csv",
    "madrid_daily.csv",
    "madrid_hourly.csv",
    "madrid_realtime_early.csv",
    "openaq_platform.csv",
    "openaq_s3.csv",
    "openaq_v1.csv",
    "openaq_v1_headerless.csv",
    "openaq_v3.csv",
    "prsa.csv",
    "sensor_community.csv",
    "uci.csv",
];

fn options(format: Option<InputFormat>) -> InputOptions {
    let options = match format {
        None | Some(InputFormat::GENERIC) => InputOptions::default(),
        Some(format) => InputOptions::default().set("format", format.name()).unwrap(),
    };
    if format == Some(InputFormat::GENERIC) {
        let options = options.set("time-zone", "Europe/Madrid").unwrap();
        options.set("map", "time=Date,station=Site,no2=PM10").unwrap()
    } else {
        options
    }
}

/// Converts in pieces of this size. Errors are as good as rows: what counts is that it comes back, with an account.
fn survives(file: &[u8], format: Option<InputFormat>, piece: usize) -> Option<Vec<u8>> {
    survives_by(file, options(format), piece)
}

fn survives_by(file: &[u8], options: InputOptions, piece: usize) -> Option<Vec<u8>> {
    let rejects = Arc::new(AtomicU64::new(0));
    let seen = rejects.clone();
    let mut converter = Converter::new(options, Vec::new()).path("pm10 station.csv").on_rejected(move |reject| {
        assert!(reject.position.line > 0 && !reject.reason.is_empty());
        seen.fetch_add(1, Ordering::Relaxed);
    });
    for piece in file.chunks(piece) {
        converter.write_all(piece).ok()?;
    }
    let (csv, converted) = converter.finish().ok()?;
    let account = &converted.account;
    // A row that is rejected whole is reported once and counted with each of its values.
    let rejects = rejects.load(Ordering::Relaxed);
    assert!(rejects <= account.rejected, "{rejects} {account:?}");
    assert_eq!(rejects == 0, account.rejected == 0, "{rejects} {account:?}");
    let parts = account.accepted() + account.duplicates + account.rejected + account.ignored.total();
    assert_eq!(account.read, parts, "{account:?}");
    Some(csv)
}

#[test]
fn rows_are_the_same_wherever_the_file_is_cut() {
    for name in FIXTURES {
        let file = fixture(name);
        let format = (name == "generic.csv").then_some(InputFormat::GENERIC);
        let whole = survives(&file, format, file.len()).unwrap();
        for piece in [1, 2, 3, 7, 64] {
            assert_eq!(survives(&file, format, piece).as_ref(), Some(&whole), "{name} in pieces of {piece}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_make_no_format_panic(
        file in prop::collection::vec(any::<u8>(), 0..400),
        format in prop::sample::select(InputFormat::built_in().collect::<Vec<_>>()),
        piece in 1..64_usize,
    ) {
        survives(&file, Some(format), piece);
        survives(&file, None, piece);
    }

    #[test]
    fn arbitrary_bytes_behind_a_header_make_no_format_panic(
        name in prop::sample::select(FIXTURES.to_vec()),
        rest in prop::collection::vec(any::<u8>(), 0..400),
        piece in 1..512_usize,
    ) {
        let mut file = fixture(name);
        let header = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        file.truncate(header);
        file.extend(rest);
        survives(&file, None, piece);
    }

    #[test]
    fn damaged_files_make_no_format_panic(
        name in prop::sample::select(FIXTURES.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut file = fixture(name);
        for (place, byte) in damage {
            let place = place.index(file.len());
            file[place] = byte;
        }
        file.truncate(cut.index(file.len()) + 1);
        survives(&file, None, 100);
    }

    #[test]
    fn cells_of_any_kind_make_no_format_panic(
        name in prop::sample::select(FIXTURES.to_vec()),
        cells in prop::collection::vec("[-0-9.,:/ VNTZ+eA]{0,12}", 60),
    ) {
        let file = fixture(name);
        let end = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let header = &file[..end];
        let delimiter = [b';', b'\t', b'|', b','].into_iter().find(|byte| header.contains(byte)).unwrap_or(b',');
        let width = header.split(|byte| *byte == delimiter).count();
        let delimiter = char::from(delimiter).to_string();
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace(&delimiter, "")).collect();
        let row: Vec<&str> = cells.iter().cycle().take(width).map(String::as_str).collect();
        survives(&[header, row.join(&delimiter).as_bytes(), b"\n"].concat(), None, 4096);
    }

    #[test]
    fn damaged_descriptions_make_nothing_panic(
        name in prop::sample::select(vec!["madrid", "openaq", "uk-air", "epa-airdata-daily", "china-sites", "saxony", "lombardia", "airnow"]),
        fixture_name in prop::sample::select(FIXTURES.to_vec()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), "[a-z0-9\"=.{}\\[\\], |*%-]"), 0..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let source = format!("{}/src/input/formats/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let mut text: Vec<char> = std::fs::read_to_string(source).unwrap().chars().collect();
        for (place, letter) in damage {
            let place = place.index(text.len());
            text[place] = letter.chars().next().unwrap();
        }
        if let Some(cut) = cut {
            text.truncate(cut.index(text.len()) + 1);
        }
        let text: String = text.into_iter().collect();
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("damaged.toml");
        std::fs::write(&path, text).unwrap();
        match InputOptions::default().set("format", path.to_str().unwrap()) {
            Ok(options) => drop(survives_by(&fixture(fixture_name), options, 4096)),
            Err(error) => prop_assert!(error.is_invalid_input() && error.to_string().starts_with("description "), "{}", error),
        }
    }
}

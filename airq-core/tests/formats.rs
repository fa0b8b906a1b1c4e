//! Published formats: what each fixture gives, how files are recognised, and that nothing makes a format panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]
#![allow(clippy::similar_names, reason = "a converter and what it has converted")]

#[path = "formats/described.rs"]
mod described;
#[path = "formats/hostile.rs"]
mod hostile;
#[path = "formats/packed.rs"]
mod packed;
#[cfg(feature = "parquet")]
#[path = "formats/parquet_files.rs"]
mod parquet_files;
#[path = "formats/published.rs"]
mod published;
#[path = "formats/repository.rs"]
mod repository;
#[path = "formats/suggested.rs"]
mod suggested;

use airq_core::Repository;
use airq_core::input::{Converted, Converter, InputFormat, InputOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/formats").join(name)
}

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

fn options(settings: &[(&str, &str)]) -> InputOptions {
    settings.iter().fold(InputOptions::default(), |options, (name, value)| options.set(name, value).unwrap())
}

fn convert(file: &[u8], settings: &[(&str, &str)]) -> airq_core::Result<(String, Converted)> {
    let mut converter = Converter::new(options(settings), Vec::new());
    converter.write_all(file)?;
    let (csv, converted) = converter.finish()?;
    Ok((String::from_utf8(csv).unwrap(), converted))
}

/// What became of everything: read, accepted, duplicates, rejected, invalid, missing.
fn counts(converted: &Converted) -> [u64; 6] {
    let account = &converted.account;
    let ignored = account.ignored;
    let counts = [account.read, account.accepted(), account.duplicates, account.rejected];
    assert_eq!(counts[0], counts[1..].iter().sum::<u64>() + ignored.total(), "everything is accounted for");
    [counts[0], counts[1], counts[2], counts[3], ignored.invalid, ignored.missing]
}

/// The rows, without the header, of a station at a time.
fn row<'a>(csv: &'a str, time: &str) -> &'a str {
    csv.lines().find(|line| line.contains(time)).unwrap_or_else(|| panic!("no row at {time} in {csv}"))
}

#[test]
fn madrids_days_of_23_and_25_hours_are_read_by_its_clocks() {
    let (csv, converted) = convert(&fixture("madrid_hourly.csv"), &[]).unwrap();
    assert_eq!(converted.format, "madrid".parse::<InputFormat>().ok());
    assert_eq!(counts(&converted), [120, 117, 0, 0, 3, 0]);
    assert_eq!(csv.lines().next(), Some("station,time,no2,co,o3,toluene"));
    // In spring, H02 is followed by H04: 01:00 CET, then 03:00 CEST.
    assert_eq!(row(&csv, "2024-03-30T23"), "28079008,2024-03-30T23:00:00.000Z,10,,1,");
    assert_eq!(row(&csv, "2024-03-31T00"), "28079008,2024-03-31T00:00:00.000Z,11,,2,");
    assert_eq!(row(&csv, "2024-03-31T01"), "28079008,2024-03-31T01:00:00.000Z,13,,4,");
    assert_eq!(row(&csv, "2024-03-31T21"), "28079008,2024-03-31T21:00:00.000Z,33,,,");
    assert_eq!(csv.lines().filter(|line| line.contains(",2024-03-3")).count(), 23);
    // In autumn H03 is the second of the two hours that begin at 02:00: the first has no value.
    assert_eq!(row(&csv, "2024-10-26T22"), "28079008,2024-10-26T22:00:00.000Z,40,0,,1");
    assert_eq!(row(&csv, "2024-10-26T23"), "28079008,2024-10-26T23:00:00.000Z,41,0.1,,1");
    assert!(!csv.contains("2024-10-27T00:00"), "the first 02:00, by summer time, has no column");
    assert_eq!(row(&csv, "2024-10-27T01"), "28079008,2024-10-27T01:00:00.000Z,42,0.2,,1");
    assert_eq!(row(&csv, "2024-10-27T22"), "28079008,2024-10-27T22:00:00.000Z,63,0.3,,1");
    let station = &converted.stations[0];
    assert_eq!((station.city.as_deref(), station.country.as_deref()), (Some("Madrid"), Some("ES")));
}

#[test]
fn madrids_hour_that_clocks_skip_is_refused_where_it_is_said_to_be_valid() {
    let file = String::from_utf8(fixture("madrid_hourly.csv")).unwrap().replacen("00000;N", "00012;V", 1);
    let error = convert(file.as_bytes(), &[]).unwrap_err();
    assert_eq!(error.to_string(), "line 2, column \"H03\": \"00012\" is valid, but there is no such time");
    let rejects = Arc::new(Mutex::new(Vec::new()));
    let seen = rejects.clone();
    let mut converter = Converter::new(InputOptions::default(), Vec::new())
        .on_rejected(move |reject| seen.lock().unwrap().push(reject.to_string()));
    converter.write_all(file.as_bytes()).unwrap();
    let (csv, converted) = converter.finish().unwrap();
    assert_eq!(*rejects.lock().unwrap(), [error.to_string()]);
    assert_eq!(counts(&converted)[3], 1);
    assert_eq!(counts(&converted)[1], 117, "the row's other values are taken");
    assert!(String::from_utf8(csv).unwrap().contains("28079008,2024-03-31T01:00:00.000Z,13,,4"));
}

#[test]
fn madrids_daily_values_stand_at_the_beginning_of_its_days() {
    let (csv, converted) = convert(&fixture("madrid_daily.csv"), &[]).unwrap();
    assert_eq!(counts(&converted), [62, 55, 0, 0, 7, 0]);
    assert_eq!(row(&csv, "2023-01-31"), "28079004,2023-01-31T23:00:00.000Z,1,20");
    assert_eq!(row(&csv, "2023-02-04"), "28079004,2023-02-04T23:00:00.000Z,,24");
    assert_eq!(csv.lines().last(), Some("28079004,2023-02-27T23:00:00.000Z,28,47"));
}

#[test]
fn openaq_gives_the_hour_that_ends() {
    let (csv, converted) = convert(&fixture("openaq_v1.csv"), &[]).unwrap();
    assert_eq!(counts(&converted), [6, 5, 1, 0, 0, 0]);
    let co = csv.lines().nth(1).unwrap().split(',').nth(3).unwrap();
    assert!((co.parse::<f64>().unwrap() - 0.3 * 28.01 / 24.06).abs() < 1e-9, "{co} mg/m³ at 20 °C");
    assert_eq!(
        csv,
        format!(
            "station,time,no2,co,o3,pm2_5,bc\nHarbour,2018-01-01T00:00:00.000Z,-0.5,{co},,,1.5\n\
             Harbour,2018-01-01T01:00:00.000Z,,,69.5,6,\n"
        )
    );
    let station = &converted.stations[0];
    assert_eq!((station.city.as_deref(), station.latitude), (Some("Cardiff"), Some(51.48)));
    let (warm, _) = convert(&fixture("openaq_v1.csv"), &[("temperature", "25")]).unwrap();
    let co = warm.lines().nth(1).unwrap().split(',').nth(3).unwrap();
    assert!((co.parse::<f64>().unwrap() - 0.3 * 28.01 / 24.45).abs() < 1e-9, "{co} mg/m³ at 25 °C");
}

#[test]
fn every_version_of_openaq_is_known() {
    let csv = |name: &str| convert(&fixture(name), &[]).unwrap().0;
    assert_eq!(
        csv("openaq_v1_headerless.csv"),
        "station,time,pm2_5\nRooftop: Centre,2019-12-01T19:30:00.000Z,57\nRooftop: Centre,2019-12-01T20:30:00.000Z,55.5\n"
    );
    assert_eq!(csv("openaq_v2.csv"), "station,time,no2,co\n4878,2022-08-01T01:00:00.000Z,12,0.18\n");
    assert!(csv("openaq_v3.csv").starts_with("station,time,no2,pm1\n7570,2025-09-01T00:00:00.000Z,19.1"));
    assert!(csv("openaq_s3.csv").starts_with("station,time,o3,pm10\n2178,2024-01-01T07:00:00.000Z,59.8"));
    assert_eq!(
        csv("openaq_platform.csv"),
        "station,time,no2,pm2_5\nHARBOUR1,2019-06-18T05:00:00.000Z,,11\nPARK4,2019-06-18T05:00:00.000Z,21,\n"
    );
    let (_, v3) = convert(&fixture("openaq_v3.csv"), &[]).unwrap();
    assert_eq!((v3.stations[0].name.as_deref(), counts(&v3)), (Some("Old Town"), [2, 2, 0, 0, 0, 0]));
}

#[test]
fn the_eea_says_what_is_valid() {
    let (csv, converted) = convert(&fixture("eea_pm2_5.csv"), &[]).unwrap();
    assert_eq!(
        csv,
        "station,time,pm2_5\nES9999A,2020-01-01T00:00:00.000Z,41.5\nES9999A,2020-01-01T01:00:00.000Z,33\n\
         ES9999A,2020-01-01T04:00:00.000Z,-1.25\n"
    );
    assert_eq!(counts(&converted), [6, 3, 0, 0, 2, 1]);
    let (csv, _) = convert(&fixture("eea_nox.csv"), &[]).unwrap();
    assert_eq!(csv, "station,time,co,nox\nES9999A,2020-01-01T00:00:00.000Z,0.3,20\n");
}

#[test]
fn tables_go_on_row_by_row() {
    for (name, format, expected, counted) in [
        (
            "sensor_community.csv",
            "sensor-community",
            "station,time,pm10,pm2_5\n77001,2018-12-19T00:00:11.000Z,14.6,3.93\n77001,2018-12-19T00:02:40.000Z,,4\n",
            [3, 2, 0, 0, 0, 1],
        ),
        (
            "cpcb.csv",
            "cpcb",
            "station,time,so2,no2,co,o3,pm10,pm2_5,no,nox,nh3,c6h6,toluene,xylene\n\
             Pune,2014-12-31T18:30:00.000Z,12.5,19.5,0.5,40.25,,,1.25,20.75,,0,0.75,0\n\
             Jaipur,2014-12-31T18:30:00.000Z,9.5,31.5,1.5,41.5,202.25,101.5,30.5,62.75,10.5,4.25,14.5,3.5\n",
            [3, 2, 0, 0, 0, 1],
        ),
        (
            "prsa.csv",
            "prsa",
            "station,time,so2,no2,co,o3,pm10,pm2_5,temperature,dew_point,pressure,wind_speed,wind_direction,precipitation\n\
             Garden,2013-02-28T16:00:00.000Z,3,9,0.4,70,6,5,-0.5,-18.5,1020,1.5,0,0\n\
             Garden,2013-02-28T17:00:00.000Z,2,,1.25,71,,9,-1.5,-18.5,1021.5,2.5,,0\n\
             Garden,2013-02-28T18:00:00.000Z,,,,,,,-1.5,-18.5,1021.5,2.5,0,0\n",
            [3, 3, 0, 0, 0, 0],
        ),
    ] {
        let (csv, converted) = convert(&fixture(name), &[]).unwrap();
        assert_eq!((csv.as_str(), counts(&converted)), (expected, counted), "{name}");
        assert_eq!(converted.format.map(InputFormat::name), Some(format));
    }
}

#[test]
fn uci_has_a_comma_and_its_own_mark_for_what_is_missing() {
    let (csv, converted) = convert(&fixture("uci.csv"), &[]).unwrap();
    let nox = csv.lines().nth(1).unwrap().split(',').nth(4).unwrap();
    assert!((nox.parse::<f64>().unwrap() - 100.0 * 46.01 / 24.06).abs() < 1e-9, "{nox} µg/m³ of 100 ppb");
    let header = "station,time,no2,co,nox,c6h6,nmhc,temperature,humidity,ah [],pt08_s1_co [],pt08_s2_nmhc [],pt08_s3_nox [],\
                  pt08_s4_no2 [],pt08_s5_o3 []";
    let first = format!("uci,2004-04-12T18:00:00.000Z,90,1.5,{nox},10.5,0.14,12.5,45.5,0.7,1300,1000,1000,1600,1200");
    let second = "uci,2004-04-12T19:00:00.000Z,91,,,8,0.111,12.5,46.5,0.71,1290,950,1100,1500,970";
    assert_eq!(csv, format!("{header}\n{first}\n{second}\n"));
    assert_eq!(counts(&converted), [3, 2, 0, 0, 0, 1]);
    let american =
        "Date,Time,CO(GT),PT08.S1(CO),NO2(GT)\n4/12/2004,18:00:00,1.5,1300,90\n12/1/2004,0:00:00,1,1300,-200\n";
    let (csv, _) = convert(american.as_bytes(), &[]).unwrap();
    assert_eq!(
        csv,
        "station,time,no2,co,pt08_s1_co []\nuci,2004-04-12T18:00:00.000Z,90,1.5,1300\nuci,2004-12-01T00:00:00.000Z,,1,1300\n"
    );
}

#[test]
fn a_map_reads_any_table() {
    let (csv, converted) = convert(
        &fixture("generic.csv"),
        &[
            ("map", "date=Date,time=Hour,station=Site,no2=NO2 (ppb),pm10=PM10"),
            ("time-format", "%d/%m/%Y %H:%M"),
            ("time-zone", "Europe/Madrid"),
            ("decimal-comma", "true"),
            ("missing", "NA,-999"),
        ],
    )
    .unwrap();
    let no2 = csv.lines().nth(1).unwrap().split(',').nth(2).unwrap();
    assert!((no2.parse::<f64>().unwrap() - 10.5 * 46.01 / 24.06).abs() < 1e-9, "{no2}");
    let second = "Estación Ñ,2024-03-31T01:30:00.000Z,0,17.25\n";
    assert_eq!(csv, format!("station,time,no2,pm10\nEstación Ñ,2024-03-31T00:30:00.000Z,{no2},\n{second}"));
    assert_eq!(converted.account.unused["Remark"], 1);
}

#[test]
fn a_map_with_parameter_and_value_merges_rows() {
    let map = "time=ReadingDateTime,station=Site,parameter=Species,value=Value,unit=Units,city==London";
    let (csv, converted) =
        convert(&fixture("generic_long.csv"), &[("map", map), ("time-format", "%d/%m/%Y %H:%M")]).unwrap();
    assert_eq!(csv, "station,time,no2,o3,humidity\nAA1,2018-02-01T00:00:00.000Z,12.5,33.1,80\n");
    assert!(converted.merges && converted.account.unused.is_empty());
    assert_eq!(converted.stations[0].city.as_deref(), Some("London"));
}

#[test]
fn a_time_that_clocks_skip_is_rejected_and_named() {
    let map = [("map", "time=t,station=s,no2=n"), ("time-zone", "Europe/Madrid")];
    let error = convert(b"t,s,n\n2024-03-31 02:30,a,1\n", &map).unwrap_err();
    let expected = "line 2, column \"t\": \"2024-03-31 02:30\" is a time that clocks in Europe/Madrid skip";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_is_airqs_own_passes_as_it_is() {
    for file in ["time,station,no2\n2016-10-01,x,1\n", "2016-10-01,x,1,2,3,4,5,6\n", "a\n", ""] {
        let converted = convert(file.as_bytes(), &[("format", "airq")]).unwrap();
        assert_eq!(converted.0, file);
    }
    assert_eq!(convert(b"time,station,no2\n", &[]).unwrap().1.format, Some(InputFormat::AIRQ));
}

#[test]
fn airqs_own_may_be_told_how_it_is_written() {
    let file = "time;station;city;no2;no\n2016-07-01 02:00;x;Madrid;1,50;\n2016-07-01T02:00Z;x;Madrid;-999;2\n";
    let told = [("time-zone", "Europe/Madrid"), ("decimal-comma", "true"), ("missing", "-999")];
    let (csv, converted) = convert(file.as_bytes(), &told).unwrap();
    assert_eq!(csv, "station,time,no2,no\nx,2016-07-01T00:00:00.000Z,1.5,\nx,2016-07-01T02:00:00.000Z,,2\n");
    assert_eq!(converted.format, Some(InputFormat::AIRQ));
    assert_eq!(converted.stations[0].city.as_deref(), Some("Madrid"));
    let headerless = "2016-07-01 02:00,x,1,2,3,4,5,6\n";
    let (csv, _) = convert(headerless.as_bytes(), &told).unwrap();
    assert_eq!(csv, "station,time,so2,no2,co,o3,pm10,pm2_5\nx,2016-07-01T00:00:00.000Z,1,2,3,4,5,6\n");
}

#[test]
fn files_are_read_as_people_have_them() {
    let expected = "x,2016-10-01T00:00:00.000Z,1.5\n";
    for file in [
        "sep=;\ntime;station;no2\n2016-10-01;x;1.5\n",
        "Hourly data\n\ntime,station,no2\n2016-10-01,x,1.5\n",
        "time|station|no2\n2016-10-01|x|1.5\n",
        "\"time\", \"station\", \"no2\"\n\"2016-10-01\", \"x\", \"1.5\"\n",
        "time,station,no2,,\n2016-10-01,x,1.5,,\n",
        "# made by a logger\n# by hand\ntime,station,no2\n2016-09-30 24:00,x,1.5\n",
        "time;station;no2\n;;[mg/m3]\n2016-10-01;x;0.0015\n",
        "time, station, no2\n2016-10-01, x, 1.5\n",
        "station,time,no2\nx, 2016-10-01 ,+1.5\n",
        "time,station,no2\n2016-10-01,x,01.50\n",
        "\u{feff}time,station,no2\n2016-10-01,x,1.5\n",
        "\u{feff}sep=;\ntime;station;no2\n2016-10-01;x;1.5\n",
        "\u{feff}Qualité\ntime,station,no2\n2016-10-01,x,1.5\n",
    ] {
        let (csv, converted) = convert(file.as_bytes(), &[]).unwrap();
        assert_eq!(converted.format, Some(InputFormat::AIRQ), "{file}");
        let repository = airq_core::repository::CsvRepository::from_bytes("a.csv", csv.as_bytes()).unwrap();
        let mut written = Vec::new();
        repository.write_csv(&airq_core::Selection::default(), &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
        assert!(written.ends_with(expected), "{file}: {written}");
        for piece in [1, 5] {
            let mut converter = Converter::new(InputOptions::default(), Vec::new());
            for chunk in file.as_bytes().chunks(piece) {
                converter.write_all(chunk).unwrap();
            }
            assert_eq!(String::from_utf8(converter.finish().unwrap().0).unwrap(), csv, "{file} in pieces of {piece}");
        }
    }
    let numbers =
        "When,Site,NO2\n2016-10-01,x,+5\n2016-10-02,x,.5\n2016-10-03,x,5.\n2016-10-04,x,007\n2016-10-05,x,-.5\n";
    let (csv, _) = convert(numbers.as_bytes(), &[("map", "time=When,station=Site,no2=NO2")]).unwrap();
    let values: Vec<&str> = csv.lines().skip(1).map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(values, ["5", "0.5", "5", "7", "-0.5"]);
    let thousands = "When;Site;NO2\n2016-10-01;x;1,234.5\n";
    let error = convert(thousands.as_bytes(), &[("map", "time=When,station=Site,no2=NO2")]).unwrap_err().to_string();
    assert!(error.contains("no separators of thousands"), "{error}");
}

#[test]
fn airqs_own_is_read_in_other_charsets() {
    let file = "time,station,no2\n2016-10-01,Málaga,1.5\n";
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(file.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let read = "station,time,no2\nMálaga,2016-10-01T00:00:00.000Z,1.5\n";
    for (bytes, expected) in [
        (latin(file), file),
        (latin(&format!("Qualité\n{file}")), read),
        (latin(&format!("{}\n{file}", "é".repeat(200))), read),
        (utf16, read),
    ] {
        let (csv, converted) = convert(&bytes, &[]).unwrap();
        assert_eq!(csv, expected);
        assert_eq!(converted.format, Some(InputFormat::AIRQ));
    }
}

#[test]
fn a_character_is_decoded_the_same_wherever_the_file_is_cut() {
    let text = "time,station,no2\n2016-10-01,Ávila,1.5\n2016-10-02,Málaga,2.5\n";
    for bytes in [latin(text), text.as_bytes().to_vec()] {
        for cut in 0..bytes.len() {
            let mut converter = Converter::new(InputOptions::default(), Vec::new());
            converter.write_all(&bytes[..cut]).unwrap();
            converter.write_all(&bytes[cut..]).unwrap();
            assert_eq!(String::from_utf8(converter.finish().unwrap().0).unwrap(), text, "cut at {cut}");
        }
    }
}

/// Encodes a text as ISO 8859-1.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
}

#[test]
fn a_file_of_blank_lines_is_refused_when_the_first_mebibyte_was_read() {
    let mut converter = Converter::new(InputOptions::default(), Vec::new());
    let blank = vec![b'\n'; 64 << 10];
    let error = (0..20).find_map(|_| converter.write_all(&blank).err()).unwrap();
    assert!(error.to_string().contains("only blank lines"), "{error}");
}

#[test]
fn a_long_time_is_rejected_in_linear_time() {
    let time = "24".repeat(100_000);
    let error = convert(format!("t,s,n\n{time},x,1\n").as_bytes(), &[("map", "time=t,station=s,no2=n")]).unwrap_err();
    assert!(error.to_string().contains("is not a time"), "{error}");
}

#[test]
fn a_file_that_is_none_says_what_was_seen_and_how_to_go_on() {
    for (file, told) in [
        (
            "Site,Species,When,Value,Units\nA,NO2,2020-01-01 00:00,2,ug/m3\n",
            "line 1: no station column (one of station, id_entity, station_id) in the header; seen: Site, Species, When, \
             Value, Units; it resembles laqn but lacks ReadingDateTime, Provisional or Ratified and has also When, so it is not \
             taken for laqn; it is of no known format; this command reads it: airq-cli convert FILE --map \
             'time=When,parameter=Species,value=Value,unit=Units,station=Site' --time-zone UTC; to be decided: which clock: \
             --time-zone Europe/London and the like in place of UTC; whether a time begins or ends its period",
        ),
        ("State,Max AQI\n1,2\n", "this is annual statistics of an air quality index: no measurements, but \"Max AQI\""),
        ("CODIGO;CODIGO_CORTO\n1;2\n", "Madrid's description of its stations"),
    ] {
        let error = convert(file.as_bytes(), &[]).unwrap_err();
        assert!(error.is_invalid_data() && error.to_string().contains(told), "{error}");
    }
    let error = convert(&fixture("annual_statistics.csv"), &[]).unwrap_err().to_string();
    assert!(error.contains("annual statistics"), "{error}");
    let error = convert(b"a,b\n", &[("format", "madrid")]).unwrap_err().to_string();
    assert!(error.contains("no column") && error.contains("seen: a, b"), "{error}");
}

#[test]
fn settings_that_cannot_be_used_say_what_is_known() {
    for (name, value, told) in [
        ("format", "excel", "known are auto, airq, madrid"),
        ("delimiter", "::", "one character, tab, or blanks"),
        ("decimal-comma", "maybe", "true, false"),
        ("temperature", "0", "20, 25"),
        ("time-zone", "Mars", "Mars"),
        ("time-format", "%K/%m/%Y", "strftime's letters"),
        ("map", "x", "has no ="),
        ("color", "red", "known are format, map"),
    ] {
        let error = InputOptions::default().set(name, value).unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(told), "{error}");
    }
    for (map, told) in
        [("station=s,no2=n", "no time"), ("time=t,no2=n", "no station"), ("time=t,station=s", "no parameter")]
    {
        let error = convert(b"t,s,n\n", &[("map", map)]).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn a_column_in_a_unit_that_is_not_known_is_refused() {
    for (column, value) in [("NO2 (ng/m3)", Some("0.01")), ("NO2 (oz/ft3)", None), ("NO2 (hourly)", Some("10"))] {
        let map = format!("time=Date,station=Site,no2={column}");
        let converted = convert(format!("Date,Site,{column}\n2016-10-01,A,10\n").as_bytes(), &[("map", &map)]);
        match (converted, value) {
            (Ok((csv, _)), Some(value)) => assert!(csv.ends_with(&format!(",{value}\n")), "{csv}"),
            (Err(error), None) => assert!(error.to_string().contains("no unit that is known"), "{error}"),
            (other, _) => panic!("{column}: {other:?}"),
        }
    }
}

#[test]
fn no_parameter_of_a_source_is_left_out_in_silence() {
    let open = |header: &str| {
        let csv = format!("time,station,{header}\n2016-10-01,A,10\n");
        airq_core::repository::CsvRepository::from_bytes("a.csv", csv.as_bytes())
    };
    let mut csv = Vec::new();
    open("NO2 (ug/m3)").unwrap().write_csv(&airq_core::Selection::default(), &mut csv).unwrap();
    assert!(String::from_utf8(csv).unwrap().ends_with("A,2016-10-01T00:00:00.000Z,10\n"));
    let csv = b"time,station,no2,no2 (flag),no2_ppb\n2016-10-01,A,10,V,5\n";
    let account = airq_core::repository::CsvRepository::from_bytes("a.csv", csv).unwrap().account().unwrap();
    assert_eq!(account.left_out().unwrap(), "columns \"no2 (flag)\", \"no2_ppb\"");
    for (header, parameter, value) in
        [("no2 (mg/m3)", "no2", "10000"), ("NO2_ppb", "no2", "19.1"), ("temperature (°F)", "temperature", "-12.2")]
    {
        let repository = open(header).unwrap();
        assert_eq!(repository.parameters().unwrap()[0].code(), parameter);
        let mut csv = Vec::new();
        repository.write_csv(&airq_core::Selection::default(), &mut csv).unwrap();
        assert!(String::from_utf8(csv).unwrap().contains(&format!(".000Z,{value}")), "{header}");
    }
    let error = open("foo").unwrap_err();
    assert!(error.is_invalid_data() && error.to_string().contains("no column of a parameter"), "{error}");
}

#[test]
fn a_bad_row_is_named_by_line_column_and_value() {
    for (name, from, to, told) in [
        ("openaq_v1.csv", ",69.50,", ",high,", "line 3, column \"value\": \"high\" is not a number"),
        ("openaq_v1.csv", ",6,µg/m³", ",6,K", "line 2, column \"value\": \"6\" cannot be converted from K to µg/m³"),
        ("openaq_v2.csv", "2022-08-01T02:00:00+00:00", "soon", "line 2, column \"utc\": \"soon\" is not a time"),
        ("prsa.csv", "2013,3,1,1", "2013,2,30,1", "line 3, column \"year\": \"2013-2-30 1:00\" is not a time"),
        ("sensor_community.csv", ";14.60;", ";;14.60;", "line 2: the row has 13 fields, the header 12"),
        ("madrid_daily.csv", "00001;V", "00001;X", "line 2, column \"V01\": \"X\" is not a flag: expected one of V, N"),
        (
            "eea_pm2_5.csv",
            "05:00:00 +01:00,-1,1",
            "05:00:00 +01:00,maybe,1",
            "line 5, column \"Validity\": \"maybe\" is not a flag: a number is, and 1 or more is valid",
        ),
    ] {
        let file = String::from_utf8(fixture(name)).unwrap().replacen(from, to, 1);
        assert_eq!(convert(file.as_bytes(), &[]).unwrap_err().to_string(), told, "{name}");
    }
}

#[test]
fn several_instruments_of_one_station_are_reported_and_can_be_told_apart() {
    let eea = "Countrycode,AirQualityStationEoICode,SamplingPoint,AirPollutant,AveragingTime,Concentration,UnitOfMeasurement,\
               DatetimeBegin,Validity\n\
               ES,S1,P1,NO2,hour,10,\u{b5}g/m3,2020-01-01 00:00:00 +01:00,1\n\
               ES,S1,P2,NO2,hour,20,\u{b5}g/m3,2020-01-01 00:00:00 +01:00,1\n\
               ES,S1,P3,O3,hour,30,\u{b5}g/m3,2020-01-01 00:00:00 +01:00,1\n";
    let (csv, converted) = convert(eea.as_bytes(), &[]).unwrap();
    assert!(csv.ends_with("S1,2019-12-31T23:00:00.000Z,20,30\n"), "{csv}");
    let mixed = &converted.account.mixed_stations;
    assert_eq!((mixed.count, converted.account.conflicts.count), (1, 1));
    assert_eq!(mixed.first[0].to_string(), "station \"S1\" has instruments \"P1\" and \"P2\" of no2");
    let apart = [("station-columns", "AirQualityStationEoICode+SamplingPoint")];
    let (csv, converted) = convert(eea.as_bytes(), &apart).unwrap();
    assert!(csv.contains("S1-P1,2019-12-31T23:00:00.000Z,10,\n") && csv.contains("S1-P2,"), "{csv}");
    assert_eq!((converted.account.mixed_stations.count, converted.account.conflicts.count), (0, 0));
}

#[test]
fn a_map_may_make_an_id_of_several_columns_and_names_instruments_and_places() {
    let table = "Date,County,Site,POC,lat,lon,NO2\n2020-01-01,37,1103,1,34.07,-118.2,5\n2020-01-01,37,1103,2,34.07,-118.2,6\n\
                 2020-01-02,37,1103,2,35.07,-118.2,7\n";
    let columns = "time=Date,no2=NO2,latitude=lat,longitude=lon";
    let (_, converted) =
        convert(table.as_bytes(), &[("map", &format!("{columns},station=Site,instrument=POC"))]).unwrap();
    let mixed: Vec<String> = converted.account.mixed_stations.first.iter().map(ToString::to_string).collect();
    assert_eq!(
        mixed,
        ["station \"1103\" has instruments \"1\" and \"2\"", "station \"1103\" is at 34.07,-118.2 and at 35.07,-118.2"]
    );
    let (csv, converted) =
        convert(table.as_bytes(), &[("map", &format!("{columns},station=County+Site+POC"))]).unwrap();
    assert!(csv.contains("37-1103-1,2020-01-01T00:00:00.000Z,5\n37-1103-2,"), "{csv}");
    assert_eq!(converted.account.mixed_stations.count, 1, "the place of the second instrument changes");
    let unknown = convert(table.as_bytes(), &[("map", &format!("{columns},station=County+Nothing"))]).unwrap_err();
    assert!(unknown.to_string().contains("no column \"Nothing\""), "{unknown}");
}

//! Published formats: what each fixture gives, how files are recognised, and that nothing makes a format panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]
#![allow(clippy::similar_names, reason = "a converter and what it has converted")]

#[path = "formats/hostile.rs"]
mod hostile;
#[path = "formats/packed.rs"]
mod packed;
#[path = "formats/repository.rs"]
mod repository;

use airq_core::{Converted, Converter, InputFormat, InputOptions, Repository};
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

/// What became of everything: read, accepted, duplicates, rejected, invalid, missing, unknown.
fn counts(converted: &Converted) -> [u64; 7] {
    let account = &converted.account;
    let ignored = account.ignored;
    let counts = [account.read, account.accepted(), account.duplicates, account.rejected];
    assert_eq!(counts[0], counts[1..].iter().sum::<u64>() + ignored.total(), "everything is accounted for");
    [counts[0], counts[1], counts[2], counts[3], ignored.invalid, ignored.missing, ignored.unknown]
}

/// The rows, without the header, of a station at a time.
fn row<'a>(csv: &'a str, time: &str) -> &'a str {
    csv.lines().find(|line| line.contains(time)).unwrap_or_else(|| panic!("no row at {time} in {csv}"))
}

#[test]
fn madrids_days_of_23_and_25_hours_are_read_by_its_clocks() {
    let (csv, converted) = convert(&fixture("madrid_hourly.csv"), &[]).unwrap();
    assert_eq!(converted.format, Some(InputFormat::Madrid));
    assert_eq!(counts(&converted), [120, 93, 0, 0, 3, 0, 24]);
    assert_eq!(converted.account.unknown["toluene (magnitude 20)"], 24);
    assert_eq!(csv.lines().next(), Some("station,time,no2,co,o3"));
    // In spring, H02 is followed by H04: 01:00 CET, then 03:00 CEST.
    assert_eq!(row(&csv, "2024-03-30T23"), "28079008,2024-03-30T23:00:00.000Z,10,,1");
    assert_eq!(row(&csv, "2024-03-31T00"), "28079008,2024-03-31T00:00:00.000Z,11,,2");
    assert_eq!(row(&csv, "2024-03-31T01"), "28079008,2024-03-31T01:00:00.000Z,13,,4");
    assert_eq!(row(&csv, "2024-03-31T21"), "28079008,2024-03-31T21:00:00.000Z,33,,");
    assert_eq!(csv.lines().filter(|line| line.contains(",2024-03-3")).count(), 23);
    // In autumn H03 is the second of the two hours that begin at 02:00: the first has no value.
    assert_eq!(row(&csv, "2024-10-26T22"), "28079008,2024-10-26T22:00:00.000Z,40,0,");
    assert_eq!(row(&csv, "2024-10-26T23"), "28079008,2024-10-26T23:00:00.000Z,41,0.1,");
    assert!(!csv.contains("2024-10-27T00:00"), "the first 02:00, by summer time, has no column");
    assert_eq!(row(&csv, "2024-10-27T01"), "28079008,2024-10-27T01:00:00.000Z,42,0.2,");
    assert_eq!(row(&csv, "2024-10-27T22"), "28079008,2024-10-27T22:00:00.000Z,63,0.3,");
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
    assert_eq!(counts(&converted)[1], 93, "the row's other values are taken");
    assert!(String::from_utf8(csv).unwrap().contains("28079008,2024-03-31T01:00:00.000Z,13,,4"));
}

#[test]
fn madrids_daily_values_stand_at_the_beginning_of_its_days() {
    let (csv, converted) = convert(&fixture("madrid_daily.csv"), &[]).unwrap();
    assert_eq!(counts(&converted), [62, 55, 0, 0, 7, 0, 0]);
    assert_eq!(row(&csv, "2023-01-31"), "28079004,2023-01-31T23:00:00.000Z,1,20");
    assert_eq!(row(&csv, "2023-02-04"), "28079004,2023-02-04T23:00:00.000Z,,24");
    assert_eq!(csv.lines().last(), Some("28079004,2023-02-27T23:00:00.000Z,28,47"));
}

#[test]
fn openaq_gives_the_hour_that_ends() {
    let (csv, converted) = convert(&fixture("openaq_v1.csv"), &[]).unwrap();
    assert_eq!(counts(&converted), [6, 4, 1, 0, 0, 0, 1]);
    assert_eq!(converted.account.unknown["bc"], 1);
    let co = csv.lines().nth(1).unwrap().split(',').nth(3).unwrap();
    assert!((co.parse::<f64>().unwrap() - 0.3 * 28.01 / 24.06).abs() < 1e-9, "{co} mg/m³ at 20 °C");
    assert_eq!(
        csv,
        format!(
            "station,time,no2,co,o3,pm2_5\nHarbour,2018-01-01T00:00:00.000Z,-0.5,{co},,\n\
             Harbour,2018-01-01T01:00:00.000Z,,,69.5,6\n"
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
    assert!(csv("openaq_v3.csv").starts_with("station,time,no2\n7570,2025-09-01T00:00:00.000Z,19.1"));
    assert!(csv("openaq_s3.csv").starts_with("station,time,o3,pm10\n2178,2024-01-01T07:00:00.000Z,59.8"));
    assert_eq!(
        csv("openaq_platform.csv"),
        "station,time,no2,pm2_5\nHARBOUR1,2019-06-18T05:00:00.000Z,,11\nPARK4,2019-06-18T05:00:00.000Z,21,\n"
    );
    let (_, v3) = convert(&fixture("openaq_v3.csv"), &[]).unwrap();
    assert_eq!((v3.stations[0].name.as_deref(), counts(&v3)), (Some("Old Town"), [2, 1, 0, 0, 0, 0, 1]));
}

#[test]
fn the_eea_says_what_is_valid() {
    let (csv, converted) = convert(&fixture("eea_pm2_5.csv"), &[]).unwrap();
    assert_eq!(
        csv,
        "station,time,pm2_5\nES9999A,2020-01-01T00:00:00.000Z,41.5\nES9999A,2020-01-01T01:00:00.000Z,33\n\
         ES9999A,2020-01-01T04:00:00.000Z,-1.25\n"
    );
    assert_eq!(counts(&converted), [6, 3, 0, 0, 2, 1, 0]);
    let (csv, _) = convert(&fixture("eea_nox.csv"), &[]).unwrap();
    assert_eq!(csv, "station,time,co,nox\nES9999A,2020-01-01T00:00:00.000Z,0.3,20\n");
}

#[test]
fn tables_go_on_row_by_row() {
    for (name, format, expected, counted) in [
        (
            "sensor_community.csv",
            InputFormat::SensorCommunity,
            "station,time,pm10,pm2_5\n77001,2018-12-19T00:00:11.000Z,14.6,3.93\n77001,2018-12-19T00:02:40.000Z,,4\n",
            [3, 2, 0, 0, 0, 1, 0],
        ),
        (
            "cpcb.csv",
            InputFormat::Cpcb,
            "station,time,so2,no2,co,o3,pm10,pm2_5,no,nox,nh3,c6h6\n\
             Pune,2014-12-31T18:30:00.000Z,12.5,19.5,0.5,40.25,,,1.25,20.75,,0\n\
             Jaipur,2014-12-31T18:30:00.000Z,9.5,31.5,1.5,41.5,202.25,101.5,30.5,62.75,10.5,4.25\n",
            [3, 2, 0, 0, 0, 1, 0],
        ),
        (
            "prsa.csv",
            InputFormat::Prsa,
            "station,time,so2,no2,co,o3,pm10,pm2_5\nGarden,2013-02-28T16:00:00.000Z,3,9,0.4,70,6,5\n\
             Garden,2013-02-28T17:00:00.000Z,2,,1.25,71,,9\n",
            [3, 2, 0, 0, 0, 1, 0],
        ),
    ] {
        let (csv, converted) = convert(&fixture(name), &[]).unwrap();
        assert_eq!((csv.as_str(), converted.format, counts(&converted)), (expected, Some(format), counted), "{name}");
    }
    let (_, cpcb) = convert(&fixture("cpcb.csv"), &[]).unwrap();
    assert_eq!(cpcb.account.unknown.keys().collect::<Vec<_>>(), ["Toluene", "Xylene"]);
}

#[test]
fn uci_has_a_comma_and_its_own_mark_for_what_is_missing() {
    let (csv, converted) = convert(&fixture("uci.csv"), &[]).unwrap();
    let nox = csv.lines().nth(1).unwrap().split(',').nth(4).unwrap();
    assert!((nox.parse::<f64>().unwrap() - 100.0 * 46.01 / 24.06).abs() < 1e-9, "{nox} µg/m³ of 100 ppb");
    let second = "uci,2004-04-12T19:00:00.000Z,91,,,8\n";
    assert_eq!(csv, format!("station,time,no2,co,nox,c6h6\nuci,2004-04-12T18:00:00.000Z,90,1.5,{nox},10.5\n{second}"));
    assert_eq!(counts(&converted), [3, 2, 0, 0, 0, 1, 0]);
    let american =
        "Date,Time,CO(GT),PT08.S1(CO),NO2(GT)\n4/12/2004,18:00:00,1.5,1300,90\n12/1/2004,0:00:00,1,1300,-200\n";
    let (csv, _) = convert(american.as_bytes(), &[]).unwrap();
    assert_eq!(csv, "station,time,no2,co\nuci,2004-04-12T18:00:00.000Z,90,1.5\nuci,2004-12-01T00:00:00.000Z,,1\n");
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
    assert_eq!(converted.account.unknown["Remark"], 1);
}

#[test]
fn a_map_with_parameter_and_value_merges_rows() {
    let map = "time=ReadingDateTime,station=Site,parameter=Species,value=Value,unit=Units,city==London";
    let (csv, converted) =
        convert(&fixture("generic_long.csv"), &[("map", map), ("time-format", "%d/%m/%Y %H:%M")]).unwrap();
    assert_eq!(csv, "station,time,no2,o3\nAA1,2018-02-01T00:00:00.000Z,12.5,33.1\n");
    assert!(converted.merges && converted.account.unknown["RHUM"] == 1);
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
    assert_eq!(convert(b"time,station,no2\n", &[]).unwrap().1.format, Some(InputFormat::Airq));
}

#[test]
fn airqs_own_may_be_told_how_it_is_written() {
    let file = "time;station;city;no2;no\n2016-07-01 02:00;x;Madrid;1,50;\n2016-07-01T02:00Z;x;Madrid;-999;2\n";
    let told = [("time-zone", "Europe/Madrid"), ("decimal-comma", "true"), ("missing", "-999")];
    let (csv, converted) = convert(file.as_bytes(), &told).unwrap();
    assert_eq!(csv, "station,time,no2,no\nx,2016-07-01T00:00:00.000Z,1.5,\nx,2016-07-01T02:00:00.000Z,,2\n");
    assert_eq!(converted.format, Some(InputFormat::Airq));
    assert_eq!(converted.stations[0].city.as_deref(), Some("Madrid"));
    let headerless = "2016-07-01 02:00,x,1,2,3,4,5,6\n";
    let (csv, _) = convert(headerless.as_bytes(), &told).unwrap();
    assert_eq!(csv, "station,time,so2,no2,co,o3,pm10,pm2_5\nx,2016-07-01T00:00:00.000Z,1,2,3,4,5,6\n");
}

#[test]
fn a_file_that_is_none_says_what_was_seen_and_how_to_go_on() {
    for (file, told) in [
        (
            "Site,Species,When,Value,Units\nA,NO2,1,2,3\n",
            "line 1: no station column (one of station, id_entity, station_id) in the header; seen: Site, Species, When, \
             Value, Units; it is none of airq, madrid, openaq, eea, sensor-community, cpcb, prsa, uci, generic; a map tells \
             what its columns are, such as time=COLUMN,station=Site,parameter=Species,value=Value,unit=Units",
        ),
        ("Date,Site,Ozone,\"NO2, hourly\"\n1,2,3,4\n", "such as time=Date,station=Site,o3=Ozone"),
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
        ("delimiter", "::", "one character, or tab"),
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
        [("station=s,no2=n", "no time"), ("time=t,no2=n", "no station"), ("time=t,station=s", "no pollutant")]
    {
        let error = convert(b"t,s,n\n", &[("map", map)]).unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn a_column_in_a_unit_that_is_not_known_is_refused() {
    for (column, value) in [("NO2 (ng/m3)", None), ("NO2 (pphm)", None), ("NO2 (hourly)", Some("10"))] {
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
fn no_pollutant_of_a_source_is_left_out_in_silence() {
    let open = |header: &str| {
        let csv = format!("time,station,{header}\n2016-10-01,A,10\n");
        airq_core::CsvRepository::from_bytes("a.csv", csv.as_bytes())
    };
    let mut csv = Vec::new();
    open("NO2 (ug/m3)").unwrap().write_csv(&airq_core::Selection::default(), &mut csv).unwrap();
    assert!(String::from_utf8(csv).unwrap().ends_with("A,2016-10-01T00:00:00.000Z,,10,,,,\n"));
    airq_core::CsvRepository::from_bytes("a.csv", b"time,station,no2,no2 (flag)\n2016-10-01,A,10,V\n").unwrap();
    for (header, told) in
        [("no2 (ppb)", "no2 (ppb)\" reads it"), ("no2 (mg/m3)", "not in µg/m³"), ("foo", "no column of a pollutant")]
    {
        let error = open(header).unwrap_err();
        assert!(error.is_invalid_data() && error.to_string().contains(told), "{error}");
    }
}

#[test]
fn a_bad_row_is_named_by_line_column_and_value() {
    for (name, from, to, told) in [
        ("openaq_v1.csv", ",69.50,", ",high,", "line 3, column \"value\": \"high\" is not a number"),
        (
            "openaq_v1.csv",
            ",6,µg/m³",
            ",6,K",
            "line 2, column \"unit\": \"K\" is not a unit (µg/m³, mg/m³, ppb or ppm)",
        ),
        ("openaq_v2.csv", "2022-08-01T02:00:00+00:00", "soon", "line 2, column \"utc\": \"soon\" is not a time"),
        ("prsa.csv", "2013,3,1,1", "2013,2,30,1", "line 3, column \"year\": \"2013-2-30 1:00\" is not a time"),
        ("sensor_community.csv", ";14.60;", ";;14.60;", "line 2: the row has 13 fields, the header 12"),
        (
            "madrid_daily.csv",
            "00001;V",
            "00001;X",
            "line 2, column \"V01\": \"X\" is neither V (valid) nor N (not valid)",
        ),
        ("eea_pm2_5.csv", ",-1,1", ",maybe,1", "line 4, column \"Validity\": \"maybe\" is not a validity"),
    ] {
        let file = String::from_utf8(fixture(name)).unwrap().replacen(from, to, 1);
        assert_eq!(convert(file.as_bytes(), &[]).unwrap_err().to_string(), told, "{name}");
    }
}

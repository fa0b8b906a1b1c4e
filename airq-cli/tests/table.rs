//! The table of measurements, letter by letter.

mod common;

use common::{file, run};

#[test]
fn the_table_of_the_sample_is_this() {
    let ran = run(&["query", "--city", "madrid", "--to", "2016-10-01T00:15:00Z", "--format", "table"]).ok();
    let expected = "\
station        name        city    time (UTC)             so2    no2     co     o3   pm10  pm2_5
                                                        µg/m³  µg/m³  mg/m³  µg/m³  µg/m³  µg/m³
aq_castellana  Castellana  Madrid  2016-10-01 00:00:00    5.8   47.3   0.43   35.8   12.5    9.6
aq_retiro      Retiro      Madrid  2016-10-01 00:00:00    6.3   45.1   0.63   44.3   12.3    8.6
aq_salvia      Salvia      Madrid  2016-10-01 00:00:00    5.2   46.2   0.57   32.2   18.3    6.9
";
    assert_eq!(ran.text(), expected);
}

#[test]
fn with_a_zone_times_are_local_and_a_day_has_its_local_date() {
    let path = file("table_zone", "time,station,no2\n2016-10-29 22:30,x,1\n2016-10-30 01:30,x,2\n");
    let table = |flags: &[&str]| {
        let flags = [&["query", &path, "--tz", "Europe/Madrid", "--format", "table"], flags].concat();
        run(&flags).ok().text().to_owned()
    };
    let rows = "\
station  time (Europe/Madrid)         no2
                                    µg/m³
x        2016-10-30 00:30:00+02:00    1.0
x        2016-10-30 02:30:00+01:00    2.0
";
    assert_eq!(table(&[]), rows);
    let days = "\
station  day (Europe/Madrid)    no2
                              µg/m³
x        2016-10-30             2.0
";
    assert_eq!(table(&["--every", "1d", "--stat", "max", "--capture", "0"]), days);
}

#[test]
fn what_is_unknown_leaves_no_column_and_what_is_missing_a_dash() {
    let path = file("table_unknown", "time,station,no2,nh3\n2016-10-01,x,,2.04\n2016-10-01 00:15,x,10.26,\n");
    let ran = run(&["query", "--source", &path, "--pollutant", "no2,nh3", "--format", "table"]).ok();
    let expected = "\
station  time (UTC)             no2    nh3
                              µg/m³  µg/m³
x        2016-10-01 00:00:00      -    2.0
x        2016-10-01 00:15:00   10.3      -
";
    assert_eq!(ran.text(), expected);
}

#[test]
fn nothing_found_is_a_header_and_the_range_of_the_data() {
    let path = file("table_range", "time,station,no2\n2016-10-01,x,1\n2016-10-02 06:00,x,2\n");
    let ran = run(&["query", &path, "--from", "2030-01-01", "--format", "table"]).ok();
    assert!(ran.err.contains("the data are from 2016-10-01 00:00:00 to 2016-10-02 06:00:00 UTC"), "{}", ran.err);
    let ran = run(&["query", "--from", "2030-01-01", "--format", "table", "--pollutant", "co"]).ok();
    assert_eq!(ran.text().lines().count(), 2);
    assert!(ran.err.contains("no measurement matches"), "{}", ran.err);
}

#[test]
fn nothing_found_names_the_nearest_data_in_every_format() {
    let csv = "time,station,city,latitude,longitude,no2\n\
               2016-10-01,x,Oviedo,43.36,-5.85,1\n2016-10-02 06:00,x,Oviedo,43.36,-5.85,2\n";
    let path = file("table_nearest", csv);
    for format in ["table", "json", "csv", "ndjson"] {
        let told = |args: &[&str]| run(&[&["query", &path, "--format", format], args].concat()).ok().err;
        let late = told(&["--from", "2030-01-01"]);
        assert!(late.contains("the nearest measurement is of 2016-10-02 06:00:00 UTC, station x"), "{late}");
        let early = told(&["--to", "2010-01-01"]);
        assert!(early.contains("the nearest measurement is of 2016-10-01 00:00:00 UTC, station x"), "{early}");
        let far = told(&["--near", "43.36,-5.6"]);
        assert!(far.contains("the nearest is x (Oviedo), within 21 km"), "{far}");
    }
    let stations = run(&["stations", &path, "--bbox", "0,0,1,1"]).ok().err;
    assert!(stations.contains("no station is at this place; the nearest is x (Oviedo), within"), "{stations}");
    let plain = file("table_no_city", "time,station,no2\n2016-10-01,x,1\n");
    assert!(run(&["cities", &plain]).ok().err.contains("no station has a city"));
    let plot = run(&["plot", &path, "--from", "2030-01-01"]).ok().err;
    assert!(plot.contains("no measurement matches; the data are from 2016-10-01"), "{plot}");
    let year = run(&["compliance", &path, "--year", "2020", "--format", "table"]).ok().err;
    assert!(year.contains("the data are from 2016-10-01 00:00:00 to 2016-10-02 06:00:00 UTC"), "{year}");
}

#[test]
fn a_range_from_a_day_to_the_same_day_says_what_to_write() {
    let told = run(&["query", "--from", "2016-10-01", "--to", "2016-10-01"]).failed(2);
    assert!(told.contains("that day ends at 2016-10-02"), "{told}");
    run(&["query", "--from", "2016-10-01", "--to", "2016-10-02"]).ok();
}

#[test]
fn one_of_something_is_not_written_as_several() {
    let path = file("table_one", "time,station,no2\n2016-10-01,x,1\n2016-10-01,x,much\n");
    let told = run(&["convert", &path, "--skip-bad-rows", "--format", "csv", "--summary"]).ok().err;
    let one = file("table_one_row", "time,station,no2,note\n2016-10-01,x,1,a\n2016-10-02,x,1,\n");
    let limited = run(&["query", &one, "--limit", "1", "--format", "csv"]).ok().err;
    assert!(limited.contains("1 row, and there are more"), "{limited}");
    let single = file("table_single", "time,station,no2\n2016-10-01,x,1\n");
    let doctor = run(&["doctor", "--source", &single]).ok();
    assert!(doctor.text().contains("1 station, 1 measurement,"), "{doctor:?}");
    for text in [told.as_str(), &limited, doctor.text()] {
        for word in ["rows", "values", "stations", "measurements", "duplicates"] {
            assert!(!text.contains(&format!(" 1 {word}")), "1 {word} in {text}");
        }
    }
}

#[test]
fn a_limit_tells_how_to_go_on() {
    let ran = run(&["query", "--city", "Madrid", "--limit", "2", "--format", "table"]).ok();
    assert!(ran.err.contains("go on with --cursor '2016-10-01T00:15:00.007Z,aq_castellana'"), "{}", ran.err);
}

#[test]
fn a_hostile_station_cannot_steer_the_terminal() {
    let path = file("table_hostile", "time,station,no2\n2016-10-01,\u{1b}]0;owned\u{7},1\n");
    let ran = run(&["query", "--source", &path, "--format", "table"]).ok();
    assert!(ran.text().contains("owned") && !ran.text().contains(['\u{1b}', '\u{7}']), "{:?}", ran.text());
}

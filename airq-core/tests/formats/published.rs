//! Each further format: the rows and the counts of a small file.

use crate::{counts, fixture, options, path};
use airq_core::input::{Converted, Converter, InputFormat};
use std::io::Write;

/// Converts a fixture, whose path the format may need.
fn convert(name: &str, settings: &[(&str, &str)]) -> (String, Converted) {
    let mut converter = Converter::new(options(settings), Vec::new()).path(path(name));
    converter.write_all(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (csv, converted) = converter.finish().unwrap_or_else(|error| panic!("{name}: {error}"));
    (String::from_utf8(csv).unwrap(), converted)
}

fn check(name: &str, format: &str, expected: &str, counted: [u64; 6]) -> Converted {
    let (csv, converted) = convert(name, &[]);
    assert_eq!(converted.format.map(InputFormat::name), Some(format), "{name}");
    assert_eq!(csv, expected, "{name}");
    assert_eq!(counts(&converted), counted, "{name}");
    assert!(converted.account.unused.is_empty(), "{name}: {:?}", converted.account.unused);
    converted
}

/// The mass of a gas of this molar mass in µg/m³, at 20 °C.
fn micrograms(ppb: f64, molar_mass: f64) -> f64 {
    ppb * molar_mass / 24.06
}

#[test]
fn uk_air_ends_its_hours_and_has_the_site_above_the_header() {
    let converted = check(
        "uk_air.csv",
        "uk-air",
        "station,time,no2,wind_speed_modelled [m/s]\nHarbour Lane,2024-01-01T00:00:00.000Z,15.5,3.5\n\
         Harbour Lane,2024-01-01T23:00:00.000Z,2.25,\nHarbour Lane,2024-01-02T00:00:00.000Z,,4\n\
         Harbour Lane,2024-01-02T01:00:00.000Z,,5\n",
        [8, 5, 0, 0, 1, 2],
    );
    assert_eq!((converted.stations[0].latitude, converted.stations[0].longitude), (Some(56.5), Some(-3.25)));
    check(
        "uk_air_daily.csv",
        "uk-air",
        "station,time,o3\nHarbour Lane,2024-01-01T00:00:00.000Z,50.5\n",
        [2, 1, 0, 0, 0, 1],
    );
    check("laqn.csv", "laqn", "station,time,no2,o3\nAA1,2018-02-01T00:00:00.000Z,12.5,33.1\n", [3, 2, 0, 0, 0, 1]);
}

#[test]
fn times_of_openaqs_archive_end_the_step_of_their_series() {
    let converted = check(
        "openaq_s3_steps.csv",
        "openaq",
        "station,time,o3,pm2_5\n9,2024-01-01T08:00:00.000Z,60,\n9,2024-01-01T09:00:00.000Z,61,11\n\
         9,2024-01-01T09:15:00.000Z,,12\n9,2024-01-01T09:30:00.000Z,,13\n9,2024-01-01T11:00:00.000Z,,14\n",
        [6, 6, 0, 0, 0, 0],
    );
    assert!(converted.account.formats[0].contains("the step of its series"), "{:?}", converted.account.formats);
}

#[test]
fn the_epas_days_begin_by_standard_time_and_each_instrument_is_a_station() {
    check(
        "epa_airdata.csv",
        "epa-airdata",
        "station,time,pm2_5\n490353006-1,2018-01-01T07:00:00.000Z,21.5\n490353006-4,2018-01-01T07:00:00.000Z,22.5\n",
        [2, 2, 0, 0, 0, 0],
    );
    check(
        "epa_airdata_maximum.csv",
        "epa-airdata",
        "station,time,so2_max_1h [ppb]\n490353006-1,2018-01-01T07:00:00.000Z,3.5\n",
        [1, 1, 0, 0, 0, 0],
    );
    let ozone = micrograms(25.0, 48.0);
    check(
        "epa_aqs_hourly.csv",
        "epa-aqs",
        &format!("station,time,o3\n060371103-1,2020-01-01T08:00:00.000Z,{ozone}\n"),
        [1, 1, 0, 0, 0, 0],
    );
    let converted = check(
        "epa_aqs_daily.csv",
        "epa-aqs",
        "station,time,pm2_5\n060371103-1,2020-01-01T08:00:00.000Z,10.5\n060371103-3,2020-01-01T08:00:00.000Z,11.25\n",
        [4, 2, 1, 0, 0, 0],
    );
    assert_eq!((converted.account.ignored.unselected, converted.account.conflicts.count), (1, 0));
    assert_eq!(converted.stations[0].city.as_deref(), Some("Los Angeles"));
}

#[test]
fn airnow_is_known_without_a_header() {
    let ozone = micrograms(26.0, 48.0);
    let converted = check(
        "airnow.dat",
        "airnow",
        &format!(
            "station,time,o3,pm2_5\n000020104,2022-06-05T00:00:00.000Z,{ozone},\n000020104,2022-06-05T01:00:00.000Z,,7.5\n"
        ),
        [3, 2, 0, 0, 0, 1],
    );
    assert_eq!(converted.account.sentinels.count(), 1);
    check(
        "airnow_hourly.csv",
        "airnow",
        "station,time,so2,no2,co,o3,pm10,pm2_5\n000020104,2022-06-05T00:00:00.000Z,,,,,,7.5\n",
        [1, 1, 0, 0, 0, 0],
    );
    check(
        "airnow_tech.csv",
        "airnow-tech",
        "station,time,pm2_5\n370630015-3,2019-09-01T04:00:00.000Z,6.5\n",
        [2, 1, 0, 0, 1, 0],
    );
}

#[test]
fn sensors_of_people_are_read_with_every_channel() {
    check(
        "purpleair.csv",
        "purpleair",
        "station,time,pm2_5,temperature,humidity,pressure,pm2_5_alt_a [µg/m³],pm2_5_alt_b [µg/m³],pm2_5_atm_b [µg/m³],pm2_5_cf_1_a \
         [µg/m³],pm2_5_cf_1_b [µg/m³]\n149970,2022-09-30T09:50:00.000Z,5.04,10,61,1030.33,3.2,3,4.04,5.04,4.04\n",
        [1, 1, 0, 0, 0, 0],
    );
    check(
        "purpleair_export.csv",
        "purpleair",
        "station,time,pm2_5,temperature,humidity,pm10_cf_1 [µg/m³],pm1_cf_1 [µg/m³],pm2_5_cf_1 [µg/m³]\n\
         purpleair_export,2020-01-01T00:00:36.000Z,2.25,10,61,3.5,1.5,2.5\n",
        [1, 1, 0, 0, 0, 0],
    );
    check(
        "sensor_weather.csv",
        "sensor-community",
        "station,time,temperature,humidity,pressure,pressure_sealevel\n88,2019-01-01T00:00:10.000Z,-1.5,,980.005,1010\n",
        [1, 1, 0, 0, 0, 0],
    );
    let (csv, converted) = convert("sensor_counts.csv", &[]);
    assert_eq!(csv, "station,time,pm10,pm2_5\n", "a PPD42NS counts particles");
    assert_eq!(converted.account.ignored.unselected, 1);
}

#[test]
fn hours_in_columns_are_read_by_the_clocks_of_the_place() {
    let (csv, converted) = convert("barcelona.csv", &[]);
    assert_eq!(counts(&converted), [24, 23, 0, 0, 1, 0]);
    assert!(csv.starts_with("station,time,no2\n08019004,2025-07-31T22:00:00.000Z,1\n"), "{csv}");
    assert!(csv.ends_with("08019004,2025-08-01T21:00:00.000Z,24\n") && !csv.contains("2025-08-01T00:00"), "{csv}");
    let (csv, converted) = convert("catalonia.csv", &[]);
    assert_eq!(counts(&converted), [24, 23, 0, 0, 0, 1]);
    assert!(csv.starts_with("station,time,no2\n08015021,2025-07-31T22:00:00.000Z,1\n"), "{csv}");
    assert_eq!(converted.stations[0].city.as_deref(), Some("Badalona"));
    let (csv, converted) = convert("taiwan.csv", &[]);
    assert_eq!(counts(&converted), [72, 22 + 23 + 1, 0, 0, 2, 1 + 1 + 22]);
    assert!(csv.contains("\n仁武,2015-01-25T16:00:00.000Z,0,,\n仁武,2015-01-25T17:00:00.000Z,,90.5,\n"), "{csv}");
    assert!(csv.contains("\n仁武,2015-01-25T21:00:00.000Z,5,90.5,0.2\n"), "{csv}");
    let (csv, _) = convert("taiwan_big5.csv", &[]);
    assert!(csv.starts_with("station,time,so2\n仁武,2001-12-31T16:00:00.000Z,0\n"), "{csv}");
}

#[test]
fn cities_of_america_and_asia_are_read_in_their_units() {
    let ozone = micrograms(20.0, 48.0);
    let co = micrograms(0.5, 28.01);
    check(
        "mexico_city.csv",
        "mexico-city",
        &format!(
            "station,time,co,o3,wind_speed\nACO,2015-02-01T06:00:00.000Z,,{ozone},\nACO,2015-02-02T05:00:00.000Z,{co},,1.5\n"
        ),
        [4, 3, 0, 0, 0, 1],
    );
    check("seoul.csv", "seoul", "station,time,pm10\n101,2016-12-31T15:00:00.000Z,41\n", [3, 1, 0, 0, 1, 1]);
    check(
        "seoul_summary.csv",
        "seoul",
        "station,time,so2,no2,co,o3,pm10,pm2_5\n101,2016-12-31T15:00:00.000Z,,,,,71,59\n",
        [1, 1, 0, 0, 0, 0],
    );
    check(
        "hong_kong.csv",
        "hong-kong",
        "station,time,so2,no2,co,o3,pm10,pm2_5,nox\nCENTRAL,2020-01-31T16:00:00.000Z,,30,0.85,10,25,20,40\n\
         CENTRAL,2020-02-01T15:00:00.000Z,,,,,,21,\n",
        [2, 2, 0, 0, 0, 0],
    );
    let converted = check(
        "china_sites.csv",
        "china-sites",
        "station,time,co,pm2_5\n1001A,2020-01-01T16:00:00.000Z,0.5,30\n1002A,2020-01-01T16:00:00.000Z,0.75,\n",
        [8, 3, 0, 0, 0, 1],
    );
    assert_eq!(converted.account.ignored.unselected, 4);
}

#[test]
fn networks_of_europe_are_read() {
    let converted = check(
        "zurich.csv",
        "zurich",
        "station,time,no2,temperature\nStampfenbachstrasse,2024-09-08T13:00:00.000Z,20.5,19.5\n",
        [3, 2, 0, 0, 0, 0],
    );
    assert_eq!(converted.account.ignored.other_period, 1);
    let converted = check(
        "lombardia/dati.csv",
        "lombardia",
        "station,time,no2\n501,2018-12-31T23:00:00.000Z,25.5\n",
        [3, 1, 0, 0, 1, 1],
    );
    assert_eq!((converted.stations[0].city.as_deref(), converted.stations[0].latitude), (Some("Milano"), Some(45.5)));
    check("france.csv", "france", "station,time,no2\nFR06001,2021-10-22T00:00:00.000Z,12.5\n", [2, 1, 0, 0, 1, 0]);
    let (csv, converted) = convert("saxony.csv", &[]);
    assert_eq!(
        csv,
        "station,time,no2,pm10,c6h6,pressure,pm10_hvs [µg/m³],russ_pm1 [µg/m³]\n\
         saxony,2018-09-30T23:00:00.000Z,30,18,1.5,999,,0.75\nsaxony,2018-10-01T22:00:00.000Z,,17,,1012,,\n"
    );
    assert_eq!((counts(&converted)[1], converted.account.ignored.other_period), (2, 1));
    let (csv, _) = convert("saxony.csv", &[("period", "1d")]);
    assert!(csv.ends_with("\nsaxony,2018-09-30T23:00:00.000Z,,,,,20.25,\n"), "{csv}");
    check(
        "sinca_pm25.csv",
        "sinca",
        "station,time,pm2_5\nsinca_pm25,2016-04-22T04:00:00.000Z,46.2829\nsinca_pm25,2016-04-22T05:00:00.000Z,7\n",
        [3, 2, 0, 0, 0, 1],
    );
}

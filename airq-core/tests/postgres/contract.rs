//! The repository keeps its contract, and answers as files do.

use crate::ground::{Files, database, import_contract_data, shared};
use airq_core::import::{Database, ImportOptions};
use airq_core::repository::{CsvOptions, CsvRepository, PostgresRepository};
use airq_core::testing::{Dirt, Simulation, averages_contract, repository_contract};
use airq_core::{Airq, Format, Query, Repository, Selection, Timestamp};

#[test]
fn the_repository_keeps_its_contract() {
    let server = shared();
    let url = database(&server, "contract");
    import_contract_data(&url);
    repository_contract(&PostgresRepository::open(&url).unwrap());
    repository_contract(&PostgresRepository::open(&format!("{url}?pool_size=1")).unwrap());
    let socket = server.socket_url("contract");
    repository_contract(&PostgresRepository::open(&socket).unwrap());
}

/// Every answer of both engines is the same bytes, but for the version in the data set's.
fn assert_alike(files: &Airq, database: &Airq) {
    let queries = [
        Query::all(),
        Query::all().latest(),
        Query::builder().parameter(airq_core::Parameter::SO2).build().unwrap().latest(),
        Query::builder().to("2016-10-01T12:00:00Z").build().unwrap().latest(),
        Query::builder().station("aq_salvia").limit(7).build().unwrap(),
        Query::builder().from("2016-10-01T06:00:00Z").to("2016-10-01T06:30:00Z").build().unwrap(),
        Query::builder().parameter(airq_core::Parameter::NH3).build().unwrap(),
    ];
    for query in &queries {
        for &format in Format::TEXT {
            let body = |airq: &Airq| String::from_utf8(airq.answer(query, format).unwrap().body().to_vec()).unwrap();
            assert_eq!(body(database), body(files), "{format} of {query:?}");
        }
    }
    for (every, index) in [("1h", "us-2024"), ("1d", "eaqi-2020"), ("1h", "eaqi-2024")] {
        let pairs = [("every", every), ("index", index), ("limit", "40"), ("tz", "Europe/Madrid")];
        let rated = Query::from_pairs(Query::PARAMETERS, pairs).unwrap().0;
        for (query, format) in [(rated.clone(), Format::Json), (rated.latest(), Format::Csv)] {
            let body = |airq: &Airq| String::from_utf8(airq.answer(&query, format).unwrap().body().to_vec()).unwrap();
            assert_eq!(body(database), body(files), "{index} every {every}");
        }
    }
    assert_eq!(database.cities_document().unwrap().body, files.cities_document().unwrap().body);
    assert_eq!(
        database.stations_document(&queries[0], Format::Json).unwrap().body,
        files.stations_document(&queries[0], Format::Json).unwrap().body
    );
}

#[test]
fn a_database_answers_with_the_bytes_of_the_files_it_was_made_of() {
    let server = shared();
    let url = database(&server, "alike");
    let files = Files::new();
    let mut stations = Vec::new();
    Simulation::write_stations(&mut stations).unwrap();
    files.write("stations.csv", stations);
    let mut csv = Vec::new();
    Simulation::new(3).dirt(Dirt::Empty).write_csv(&mut csv).unwrap();
    let first = files.write("a.csv", csv);
    // Parameters beyond the six, in an order of their own, and a city that only a column tells.
    let second = files.write(
        "b.csv",
        "nh3,city,no,time,station,no2\n1.5,Oviedo,,2016-10-01 00:00,aq_x,2\n,,3,2016-10-01 06:15:00.000001,aq_salvia,\n",
    );
    Database::at(&url).unwrap().import([&first, &second], &ImportOptions::default(), &mut ()).unwrap();
    let engine = |builder: airq_core::AirqBuilder| builder.cache("none:").build().unwrap();
    let from_files = CsvRepository::open([&first, &second], &CsvOptions::default()).unwrap();
    assert_alike(&engine(Airq::builder().repository(from_files)), &engine(Airq::builder().source(&*url)));
}

#[test]
fn an_empty_database_is_a_data_set_without_anything() {
    let server = shared();
    let repository = PostgresRepository::open(&database(&server, "nothing")).unwrap();
    let data = repository.data_set().unwrap();
    assert_eq!((data.version.as_str(), data.stations, data.measurements, data.first), ("0", 0, 0, None));
    let mut csv = Vec::new();
    assert_eq!(repository.write_csv(&Selection::default(), &mut csv).unwrap(), "0");
    assert_eq!(csv, b"station,time\n");
    assert!(repository.parameters().unwrap().is_empty());
}

/// Three stations over the changes of the clocks in spring and autumn, in quarters of hours, hours and days, with values
/// that sum to no round number, ties, values that are no measurements, and gaps.
fn awkward() -> String {
    let mut csv = "station,time,so2,no2,co,o3,pm10,pm2_5,nh3\n".to_owned();
    let at = |text: &str| text.parse::<Timestamp>().unwrap().as_microseconds();
    let spring = at("2016-03-25T20:07:30.000001Z");
    // In St. John's clocks went back over the beginning of a day.
    let back_over_midnight = at("2005-10-29T00:05:00Z");
    let mut state = 2016_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    for (station, start, minutes, count) in [
        ("a", spring, 15, 400),
        ("b", spring, 60, 900),
        ("c, \"x\"", spring, 1440, 500),
        ("d", back_over_midnight, 15, 400),
    ] {
        for row in 0..count {
            let skipped = if row > count / 2 { 7 * 30 * 86_400 } else { 0 };
            let time = start + (row * minutes * 60 + skipped) * 1_000_000;
            let time = Timestamp::from_microseconds(time).unwrap();
            if random() % 10 == 0 {
                continue;
            }
            let odd = ["", "1e999", "-1e300", "NaN", "0.0000005", "-0.0000015", "1000000000", "-0", "5e-324"];
            let values: Vec<String> = (0..7)
                .map(|_| match random() % 12 {
                    0 => odd[usize::try_from(random()).unwrap() % odd.len()].replace("NaN", "").replace("1e999", ""),
                    1 => format!("-{}.{:03}", random() % 90, random() % 1000),
                    2 => format!("{}", random() % 3),
                    _ => format!("{}.{:016}", random() % 90, random()),
                })
                .collect();
            let station = station.replace('"', "\"\"");
            csv = csv + "\"" + &station + "\"," + &time.to_string() + "," + &values.join(",") + "\n";
        }
    }
    csv
}

#[test]
fn averages_by_sql_are_those_of_the_core() {
    let server = shared();
    let url = database(&server, "averages");
    let files = Files::new();
    let data = files.write("awkward.csv", awkward());
    Database::at(&url).unwrap().import([&data], &ImportOptions::default(), &mut ()).unwrap();
    let repository = PostgresRepository::open(&url).unwrap();
    averages_contract(&repository);
    let from_files = CsvRepository::open([&data], &CsvOptions::default()).unwrap();
    let engine = |builder: airq_core::AirqBuilder| builder.cache("none:").build().unwrap();
    let (files, database) =
        (engine(Airq::builder().repository(from_files)), engine(Airq::builder().repository(repository)));
    for pairs in [
        &[("every", "1d"), ("tz", "Europe/Madrid"), ("from", "2016-03-27"), ("to", "2016-03-30")][..],
        &[("every", "1mo"), ("stat", "p98"), ("capture", "0"), ("interval", "15m")],
        &[("every", "1h"), ("running", "8h"), ("limit", "100"), ("pollutant", "no2,nh3,c6h6")],
        &[("every", "1y"), ("stat", "count"), ("tz", "America/New_York")],
        &[("every", "1d"), ("tz", "America/St_Johns"), ("stat", "count"), ("interval", "15m"), ("capture", "0")],
    ] {
        let (query, _) = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap();
        for &format in Format::TEXT {
            let body = |airq: &Airq| String::from_utf8(airq.answer(&query, format).unwrap().body().to_vec()).unwrap();
            assert_eq!(body(&database), body(&files), "{format} of {pairs:?}");
        }
    }
}

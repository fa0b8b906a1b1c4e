//! The same answers from files, a database and another server, whatever the order of files, rows and imports.

use crate::ground::{Files, database, import, shared};
use crate::random_files::{Random, file, shuffled};
use crate::upstream::Upstream;
use airq_core::import::ImportOptions;
use airq_core::repository::{CsvOptions, CsvRepository, PostgresRepository};
use airq_core::{Airq, Format, Parameter, Query};

fn engine(repository: impl airq_core::Repository + 'static) -> Airq {
    Airq::builder().repository(repository).build().unwrap()
}

fn of_database(url: &str) -> Airq {
    engine(PostgresRepository::open(url).unwrap())
}

/// The answers to queries for all stations, for some of them, and for averages.
fn answers(airq: &Airq) -> Vec<String> {
    let of_no2 = Query::builder().parameter(Parameter::NO2).build().unwrap();
    let mut queries = vec![Query::all(), Query::all().latest(), of_no2.latest()];
    for stations in [&["s0"][..], &["s1"], &["s2"], &["s0", "s2"]] {
        let all = stations.iter().fold(Query::builder(), |query, station| query.station(*station));
        queries.push(all.build().unwrap());
        let mut pairs: Vec<(&str, &str)> = stations.iter().map(|station| ("station", *station)).collect();
        pairs.push(("every", "8h"));
        queries.push(Query::from_pairs(Query::PARAMETERS, pairs).unwrap().0);
    }
    let mut answers = Vec::new();
    for query in queries {
        for format in [Format::Json, Format::Csv] {
            let answer = airq.answer(&query, format);
            answers.push(answer.map_or_else(
                |error| format!("{error:#}"),
                |answer| String::from_utf8(answer.body().to_vec()).unwrap(),
            ));
        }
    }
    answers.push(String::from_utf8(airq.stations_document(&Query::all(), Format::Json).unwrap().body).unwrap());
    answers
}

#[test]
fn files_a_database_and_another_server_give_the_same_answers_in_any_order() {
    let server = shared();
    for seed in 20..26 {
        let mut random = Random(seed);
        let mut files: Vec<String> = (0..5).map(|_| file(&mut random, |_, cell| cell)).collect();
        let folder = Files::new();
        let write = |prefix: &str, files: &[String]| -> Vec<_> {
            let each = files.iter().enumerate();
            each.map(|(number, csv)| folder.write(&format!("{prefix}{number}.csv"), csv)).collect()
        };
        let scan = CsvRepository::scan(write("scan", &files), &CsvOptions::default()).unwrap();
        let expected = answers(&engine(scan));
        files = files.iter().map(|csv| shuffled(&mut random, csv)).collect();
        random.shuffle(&mut files);
        let store = CsvRepository::open(write("store", &files), &CsvOptions::default()).unwrap();
        assert_eq!(answers(&engine(store)), expected, "store, seed {seed}");
        let url = database(&server, &format!("same_{seed}"));
        for csv in &files {
            import(&url, csv, &ImportOptions::default()).unwrap();
        }
        assert_eq!(answers(&of_database(&url)), expected, "database, seed {seed}");
        let upstream = Upstream::start(of_database(&url));
        let http = Airq::builder().source(upstream.url()).build().unwrap();
        assert_eq!(answers(&http), expected, "server, seed {seed}");
    }
}

#[test]
fn an_answer_has_the_parameters_that_its_stations_measure() {
    let server = shared();
    let url = database(&server, "station_parameters");
    let csv = "station,time,no2,o3,pm10\na,2016-10-01,1,,\na,2016-10-02,,2,\nb,2016-10-01,,,3\nc,2016-10-01,,,\n";
    import(&url, csv, &ImportOptions::default()).unwrap();
    let header = |airq: &Airq, stations: &[&str]| {
        let query = stations.iter().fold(Query::builder(), |query, station| query.station(*station));
        let answer = airq.answer(&query.build().unwrap(), Format::Csv).unwrap();
        String::from_utf8(answer.body().to_vec()).unwrap().lines().next().unwrap().to_owned()
    };
    let check = |airq: &Airq| {
        assert_eq!(header(airq, &[]), "station,time,no2,o3,pm10");
        assert_eq!(header(airq, &["a"]), "station,time,no2,o3");
        assert_eq!(header(airq, &["b"]), "station,time,pm10");
        assert_eq!(header(airq, &["a", "b"]), "station,time,no2,o3,pm10");
        assert_eq!(header(airq, &["c"]), "station,time,no2,o3,pm10", "a station without values may have any parameter");
    };
    check(&engine(CsvRepository::from_bytes("a.csv", csv.as_bytes()).unwrap()));
    check(&of_database(&url));
    import(&url, "station,time,so2\nb,2016-10-02,9\n", &ImportOptions::default()).unwrap();
    assert_eq!(header(&of_database(&url), &["b"]), "station,time,so2,pm10");
}

//! The plans of the queries, as the server itself logs them: every question is answered along the primary key.

use crate::ground::{Files, database, plain};
use airq_core::aggregate::{Averages, Every, Running};
use airq_core::import::{Database, ImportOptions};
use airq_core::repository::PostgresRepository;
use airq_core::testing::Simulation;
use airq_core::{Cursor, Query, Repository, Rows, Selection, Timestamp};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn every_selection_is_an_index_scan_in_order() {
    // Of its own, so that no other test's statements are in its log.
    let server = plain().start().unwrap();
    let url = database(&server, "plans");
    let files = Files::new();
    let mut csv = Vec::new();
    Simulation::new(1).rows(50_000).write_csv(&mut csv).unwrap();
    Database::at(&url).unwrap().import([files.write("a.csv", csv)], &ImportOptions::default(), &mut ()).unwrap();
    let day = |selection: &mut Selection| {
        selection.from = "2016-10-05".parse::<Timestamp>().ok();
        selection.to = "2016-10-06".parse::<Timestamp>().ok();
    };
    let after = |selection: &mut Selection| {
        selection.after = Some(Cursor::new("aq_retiro", "2016-10-05".parse::<Timestamp>().unwrap()));
        selection.limit = Some(1001);
    };
    let city = |selection: &mut Selection| {
        selection.stations = Some(["aq_castellana", "aq_retiro", "aq_salvia"].map(str::to_owned).to_vec());
    };
    let latest = |selection: &mut Selection| selection.rows = Rows::Latest;
    let selections: [(&str, &[&dyn Fn(&mut Selection)]); 9] = [
        ("everything", &[]),
        ("a day", &[&day]),
        ("a city", &[&city]),
        ("a day of a city", &[&day, &city]),
        ("a page", &[&after]),
        ("a page of a city", &[&after, &city, &day]),
        ("the newest", &[&latest]),
        ("the newest of a city", &[&latest, &city]),
        ("the newest of a day", &[&latest, &day]),
    ];
    let repository = PostgresRepository::open(&url).unwrap();
    for (name, changes) in selections {
        let mut selection = Selection::default();
        changes.iter().for_each(|change| change(&mut selection));
        let before = server.log().len();
        repository.write_csv(&selection, &mut std::io::sink()).unwrap();
        let plan = plan_since(&server, before);
        assert!(plan.contains("using measurements_pkey on measurements"), "{name}:\n{plan}");
        assert!(!plan.contains("Seq Scan on measurements"), "{name}:\n{plan}");
        let is_latest = selection.rows == Rows::Latest;
        assert!(is_latest || !plan.contains("Sort"), "{name}: rows come in the order of the index\n{plan}");
        assert!(!is_latest || plan.contains("Limit"), "{name}: one look-up a station\n{plan}");
        for (periods, averages) in averages() {
            let before = server.log().len();
            repository.write_averages(&selection, &averages, &mut std::io::sink()).unwrap();
            let plan = plan_since(&server, before);
            assert!(plan.contains("using measurements_pkey on measurements"), "{periods} of {name}:\n{plan}");
            assert!(!plan.contains("Seq Scan on measurements"), "{periods} of {name}:\n{plan}");
        }
    }
}

fn averages() -> [(&'static str, Averages); 3] {
    let days = Query::builder().averages(Averages::new(Every::Day)).zone("Europe/Madrid".parse().unwrap());
    let days_of_madrid = days.build().unwrap().averages().unwrap().clone();
    [
        ("hours", Averages::new(Every::Hour)),
        ("days by the clocks", days_of_madrid),
        ("running means", Averages::new(Every::Hour).with_running(Running::EightHours)),
    ]
}

/// The plan of the `COPY` that the server has logged since. It logs when the statement is done, or a moment later.
fn plan_since(server: &airq_core::testing::servers::PostgresServer, before: usize) -> String {
    let began = Instant::now();
    loop {
        let log = server.log().split_off(before);
        if let Some(start) = log.find("id as station").filter(|_| log.contains("measurements_pkey")) {
            return log[start..].to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(10), "the plan is logged:\n{log}");
        thread::sleep(Duration::from_millis(20));
    }
}

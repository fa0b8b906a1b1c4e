//! Text that would like to be SQL, CSV or a format: it stays text, whichever way it comes.

use crate::ground::{Files, database, import, shared};
use airq_core::import::{Database, ImportOptions};
use airq_core::repository::PostgresRepository;
use airq_core::testing::{HOSTILE_NAMES, csv_of_stations};
use airq_core::{Airq, Cursor, Format, Query, Repository, Rows, Selection};

/// Names with control characters: they can be stored, but no query may ask for them.
const NOT_TO_ASK_FOR: [&str; 2] = ["a,b;c\td", "line\nbreak\rwithin"];

fn corpus() -> Vec<&'static str> {
    [&HOSTILE_NAMES[..], &NOT_TO_ASK_FOR].concat()
}

fn selected(repository: &PostgresRepository, selection: &Selection) -> Vec<String> {
    let mut csv = Vec::new();
    repository.write_csv(selection, &mut csv).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    reader.records().map(|record| record.unwrap()[0].to_owned()).collect()
}

#[test]
fn hostile_ids_are_stored_and_found_as_they_are() {
    let server = shared();
    let url = database(&server, "hostile");
    let corpus = corpus();
    let accepted = import(&url, csv_of_stations(&corpus), &ImportOptions::default()).unwrap().accepted;
    assert_eq!(accepted, corpus.len() as u64);
    let repository = PostgresRepository::open(&url).unwrap();
    let known = repository.stations().unwrap();
    let mut sorted = corpus.clone();
    sorted.sort_unstable();
    assert_eq!(known.iter().map(|station| station.id.as_str()).collect::<Vec<_>>(), sorted);
    for rows in [Rows::All, Rows::Latest] {
        let mut selection = Selection::default();
        selection.rows = rows;
        assert_eq!(selected(&repository, &selection), sorted);
        for (place, id) in sorted.iter().enumerate() {
            selection.stations = Some(vec![(*id).to_owned()]);
            assert_eq!(selected(&repository, &selection), [*id]);
            let mut after = Selection::default();
            after.rows = rows;
            after.after = Some(Cursor::new(*id, "2030-01-01".parse::<airq_core::Timestamp>().unwrap()));
            assert_eq!(selected(&repository, &after), sorted[place + 1..]);
        }
        for id in &corpus {
            selection.stations = Some(vec![format!("{id}'"), format!("{id}\0"), format!("\0{id}")]);
            assert!(selected(&repository, &selection).is_empty(), "{id:?}");
        }
    }
    assert_eq!(server.sql("hostile", "select count(*) from measurements").unwrap(), corpus.len().to_string());
}

#[test]
fn hostile_parameters_of_a_query_find_what_is_of_that_name_and_nothing_else() {
    let server = shared();
    let url = database(&server, "parameters");
    import(&url, csv_of_stations(&HOSTILE_NAMES), &ImportOptions::default()).unwrap();
    let airq = Airq::builder().source(url).build().unwrap();
    for text in HOSTILE_NAMES {
        for name in ["station", "city"] {
            let query = Query::from_pairs(Query::PARAMETERS, [(name, text)]).unwrap().0;
            let answer = airq.answer(&query, Format::Csv).unwrap();
            assert_eq!(answer.body().iter().filter(|byte| **byte == b'\n').count(), 2, "{name}={text:?}");
            let unknown = Query::from_pairs(Query::PARAMETERS, [(name, format!("{text}'x").as_str())]).unwrap().0;
            assert!(airq.answer(&unknown, Format::Csv).unwrap_err().is_not_found(), "{name}={text:?}");
        }
    }
    for text in NOT_TO_ASK_FOR {
        let refused = Query::from_pairs(Query::PARAMETERS, [("station", text)]);
        assert!(refused.unwrap_err().is_invalid_input(), "{text:?}");
    }
    let nul = Query::from_pairs(Query::PARAMETERS, [("station", "a\0b")]);
    assert!(nul.unwrap_err().is_invalid_input());
}

#[test]
fn hostile_names_of_files_and_cities_are_only_names() {
    let server = shared();
    let url = database(&server, "names");
    let files = Files::new();
    let corpus = corpus();
    for (number, text) in corpus.iter().enumerate() {
        let path = files
            .write(&format!("{} {number}.csv", text.replace('/', "")), format!("time,station\n2016-10-01,s{number}\n"));
        let options = ImportOptions::default().city(*text);
        Database::at(&url).unwrap().import([path], &options, &mut ()).unwrap();
    }
    let repository = PostgresRepository::open(&url).unwrap();
    let known = repository.stations().unwrap();
    for (number, text) in corpus.iter().enumerate() {
        assert_eq!(known.get(&format!("s{number}")).unwrap().city.as_deref(), Some(*text));
    }
    assert_eq!(server.sql("names", "select count(*) from loads").unwrap(), corpus.len().to_string());
}

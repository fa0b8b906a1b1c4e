//! The contract of the averages of a [`Repository`]: they equal the averages that this crate computes from the rows.

use super::repository_contract::{B, CsvTable, N, Z, at, read};
use crate::error::Result;
use crate::model::{Parameter, Stations, Zone};
use crate::query::{Averages, Cursor, Every, Interval, Profile, Rows, Running, Selection, Statistic};
use crate::repository::{DataSet, Repository};
use std::io::Write;

/// Checks that the averages of a repository equal the averages that this crate computes from the rows: every period and
/// statistic, in several time zones, by ranges and pages.
///
/// `repository_contract` runs this check on little data. Run it on more data, too: with values every 15 minutes, a change to
/// summer time, and sums that are not round numbers.
///
/// ```
/// use airq_core::repository::CsvRepository;
/// use airq_core::testing;
/// testing::averages_contract(&CsvRepository::from_bytes("a.csv", b"time,station,no2\n2016-10-01,a,1\n")?);
/// # Ok::<(), airq_core::Error>(())
/// ```
///
/// # Panics
/// If averages differ, with the difference.
pub fn averages_contract(repository: &dyn Repository) {
    for every in Every::ALL {
        for statistic in ["mean", "min", "max", "median", "p98", "p99.8", "count"].map(statistic) {
            for averaging in averagings(*every, statistic) {
                agree(repository, &Selection::default(), &averaging);
            }
        }
    }
    for averaging in [Averages::new(Every::Hour), running(Running::EightHours), running(Running::Day)] {
        for averaging in [averaging.clone().with_capture(0), averaging.with_zone(madrid())] {
            parts_agree(repository, &averaging);
            pages_make_the_whole(repository, &averaging);
        }
    }
    parts_agree(repository, &Averages::new(Every::Day).with_zone(madrid()).with_capture(0));
    parts_agree(repository, &Averages::new(Every::Month).with_statistic(statistic("p98")).with_capture(0));
    let maximum = Averages::new(Every::Day).with_statistic(Statistic::MaxEightHours);
    for averaging in [maximum.clone().with_capture(0), maximum.with_zone(madrid())] {
        parts_agree(repository, &averaging);
        pages_make_the_whole(repository, &averaging);
    }
    let somo35 = Averages::new(Every::Month).with_statistic(Statistic::Somo35).with_capture(0);
    agree(repository, &Selection { parameters: vec![Parameter::O3], ..Selection::default() }, &somo35);
    for profile in Profile::ALL {
        let averaging = Averages::of_profile(*profile).with_zone(madrid()).with_capture(0);
        parts_agree(repository, &averaging);
        pages_make_the_whole(repository, &averaging);
    }
}

fn statistic(name: &str) -> Statistic {
    name.parse::<Statistic>().expect("the suite's statistics are statistics")
}

/// Checks averages of [`repository_contract_csv`](super::repository_contract_csv) one by one.
pub(super) fn averages_are_right(repository: &dyn Repository) {
    hours_are_means_of_their_values(repository);
    days_tell_what_they_are_made_of(repository);
    days_of_a_zone_begin_at_its_midnight(repository);
    running_means_need_their_hours(repository);
    only_wanted_parameters_need_be_averaged(repository);
}

fn madrid() -> Zone {
    zone("Europe/Madrid")
}

fn zone(name: &str) -> Zone {
    name.parse::<Zone>().expect("the suite's zones are zones")
}

fn running(running: Running) -> Averages {
    Averages::new(Every::Hour).with_running(running)
}

fn averagings(every: Every, statistic: Statistic) -> Vec<Averages> {
    let averaging = Averages::new(every).with_statistic(statistic);
    let mut all = vec![
        averaging.clone(),
        averaging.clone().with_zone(madrid()).with_capture(0),
        averaging.clone().with_interval("15m".parse::<Interval>().expect("15m is an interval")).with_capture(10),
    ];
    if statistic == Statistic::Mean {
        all.extend(
            [
                "Asia/Kolkata",
                "Australia/Lord_Howe",
                "Atlantic/Azores",
                "America/Sao_Paulo",
                "America/St_Johns",
                "Pacific/Chatham",
            ]
            .map(|name| averaging.clone().with_zone(zone(name)).with_capture(0)),
        );
    }
    if !matches!(every, Every::Hour | Every::EightHours) {
        all.push(averaging.with_interval(Interval::DAY).with_zone(madrid()).with_capture(1));
    }
    all
}

fn averages(repository: &dyn Repository, selection: &Selection, averaging: &Averages) -> CsvTable {
    let mut csv = Vec::new();
    let version = repository.write_averages(selection, averaging, &mut csv).expect("the repository answers");
    assert_eq!(version, repository.version().expect("the repository has a version"), "averages are of the version now");
    read(&csv)
}

fn by_the_core(repository: &dyn Repository, selection: &Selection, averaging: &Averages) -> CsvTable {
    averages(&RowsOnly(repository), selection, averaging)
}

/// A repository that computes averages from its rows.
#[derive(Debug)]
struct RowsOnly<'a>(&'a dyn Repository);

impl Repository for RowsOnly<'_> {
    fn version(&self) -> Result<String> {
        self.0.version()
    }

    fn stations(&self) -> Result<Stations> {
        self.0.stations()
    }

    fn data_set(&self) -> Result<DataSet> {
        self.0.data_set()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.0.write_csv(selection, out)
    }
}

/// Checks that both tables have the same rows, to the last digit.
fn agree(repository: &dyn Repository, selection: &Selection, averaging: &Averages) {
    let theirs = averages(repository, selection, averaging);
    let ours = by_the_core(repository, selection, averaging);
    let what = format!("{averaging:?} of {selection:?}");
    assert_eq!(theirs.rows.schema(), ours.rows.schema(), "{what}");
    assert_eq!(theirs.keys(), ours.keys(), "{what}");
    for (theirs, ours) in theirs.rows.iter().zip(&ours.rows) {
        assert_eq!(theirs, ours, "{what}");
    }
}

/// Checks ranges, stations, parameters, the newest rows, and cursors.
fn parts_agree(repository: &dyn Repository, averaging: &Averages) {
    let whole = by_the_core(repository, &Selection::default(), averaging).keys();
    let Some((station, time)) = whole.get(whole.len() / 2) else { return };
    let middle = at(time);
    let stations = Some(vec![station.clone()]);
    let parameters = vec![Parameter::NO2, Parameter::PM2_5];
    let all = Selection::default();
    for part in [
        Selection { from: Some(middle), ..all.clone() },
        Selection { to: Some(middle), ..all.clone() },
        Selection { from: Some(middle), rows: Rows::Latest, ..all.clone() },
        Selection { to: Some(middle), rows: Rows::Latest, ..all.clone() },
        Selection { rows: Rows::Latest, limit: Some(1), ..all.clone() },
        Selection { stations: stations.clone(), rows: Rows::Latest, ..all.clone() },
        Selection { after: Some(Cursor::new(&**station, middle)), limit: Some(3), ..all.clone() },
        Selection { after: Some(Cursor::new(&**station, middle)), from: Some(middle), stations, ..all.clone() },
        Selection { stations: Some(Vec::new()), ..all.clone() },
        Selection { parameters, ..all },
    ] {
        agree(repository, &part, averaging);
    }
}

fn pages_make_the_whole(repository: &dyn Repository, averaging: &Averages) {
    const MOST: usize = 5;
    let whole = by_the_core(repository, &Selection::default(), averaging);
    let limit = u64::try_from(whole.rows.len() / MOST + 1).ok();
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = averages(repository, &Selection { after, limit, ..Selection::default() }, averaging);
        let Some((station, time)) = page.keys().last().cloned() else { break };
        after = Some(Cursor::new(station, at(&time)));
        rows.extend(page.rows);
        assert!(rows.len() <= whole.rows.len(), "pages come to an end");
    }
    assert_eq!(rows, whole.rows.into_vec(), "{averaging:?}");
}

fn keys(table: &CsvTable) -> Vec<(String, String)> {
    table.keys().into_iter().map(|(station, time)| (station, time.replace(":00.000Z", "Z"))).collect()
}

fn is(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(station, time)| ((*station).to_owned(), (*time).to_owned())).collect()
}

fn hours_are_means_of_their_values(repository: &dyn Repository) {
    let hours = averages(repository, &Selection::default(), &Averages::new(Every::Hour));
    let expected = [
        (Z, "2016-10-01T00:00Z"),
        (Z, "2016-10-01T12:00Z"),
        (B, "2016-10-01T00:00Z"),
        (B, "2016-10-02T00:00Z"),
        (N, "2016-10-01T06:00Z"),
    ];
    assert_eq!(keys(&hours), is(&expected), "an hour is a row if it has one, whatever its values");
    assert_eq!(hours.value(2, "so2"), "6.650586", "the mean of 6.801171 and 6.5, half a millionth away from zero");
    assert_eq!(hours.value(2, "no2"), "48.398338", "what is missing has no part in a mean");
    assert_eq!((hours.value(2, "no2_capture"), hours.value(2, "pm2_5")), ("1", "4.443677"));
    assert_eq!((hours.value(4, "no2"), hours.value(4, "no2_capture")), ("", "0"));
}

fn days_tell_what_they_are_made_of(repository: &dyn Repository) {
    let day = Averages::new(Every::Day).with_statistic(Statistic::Max);
    let days = averages(repository, &Selection::default(), &day);
    let expected =
        [(Z, "2016-10-01T00:00Z"), (B, "2016-10-01T00:00Z"), (B, "2016-10-02T00:00Z"), (N, "2016-10-01T00:00Z")];
    assert_eq!(keys(&days), is(&expected));
    assert_eq!((days.value(0, "o3"), days.value(0, "o3_capture")), ("", "0.083"), "two hours of 24, cut");
    let enough = averages(repository, &Selection::default(), &day.clone().with_capture(8));
    assert_eq!((enough.value(0, "o3"), enough.value(1, "o3")), ("4.5", ""), "of aq_b there is one hour only");
    let counts = averages(repository, &Selection::default(), &day.with_statistic(Statistic::Count));
    assert_eq!((counts.value(0, "o3"), counts.value(1, "so2"), counts.value(3, "o3")), ("2", "2", "0"));
}

fn days_of_a_zone_begin_at_its_midnight(repository: &dyn Repository) {
    let selection =
        Selection { from: Some(at("2016-09-30T22:00Z")), to: Some(at("2016-10-01T22:00Z")), ..Selection::default() };
    let days = averages(repository, &selection, &Averages::new(Every::Day).with_zone(madrid()));
    let midnight = "2016-09-30T22:00Z";
    assert_eq!(
        keys(&days),
        is(&[(Z, midnight), (B, midnight), (N, midnight)]),
        "the second of October is not in the range"
    );
}

fn running_means_need_their_hours(repository: &dyn Repository) {
    let selection = Selection { from: Some(at("2016-10-01T12:00Z")), ..Selection::default() };
    let none = averages(repository, &selection, &running(Running::Day));
    assert_eq!(keys(&none), is(&[(Z, "2016-10-01T12:00Z"), (B, "2016-10-02T00:00Z")]));
    assert_eq!((none.value(0, "so2"), none.value(0, "so2_capture")), ("", "0.083"));
    let some = averages(repository, &selection, &running(Running::Day).with_capture(5));
    assert_eq!(some.value(0, "so2"), "0.8", "the hour at noon, and the one at midnight before the range");
}

fn only_wanted_parameters_need_be_averaged(repository: &dyn Repository) {
    let parameters = vec![Parameter::O3];
    let some = averages(repository, &Selection { parameters, ..Selection::default() }, &Averages::new(Every::Hour));
    assert_eq!((some.value(2, "o3"), some.value(2, "o3_capture")), ("48.497066", "1"));
}

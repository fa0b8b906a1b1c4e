//! Compliance with standards, from measurements to answers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test panics with what was broken")]

#[path = "compliance/oracle.rs"]
mod oracle;

use airq_core::compliance::{Assessment, ComplianceQuery, ComplianceReport, Mark, Standard, Verdict};
use airq_core::repository::CsvRepository;
use airq_core::{Airq, Format, Parameter, Timestamp, Unit};
use jiff::tz::TimeZone;
use oracle::Hours;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

const ONE: i64 = 1_000_000;

fn engine(csv: &str) -> Airq {
    Airq::builder().repository(CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap()).build().unwrap()
}

fn query(pairs: &[(&str, &str)]) -> ComplianceQuery {
    ComplianceQuery::from_pairs(pairs.iter().copied()).unwrap().0
}

fn report(csv: &str, pairs: &[(&str, &str)]) -> ComplianceReport {
    engine(csv).compliance(&query(pairs)).unwrap()
}

#[test]
fn daily_samples_are_assessed_by_means_of_days_and_of_the_year() {
    let mut csv = "station,time,ni_pm10,pm10,no2\n".to_owned();
    // Every second day of 2015, which is half of the year.
    for day in (0..365).step_by(2) {
        let time = Timestamp::from_microseconds((hour_at("2015-01-01T06:00Z") + day * 24) * 3_600_000_000).unwrap();
        writeln!(csv, "a,{time},21,{},300", if day < 80 { 51 } else { 20 }).unwrap();
    }
    let daily = [("year", "2015"), ("standard", "eu-2024"), ("interval", "1d")];
    let of_days = report(&csv, &daily);
    let nickel = find(&of_days, "ni_pm10-1y-2030");
    assert_eq!((nickel.value(), nickel.verdict, nickel.coverage.known), (Some(21.0), Verdict::NotMet, 183));
    assert_eq!(nickel.coverage.expected, 365);
    let days = find(&of_days, "pm10-1d-2026");
    assert_eq!((days.exceedances(), days.verdict), (Some(40.0), Verdict::NotMet), "more days would not change it");
    let hours = find(&of_days, "no2-1h-2026");
    assert_eq!((hours.value(), hours.verdict), (None, Verdict::NotEnoughData), "a day says nothing about its hours");
    let of_hours = report(&csv, &daily[..2]);
    assert_eq!(find(&of_hours, "ni_pm10-1y-2030").verdict, Verdict::NotEnoughData);
}

/// The assessment of the first station by an objective.
fn find(report: &ComplianceReport, id: &str) -> Assessment {
    let all = &report.stations[0].assessments;
    all.iter().find(|one| one.objective.id == id).unwrap_or_else(|| panic!("{id} is missing")).clone()
}

/// The number of the hour since 1970.
fn hour_at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_microseconds() / 3_600_000_000
}

/// A file of one station with these hours.
fn file(parameter: &str, hours: &Hours) -> String {
    let mut csv = format!("station,time,{parameter}\n");
    for (hour, value) in hours {
        let time = Timestamp::from_microseconds(hour * 3_600_000_000).unwrap();
        writeln!(csv, "a,{time},{}.{:06}", value / ONE, value % ONE).unwrap();
    }
    csv
}

/// Every hour of a year of UTC+1, with the value of its number in the year in units, if it has one.
fn year_of(year: i16, value: impl Fn(i64) -> Option<f64>) -> Hours {
    let first = hour_at(&format!("{year}-01-01T00:00+01:00"));
    let last = hour_at(&format!("{}-01-01T00:00+01:00", year + 1));
    #[allow(clippy::cast_possible_truncation)]
    let millionths = |value: f64| (value * 1e6).round() as i64;
    (0..last - first).filter_map(|hour| Some((first + hour, millionths(value(hour)?)))).collect()
}

fn assessed(parameter: &str, hours: &Hours, standard: &str, year: i16, id: &str) -> Assessment {
    let year = year.to_string();
    find(&report(&file(parameter, hours), &[("year", &year), ("standard", standard)]), id)
}

fn result(assessment: &Assessment) -> (Verdict, Option<f64>, Option<f64>) {
    (assessment.verdict, assessment.compared(), assessment.exceedances())
}

#[test]
fn a_mean_is_rounded_to_the_digits_of_its_limit_before_it_is_compared() {
    for (mean, compared, verdict) in
        [(40.4999, 40.0, Verdict::Met), (40.5, 41.0, Verdict::NotMet), (40.1056, 40.0, Verdict::Met)]
    {
        let year = assessed("no2", &year_of(2015, |_| Some(mean)), "eu-2008", 2015, "no2-1y");
        assert_eq!((year.value(), result(&year)), (Some(mean), (verdict, Some(compared), None)), "{mean}");
    }
    let benzene = |mean| assessed("c6h6", &year_of(2015, |_| Some(mean)), "eu-2024", 2015, "c6h6-1y-2030").verdict;
    assert_eq!((benzene(3.449), benzene(3.45)), (Verdict::Met, Verdict::NotMet));
}

#[test]
fn nineteen_hours_above_are_one_too_many_and_exactly_200_is_not_above() {
    let with = |above: i64| {
        let hours = year_of(2015, |hour| Some(if hour % 400 == 7 && hour / 400 < above { 200.5 } else { 200.4 }));
        assessed("no2", &hours, "eu-2008", 2015, "no2-1h")
    };
    assert_eq!(result(&with(18)), (Verdict::Met, Some(200.0), Some(18.0)));
    assert_eq!(result(&with(19)), (Verdict::NotMet, Some(201.0), Some(19.0)));
    assert_eq!((with(19).value(), with(19).objective.allowed()), (Some(200.5), Some(18)));
}

#[test]
fn days_above_count_days_with_eighteen_hours() {
    // A day of 51 with 18 hours counts, a day with 17 hours does not.
    let with = |known: i64| {
        let hours = year_of(2015, |hour| match hour / 24 {
            0..36 if hour % 24 < known => Some(51.0),
            0..36 => None,
            _ => Some(10.0),
        });
        assessed("pm10", &hours, "eu-2008", 2015, "pm10-1d")
    };
    assert_eq!(result(&with(18)), (Verdict::NotMet, Some(51.0), Some(36.0)));
    assert_eq!(result(&with(17)), (Verdict::Met, Some(10.0), Some(0.0)));
    assert_eq!((with(17).coverage.known, with(17).coverage.expected), (329, 365));
    let rounded =
        assessed("pm10", &year_of(2015, |hour| Some(if hour < 48 { 50.49 } else { 50.5 })), "eu-2008", 2015, "pm10-1d");
    assert_eq!(rounded.exceedances(), Some(363.0), "50.49 is 50 and 50.5 is 51");
}

#[test]
fn the_days_of_utc_plus_1_and_of_civil_time_are_different() {
    // Two hours of 600 before midnight of UTC+1 in summer are in the next civil day.
    let midnight = hour_at("2015-07-10T00:00+01:00");
    let hours = year_of(2015, |_| Some(10.0));
    let hours: Hours = hours
        .into_iter()
        .map(|(hour, value)| (hour, if (midnight - 1..midnight + 1).contains(&hour) { 600 * ONE } else { value }))
        .collect();
    let csv = file("pm10", &hours);
    let day = |zone| {
        let report = report(&csv, &[("year", "2015"), ("standard", "eu-2008"), ("tz", zone)]);
        find(&report, "pm10-1d").exceedances()
    };
    assert_eq!((day("Etc/GMT-1"), day("Europe/Madrid")), (Some(0.0), Some(1.0)), "34.6 twice, and 59.2");
}

#[test]
fn coverage_decides_just_at_its_threshold() {
    // 90 % of 8760 hours are 7884, 85 % are 7446.
    let with = |standard, id, known| {
        assessed("no2", &year_of(2015, |hour| (hour < known).then_some(10.0)), standard, 2015, id)
    };
    for (standard, id, enough, share) in [("eu-2008", "no2-1y", 7884, 90), ("eu-2024", "no2-1y-2030", 7446, 85)] {
        assert_eq!(with(standard, id, enough).verdict, Verdict::Met);
        let few = with(standard, id, enough - 1);
        assert_eq!((few.verdict, few.value()), (Verdict::NotEnoughData, Some(10.0)));
        assert_eq!(few.reason.unwrap(), format!("{} of 8760 values are there, {share} % are needed", enough - 1));
    }
    // A leap year has 8784 hours.
    let leap = year_of(2016, |hour| (hour < 7884).then_some(10.0));
    assert_eq!(assessed("no2", &leap, "eu-2008", 2016, "no2-1y").verdict, Verdict::NotEnoughData);
}

#[test]
fn too_many_exceedances_are_not_met_whatever_is_missing() {
    let short = assessed("no2", &year_of(2015, |hour| (hour < 19).then_some(250.0)), "eu-2008", 2015, "no2-1h");
    assert_eq!(result(&short), (Verdict::NotMet, Some(250.0), Some(19.0)));
    assert_eq!(short.reason.as_deref(), Some("19 of 8760 values are there, 90 % are needed"));
    let shorter = assessed("no2", &year_of(2015, |hour| (hour < 18).then_some(250.0)), "eu-2008", 2015, "no2-1h");
    assert_eq!(shorter.verdict, Verdict::NotEnoughData);
}

#[test]
fn an_8_hour_mean_belongs_to_the_day_in_which_it_ends() {
    // The mean at the last hour of a day is 110, and the mean at the first hour of the next day too.
    let hours = year_of(2015, |hour| Some(if hour == 100 * 24 + 23 { 180.0 } else { 100.0 }));
    let above = assessed("o3", &hours, "uk", 2015, "o3-8h");
    assert_eq!(above.exceedances(), Some(2.0), "by days of UTC+1 and of UTC");
    let days = report(&file("o3", &hours), &[("year", "2015"), ("standard", "eu-2008")]);
    assert_eq!(find(&days, "o3-8h-long-term").value(), Some(110.0));
}

#[test]
fn three_hours_in_a_row_are_an_alert() {
    let with = |values: &'static [Option<f64>]| {
        let hours = year_of(2015, move |hour| match usize::try_from(hour).unwrap().checked_sub(1000) {
            Some(position) if position < values.len() => values[position],
            _ => Some(10.0),
        });
        assessed("no2", &hours, "eu-2024", 2015, "no2-alert")
    };
    let exceedances = |values| with(values).exceedances();
    assert_eq!(exceedances(&[Some(201.0), Some(202.0), Some(203.0), None, Some(204.0)]), Some(1.0));
    assert_eq!(exceedances(&[Some(201.0), Some(202.0), Some(203.0), Some(204.0), Some(205.0)]), Some(3.0));
    assert_eq!(exceedances(&[Some(201.0), Some(200.0), Some(202.0), Some(203.0)]), Some(0.0));
}

#[test]
fn aot40_is_scaled_to_all_hours_from_8_to_20_of_central_european_time() {
    let day = [80.0, 80.1, 100.0, 120.0, 120.0, 100.0, 90.0, 80.0, 79.0, 60.0, -1.0, 81.0];
    // 1 June is day 151 (from 0) of 2015. Hours 07 and 20 never count.
    let hours = year_of(2015, |hour| match (hour / 24, hour % 24) {
        (151, hour @ 8..20) => Some(day[usize::try_from(hour - 8).unwrap()]).filter(|value| *value >= 0.0),
        (151, 7 | 20) => Some(500.0),
        _ => Some(10.0),
    });
    let aot40 = assessed("o3", &hours, "eu-2008", 2015, "o3-aot40-long-term");
    let expected = 131.1 * 1104.0 / 1103.0;
    assert!((aot40.value().unwrap() - expected).abs() < 1e-6, "{:?} {expected}", aot40.value());
    assert_eq!((aot40.compared(), aot40.coverage.known, aot40.coverage.expected), (Some(131.0), 1103, 1104));
}

#[test]
fn winter_begins_in_the_year_before_and_the_year_of_many_values_is_a_mean_of_years() {
    let mut hours = year_of(2014, |hour| (hour >= 273 * 24).then_some(30.0));
    hours.extend(year_of(2015, |hour| Some(if hour < 90 * 24 { 12.0 } else { 1.0 })));
    let winter = assessed("so2", &hours, "eu-2008", 2015, "so2-vegetation-winter");
    // 92 days of 30 and 90 days of 12.
    assert_eq!((winter.value(), winter.verdict), (Some(21.098_901), Verdict::NotMet));
    assert_eq!((winter.coverage.known, winter.coverage.expected), (182 * 24, 182 * 24));
}

#[test]
fn the_mean_of_three_years_uses_the_years_that_are_valid() {
    let days =
        |above: i64| move |hour: i64| Some(if (120 * 24..(120 + above) * 24).contains(&hour) { 130.0 } else { 50.0 });
    let mut hours = year_of(2013, days(31));
    hours.extend(year_of(2014, days(20)));
    hours.extend(year_of(2015, |hour| (hour < 1000).then_some(50.0)));
    let ozone = assessed("o3", &hours, "eu-2008", 2015, "o3-8h");
    // 25.5 days are 26.
    assert_eq!((ozone.exceedances(), ozone.years, ozone.verdict), (Some(25.5), 2, Verdict::NotMet));
    let reason = "2 of 3 years are valid, 1 needed: 0 of 6 parts of the year have 90 % of the values, 5 are needed";
    assert_eq!(ozone.reason.as_deref(), Some(reason));
    let us = assessed("o3", &hours, "us-naaqs", 2015, "o3-8h");
    assert_eq!((us.years, us.verdict), (2, Verdict::NotEnoughData));
}

#[test]
fn us_fine_particles_are_means_of_quarters_truncated_by_the_day() {
    let years = |means: [f64; 3]| {
        let mut hours = Hours::new();
        for (year, mean) in (2013..).zip(means) {
            hours.extend(year_of(year, |_| Some(mean)));
        }
        // The last hour of the last day of UTC.
        hours.insert(hour_at("2015-12-31T23:00Z"), 9_000_000);
        assessed("pm2_5", &hours, "us-naaqs", 2015, "pm2_5-1y")
    };
    // Days are truncated to a tenth, so 9.09 counts as 9.0.
    assert_eq!(result(&years([9.09, 9.0, 9.0])), (Verdict::Met, Some(9.0), None));
    assert_eq!(result(&years([9.0, 9.1, 9.1])), (Verdict::NotMet, Some(9.1), None));
}

#[test]
fn us_coarse_particles_are_rounded_to_tens_before_they_are_counted() {
    let hours = |day: f64| {
        let mut hours = Hours::new();
        for year in 2013..=2015 {
            hours.extend(year_of(year, |hour| Some(if (2401..2449).contains(&hour) { day } else { 20.0 })));
        }
        hours.insert(hour_at("2015-12-31T23:00Z"), 20 * ONE);
        assessed("pm10", &hours, "us-naaqs", 2015, "pm10-1d")
    };
    // Two days of UTC a year.
    assert_eq!((hours(154.9).exceedances(), hours(154.9).verdict), (Some(0.0), Verdict::Met));
    assert_eq!((hours(155.0).exceedances(), hours(155.0).verdict), (Some(2.0), Verdict::NotMet));
}

#[test]
fn a_station_without_the_parameter_or_without_the_year_has_no_row() {
    let csv = "station,time,no2,o3\na,2015-01-01T12:00Z,1,\nb,2014-12-01T12:00Z,1,1\n";
    let report = report(csv, &[("year", "2015"), ("standard", "eu-2008")]);
    let ids: Vec<&str> = report.stations[0].assessments.iter().map(|one| one.objective.id).collect();
    assert_eq!(ids, ["no2-1h", "no2-1y", "no2-alert"]);
    assert!(report.stations[1].assessments.is_empty());
}

#[test]
fn json_and_csv_say_the_same_and_come_from_the_cache() {
    let csv = "station,time,city,no2,pm10\na,2015-01-01T12:00Z,Madrid,250.5,3\nb,2015-01-01T12:00Z,Lugo,1,\n";
    let airq = engine(csv);
    let query = query(&[("city", "madrid"), ("year", "2015"), ("standard", "eu-2024"), ("parameter", "no2")]);
    let answer = airq.compliance_answer(&query, Format::Json).unwrap();
    let json: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(
        json["query"],
        serde_json::json!({"city": ["Madrid"], "parameter": ["no2"], "year": 2015, "standard": "eu-2024", "tz": "Etc/GMT-1"})
    );
    let objective = &json["stations"][0]["objectives"][0];
    assert_eq!(
        *objective,
        serde_json::json!({"id": "no2-1h-2030", "parameter": "no2", "kind": "limit", "values": "hours",
            "statistic": "at most 3 above the level", "level": 200, "unit": "µg/m³", "attain_by": "2030-01-01", "value": 250.5,
            "compared": 251, "exceedances": 1, "allowed": 3, "coverage": 0, "years": 0, "result": "not enough data",
            "reason": "1 of 8760 values are there, 85 % are needed", "source": "(EU) 2024/2881, annex I, table 1",
            "mark": "verified"})
    );
    let again = airq.compliance_answer(&query, Format::Json).unwrap();
    assert_eq!((again.status(), again.etag()), (airq_core::cache::CacheStatus::Hit, answer.etag()));
    let table = airq.compliance_answer(&query, Format::Csv).unwrap();
    let mut reader = csv::Reader::from_reader(table.body());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), json["stations"][0]["objectives"].as_array().unwrap().len());
    assert_eq!((&rows[0][0], &rows[0][5], &rows[0][13], &rows[0][14]), ("a", "no2-1h-2030", "250.5", "251"));
    assert_ne!(table.etag(), answer.etag());
    let error = airq.compliance_answer(&query, Format::GeoJson).unwrap_err();
    assert_eq!(error.issues()[0].parameter, "format");
}

#[test]
fn each_mistake_in_a_query_is_named() {
    for (pairs, parameter) in [
        (vec![], "year"),
        (vec![("year", "16")], "year"),
        (vec![("year", "1900")], "year"),
        (vec![("year", "2016"), ("year", "2016")], "year"),
        (vec![("year", "2016"), ("standard", "eu-1999")], "standard"),
        (vec![("year", "2016"), ("tz", "Madrid")], "tz"),
        (vec![("year", "2016"), ("from", "2016-01-01")], "from"),
        (vec![("year", "2016"), ("stat", "max")], "stat"),
        (vec![("year", "2016"), ("interval", "7m")], "interval"),
        (vec![("year", "2016"), ("format", "xml")], "format"),
    ] {
        let error = ComplianceQuery::from_pairs(pairs.clone()).unwrap_err();
        assert_eq!(error.issues()[0].parameter, parameter, "{pairs:?}");
    }
    let error = engine("station,time,no2\na,2015-01-01,1\n").compliance(&query(&[("year", "2015"), ("city", "X")]));
    assert!(error.unwrap_err().is_not_found());
}

#[test]
fn quarter_hours_need_three_of_four_for_an_hour() {
    let rows = |known: usize| {
        ["00", "15", "30", "45"][..known]
            .iter()
            .fold(String::new(), |rows, minute| rows + &format!("a,2015-06-01T12:{minute}Z,7\n"))
    };
    let known = |quarters| {
        let csv = format!("station,time,no2\na,2015-06-01T00:00Z,\n{}", rows(quarters));
        let report = report(&csv, &[("year", "2015"), ("interval", "15m")]);
        report.stations[0].assessments.first().map(|one| one.coverage.known)
    };
    assert_eq!((known(3), known(2)), (Some(1), None));
}

#[test]
fn every_objective_names_its_source_and_ids_are_unique() {
    for &standard in Standard::ALL {
        let ids: BTreeSet<&str> = standard.objectives().iter().map(|objective| objective.id).collect();
        assert_eq!(ids.len(), standard.objectives().len(), "{standard}");
        for objective in standard.objectives() {
            assert!(!objective.source.is_empty() && objective.level() > 0.0, "{standard} {}", objective.id);
            let code = objective.id.split('-').next().unwrap();
            assert_eq!(objective.parameter.code(), code, "{standard}");
            let is_known = Parameter::known().any(|known| known == objective.parameter);
            assert!(is_known, "{standard} {code}");
        }
    }
    let marks = |id: &str, mark| {
        let standard = id.parse::<Standard>().unwrap();
        standard.objectives().iter().filter(|objective| objective.mark == mark).count()
    };
    assert_eq!(marks("eu-2024", Mark::Verified), 3, "only the line of NO₂ was read in the law");
    assert_eq!(marks("caaqs-2025", Mark::SecondHand), 7);
    assert_eq!(marks("eu-2008", Mark::SecondHand), 0);
}

/// The levels, allowances and coverage that the sources print, typed a second time.
#[test]
fn the_tables_have_the_numbers_of_their_sources() {
    for (standard, id, level, allowed, unit) in [
        ("eu-2008", "so2-1h", 350.0, Some(24), "µg/m³"),
        ("eu-2008", "so2-1d", 125.0, Some(3), "µg/m³"),
        ("eu-2008", "no2-1h", 200.0, Some(18), "µg/m³"),
        ("eu-2008", "no2-1y", 40.0, None, "µg/m³"),
        ("eu-2008", "co-8h", 10.0, Some(0), "mg/m³"),
        ("eu-2008", "pm10-1d", 50.0, Some(35), "µg/m³"),
        ("eu-2008", "pm2_5-1y", 25.0, None, "µg/m³"),
        ("eu-2008", "pb_pm10-1y", 0.5, None, "µg/m³"),
        ("eu-2008", "bap_pm10-1y", 1.0, None, "ng/m³"),
        ("eu-2008", "o3-8h", 120.0, Some(25), "µg/m³"),
        ("eu-2008", "o3-aot40", 18_000.0, None, "µg/m³·h"),
        ("eu-2024", "pm2_5-1d-2030", 25.0, Some(18), "µg/m³"),
        ("eu-2024", "no2-1h-2030", 200.0, Some(3), "µg/m³"),
        ("eu-2024", "no2-1d-2030", 50.0, Some(18), "µg/m³"),
        ("eu-2024", "co-1d-2030", 4.0, Some(18), "mg/m³"),
        ("eu-2024", "c6h6-1y-2030", 3.4, None, "µg/m³"),
        ("eu-2024", "o3-8h-2030", 120.0, Some(18), "µg/m³"),
        ("who-2021", "pm2_5-1d-interim-3", 37.5, None, "µg/m³"),
        ("who-2021", "o3-peak-season", 60.0, None, "µg/m³"),
        ("who-2021", "co-1d", 4.0, None, "mg/m³"),
        ("us-naaqs", "o3-8h", 0.07, None, "ppm"),
        ("us-naaqs", "pm2_5-1y", 9.0, None, "µg/m³"),
        ("us-naaqs", "no2-1h", 100.0, None, "ppb"),
        ("us-naaqs", "pm10-1d", 150.0, Some(1), "µg/m³"),
        ("uk", "o3-8h", 100.0, Some(10), "µg/m³"),
        ("caaqs-2020", "no2-1h", 60.0, None, "ppb"),
        ("caaqs-2020", "pm2_5-1y", 8.8, None, "µg/m³"),
    ] {
        let objectives = standard.parse::<Standard>().unwrap().objectives();
        let objective =
            objectives.iter().find(|objective| objective.id == id).unwrap_or_else(|| panic!("{standard} {id}"));
        #[allow(clippy::float_cmp)]
        let is_equal = objective.level() == level;
        assert!(is_equal && (objective.allowed(), objective.unit.symbol()) == (allowed, unit), "{standard} {id}");
    }
}

/// Values in tenths from a seed, with a share of gaps in percent, and stretches of high values.
fn simulated(years: std::ops::RangeInclusive<i16>, seed: u64, gaps: u64) -> Hours {
    let mut state = seed | 1;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let first = hour_at(&format!("{}-01-01", years.start()));
    let last = hour_at(&format!("{}-01-03", years.end() + 1));
    let mut hours = Hours::new();
    let mut scale = 100;
    for hour in first - 3000..last {
        if random() % 30 == 0 {
            scale = 50 + random() % 3000;
        }
        let value = random() % scale;
        if random() % 100 >= gaps {
            hours.insert(hour, i64::try_from(value).unwrap() * 100_000);
        }
    }
    hours
}

/// Values of an assessment in millionths: the statistic, and the number of values above the level.
#[allow(clippy::cast_possible_truncation)]
fn millionths(value: Option<f64>) -> Option<i64> {
    value.map(|value| (value * 1e6).round() as i64)
}

fn count_above(values: &[i64], level: i64) -> i64 {
    let above = values.iter().filter(|value| oracle::rounded(i128::from(**value), 1, ONE) > level * ONE).count();
    i64::try_from(above).unwrap() * ONE
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn statistics_are_those_of_a_slow_obvious_program(
        seed in any::<u64>(),
        gaps in 0..35_u64,
        year in prop_oneof![Just(2015_i16), Just(2016)],
        zone in prop_oneof![Just("Etc/GMT-1"), Just("Europe/Madrid"), Just("UTC"), Just("America/New_York")],
    ) {
        let hours = simulated(year..=year, seed, gaps);
        let clocks = TimeZone::get(zone).unwrap();
        let pairs = |standard| [("year", if year == 2015 { "2015" } else { "2016" }), ("tz", zone), ("standard", standard)];
        let of = |parameter: &str, standard: &'static str| report(&file(parameter, &hours), &pairs(standard));
        let in_year = oracle::of_year(&hours, year, &clocks);
        let means: Vec<i64> = oracle::day_means(&hours, year, &clocks).into_values().collect();
        let max_8: Vec<i64> = oracle::max_8_hours(&hours, year, &clocks).into_values().collect();

        let no2 = of("no2", "eu-2008");
        let mean = find(&no2, "no2-1y");
        let sum = in_year.iter().map(|value| i128::from(*value)).sum();
        prop_assert_eq!(millionths(mean.value()), Some(oracle::rounded(sum, in_year.len(), 1)));
        prop_assert_eq!(millionths(mean.compared()), Some(oracle::rounded(sum, in_year.len(), ONE)));
        prop_assert_eq!(usize::try_from(mean.coverage.known).unwrap(), in_year.len());
        let of_year: usize = oracle::days(year, &clocks).values().map(Vec::len).sum();
        prop_assert_eq!(usize::try_from(mean.coverage.expected).unwrap(), of_year);
        prop_assert_eq!(mean.verdict == Verdict::NotEnoughData, in_year.len() * 100 < of_year * 90);

        let hour = find(&no2, "no2-1h");
        prop_assert_eq!(millionths(hour.exceedances()), Some(count_above(&in_year, 200)));
        prop_assert_eq!(millionths(hour.value()), Some(oracle::highest(&in_year, 19)));
        let alert = find(&no2, "no2-alert");
        let runs = oracle::lowest_of_three(&hours, year, &clocks);
        prop_assert_eq!(millionths(alert.exceedances()), Some(count_above(&runs, 400)));
        prop_assert_eq!(millionths(alert.value()), Some(oracle::highest(&runs, 1)));

        let pm10 = find(&of("pm10", "eu-2008"), "pm10-1d");
        prop_assert_eq!(millionths(pm10.exceedances()), Some(count_above(&means, 50)));
        prop_assert_eq!(millionths(pm10.value()), Some(oracle::highest(&means, 36)));
        prop_assert_eq!(usize::try_from(pm10.coverage.known).unwrap(), means.len());

        let o3 = of("o3", "eu-2008");
        let days = find(&o3, "o3-8h-long-term");
        prop_assert_eq!(millionths(days.exceedances()), Some(count_above(&max_8, 120)));
        prop_assert_eq!(usize::try_from(days.coverage.known).unwrap(), max_8.len());
        let (aot40, known) = oracle::aot40(&hours, year, &clocks);
        let assessed = find(&o3, "o3-aot40-long-term");
        prop_assert_eq!(usize::try_from(assessed.coverage.known).unwrap(), known);
        if zone == "Etc/GMT-1" {
            prop_assert_eq!(millionths(assessed.value()), Some(aot40));
        }

        let who = of("o3", "who-2021");
        prop_assert_eq!(millionths(find(&who, "o3-8h").value()), Some(oracle::nearest_rank(&max_8, 99)));
        let peak = oracle::peak_season(&oracle::max_8_hours(&hours, year, &clocks));
        prop_assert_eq!(millionths(find(&who, "o3-peak-season").value()), Some(peak));
        let fine = find(&of("pm2_5", "who-2021"), "pm2_5-1d");
        prop_assert_eq!(millionths(fine.value()), Some(oracle::nearest_rank(&means, 99)));
    }

    #[test]
    fn statistics_of_three_years_are_those_of_a_slow_obvious_program(seed in any::<u64>(), gaps in 0..15_u64) {
        let hours = simulated(2013..=2015, seed, gaps);
        let utc = TimeZone::UTC;
        let fine = report(&file("pm2_5", &hours), &[("year", "2015"), ("standard", "us-naaqs")]);
        let tenth = |value: &mut i64| *value = *value / 100_000 * 100_000;
        let mut years = Vec::new();
        let mut ranks = Vec::new();
        for year in 2013..=2015 {
            let mut days = oracle::day_means(&hours, year, &utc);
            days.values_mut().for_each(tenth);
            years.push(oracle::quarterly_mean(&days).unwrap());
            let days = oracle::day_means_with_zeros(&hours, year, &utc, 100_000, 35 * ONE);
            ranks.push(oracle::floor_plus_one(&days.into_values().collect::<Vec<_>>(), 98));
        }
        let mean = |values: &[i64]| oracle::rounded(values.iter().map(|value| i128::from(*value)).sum(), values.len(), 1);
        prop_assert_eq!(millionths(find(&fine, "pm2_5-1y").value()), Some(mean(&years)));
        prop_assert_eq!(millionths(find(&fine, "pm2_5-1d").value()), Some(mean(&ranks)));

        // Ozone in whole ppb, written in µg/m³.
        let ppb: Hours = hours.iter().map(|(hour, value)| (*hour, value / 2_000_000 * 1000)).collect();
        let mass = |ppm: i64| {
            let at = airq_core::GasConditions::Celsius20;
            let ppb = f64::from(i32::try_from(ppm / 1000).unwrap());
            Unit::PartPerBillion.convert(ppb, Unit::MicrogramPerCubicMetre, Parameter::O3, at).unwrap()
        };
        let written: Hours = ppb.iter().map(|(hour, ppm)| (*hour, millionths(Some(mass(*ppm))).unwrap())).collect();
        let ozone = report(&file("o3", &written), &[("year", "2015"), ("standard", "us-naaqs")]);
        let fourth: Vec<i64> = (2013..=2015)
            .map(|year| {
                let days = oracle::max_8_hours_by_start(&ppb, year, &utc, 1000, 70_000);
                oracle::highest(&days.into_values().collect::<Vec<_>>(), 4)
            })
            .collect();
        let assessed = find(&ozone, "o3-8h");
        prop_assert_eq!(millionths(assessed.value()), Some(mean(&fourth)));
        prop_assert_eq!(millionths(assessed.compared()), Some(mean(&fourth) / 1000 * 1000));

        let canada = report(&file("no2", &hours), &[("year", "2015"), ("standard", "caaqs-2020")]);
        let daily: Vec<i64> = (2013..=2015)
            .map(|year| {
                let days: Vec<i64> = oracle::day_maxima(&hours, year, &utc).into_values().collect();
                oracle::floor_plus_one(&days, 98)
            })
            .collect();
        let at = airq_core::GasConditions::Celsius20;
        let ppb = |mass: i64| {
            #[allow(clippy::cast_precision_loss)]
            let mass = mass as f64 / 1e6;
            let ppb = Unit::MicrogramPerCubicMetre.convert(mass, Unit::PartPerBillion, Parameter::NO2, at).unwrap();
            oracle::rounded(i128::from(millionths(Some(ppb)).unwrap()), 1, 100_000)
        };
        let yearly: Vec<i64> = daily.into_iter().map(ppb).collect();
        prop_assert_eq!(millionths(find(&canada, "no2-1h").value()), Some(mean(&yearly)));
    }
}

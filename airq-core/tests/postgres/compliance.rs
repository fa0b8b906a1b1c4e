//! Compliance is the same from every repository.

use crate::ground::{Files, database, import, shared};
use airq_core::compliance::{ComplianceQuery, Standard};
use airq_core::import::ImportOptions;
use airq_core::{Airq, AirqBuilder, Format, Timestamp};
use std::fmt::Write;

/// Hours of two stations from August 2014 to December 2015, with gaps.
fn hours() -> String {
    let mut csv = "station,time,so2,no2,co,o3,pm10,pm2_5\n".to_owned();
    let mut state: u64 = 7;
    let start = "2014-08-01".parse::<Timestamp>().unwrap().as_microseconds();
    for station in ["a", "b"] {
        for hour in 0..12_500 {
            let time = Timestamp::from_microseconds(start + hour * 3_600_000_000).unwrap();
            let mut value = |scale: u64| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let value = (state >> 33) % scale;
                if value.is_multiple_of(17) { String::new() } else { format!("{}.{}", value / 10, value % 10) }
            };
            let cells = [value(900), value(2500), value(90), value(2000), value(900), value(600)].join(",");
            writeln!(csv, "{station},{time},{cells}").unwrap();
        }
    }
    csv
}

#[test]
fn compliance_is_the_same_from_files_read_in_any_way_and_from_a_database() {
    let csv = hours();
    let server = shared();
    let url = database(&server, "compliance");
    import(&url, &csv, &ImportOptions::default()).unwrap();
    let files = Files::new();
    let path = files.write("hours.csv", &csv);
    let path = path.to_str().unwrap();
    let built = |builder: AirqBuilder| builder.cache("none:").build().unwrap();
    let store = built(Airq::builder().source(path));
    let scan = built(Airq::builder().source(path).scan_files());
    let database = built(Airq::builder().source(&url));
    for &standard in Standard::ALL {
        let pairs = [("year", "2015"), ("standard", standard.id()), ("tz", "Europe/Madrid")];
        let (query, _) = ComplianceQuery::from_pairs(pairs).unwrap();
        for format in [Format::Json, Format::Csv] {
            let body = |airq: &Airq| {
                String::from_utf8(airq.compliance_answer(&query, format).unwrap().body().to_vec()).unwrap()
            };
            let expected = body(&store);
            assert!(expected.len() > 1000, "{standard}: {expected}");
            assert_eq!(body(&scan), expected, "{standard} from a scan");
            assert_eq!(body(&database), expected, "{standard} from a database");
        }
    }
}

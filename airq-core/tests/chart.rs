//! Charts of queries: golden pictures, gaps, units, hostile names, bounds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test panics with what was broken")]

use airq_core::aggregate::{Averages, Every};
use airq_core::chart::{Chart, ChartOptions};
use airq_core::repository::CsvRepository;
use airq_core::{Airq, Query};
use std::fmt::Write;
use std::path::Path;

fn chart_of(csv: &str, pairs: &[(&str, &str)]) -> (Chart, ChartOptions) {
    let repository = CsvRepository::from_bytes("test.csv", csv.as_bytes()).unwrap();
    drawn(&Airq::builder().repository(repository).build().unwrap(), pairs)
}

fn drawn(airq: &Airq, pairs: &[(&str, &str)]) -> (Chart, ChartOptions) {
    let (query, options) = ChartOptions::from_pairs(pairs.iter().copied()).unwrap();
    (airq.chart(&query).unwrap(), options)
}

fn svg_of(csv: &str, pairs: &[(&str, &str)]) -> String {
    let (chart, options) = chart_of(csv, pairs);
    chart.svg(&options).unwrap()
}

/// The elements of lines: paths of at least two points, and dots.
fn lines(svg: &str) -> Vec<&str> {
    svg.lines().filter(|line| line.contains("class=\"line ")).collect()
}

#[test]
fn charts_of_the_sample_are_these() {
    let airq = Airq::builder().repository(CsvRepository::sample().unwrap()).build().unwrap();
    for (name, pairs) in [
        ("stations", [("city", "madrid"), ("pollutant", "no2"), ("tz", "Europe/Madrid")].as_slice()),
        ("pollutants", &[("station", "aq_salvia"), ("to", "2016-10-01T06:00:00Z"), ("width", "480")]),
        ("index", &[("city", "madrid"), ("pollutant", "no2"), ("index", "eaqi-2024"), ("tz", "Europe/Madrid")]),
        ("nothing", &[("from", "2030-01-01"), ("width", "300")]),
    ] {
        let (chart, options) = drawn(&airq, pairs);
        let svg = chart.svg(&options).unwrap();
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fixtures/golden/{name}.svg"));
        if std::env::var_os("AIRQ_BLESS").is_some() {
            std::fs::write(&golden, &svg).unwrap();
        }
        assert_eq!(svg, std::fs::read_to_string(&golden).unwrap(), "{name}");
    }
}

#[test]
fn a_calendar_has_a_square_for_each_day_and_marks_those_above_the_level() {
    let mut csv = "station,time,no2\n".to_owned();
    for (date, value) in [("2015-12-31", 60), ("2016-01-01", 50), ("2016-01-02", 51), ("2016-02-29", 10)] {
        for hour in 0..24 {
            writeln!(csv, "a,{date} {hour:02}:00,{value}").unwrap();
        }
    }
    let svg = svg_of(&csv, &[("view", "calendar"), ("level", "50"), ("parameter", "no2")]);
    let count = |class: &str| svg.matches(&format!("class=\"{class}\"")).count();
    // Each class has an entry in the legend, too.
    assert_eq!((count("h8"), count("h7"), count("h0")), (2 + 1, 1 + 1, 1 + 1), "{svg}");
    assert!(
        svg.contains("NO₂, 2015: 1 of 1 day above 50 µg/m³") && svg.contains("NO₂, 2016: 1 of 3 days above 50 µg/m³")
    );
    assert!(svg.contains("3 days with a value, the highest 51.0 µg/m³ on 2016-01-02"), "{svg}");
    let (chart, options) = chart_of(&csv, &[("view", "calendar"), ("every", "1mo"), ("parameter", "no2")]);
    assert!(chart.svg(&options).unwrap_err().is_invalid_input());
    for bad in [
        [("view", "pie"), ("width", "400")],
        [("view", "calendar"), ("level", "-1")],
        [("level", "50"), ("view", "lines")],
    ] {
        assert!(ChartOptions::from_pairs(bad).unwrap_err().is_invalid_input(), "{bad:?}");
    }
}

#[test]
fn the_axis_of_a_profile_has_its_names_whatever_the_zone() {
    let mut csv = "station,time,no2\n".to_owned();
    for day in 1..=14 {
        writeln!(csv, "a,2016-10-{day:02} 12:00,{day}").unwrap();
    }
    let profile = [("every", "weekday"), ("capture", "0"), ("tz", "Asia/Tokyo"), ("from", "2016-10-03")];
    let svg = svg_of(&csv, &profile);
    assert!(
        svg.contains(">Mon</text>") && svg.contains(">Sun</text>") && svg.contains("Mon to Sun, Asia/Tokyo"),
        "{svg}"
    );
    assert!(svg.contains("mean by weekday") && !svg.contains("1970"), "{svg}");
}

#[test]
fn a_gap_is_not_bridged_and_a_lone_value_is_a_dot() {
    let mut csv = "station,time,no2\n".to_owned();
    for hour in [0, 1, 2, 3, 6, 7, 8, 9, 14] {
        writeln!(csv, "a,2016-10-01 {hour:02}:00,{hour}").unwrap();
    }
    let svg = svg_of(&csv, &[]);
    // The first is the legend's.
    let drawn: Vec<&str> = lines(&svg)[1..].iter().map(|line| &line[..5]).collect();
    assert_eq!(drawn, ["<path", "<path", "<circ"]);
}

#[test]
fn an_index_is_a_strip_of_bands_with_their_levels_and_a_legend_that_names_them() {
    let values = [5, 5, 30, 30, 30, 200, 5];
    let rows = values
        .iter()
        .enumerate()
        .fold(String::new(), |rows, (hour, value)| rows + &format!("a,2016-10-01 {hour:02}:00,{value}\n"));
    let svg = svg_of(&format!("station,time,no2\n{rows}"), &[("index", "eaqi-2024")]);
    let of = |class: &str, element: &str| -> Vec<String> {
        let begin = format!("<{element} class=\"{class} ");
        svg.lines().filter(|line| line.starts_with(&begin)).map(str::to_owned).collect()
    };
    // The legend's chips come first, in the order of levels.
    let levels: Vec<char> = of("band", "rect").iter().filter_map(|rect| rect.chars().nth(19)).collect();
    assert_eq!(levels, ['1', '3', '6', '1', '3', '6', '1'], "{svg}");
    let digits: Vec<String> =
        of("ink", "text").iter().filter_map(|text| Some(text.split(['>', '<']).nth(2)?.to_owned())).collect();
    assert_eq!(digits, ["1", "3", "6", "1", "3", "6", "1"], "a level stands on every colour");
    for name in ["Good", "Moderate", "Extremely poor"] {
        assert!(svg.contains(&format!(">{name}</text>")), "{name}");
    }
    assert!(!svg.contains(">Fair</text>"), "what does not occur is not in the legend");
    assert!(svg.contains("at a: Good 3 times, Moderate 3 times, Extremely poor 1 times."), "in words too");
    let width =
        |rect: &String| rect.split("width=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<i32>().ok());
    let widths: Vec<i32> = of("band", "rect")[3..].iter().filter_map(width).collect();
    assert!(widths[1] > 2 * widths[2] && (widths[2] - widths[3]).abs() <= 1, "as wide as they are long: {widths:?}");
}

#[test]
fn time_and_values_stand_where_they_belong() {
    let svg = svg_of("station,time,no2\na,2016-10-01 00:00,0\na,2016-10-01 01:00,10\na,2016-10-01 02:00,5\n", &[]);
    let path = lines(&svg)[1].split("d=\"M").nth(1).unwrap().split('"').next().unwrap();
    let numbers: Vec<i32> = path.split(' ').map(|number| number.parse().unwrap()).collect();
    let [x0, y0, x1, y1, x2, y2] = numbers[..] else { panic!("{path}") };
    assert!((x1 - x0) - (x2 - x1) <= 1 && x0 < x1 && x1 < x2, "{path}");
    assert!(y1 < y2 && y2 < y0, "larger is higher: {path}");
    assert!((y0 - y2) - (y2 - y1) <= 1, "5 is half way: {path}");
}

#[test]
fn units_title_and_zone_are_written() {
    let csv = "station,time,no2,co\na,2016-10-01 00:00,1,2\na,2016-10-01 01:00,3,4\n";
    let svg = svg_of(csv, &[("tz", "America/New_York")]);
    for text in ["µg/m³", "mg/m³", ">NO₂, CO at a<", "2016-09-30 20:00 to 2016-09-30 21:00, America/New_York"] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    assert!(svg.contains("prefers-color-scheme:dark"));
    assert!(svg.contains("NO₂: 2 values from 1.00 to 3.00 µg/m³, the last 3.00."));
}

#[test]
fn a_hostile_station_is_only_text() {
    let hostile = "\"</text><script>alert(1)</script>&\u{1b}'\"\"x\"";
    let svg = svg_of(&format!("station,time,no2\n{hostile},2016-10-01,1\nb,2016-10-01,1\n"), &[]);
    assert!(!svg.contains("<script") && !svg.contains('\u{1b}'), "{svg}");
    assert!(svg.contains("&lt;/text&gt;&lt;script&gt;alert(1)"));
}

#[test]
fn the_document_stays_small_however_much_there_is() {
    let mut csv = "station,time,no2,o3,pm10\n".to_owned();
    for station in 0..5 {
        for minute in 0..19_000 {
            let (day, hour, minute) = (minute / 1440 + 1, minute / 60 % 24, minute % 60);
            let value = (minute * 7919) % 101;
            writeln!(csv, "s{station},2016-10-{day:02} {hour:02}:{minute:02},{value},{value},{value}").unwrap();
        }
    }
    let svg = svg_of(&csv, &[]);
    assert!(svg.len() < 300_000, "{} bytes", svg.len());
}

#[test]
fn averages_over_the_rows_of_a_chart_are_refused_with_the_period_to_change() {
    const HOUR: i64 = 3_600_000_000;
    let start = "2000-01-01".parse::<airq_core::Timestamp>().unwrap().as_microseconds();
    let mut csv = "station,time,no2\n".to_owned();
    for hour in 0..100_001 {
        writeln!(csv, "a,{},1", airq_core::Timestamp::from_microseconds(start + hour * HOUR).unwrap()).unwrap();
    }
    let airq = Airq::builder().repository(CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap()).build().unwrap();
    let hourly = Averages::new(Every::Hour);
    let error = airq.chart(&Query::builder().averages(hourly.clone()).build().unwrap()).unwrap_err();
    let issue = &error.issues()[0];
    assert_eq!((issue.parameter.as_str(), issue.given.as_str()), ("every", "1h"));
    assert!(issue.allowed.contains("at most 100000 rows"), "{error}");
    assert!(airq.chart(&Query::builder().averages(hourly).limit(100).build().unwrap()).is_ok());
}

#[test]
fn odd_values_and_times_are_drawn_without_harm() {
    for rows in [
        "a,0001-01-01,1\na,9999-12-31 23:59:59.999999,2\n",
        "a,2016-10-01,1e308\na,2016-10-02,-1e308\n",
        "a,2016-10-01,5e-324\n",
        "a,2016-10-01,-0.0\na,2016-10-01 00:00:00.000001,1e999\n",
        "a,9999-12-31 23:59:59.999999,2\n",
        "",
    ] {
        for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Niue"] {
            let svg =
                svg_of(&format!("station,time,no2\n{rows}"), &[("tz", zone), ("width", "240"), ("height", "120")]);
            assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{rows}");
        }
    }
}

#[test]
fn the_tag_is_of_the_data_and_the_options() {
    let (chart, options) = chart_of("station,time,no2\na,2016-10-01,1\n", &[]);
    let (other, _) = chart_of("station,time,no2\na,2016-10-01,2\n", &[]);
    assert_eq!(chart.etag(&options), chart.etag(&ChartOptions::default()));
    assert_ne!(chart.etag(&options), chart.etag(&ChartOptions::default().width(300).unwrap()));
    assert_ne!(chart.etag(&options), chart.etag(&ChartOptions::default().time_zone("Europe/Madrid").unwrap()));
    assert_ne!(chart.etag(&options), other.etag(&options));
}

#[test]
fn a_chart_of_over_100000_measurements_has_means_and_says_so() {
    const MINUTE: i64 = 60_000_000;
    let start = "2016-10-01".parse::<airq_core::Timestamp>().unwrap().as_microseconds();
    let mut csv = "station,time,no2\n".to_owned();
    for minute in 0..100_001 {
        let time = airq_core::Timestamp::from_microseconds(start + minute * MINUTE).unwrap();
        writeln!(csv, "a,{time},{}", minute % 60).unwrap();
    }
    let repository = CsvRepository::from_bytes("minutes.csv", csv.as_bytes()).unwrap();
    let airq = Airq::builder().repository(repository).build().unwrap();
    let chart = airq.chart(&Query::all()).unwrap();
    assert_eq!(chart.title().unwrap(), "NO₂ at a, hourly mean (over 100000 measurements)");
    let panels = chart.panels().unwrap();
    assert_eq!(panels[0].lines[0].values().map(|(_, value)| value).next(), Some(29.5), "the mean of an hour");
    let limited = Query::builder().limit(10).build().unwrap();
    assert!(!airq.chart(&limited).unwrap().title().unwrap().contains("mean"), "a limit is kept");
    let short = Query::builder().last("24h").build().unwrap();
    assert!(!airq.chart(&short).unwrap().title().unwrap().contains("mean"));
}

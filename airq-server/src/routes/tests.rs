//! Requests and responses without sockets, and the OpenAPI document against the routes.

use super::*;
use crate::transport::Handler as _;
use airq_core::aqi::AirQualityIndex;
use airq_core::chart::Chart;
use airq_core::compliance::Standard;
use airq_core::repository::{CsvRepository, DataSet};
use airq_core::{Repository, Selection, Stations};
use serde_json::Value;

fn service() -> Service {
    let airq = Airq::builder().repository(CsvRepository::sample().unwrap()).build().unwrap();
    Service::new(Arc::new(airq), Metrics::new())
}

fn get(target: &str) -> Request {
    Request { method: "GET".to_owned(), target: target.to_owned(), ..Request::default() }
}

fn json(response: &Response) -> Value {
    serde_json::from_slice(response.body.as_ref()).unwrap()
}

#[test]
fn the_default_answer_is_a_page_with_a_link_to_the_next() {
    let service = service();
    let page = service.answer(&get("/v1/air_quality"));
    assert_eq!((page.status, json(&page)["page"]["count"].as_u64()), (200, Some(1000)));
    // The sample has twelve stations with 96 rows each, so the page ends within the eleventh.
    assert_eq!(json(&page)["page"]["stations_left"], 1);
    let of_city = json(&service.answer(&get("/v1/air_quality?city=Madrid&limit=96")));
    assert_eq!(of_city["page"]["stations_left"], 2);
    let link = page.header("Link").unwrap();
    let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\"")).unwrap();
    let rest = service.answer(&get(&format!("/v1/air_quality{next}")));
    assert_eq!((rest.status, json(&rest)["page"]["count"].as_u64()), (200, Some(152)));
    assert!(rest.header("Link").is_none() && json(&rest)["page"].get("stations_left").is_none());
}

#[test]
fn averages_are_paged_and_have_their_query() {
    let service = service();
    let target =
        "/v1/air_quality?city=Madrid&every=1h&running=8h&tz=Europe/Madrid&from=2016-10-01&limit=5&pollutant=no2";
    let page = service.answer(&get(target));
    let document = json(&page);
    assert_eq!(document["query"]["from"], "2016-09-30T22:00:00.000Z");
    assert_eq!((&document["query"]["every"], &document["query"]["tz"]), (&"1h".into(), &"Europe/Madrid".into()));
    let hours = document["stations"][0]["measurements"].as_array().unwrap();
    assert_eq!((&hours[4]["no2"], hours[4]["no2_capture"].as_f64()), (&Value::Null, Some(0.625)));
    let next = page.header("Link").unwrap().strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    let rest = json(&service.answer(&get(&format!("/v1/air_quality{next}"))));
    let first = &rest["stations"][0]["measurements"][0];
    assert_eq!((&first["time"], first["no2_capture"].as_f64()), (&"2016-10-01T05:00:00.000Z".into(), Some(0.75)));
    assert!(first["no2"].is_f64(), "six hours of eight are enough, those of the page before included");
    let latest = json(&service.answer(&get("/v1/latest?city=Madrid&every=1d&stat=count")));
    assert_eq!((&latest["units"]["no2"], &latest["stations"][0]["measurements"][0]["no2"]), (&Value::Null, &96.into()));
}

#[test]
fn the_second_answer_is_from_the_cache_and_says_so() {
    let service = service();
    let first = service.answer(&get("/v1/air_quality?city=Madrid"));
    assert!(first.header("Cache-Status").unwrap().starts_with("airq; fwd=uri-miss; ttl="));
    assert!(first.header("Server-Timing").unwrap().starts_with("cache;desc=miss, db;dur="));
    let second = service.answer(&get("/v1/air_quality?city=MADRID"));
    assert!(second.header("Cache-Status").unwrap().starts_with("memory; hit; ttl="));
    assert_eq!(second.header("Server-Timing"), Some("cache;desc=hit"));
    assert_eq!(first.body.as_ref(), second.body.as_ref());
    let age = second.header("Cache-Control").unwrap().strip_prefix("public, max-age=").unwrap();
    assert!((3400..=3780).contains(&age.parse::<u32>().unwrap()), "{age}");
}

#[test]
fn a_query_is_parsed_once_for_equal_requests_unless_it_depends_on_the_current_time() {
    let service = service();
    for (target, is_kept) in [
        ("/v1/air_quality?city=Madrid&from=2016-10-01&limit=5", true),
        ("/v1/latest?near=-3.7,40.4&radius=9000", true),
        ("/v1/air_quality?city=Madrid&to=-1h", false),
        ("/v1/air_quality?city=Madrid&from=%2D24h", false),
        ("/v1/latest?max_age=24h", false),
        ("/v1/air_quality?limit=none", false),
    ] {
        let request = get(target);
        let first = service.answer(&request.clone());
        assert_eq!(request.asked.get().is_some(), is_kept, "{target}");
        let second = service.answer(&request);
        assert_eq!(second.status, first.status, "{target}");
        // The bodies of the others differ if the minute changes between the two requests.
        if is_kept {
            assert_eq!(second.body.as_ref(), first.body.as_ref(), "{target}");
        }
    }
}

#[test]
fn a_tag_that_is_known_is_answered_by_304_in_either_encoding() {
    let service = service();
    let plain = service.answer(&get("/v1/latest"));
    let zipped = Request { accept_encoding: Some("gzip".to_owned()), ..get("/v1/latest") };
    let gzip = service.answer(&zipped);
    assert_eq!(gzip.header("Content-Encoding"), Some("gzip"));
    let (etag, other) = (plain.header("ETag").unwrap(), gzip.header("ETag").unwrap());
    assert_ne!(etag, other);
    for tag in [etag, other] {
        let again = Request { if_none_match: Some(tag.to_owned()), ..zipped.clone() };
        assert_eq!(service.answer(&again).status, 304, "{tag}");
    }
    let changed = Request { if_none_match: Some("\"old\"".to_owned()), ..get("/v1/latest") };
    assert_eq!(service.answer(&changed).status, 200);
}

#[test]
fn the_format_is_the_parameter_or_the_preference_of_accept() {
    let service = service();
    let accepting = |target: &str| Request { accept: Some("text/csv".to_owned()), ..get(target) };
    let kind = |request: &Request| service.answer(request).header("Content-Type").unwrap().to_owned();
    assert!(kind(&accepting("/v1/latest")).starts_with("text/csv"));
    assert_eq!(kind(&accepting("/v1/latest?format=geojson")), "application/geo+json");
    assert_eq!(kind(&get("/v1/latest?format=ndjson")), "application/x-ndjson");
    assert_eq!(kind(&get("/v1/latest")), "application/json");
    for name in ["records", "columns"] {
        let media_type = format!("application/vnd.airq.{name}+json");
        assert_eq!(kind(&get(&format!("/v1/latest?format={name}"))), media_type);
        assert_eq!(kind(&Request { accept: Some(media_type.clone()), ..get("/v1/latest") }), media_type);
    }
}

#[test]
fn each_kind_of_mistake_is_a_problem_of_its_own() {
    let service = service();
    for (target, status, kind) in [
        ("/v1/air_quality?city=Madird", 404, "unknown-city"),
        ("/v1/latest?station=aq_retro", 404, "unknown-station"),
        ("/v1/air_quality?limit=0", 400, "invalid-parameter"),
        ("/v1/air_quality?limit=1&limit=2", 400, "invalid-parameter"),
        ("/v1/air_quality?colour=red", 400, "invalid-parameter"),
        ("/v1/air_quality?from=2016-10-02&to=2016-10-01", 400, "invalid-parameter"),
        ("/v1/air_quality?city=%FF", 400, "invalid-parameter"),
        ("/v1/latest?bbox=0,10,1,5", 400, "invalid-parameter"),
        ("/v1/latest?radius=5km", 400, "invalid-parameter"),
        ("/v1/stations?near=91,0", 400, "invalid-parameter"),
        ("/v1/latest?index=aqi", 400, "invalid-parameter"),
        ("/v1/air_quality?index=caqi&every=1mo", 400, "invalid-parameter"),
        ("/v1/air_quality?stat=max", 400, "invalid-parameter"),
        ("/v1/air_quality?every=1d&running=8h", 400, "invalid-parameter"),
        ("/v1/latest?every=2h", 400, "invalid-parameter"),
        ("/v1/stations?city=Madird", 404, "unknown-city"),
        ("/v1/compliance", 400, "invalid-parameter"),
        ("/v1/compliance?year=2016&standard=eu", 400, "invalid-parameter"),
        ("/v1/compliance?year=2016&format=geojson", 400, "invalid-parameter"),
        ("/v1/compliance?year=2016&city=Madird", 404, "unknown-city"),
        ("/v1/cities?x=1", 400, "invalid-parameter"),
        ("/v1/air_quality/", 404, "no-such-route"),
        ("/index.html", 404, "no-such-route"),
        ("/v1/chart.svg?tz=Mars/Olympus", 400, "invalid-parameter"),
        ("/v1/chart.svg?width=100000", 400, "invalid-parameter"),
        ("/v1/chart.svg?city=Madird", 404, "unknown-city"),
        ("", 404, "no-such-route"),
        (&format!("/v1/latest?x={}", "x".repeat(20_000)), 414, "target-too-long"),
    ] {
        let response = service.answer(&get(target));
        assert_eq!(response.status, status, "{target}");
        let document = json(&response);
        assert_eq!(document["type"], format!("/problems/{kind}"), "{target}");
        assert_eq!(document["status"], status);
        assert_eq!(response.header("Content-Type"), Some("application/problem+json"));
    }
    let nearest = json(&service.answer(&get("/v1/latest?city=Madird")));
    assert_eq!(nearest["errors"][0]["nearest"][0], "Madrid");
    let post = service.answer(&Request { method: "POST".to_owned(), ..get("/v1/latest") });
    assert_eq!((post.status, post.header("Allow")), (405, Some("GET, HEAD, OPTIONS")));
}

#[test]
fn documents_describe_cities_stations_and_the_data_set() {
    let service = service();
    assert_eq!(json(&service.answer(&get("/v1/cities")))["cities"].as_array().unwrap().len(), 9);
    assert_eq!(json(&service.answer(&get("/v1/stations?city=madrid")))["stations"].as_array().unwrap().len(), 3);
    let station = service.answer(&get("/v1/stations/aq_salvia"));
    assert_eq!((station.status, &json(&station)["name"]), (200, &"Salvia".into()));
    assert_eq!(json(&service.answer(&get("/v1/stations/aq%5Fsalvia"))), json(&station));
    let missing = service.answer(&get("/v1/stations/aq_salvi"));
    assert_eq!((missing.status, &json(&missing)["errors"][0]["nearest"][0]), (404, &"aq_salvia".into()));
    for (target, status) in [
        ("/v1/stations/", 404),
        ("/v1/stations/a/b", 404),
        ("/v1/stations/%FF", 400),
        ("/v1/stations/aq_salvia?x", 400),
    ] {
        assert_eq!(service.answer(&get(target)).status, status, "{target}");
    }
    let data = service.answer(&get("/v1/dataset"));
    assert_eq!(json(&data)["measurements"], 1152);
    assert_eq!(data.header("X-Data-Set-Version"), json(&data)["version"].as_str());
    let again = Request { if_none_match: data.header("ETag").map(str::to_owned), ..get("/v1/dataset") };
    assert_eq!(service.answer(&again).status, 304);
}

#[test]
fn stations_are_also_csv_and_geojson() {
    let service = service();
    let csv = service.answer(&get("/v1/stations?city=Madrid&format=csv"));
    let text = std::str::from_utf8(csv.body.as_ref()).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("id,name,city,country,latitude,longitude"));
    assert_eq!((lines.next(), lines.count()), (Some("aq_castellana,Castellana,Madrid,ES,40.439,-3.69"), 2));
    assert!(csv.header("Content-Type").unwrap().starts_with("text/csv"));
    let by_header = Request { accept: Some("application/geo+json".to_owned()), ..get("/v1/stations") };
    let map = service.answer(&by_header);
    assert_eq!(map.header("Content-Type"), Some("application/geo+json"));
    let first = &json(&map)["features"][0];
    assert_eq!((&first["type"], &first["geometry"]["type"]), (&"Feature".into(), &"Point".into()));
    assert_eq!(json(&map)["features"].as_array().unwrap().len(), 12);
    let other = Request { accept: Some("application/x-ndjson".to_owned()), ..get("/v1/stations") };
    assert_eq!(service.answer(&other).header("Content-Type"), Some("application/json"));
    assert_eq!(service.answer(&get("/v1/stations?format=ndjson")).status, 400);
}

#[test]
fn the_last_hours_end_with_the_newest_row_and_ages_are_relative_to_now() {
    let now = airq_core::Timestamp::now().as_microseconds();
    let ago = |hours: i64| airq_core::Timestamp::from_microseconds(now - hours * 3_600_000_000).unwrap();
    let rows: String = (0..30).map(|hours| format!("live,{},{hours}\n", ago(hours))).rev().collect();
    let csv = format!("station,time,no2\ndead,2016-10-01,1\n{rows}");
    let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
    let service = Service::new(Arc::new(Airq::builder().repository(repository).build().unwrap()), Metrics::new());
    let count = |target: &str| json(&service.answer(&get(target)))["page"]["count"].as_u64().unwrap();
    assert_eq!((count("/v1/air_quality?last=24h"), count("/v1/air_quality?last=1h")), (24, 1));
    assert_eq!((count("/v1/air_quality?from=-3h"), count("/v1/air_quality?from=-1d&to=-2h")), (4, 22));
    assert_eq!((count("/v1/latest"), count("/v1/latest?max_age=2d")), (2, 1));
    let stations = json(&service.answer(&get("/v1/stations?max_age=24h")));
    assert_eq!((&stations["stations"][0]["id"], stations["stations"].as_array().unwrap().len()), (&"live".into(), 1));
    let old = Service::new(
        Arc::new(Airq::builder().repository(CsvRepository::sample().unwrap()).build().unwrap()),
        Metrics::new(),
    );
    let last = json(&old.answer(&get("/v1/air_quality?last=24h&city=Madrid")));
    assert_eq!(last["page"]["count"], 288, "the data set ends years ago");
    assert_eq!(last["query"]["from"], "2016-09-30T23:45:00.038Z", "the answer has the range");
    assert_eq!(json(&old.answer(&get("/v1/latest?max_age=24h")))["page"]["count"], 0);
    assert!(old.answer(&get("/v1/chart.svg?last=24h&city=Madrid")).body.as_ref().starts_with(b"<svg "));
}

#[test]
fn the_newest_values_have_their_times_and_may_have_other_units() {
    let csv = "station,time,no2,so2\nx,2016-10-01T00:00:00Z,1,2\nx,2016-10-01T01:00:00Z,100,\n";
    let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
    let service = Service::new(Arc::new(Airq::builder().repository(repository).build().unwrap()), Metrics::new());
    let newest = json(&service.answer(&get("/v1/latest?units=ppb")));
    let row = &newest["stations"][0]["measurements"][0];
    assert_eq!((&row["no2"], &row["so2"]), (&52.293.into(), &0.751_054.into()));
    assert_eq!(row["times"], serde_json::json!({ "so2": "2016-10-01T00:00:00.000Z" }));
    assert_eq!(newest["units"]["no2"], "ppb");
    let page = service.answer(&get("/"));
    let page = String::from_utf8_lossy(page.body.as_ref()).into_owned();
    let older = "<time class=\"older\" datetime=\"2016-10-01T00:00:00.000Z\">";
    assert!(page.contains(older), "the page has the time of the older value");
    let refused = service.answer(&get("/v1/latest?units=ppb&parameter=pm10"));
    assert_eq!((refused.status, &json(&refused)["errors"][0]["parameter"]), (400, &"units".into()));
}

#[test]
fn rows_in_descending_order_are_paged_to_the_last() {
    let service = service();
    let rows = |target: &str| -> Vec<String> {
        let answer = service.answer(&get(target));
        let text = std::str::from_utf8(answer.body.as_ref()).unwrap().to_owned();
        text.lines().skip(1).map(str::to_owned).collect()
    };
    let mut expected = rows("/v1/air_quality?city=Madrid&format=csv");
    let station = |row: &String| row.split(',').next().unwrap().to_owned();
    expected.reverse();
    expected.sort_by_key(station);
    let mut paged = Vec::new();
    let mut target = "/v1/air_quality?city=Madrid&format=csv&order=desc&limit=50".to_owned();
    loop {
        let page = service.answer(&get(&target));
        assert_eq!(page.status, 200, "{target}");
        paged.extend(rows(&target));
        let Some(link) = page.header("Link") else { break };
        let next = link.strip_prefix('<').unwrap().split('>').next().unwrap();
        assert!(next.contains("order=desc"), "{next}");
        target = format!("/v1/air_quality{next}");
    }
    assert_eq!((paged.len(), paged == expected), (288, true));
    let newest = json(&service.answer(&get("/v1/air_quality?station=aq_salvia&order=desc&limit=1&tz=Europe/Madrid")));
    let row = &newest["stations"][0]["measurements"][0];
    let latest = json(&service.answer(&get("/v1/latest?station=aq_salvia&tz=Europe/Madrid")));
    assert_eq!(row, &latest["stations"][0]["measurements"][0]);
    let days = rows("/v1/air_quality?station=aq_salvia&every=1h&order=desc&format=csv&limit=2");
    assert!(days[0].contains("T23:00") && days[1].contains("T22:00"), "{days:?}");
    assert!(rows("/v1/air_quality?near=0,0&order=desc&format=csv").is_empty(), "no station is there");
    assert_eq!(service.answer(&get("/v1/air_quality?order=down")).status, 400);
    let all = service.answer(&get("/v1/air_quality?order=desc&limit=100000"));
    assert_eq!(json(&all)["page"]["count"], 1152);
}

#[test]
fn the_newest_values_are_kept_for_ten_seconds_at_most() {
    let service = service();
    assert_eq!(service.answer(&get("/v1/latest")).header("Cache-Control"), Some("public, max-age=10"));
    assert_ne!(service.answer(&get("/v1/air_quality")).header("Cache-Control"), Some("public, max-age=10"));
}

#[derive(Debug)]
struct Broken(CsvRepository);

impl Repository for Broken {
    fn version(&self) -> Result<String> {
        self.0.version()
    }

    fn stations(&self) -> Result<Stations> {
        self.0.stations()
    }

    fn parameters(&self) -> Result<Vec<airq_core::Parameter>> {
        self.0.parameters()
    }

    fn data_set(&self) -> Result<DataSet> {
        self.0.data_set()
    }

    fn write_csv(&self, _: &Selection, _: &mut dyn std::io::Write) -> Result<String> {
        panic!("a bug")
    }
}

#[test]
fn a_panic_is_a_500_each_time_and_does_not_affect_other_requests() {
    let airq = Airq::builder().repository(Broken(CsvRepository::sample().unwrap())).build().unwrap();
    let service = Service::new(Arc::new(airq), Metrics::new());
    for _ in 0..2 {
        let response = service.answer(&get("/v1/latest"));
        assert_eq!((response.status, &json(&response)["type"]), (500, &"/problems/internal".into()));
        assert_eq!(service.answer(&get("/v1/cities")).status, 200);
    }
}

#[test]
fn stations_are_found_by_place() {
    let service = service();
    let cities = |target: &str| -> Vec<String> {
        let found = json(&service.answer(&get(target)));
        let stations = found["stations"].as_array().unwrap_or_else(|| panic!("{target}: {found}"));
        stations.iter().map(|station| station["city"].as_str().unwrap().to_owned()).collect()
    };
    let box_of_madrid = cities("/v1/latest?bbox=-3.9,40.3,-3.55,40.6");
    assert_eq!(box_of_madrid, ["Madrid", "Madrid", "Madrid"]);
    assert_eq!(cities("/v1/stations?near=40.42,-3.7&radius=20km&city=Madrid"), box_of_madrid);
    assert!(cities("/v1/stations?near=0,0").is_empty(), "nothing is there, which is no mistake");
    let one = service.answer(&get("/v1/latest?near=40.420,-3.70&radius=5km"));
    let same = service.answer(&get("/v1/latest?near=40.42,-3.7&radius=5000"));
    assert_eq!((one.header("ETag"), same.cache), (same.header("ETag"), Some("hit")), "one spelling");
    assert_eq!(json(&one)["query"], serde_json::json!({"near": "40.42,-3.7", "radius": 5000}));
}

#[test]
fn hours_days_and_the_newest_values_can_have_an_index() {
    let service = service();
    for target in [
        "/v1/latest?index=eaqi-2024&city=Madrid",
        "/v1/air_quality?index=us-2024&every=1d&tz=Europe/Madrid&city=Madrid&format=json",
    ] {
        let answer = json(&service.answer(&get(target)));
        let index = &answer["stations"][0]["measurements"][0]["index"];
        assert!(index["band"].is_string() && index["colour"].as_str().unwrap().starts_with('#'), "{target}: {answer}");
        assert!(index["sub_indices"][index["pollutant"].as_str().unwrap()]["value"].is_number(), "{target}");
        assert_eq!(service.answer(&get(target)).cache, Some("hit"), "{target}");
    }
    let refused = service.answer(&get("/v1/latest?index=eaqi-2024&format=ngsi-ld"));
    assert_eq!((refused.status, &json(&refused)["errors"][0]["parameter"]), (400, &Value::from("format")));
    let accepted = Request { accept: Some("application/ld+json".to_owned()), ..get("/v1/latest?index=caqi") };
    assert_eq!(service.answer(&accepted).status, 400, "Accept asks for it as the parameter does");
}

#[test]
fn compliance_is_cached_and_tagged_as_measurements_are() {
    let service = service();
    let target = "/v1/compliance?city=Madrid&year=2016&standard=eu-2024";
    let first = service.answer(&get(target));
    let document = json(&first);
    assert_eq!((first.status, first.cache, &document["standard"]["id"]), (200, Some("miss"), &"eu-2024".into()));
    let objectives = document["stations"][0]["objectives"].as_array().unwrap();
    assert!(objectives.iter().any(|one| one["id"] == "no2-1y-2030" && one["result"] == "not enough data"));
    let again = Request { if_none_match: first.header("ETag").map(str::to_owned), ..get(target) };
    let again = service.answer(&again);
    assert_eq!((again.status, again.cache), (304, Some("hit")));
    let table = Request { accept: Some("text/csv".to_owned()), ..get(target) };
    let table = service.answer(&table);
    assert_eq!(table.header("Content-Type").map(|kind| kind.starts_with("text/csv")), Some(true));
    assert_ne!(table.header("ETag"), first.header("ETag"));
}

/// A source with a version that contains a line end and a header.
#[derive(Debug)]
struct Hostile(CsvRepository);

impl Repository for Hostile {
    fn version(&self) -> Result<String> {
        Ok("v1\r\nSet-Cookie: version".to_owned())
    }

    fn stations(&self) -> Result<Stations> {
        self.0.stations()
    }

    fn parameters(&self) -> Result<Vec<airq_core::Parameter>> {
        self.0.parameters()
    }

    fn data_set(&self) -> Result<DataSet> {
        self.0.data_set()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn std::io::Write) -> Result<String> {
        self.0.write_csv(selection, out)?;
        self.version()
    }
}

/// Returns the lines of the response's head that start with this name.
fn head_lines(response: &Response, name: &str) -> Vec<String> {
    let head = String::from_utf8(crate::response_head::head(response, "reason", false)).unwrap();
    head.split("\r\n").filter(|line| line.starts_with(name)).map(str::to_owned).collect()
}

#[test]
fn hostile_text_of_the_data_and_of_the_client_does_not_end_a_header() {
    let rows = "\"a\r\nSet-Cookie: station\",2016-10-01,\"M>; rel=\"\"prev\"\", <é\",1\n\
                \"b\r\nSet-Cookie: station\",2016-10-01,\"M>; rel=\"\"prev\"\", <é\",2\n";
    let csv = format!("station,time,city,no2\n{rows}");
    let repository = Hostile(CsvRepository::from_bytes("hostile.csv", csv.as_bytes()).unwrap());
    let airq = Airq::builder().repository(repository).build().unwrap();
    let service = Service::new(Arc::new(airq), Metrics::new());
    let response = service.answer(&get("/v1/air_quality?limit=1&city=M%3E;+rel=%22prev%22,+%3C%C3%A9"));
    assert_eq!((response.status, json(&response)["page"]["count"].as_u64()), (200, Some(1)));
    let city = "M%3E%3B%20rel%3D%22prev%22%2C%20%3C%C3%A9";
    let cursor = "2016-10-01T00%3A00%3A00.000Z%2Ca%0D%0ASet-Cookie%3A%20station";
    assert_eq!(
        head_lines(&response, "Link"),
        [format!("Link: <?city={city}&limit=1&cursor={cursor}&format=json>; rel=\"next\"")]
    );
    assert_eq!(head_lines(&response, "X-Data-Set-Version"), ["X-Data-Set-Version: v1Set-Cookie:version"]);
    assert!(head_lines(&response, "Set-Cookie").is_empty());
}

#[test]
fn a_control_character_in_a_parameter_is_refused_and_enters_no_header() {
    let response = service().answer(&get("/v1/air_quality?limit=1&city=Madrid%0d%0aSet-Cookie:%20x"));
    assert_eq!((response.status, &json(&response)["errors"][0]["parameter"]), (400, &Value::from("city")));
    assert!(response.headers.iter().all(|(_, value)| !value.contains("Set-Cookie")));
}

#[test]
fn a_default_of_the_open_api_document_is_accepted_without_other_parameters() {
    let service = service();
    let document: Value = serde_json::from_str(OPEN_API).unwrap();
    let mut defaults = 0;
    for (path, operation) in document["paths"].as_object().unwrap() {
        for parameter in operation["get"]["parameters"].as_array().into_iter().flatten() {
            let parameter = match parameter["$ref"].as_str() {
                Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
                None => parameter,
            };
            let default = match &parameter["schema"]["default"] {
                Value::Null => continue,
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let required = if path == "/v1/compliance" { "year=2016&" } else { "" };
            let target = format!("{path}?{required}{}={default}", parameter["name"].as_str().unwrap());
            assert_eq!(service.answer(&get(&target)).status, 200, "{target}");
            defaults += 1;
        }
    }
    assert!(defaults > 0);
}

#[test]
fn the_open_api_document_names_every_route_parameter_and_problem() {
    let document: Value = serde_json::from_str(OPEN_API).unwrap();
    let mut documented: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let mut routes: Vec<&str> = ROUTES.iter().map(|(path, _)| *path).collect();
    documented.sort();
    routes.sort_unstable();
    assert_eq!(documented, routes);
    let parameters = |path: &str| -> Vec<String> {
        let listed = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        let name = |one: &Value| {
            let component = one["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            document["components"]["parameters"][component]["name"].as_str().unwrap().to_owned()
        };
        listed.iter().map(name).collect()
    };
    assert_eq!(parameters("/v1/air_quality"), Query::PARAMETERS);
    assert_eq!(parameters("/air_quality"), Query::PARAMETERS);
    assert_eq!(parameters("/v1/latest"), Query::LATEST_PARAMETERS);
    assert_eq!(parameters("/v1/stations"), Query::STATION_PARAMETERS);
    assert_eq!(parameters("/v1/chart.svg"), Chart::PARAMETERS);
    assert_eq!(parameters("/v1/compliance"), ComplianceQuery::PARAMETERS);
    let of_page = document["paths"]["/"]["get"]["parameters"].as_array().unwrap();
    let of_page: Vec<&str> = of_page.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(of_page, crate::page::FIELDS);
    let standards: Vec<&str> = Standard::ALL.iter().copied().map(Standard::id).collect();
    assert_eq!(document["components"]["parameters"]["standard"]["schema"]["enum"], serde_json::json!(standards));
    let indices: Vec<&str> = AirQualityIndex::ALL.iter().copied().map(AirQualityIndex::id).collect();
    assert_eq!(document["components"]["parameters"]["index"]["schema"]["enum"], serde_json::json!(indices));
    let types = document["components"]["schemas"]["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
    let own: Vec<&str> = Problem::ALL.iter().map(|problem| problem.row().0).collect();
    assert_eq!(types, &own);
}

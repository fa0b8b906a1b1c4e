//! Any table of strings and numbers, written with any quoting and line ends and cut into any chunks, comes out in every
//! shape as the JSON that `serde_json` makes of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

use airq_core::encode::EncoderOptions;
use airq_core::{Format, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::io::Write;

#[derive(Clone, Debug)]
struct Row {
    station: String,
    time: Timestamp,
    no2: Option<String>,
    remark: Option<String>,
    pm10: Option<String>,
}

#[derive(Clone, Debug)]
struct Written {
    rows: Vec<Row>,
    delimiter: u8,
    crlf: bool,
    quotes: csv::QuoteStyle,
    byte_order_mark: bool,
    cuts: Vec<prop::sample::Index>,
}

/// Text with everything in it that CSV or JSON find special.
fn text() -> impl Strategy<Value = String> {
    prop::string::string_regex("[a-z,;\t\"\\\\ \r\n/\u{0}-\u{1f}\u{7f}éñ\u{2028}😀]{1,12}").unwrap()
}

fn number() -> impl Strategy<Value = String> {
    prop::string::string_regex("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?").unwrap()
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_000_000..=253_402_300_799_999_999_i64, 0..3_u8).prop_map(|(microseconds, rounding)| {
        let unit = [1, 1_000, 1_000_000][usize::from(rounding)];
        Timestamp::from_microseconds(microseconds.div_euclid(unit) * unit).unwrap_or_else(Timestamp::now)
    })
}

fn row() -> impl Strategy<Value = Row> {
    let station = prop_oneof![3 => Just("aq_a".to_owned()), 2 => Just("aq_b".to_owned()), 2 => text()];
    let maybe = |value: BoxedStrategy<String>| prop::option::weighted(0.8, value);
    (station, time(), maybe(number().boxed()), maybe(text().boxed()), maybe(number().boxed()))
        .prop_map(|(station, time, no2, remark, pm10)| Row { station, time, no2, remark, pm10 })
}

fn written() -> impl Strategy<Value = Written> {
    let quotes =
        prop_oneof![Just(csv::QuoteStyle::Necessary), Just(csv::QuoteStyle::Always), Just(csv::QuoteStyle::NonNumeric)];
    let delimiter = prop_oneof![Just(b','), Just(b';'), Just(b'\t')];
    let rows = prop::collection::vec(row(), 0..20);
    (rows, delimiter, any::<bool>(), quotes, any::<bool>(), prop::collection::vec(any::<prop::sample::Index>(), 0..6))
        .prop_map(|(rows, delimiter, crlf, quotes, byte_order_mark, cuts)| Written {
            rows,
            delimiter,
            crlf,
            quotes,
            byte_order_mark,
            cuts,
        })
}

impl Written {
    fn csv(&self) -> Vec<u8> {
        let terminator = if self.crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mark: &[u8] = if self.byte_order_mark { b"\xef\xbb\xbf" } else { b"" };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .terminator(terminator)
            .quote_style(self.quotes)
            .from_writer(mark.to_vec());
        writer.write_record(["remark", "no2", "TimeInstant", "station", "PM10"]).unwrap();
        for row in &self.rows {
            let field = |value: &Option<String>| value.clone().unwrap_or_default();
            let time = row.time.to_string();
            writer
                .write_record([&field(&row.remark), &field(&row.no2), &time, &row.station, &field(&row.pm10)])
                .unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn reshaped(&self, format: Format) -> Vec<u8> {
        let csv = self.csv();
        let mut places: Vec<usize> = self.cuts.iter().map(|cut| cut.index(csv.len() + 1)).collect();
        places.sort_unstable();
        let mut encoder = EncoderOptions::new(format).into_writer(Vec::new());
        let mut from = 0;
        for place in places.into_iter().chain([csv.len()]) {
            encoder.write_all(&csv[from..place]).unwrap();
            from = place;
        }
        encoder.finish().unwrap().0
    }
}

/// A number with its digits kept: what `serde_json` makes of it with arbitrary precision, as text.
fn raw(number: Option<&String>) -> Value {
    number.map_or(Value::Null, |number| json!(format!("#{number}#")))
}

/// Writes a document; numbers that were marked lose their marks, so that their digits stand as they were.
fn written_out(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap();
    text.replace("\"#", "").replace("#\"", "")
}

fn fields(row: &Row) -> Vec<(&'static str, Value)> {
    let remark = row.remark.as_ref().map_or(Value::Null, |text| json!(text));
    vec![("remark", remark), ("no2", raw(row.no2.as_ref())), ("pm10", raw(row.pm10.as_ref()))]
}

fn record(row: &Row) -> Value {
    let mut record =
        Map::from_iter([("station".to_owned(), json!(row.station)), ("time".to_owned(), json!(row.time.to_string()))]);
    record.extend(fields(row).into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(record)
}

fn units() -> Value {
    json!({"no2": "µg/m³", "pm10": "µg/m³"})
}

fn unknown_station(id: &str) -> Map<String, Value> {
    let station = json!({"id": id, "name": null, "city": null, "country": null, "latitude": null, "longitude": null});
    station.as_object().unwrap().clone()
}

/// Rows of one station that come together.
fn runs(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|one, next| one.station == next.station)
}

fn nested(rows: &[Row]) -> Value {
    let station = |run: &[Row]| {
        let mut station = unknown_station(&run[0].station);
        let measurement = |row: &Row| {
            let mut record = record(row).as_object().unwrap().clone();
            record.shift_remove("station");
            Value::Object(record)
        };
        station.insert("measurements".to_owned(), run.iter().map(measurement).collect());
        Value::Object(station)
    };
    let stations: Vec<Value> = runs(rows).map(station).collect();
    json!({"query": {}, "units": units(), "stations": stations, "page": {"count": rows.len(), "next": null}})
}

fn columns(rows: &[Row]) -> Value {
    let station = |run: &[Row]| {
        let mut station = unknown_station(&run[0].station);
        station.insert("time".to_owned(), run.iter().map(|row| json!(row.time.to_string())).collect());
        for place in 0..3 {
            let values: Vec<Value> = run.iter().map(|row| fields(row)[place].1.clone()).collect();
            station.insert(fields(&run[0])[place].0.to_owned(), Value::Array(values));
        }
        Value::Object(station)
    };
    let stations: Vec<Value> = runs(rows).map(station).collect();
    json!({"query": {}, "units": units(), "stations": stations, "page": {"count": rows.len(), "next": null}})
}

fn geojson(rows: &[Row]) -> Value {
    let feature = |run: &[Row]| {
        // Of equal times the later row wins, as max_by_key takes the last.
        let newest = run.iter().max_by_key(|row| row.time).unwrap();
        let mut properties = unknown_station(&newest.station);
        properties.shift_remove("latitude");
        properties.shift_remove("longitude");
        properties.insert("time".to_owned(), json!(newest.time.to_string()));
        properties.extend(fields(newest).into_iter().map(|(name, value)| (name.to_owned(), value)));
        json!({"type": "Feature", "geometry": null, "properties": properties})
    };
    let features: Vec<Value> = runs(rows).map(feature).collect();
    let count = features.len();
    json!({"type": "FeatureCollection", "query": {}, "units": units(), "features": features,
        "page": {"count": count, "next": null}})
}

fn csv_again(rows: &[Row]) -> String {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Never).from_writer(Vec::new());
    let quoted = |text: &str| {
        let special = text.contains([',', '"', '\r', '\n']);
        if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    };
    writer.write_record(["station", "time", "remark", "no2", "pm10"]).unwrap();
    for row in rows {
        let field = |value: &Option<String>| quoted(value.as_deref().unwrap_or_default());
        writer
            .write_record([
                &quoted(&row.station),
                &row.time.to_string(),
                &field(&row.remark),
                &field(&row.no2),
                &field(&row.pm10),
            ])
            .unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn no_name_stands_twice_in_a_description() {
    let header = "time,station,id,name,city,country,latitude,Remark,no2\n";
    let csv =
        [header, "2016-10-01,a,1,Alpha,Madrid,ES,40,dry,2.5\n", "2016-10-02,a,1,Alpha,Madrid,ES,40,dry,3\n"].concat();
    for (format, allowed) in [(Format::Columns, &[][..]), (Format::GeoJson, &["latitude"][..])] {
        let mut encoder = EncoderOptions::new(format).into_writer(Vec::new());
        encoder.write_all(csv.as_bytes()).unwrap();
        let text = String::from_utf8(encoder.finish().unwrap().0).unwrap();
        for name in ["id", "name", "city", "country", "latitude", "time", "Remark", "no2"] {
            let count = text.matches(&format!("\"{name}\":")).count();
            // The units name the pollutants, too.
            let expected = if name == "no2" { 2 } else { 1 };
            assert!(count == expected || allowed.contains(&name), "{format} {name}: {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_shape_is_what_serde_json_makes(written in written()) {
        let rows = &written.rows;
        // A mark inside a text would be taken for a number's.
        prop_assume!(rows.iter().all(|row| !row.station.contains('#')));
        let text = |format| String::from_utf8(written.reshaped(format)).unwrap();
        let records: Vec<Value> = rows.iter().map(record).collect();
        let lines: String = records.iter().map(|record| written_out(record) + "\n").collect();
        prop_assert_eq!(text(Format::Ndjson), lines);
        let document = json!({"query": {}, "units": units(), "measurements": records,
            "page": {"count": rows.len(), "next": null}});
        prop_assert_eq!(text(Format::Records), written_out(&document) + "\n");
        prop_assert_eq!(text(Format::Json), written_out(&nested(rows)) + "\n");
        prop_assert_eq!(text(Format::Columns), written_out(&columns(rows)) + "\n");
        prop_assert_eq!(text(Format::GeoJson), written_out(&geojson(rows)) + "\n");
        prop_assert_eq!(text(Format::Csv), csv_again(rows));
    }
}

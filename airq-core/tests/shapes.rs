//! A table of any texts and numbers, quoted and cut in any way, is encoded in every format as `serde_json` and `csv` write the
//! same values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with the difference")]

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

/// Rows, and a way to write them as CSV.
#[derive(Clone, Debug)]
struct Table {
    rows: Vec<Row>,
    delimiter: u8,
    crlf: bool,
    quotes: csv::QuoteStyle,
    byte_order_mark: bool,
    /// The spellings of the numbers, in turn.
    spellings: Vec<Spelling>,
    cuts: Vec<prop::sample::Index>,
}

/// Text with every character that is special in CSV or JSON.
fn text() -> impl Strategy<Value = String> {
    prop::string::string_regex("[a-z=@+,;\t\"\\\\ \r\n/\u{0}-\u{1f}\u{7f}éñ\u{2028}😀]{1,12}").unwrap()
}

const UNUSUAL: &[&str] =
    &["48.398337879833704", "0.048398337879833704", "1.5e30", "-1e-30", "1e999", "100000000000000000000"];

/// A number in its canonical text, which every spelling of the number has in answers.
fn number() -> impl Strategy<Value = String> {
    let usual = prop::string::string_regex("-?(0|[1-9][0-9]{0,4})(\\.[0-9]{0,9}[1-9])?").unwrap();
    prop_oneof![8 => usual, 1 => prop::sample::select(UNUSUAL).prop_map(str::to_owned)]
}

#[derive(Clone, Copy, Debug)]
enum Spelling {
    Canonical,
    TrailingZeros,
    Exponent,
    /// With more digits than double precision has.
    Long,
}

impl Spelling {
    fn spell(self, number: &str) -> String {
        let point = if number.contains('.') { "" } else { "." };
        match self {
            _ if number.contains('e') || number.len() > 17 => number.to_owned(),
            Spelling::Canonical => number.to_owned(),
            Spelling::TrailingZeros => format!("{number}{point}00"),
            Spelling::Exponent => format!("{number}E+0"),
            Spelling::Long => format!("{number}{point}00000000000000000000"),
        }
    }
}

fn time() -> impl Strategy<Value = Timestamp> {
    let microseconds = -62_135_596_800_000_000..=253_402_300_799_999_999_i64;
    (microseconds, prop::sample::select(vec![1, 1_000, 1_000_000])).prop_map(|(microseconds, unit)| {
        let rounded = microseconds.div_euclid(unit) * unit;
        Timestamp::from_microseconds(rounded).unwrap_or_else(Timestamp::now)
    })
}

fn maybe(value: impl Strategy<Value = String>) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.8, value)
}

fn row() -> impl Strategy<Value = Row> {
    // Outer blanks of ids are trimmed.
    let id = text().prop_filter("an id has no outer blanks", |text| text.trim_ascii() == text && !text.is_empty());
    let station = prop_oneof![3 => Just("aq_a".to_owned()), 2 => Just("aq_b".to_owned()), 2 => id];
    (station, time(), maybe(number()), maybe(text()), maybe(number()))
        .prop_map(|(station, time, no2, remark, pm10)| Row { station, time, no2, remark, pm10 })
}

fn table() -> impl Strategy<Value = Table> {
    let rows = prop::collection::vec(row(), 0..20);
    let delimiter = prop::sample::select(vec![b',', b';', b'\t']);
    let quotes =
        prop_oneof![Just(csv::QuoteStyle::Necessary), Just(csv::QuoteStyle::Always), Just(csv::QuoteStyle::NonNumeric)];
    let cuts = prop::collection::vec(any::<prop::sample::Index>(), 0..6);
    let spelling = prop_oneof![
        6 => Just(Spelling::Canonical),
        2 => Just(Spelling::TrailingZeros),
        1 => Just(Spelling::Exponent),
        1 => Just(Spelling::Long),
    ];
    let spellings = prop::collection::vec(spelling, 1..8);
    (rows, delimiter, any::<bool>(), quotes, any::<bool>(), spellings, cuts).prop_map(
        |(rows, delimiter, crlf, quotes, byte_order_mark, spellings, cuts)| Table {
            rows,
            delimiter,
            crlf,
            quotes,
            byte_order_mark,
            spellings,
            cuts,
        },
    )
}

impl Table {
    fn csv(&self) -> Vec<u8> {
        let terminator = if self.crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mark: &[u8] = if self.byte_order_mark { b"\xef\xbb\xbf" } else { b"" };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.delimiter)
            .terminator(terminator)
            .quote_style(self.quotes)
            .from_writer(mark.to_vec());
        writer.write_record(["remark", "no2", "TimeInstant", "station", "PM10"]).unwrap();
        let mut spellings = self.spellings.iter().cycle();
        for row in &self.rows {
            let remark = row.remark.as_deref().unwrap_or_default();
            let [no2, pm10] = [&row.no2, &row.pm10]
                .map(|number| number.as_deref().zip(spellings.next()).map(|(number, spelling)| spelling.spell(number)));
            let [no2, pm10] = [no2.unwrap_or_default(), pm10.unwrap_or_default()];
            writer.write_record([remark, &no2, &row.time.to_string(), &row.station, &pm10]).unwrap();
        }
        writer.into_inner().unwrap()
    }

    fn encode(&self, format: Format) -> String {
        let csv = self.csv();
        let mut cuts: Vec<usize> = self.cuts.iter().map(|cut| cut.index(csv.len() + 1)).collect();
        cuts.sort_unstable();
        let mut encoder = EncoderOptions::new(format).keep_sentinels(true).into_writer(Vec::new());
        let mut start = 0;
        for end in cuts.into_iter().chain([csv.len()]) {
            encoder.write_all(&csv[start..end]).unwrap();
            start = end;
        }
        String::from_utf8(encoder.finish().unwrap().0).unwrap()
    }
}

/// A number as marked text, because `serde_json` does not keep all digits of a number.
fn marked(number: Option<&String>) -> Value {
    number.map_or(Value::Null, |number| json!(format!("#{number}#")))
}

/// Writes a document and turns marked text into numbers.
fn to_json(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap();
    text.replace("\"#", "").replace("#\"", "")
}

fn fields(row: &Row) -> [(&'static str, Value); 3] {
    let remark = row.remark.as_ref().map_or(Value::Null, |text| json!(text));
    [("remark", remark), ("no2", marked(row.no2.as_ref())), ("pm10", marked(row.pm10.as_ref()))]
}

fn measurement(row: &Row) -> Map<String, Value> {
    let mut measurement = Map::from_iter([("time".to_owned(), json!(row.time.to_string()))]);
    measurement.extend(fields(row).map(|(name, value)| (name.to_owned(), value)));
    measurement
}

fn record(row: &Row) -> Value {
    let mut record = Map::from_iter([("station".to_owned(), json!(row.station))]);
    record.extend(measurement(row));
    Value::Object(record)
}

fn units() -> Value {
    json!({"no2": "µg/m³", "pm10": "µg/m³"})
}

fn unknown_station(id: &str) -> Map<String, Value> {
    let station = json!({"id": id, "name": null, "city": null, "country": null, "latitude": null, "longitude": null});
    station.as_object().unwrap().clone()
}

/// Consecutive rows of one station.
fn runs(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|row, next| row.station == next.station)
}

fn document(rows: &[Row], name: &str, content: &[Value]) -> Value {
    json!({"query": {}, "units": units(), name: content, "page": {"count": rows.len(), "next": null}})
}

fn json(rows: &[Row]) -> Value {
    let mut stations = Vec::new();
    for run in runs(rows) {
        let mut station = unknown_station(&run[0].station);
        let measurements = run.iter().map(|row| Value::Object(measurement(row))).collect();
        station.insert("measurements".to_owned(), measurements);
        stations.push(Value::Object(station));
    }
    document(rows, "stations", &stations)
}

fn columns(rows: &[Row]) -> Value {
    let mut stations = Vec::new();
    for run in runs(rows) {
        let mut station = unknown_station(&run[0].station);
        station.insert("time".to_owned(), run.iter().map(|row| json!(row.time.to_string())).collect());
        for (column, (name, _)) in fields(&run[0]).into_iter().enumerate() {
            let values = run.iter().map(|row| fields(row)[column].1.clone()).collect();
            station.insert(name.to_owned(), values);
        }
        stations.push(Value::Object(station));
    }
    document(rows, "stations", &stations)
}

fn geojson(rows: &[Row]) -> Value {
    let mut features = Vec::new();
    for run in runs(rows) {
        // Among rows of equal time, `max_by_key` returns the last, as the encoder does.
        let newest = run.iter().max_by_key(|row| row.time).unwrap();
        let mut properties = unknown_station(&newest.station);
        properties.shift_remove("latitude");
        properties.shift_remove("longitude");
        properties.extend(measurement(newest));
        features.push(json!({"type": "Feature", "geometry": null, "properties": properties}));
    }
    let count = features.len();
    json!({"type": "FeatureCollection", "query": {}, "units": units(), "features": features,
        "page": {"count": count, "next": null}})
}

fn csv(rows: &[Row]) -> String {
    csv_with(rows, str::to_owned)
}

fn csv_safe(rows: &[Row]) -> String {
    csv_with(rows, |text| {
        let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        if is_formula { format!("'{text}") } else { text.to_owned() }
    })
}

fn csv_with(rows: &[Row], spell: fn(&str) -> String) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["station", "time", "remark", "no2", "pm10"]).unwrap();
    for row in rows {
        let remark = spell(row.remark.as_deref().unwrap_or_default());
        let no2 = row.no2.as_deref().unwrap_or_default();
        let pm10 = row.pm10.as_deref().unwrap_or_default();
        writer.write_record([&*spell(&row.station), &row.time.to_string(), &remark, no2, pm10]).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

#[test]
fn an_object_has_no_name_twice() {
    let csv = "time,station,id,name,city,country,latitude,Remark,no2\n\
        2016-10-01,a,1,Alpha,Madrid,ES,40,dry,2.5\n\
        2016-10-02,a,1,Alpha,Madrid,ES,40,dry,3\n";
    for (format, exempt) in [(Format::Columns, ""), (Format::GeoJson, "latitude")] {
        let mut encoder = EncoderOptions::new(format).keep_sentinels(true).into_writer(Vec::new());
        encoder.write_all(csv.as_bytes()).unwrap();
        let text = String::from_utf8(encoder.finish().unwrap().0).unwrap();
        for name in ["id", "name", "city", "country", "latitude", "time", "Remark", "no2"] {
            let count = text.matches(&format!("\"{name}\":")).count();
            // The units name the parameters, too.
            let expected = if name == "no2" { 2 } else { 1 };
            assert!(count == expected || exempt == name, "{format} {name}: {text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_format_is_encoded_as_by_serde_json_and_csv(table in table()) {
        let rows = &table.rows;
        let records: Vec<Value> = rows.iter().map(record).collect();
        let lines: String = records.iter().map(|record| to_json(record) + "\n").collect();
        prop_assert_eq!(table.encode(Format::Ndjson), lines);
        prop_assert_eq!(table.encode(Format::Records), to_json(&document(rows, "measurements", &records)) + "\n");
        prop_assert_eq!(table.encode(Format::Json), to_json(&json(rows)) + "\n");
        prop_assert_eq!(table.encode(Format::Columns), to_json(&columns(rows)) + "\n");
        prop_assert_eq!(table.encode(Format::GeoJson), to_json(&geojson(rows)) + "\n");
        prop_assert_eq!(table.encode(Format::Csv), csv(rows));
        prop_assert_eq!(table.encode(Format::CsvSafe), csv_safe(rows));
    }
}

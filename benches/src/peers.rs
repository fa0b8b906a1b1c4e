//! The peers: programs that a user would write without airq. Each converts CSV to the same `records`.
//!
//! There are two versions of each: a plain one like the examples in the documentation of `csv` (a new record for each row, a
//! `BufWriter`), and an optimized one (no allocation per row, one `write` for many rows). The peers check their input as far as
//! their crates do: none checks times, and those without serde check numbers.

use airq_core::Format;
use airq_core::encode::EncoderOptions;
use serde::{Deserialize, Serialize};
use std::io::{self, BufWriter, Write};

/// Checks that airq and the peers have the same output for this CSV, before they are timed.
///
/// # Errors
/// If a program fails, or the outputs differ.
pub fn assert_alike(csv: &[u8]) -> io::Result<()> {
    let mut by_hand = Vec::new();
    let mut by_serde = Vec::new();
    let mut plainly = Vec::new();
    self::by_hand(csv, &mut by_hand)?;
    self::by_serde(csv, &mut by_serde)?;
    self::by_hand_plainly(csv, &mut plainly)?;
    if plainly != by_hand {
        return Err(io::Error::other("the peers by hand differ"));
    }
    plainly.clear();
    self::by_serde_plainly(csv, &mut plainly)?;
    if plainly != by_serde {
        return Err(io::Error::other("the peers by serde differ"));
    }
    let mut encoder = EncoderOptions::new(Format::Records).into_writer(Vec::new());
    encoder.write_all(csv)?;
    let (airq, summary) = encoder.finish()?;
    let from = airq.windows(15).position(|bytes| bytes == b"\"measurements\":").unwrap_or(0) + 15;
    if airq.get(from..from + by_hand.len()) != Some(by_hand.as_slice()) {
        return Err(io::Error::other("airq and the peer by hand differ"));
    }
    let rows = by_serde.windows(3).filter(|bytes| bytes == b"},{").count() as u64 + 1;
    if rows != summary.rows {
        return Err(io::Error::other("airq and the peer by serde differ"));
    }
    Ok(())
}

/// The number of bytes that are buffered before they are written, as in airq.
const GATHERED: usize = 64 * 1024;

/// Converts with a reused `ByteRecord` of `csv` and hand-written JSON. Numbers are checked, and text is escaped.
///
/// # Errors
/// If the CSV or a number is invalid, or `out` fails.
pub fn by_hand(csv: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(csv)).from_reader(csv);
    let keys: Vec<String> = reader.headers()?.iter().skip(2).map(|name| format!(",\"{name}\":")).collect();
    let mut record = csv::ByteRecord::new();
    let mut json = Vec::with_capacity(2 * GATHERED);
    json.extend_from_slice(b"[");
    let mut separator: &[u8] = b"";
    while reader.read_byte_record(&mut record)? {
        json.extend_from_slice(separator);
        separator = b",";
        push_record(&mut json, &keys, &record)?;
        if json.len() > GATHERED {
            out.write_all(&json)?;
            json.clear();
        }
    }
    json.extend_from_slice(b"]");
    out.write_all(&json)
}

/// The plain version of [`by_hand`]: a new record for each row, and each value is parsed to check that it is a number.
///
/// # Errors
/// As [`by_hand`].
pub fn by_hand_plainly(csv: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(csv)).from_reader(csv);
    let names: Vec<String> = reader.headers()?.iter().skip(2).map(str::to_owned).collect();
    let mut out = BufWriter::new(out);
    out.write_all(b"[")?;
    for (row, record) in reader.byte_records().enumerate() {
        let record = record?;
        if row > 0 {
            out.write_all(b",")?;
        }
        out.write_all(b"{\"station\":")?;
        serde_json::to_writer(&mut out, &String::from_utf8_lossy(&record[1]))?;
        let time = String::from_utf8_lossy(&record[0]);
        write!(out, ",\"time\":\"{}T{}Z\"", &time[..10], &time[11..])?;
        for (name, value) in names.iter().zip(record.iter().skip(2)) {
            write!(out, ",\"{name}\":")?;
            match std::str::from_utf8(value) {
                Ok("") => out.write_all(b"null")?,
                Ok(number) if number.parse::<f64>().is_ok() => out.write_all(value)?,
                _ => return Err(io::Error::other("not a number")),
            }
        }
        out.write_all(b"}")?;
    }
    out.write_all(b"]")?;
    out.flush()
}

fn push_record(json: &mut Vec<u8>, keys: &[String], record: &csv::ByteRecord) -> io::Result<()> {
    json.extend_from_slice(b"{\"station\":\"");
    push_text(json, &record[1]);
    json.extend_from_slice(b"\",\"time\":\"");
    let time = &record[0];
    json.extend_from_slice(&time[..10]);
    json.push(b'T');
    json.extend_from_slice(&time[11..]);
    json.extend_from_slice(b"Z\"");
    for (key, value) in keys.iter().zip(record.iter().skip(2)) {
        json.extend_from_slice(key.as_bytes());
        match value {
            b"" => json.extend_from_slice(b"null"),
            number if is_number(number) => json.extend_from_slice(number),
            _ => return Err(io::Error::other("not a number")),
        }
    }
    json.push(b'}');
    Ok(())
}

fn push_text(json: &mut Vec<u8>, text: &[u8]) {
    if !text.iter().any(|byte| *byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        return json.extend_from_slice(text);
    }
    let text = String::from_utf8_lossy(text);
    let quoted = serde_json::to_string(&text).unwrap_or_default();
    json.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
}

/// Returns whether the text is digits with an optional dot and sign.
fn is_number(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let mut digits = 0;
    let mut dots = 0;
    for byte in unsigned {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if digits > 0 => dots += 1,
            _ => return false,
        }
    }
    digits > 0 && dots <= 1 && unsigned.last() != Some(&b'.')
}

fn delimiter(csv: &[u8]) -> u8 {
    let first = csv.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.contains(&b';') { b';' } else { b',' }
}

/// A row with borrowed text.
#[derive(Debug, Deserialize, Serialize)]
struct BorrowedMeasurement<'a> {
    #[serde(rename(deserialize = "id_entity"))]
    station: std::borrow::Cow<'a, str>,
    #[serde(rename(deserialize = "TimeInstant"))]
    time: &'a str,
    so2: Option<f64>,
    no2: Option<f64>,
    co: Option<f64>,
    o3: Option<f64>,
    pm10: Option<f64>,
    pm2_5: Option<f64>,
}

/// Converts with `csv`, serde structs and `serde_json`, as tutorials do.
///
/// # Errors
/// If the CSV is invalid, a value does not fit its field, or `out` fails.
pub fn by_serde(csv: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(csv)).from_reader(csv);
    let headers = reader.headers()?.clone();
    let mut record = csv::StringRecord::new();
    let mut json = Vec::with_capacity(2 * GATHERED);
    json.extend_from_slice(b"[");
    let mut separator: &[u8] = b"";
    while reader.read_record(&mut record)? {
        json.extend_from_slice(separator);
        separator = b",";
        let measurement: BorrowedMeasurement<'_> = record.deserialize(Some(&headers))?;
        serde_json::to_writer(&mut json, &measurement)?;
        if json.len() > GATHERED {
            out.write_all(&json)?;
            json.clear();
        }
    }
    json.extend_from_slice(b"]");
    out.write_all(&json)
}

/// A row with owned text.
#[derive(Debug, Deserialize, Serialize)]
struct OwnMeasurement {
    #[serde(rename(deserialize = "id_entity"))]
    station: String,
    #[serde(rename(deserialize = "TimeInstant"))]
    time: String,
    so2: Option<f64>,
    no2: Option<f64>,
    co: Option<f64>,
    o3: Option<f64>,
    pm10: Option<f64>,
    pm2_5: Option<f64>,
}

/// The plain version of [`by_serde`]: `deserialize()` row by row, and `to_writer`.
///
/// # Errors
/// As [`by_serde`].
pub fn by_serde_plainly(csv: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(csv)).from_reader(csv);
    let mut out = BufWriter::new(out);
    out.write_all(b"[")?;
    for (row, measurement) in reader.deserialize::<OwnMeasurement>().enumerate() {
        if row > 0 {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut out, &measurement?)?;
    }
    out.write_all(b"]")?;
    out.flush()
}

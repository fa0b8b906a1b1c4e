//! A miss: repository → encoder → answer.

use super::pipeline;
use super::snapshot::Snapshot;
use crate::cache::{Key, Made};
use crate::encode::{Encoder, EncoderOptions, Summary};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::model::Stations;
use crate::observe::{Observation, Observer, Timing};
use crate::query::{Resolved, Rows, Selection, Statistic};
use crate::rating::{self, Asked, Spelling};
use crate::repository::Repository;
use crate::text::push_json_string;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Makes the answer, whole, and tells of which version its rows are. Its key is of the snapshot that its stations are of: of
/// rows that are newer it may lack a station, which the key of their version may not.
pub(super) fn load(
    repository: &dyn Repository,
    snapshot: &Snapshot,
    resolved: &Resolved,
    format: Format,
    observer: &dyn Observer,
) -> Result<(Made, String)> {
    let began = Instant::now();
    let mut timed = Timed { inner: encoder(&snapshot.stations, resolved, format, Vec::new()), spent: Duration::ZERO };
    let version = write_rows(repository, resolved, format, &mut timed)?;
    let in_repository = began.elapsed().saturating_sub(timed.spent);
    let (body, summary) = timed.inner.finish()?;
    let reshape = began.elapsed().saturating_sub(in_repository);
    let timing = Timing { repository: in_repository, reshape, compress: Duration::ZERO };
    observer.observe(&Observation::Loaded { format, rows: summary.rows, bytes: body.len(), timing });
    let next = summary.next.map(|cursor| cursor.to_string());
    let key = Key::new(format, &snapshot.version, &resolved.canonical());
    Ok((Made { key, body, rows: summary.rows, next, timing }, version))
}

/// Writes the answer into `out` as it comes. The repository and the encoder work at the same time.
pub(super) fn stream(
    repository: &dyn Repository,
    stations: &Arc<Stations>,
    resolved: &Resolved,
    format: Format,
    out: impl Write,
) -> Result<Summary> {
    let mut encoder = encoder(stations, resolved, format, out);
    pipeline::pass(|csv| write_rows(repository, resolved, format, csv), &mut encoder)?;
    encoder.finish().map(|(_, summary)| summary)
}

/// The rows of the answer, measurements or averages of them, perhaps with an index, as CSV.
pub(super) fn write_rows(
    repository: &dyn Repository,
    resolved: &Resolved,
    format: Format,
    out: &mut dyn Write,
) -> Result<String> {
    let selection = selection(resolved, format);
    match (&resolved.averaging, resolved.index) {
        (Some(averages), Some(index)) => {
            let spelling = if has_json(resolved, format) { Spelling::Json } else { Spelling::Columns };
            rating::write(repository, &selection, &Asked { index, averages, spelling }, out)
        }
        (Some(averages), None) => repository.write_averages(&selection, averages, out),
        (None, _) => repository.write_csv(&selection, out),
    }
}

fn encoder<W: Write>(stations: &Arc<Stations>, resolved: &Resolved, format: Format, out: W) -> Encoder<W> {
    let is_count = resolved.averaging.as_ref().is_some_and(|averaging| averaging.kind() == Statistic::Count);
    let options = EncoderOptions::new(format)
        .stations(stations.clone())
        .pollutants(resolved.selection.pollutants.iter().copied())
        .query(query_json(resolved))
        .without_units(is_count)
        .with_json(has_json(resolved, format));
    match resolved.limit {
        Some(rows) => options.limit(rows).into_writer(out),
        None => options.into_writer(out),
    }
}

/// Whether rows have a column of JSON: an index, in the shapes that are JSON.
fn has_json(resolved: &Resolved, format: Format) -> bool {
    resolved.index.is_some() && format != Format::Csv
}

/// Refuses what a format has no place for.
///
/// # Errors
/// [`ErrorKind::InvalidParameter`] for an index in a format of the NGSI-LD model.
pub(super) fn check(resolved: &Resolved, format: Format) -> Result<()> {
    if resolved.index.is_none() || !matches!(format, Format::NgsiLd | Format::NgsiLdNormalized) {
        return Ok(());
    }
    let allowed = "with index it is json, records, columns, ndjson, csv or geojson";
    Err(Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new("format", format.name(), allowed)]))
}

/// What to ask the repository for: one row more than the page, to know whether there is a next one; for GeoJSON, which
/// shows the newest values, only those.
fn selection(resolved: &Resolved, format: Format) -> Selection {
    let mut selection = resolved.selection.clone();
    selection.limit = resolved.limit.map(|rows| rows.saturating_add(1));
    if format == Format::GeoJson {
        selection.rows = Rows::Latest;
    }
    selection
}

/// The filters as JSON: names as arrays, `limit`, `capture` and `radius` as numbers, the rest as strings.
fn query_json(resolved: &Resolved) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (place, (name, values)) in resolved.filters.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        push_json_string(&mut out, name.as_bytes());
        out.push(b':');
        match (*name, values.as_slice()) {
            ("limit" | "capture" | "radius", [number]) => out.extend_from_slice(number.as_bytes()),
            ("city" | "station" | "pollutant", _) => push_array(&mut out, values),
            (_, values) => push_json_string(&mut out, values.join(",").as_bytes()),
        }
    }
    out.push(b'}');
    out
}

fn push_array(out: &mut Vec<u8>, values: &[String]) {
    for (place, value) in values.iter().enumerate() {
        out.push(if place == 0 { b'[' } else { b',' });
        push_json_string(out, value.as_bytes());
    }
    out.push(b']');
}

/// Measures the time spent behind a writer.
struct Timed<W> {
    inner: W,
    spent: Duration,
}

impl<W: Write> Write for Timed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let began = Instant::now();
        let written = self.inner.write(bytes);
        self.spent += began.elapsed();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

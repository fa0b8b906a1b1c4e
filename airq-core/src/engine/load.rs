//! Loads an answer: repository → encoder → answer.

use super::descending::write_descending;
use super::newest::{self, NewestForm};
use super::pipeline;
use super::snapshot::Snapshot;
use super::units::with_units;
use crate::aggregate;
use crate::cache::{AnswerBuffer, Key, MemoryBudget, NewAnswer};
use crate::csv::chunks::usual_threads;
use crate::encode::{EncoderOptions, Summary};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::model::Stations;
use crate::observe::{Observation, Observer, Timing};
use crate::query::{Averages, Resolved, Rows, Selection};
use crate::rating::{self, RatingEncoding, RatingRequest};
use crate::repository::Repository;
use crate::text::push_json_string;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The number of rows that is expected of an answer without a limit.
const USUAL_ROWS: u64 = 1000;

/// Builds the answer and returns it with the version its rows came from. The cache key uses the snapshot's version, because
/// rows of a newer version may belong to stations the snapshot does not have.
pub(super) fn load(
    repository: &dyn Repository,
    snapshot: &Snapshot,
    resolved: &Resolved,
    format: Format,
    observer: &dyn Observer,
    budget: &Arc<MemoryBudget>,
) -> Result<(NewAnswer, String)> {
    let reservation = budget.reserve_rows(format, resolved.limit.unwrap_or(USUAL_ROWS))?;
    let start = Instant::now();
    let encoder = encoder(&snapshot.stations, resolved, format).into_writer(AnswerBuffer::new(reservation));
    let mut timed = TimedWriter { inner: encoder, spent: Duration::ZERO };
    let version = write_rows(repository, resolved, format, &mut timed)?;
    let in_repository = start.elapsed().saturating_sub(timed.spent);
    let (buffer, summary) = timed.inner.finish()?;
    let (body, reservation) = buffer.finish();
    budget.note_rows(format, summary.rows, body.len());
    let reshape = start.elapsed().saturating_sub(in_repository);
    let timing = Timing { repository: in_repository, reshape, compress: Duration::ZERO };
    observer.observe(&Observation::Loaded { format, rows: summary.rows, bytes: body.len(), timing });
    let next = summary.next.map(|cursor| cursor.to_string());
    let key = Key::new(format, &snapshot.version, &resolved.canonical());
    Ok((NewAnswer { key, body, rows: summary.rows, next, timing, reservation }, version))
}

/// Streams the answer to `out`. The repository runs on one thread and the encoder on several others.
pub(super) fn stream(
    repository: &dyn Repository,
    stations: &Arc<Stations>,
    resolved: &Resolved,
    format: Format,
    out: impl Write + Send,
) -> Result<Summary> {
    let encoder = encoder(stations, resolved, format);
    pipeline::pass(
        |csv| write_rows(repository, resolved, format, csv).map(drop),
        |csv| encoder.encode_parallel(usual_threads(), csv, out),
    )
}

/// Writes the rows of the answer as CSV: measurements or averages, with an index and local times if the query has them. Returns the
/// version of the data.
pub(super) fn write_rows(
    repository: &dyn Repository,
    resolved: &Resolved,
    format: Format,
    out: &mut dyn Write,
) -> Result<String> {
    if resolved.is_descending && format != Format::GeoJson {
        return write_descending(resolved, out, |of_station, out| write_ascending(repository, of_station, format, out));
    }
    write_ascending(repository, resolved, format, out)
}

fn write_ascending(
    repository: &dyn Repository,
    resolved: &Resolved,
    format: Format,
    out: &mut dyn Write,
) -> Result<String> {
    match resolved.units {
        Some(units) => with_units(units, out, |out| write_local(repository, resolved, format, out)),
        None => write_local(repository, resolved, format, out),
    }
}

fn write_local(
    repository: &dyn Repository,
    resolved: &Resolved,
    format: Format,
    out: &mut dyn Write,
) -> Result<String> {
    let averages = resolved.averaging.as_ref();
    if !aggregate::has_local_times(&resolved.zone, averages) {
        return write_rows_in_utc(repository, resolved, format, out);
    }
    aggregate::with_local_times(Some(&resolved.zone), averages, out, |rows| {
        write_rows_in_utc(repository, resolved, format, rows)
    })
}

fn write_rows_in_utc(
    repository: &dyn Repository,
    resolved: &Resolved,
    format: Format,
    out: &mut dyn Write,
) -> Result<String> {
    let selection = selection(resolved, format);
    match (&resolved.averaging, resolved.index) {
        (Some(averages), Some(index)) => {
            let encoding = if has_json(resolved, format) { RatingEncoding::Json } else { RatingEncoding::Columns };
            rating::write(repository, &selection, &RatingRequest { index, averages, encoding }, out)
        }
        (Some(averages), None) => repository.write_averages(&selection, averages, out),
        (None, _) if selection.rows == Rows::Latest => {
            newest::write(repository, &selection, NewestForm::of(format), out)
        }
        (None, _) => repository.write_csv(&selection, out),
    }
}

fn encoder(stations: &Arc<Stations>, resolved: &Resolved, format: Format) -> EncoderOptions {
    let own_unit = resolved.averaging.as_ref().and_then(|averaging| averaging.statistic().own_unit());
    let options = EncoderOptions::new(format)
        .stations(stations.clone())
        .selected(resolved.selection.stations.clone())
        .parameters(resolved.selection.parameters.iter().copied())
        .query(query_json(&resolved.filters))
        .without_units(own_unit.is_some())
        .units(resolved.units)
        .with_json(has_json(resolved, format))
        .keep_sentinels(true);
    match resolved.limit {
        Some(rows) => options.limit(rows),
        None => options,
    }
}

/// Returns whether rows may have columns of JSON: the index and the times of newest values, in JSON formats.
fn has_json(resolved: &Resolved, format: Format) -> bool {
    let is_newest = resolved.selection.rows == Rows::Latest || format == Format::GeoJson;
    (resolved.index.is_some() || is_newest) && !format.is_tabular()
}

/// Checks that the format can represent the answer.
///
/// # Errors
/// [`ErrorKind::InvalidParameter`] for an index in a format of the NGSI-LD model, for units in `ngsi-ld`, and for a profile where the newest rows or their
/// times matter.
pub(super) fn check(resolved: &Resolved, format: Format) -> Result<()> {
    let profile = resolved.averaging.as_ref().and_then(Averages::profile);
    let is_of_times = matches!(format, Format::GeoJson | Format::NgsiLd | Format::NgsiLdNormalized);
    if let Some(profile) = profile.filter(|_| is_of_times || resolved.selection.rows == Rows::Latest) {
        let allowed = "a period, because the rows of a profile have no time: a profile is json, records, columns, ndjson or csv, of all rows";
        return Err(Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new("every", profile.name(), allowed)]));
    }
    if resolved.units.is_some() && format == Format::NgsiLd {
        let allowed = "ngsi-ld-normalized or another format with units, because ngsi-ld states no unit";
        return Err(Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new("format", format.name(), allowed)]));
    }
    if resolved.index.is_none() || !matches!(format, Format::NgsiLd | Format::NgsiLdNormalized) {
        return Ok(());
    }
    let allowed = "json, records, columns, ndjson, csv, csv-safe or geojson with index";
    Err(Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new("format", format.name(), allowed)]))
}

/// Returns the selection for the repository. It has one row more than the page, to find out whether there is a next page. For
/// GeoJSON, which shows only the newest values, it has only the newest rows.
fn selection(resolved: &Resolved, format: Format) -> Selection {
    let mut selection = resolved.selection.clone();
    selection.limit = resolved.limit.map(|rows| rows.saturating_add(1));
    if format == Format::GeoJson {
        selection.rows = Rows::Latest;
    }
    selection
}

/// Returns filters as JSON. Names are arrays, `limit`, `capture`, `radius` and `year` are numbers, other filters are strings.
pub(super) fn query_json(filters: &[(&'static str, Vec<String>)]) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (index, (name, values)) in filters.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_json_string(&mut out, name.as_bytes());
        out.push(b':');
        match (*name, values.as_slice()) {
            ("limit" | "capture" | "radius" | "year", [number]) => out.extend_from_slice(number.as_bytes()),
            ("city" | "station" | "parameter" | "pollutant", _) => push_array(&mut out, values),
            (_, values) => push_json_string(&mut out, values.join(",").as_bytes()),
        }
    }
    out.push(b'}');
    out
}

fn push_array(out: &mut Vec<u8>, values: &[String]) {
    for (index, value) in values.iter().enumerate() {
        out.push(if index == 0 { b'[' } else { b',' });
        push_json_string(out, value.as_bytes());
    }
    out.push(b']');
}

/// Measures the time that the inner writer takes.
struct TimedWriter<W> {
    inner: W,
    spent: Duration,
}

impl<W: Write> Write for TimedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let start = Instant::now();
        let written = self.inner.write(bytes);
        self.spent += start.elapsed();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

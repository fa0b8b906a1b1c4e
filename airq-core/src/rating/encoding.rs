//! The encoding of a rating in a row of CSV: one column of JSON, or several columns of text.

use super::RatingRequest;
use crate::aggregate::{self, Average};
use crate::aqi::{Missing, Rated, Rating, SubIndex};
use crate::csv::INDEX_COLUMN;
use crate::encode::{push_key, push_text_or_null};
use crate::model::{Parameter, Timestamp};
use crate::text::{push_csv_field, swap_csv_syntax};
use std::fmt::Display;
use std::io::Write;

/// The encoding of ratings in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RatingEncoding {
    /// One column with a JSON object in the form of [`swap_csv_syntax`], for JSON formats.
    Json,
    /// A column for each value, for CSV.
    Columns,
}

const COLUMNS: [&str; 7] =
    ["index", "index_band", "index_level", "index_number", "index_colour", "index_pollutant", "index_reason"];

/// Returns the header of rated rows with a line end.
pub(super) fn header(pollutants: &[Parameter], request: &RatingRequest<'_>) -> Vec<u8> {
    let mut header = aggregate::header(None, pollutants);
    let columns = match request.encoding {
        RatingEncoding::Json => vec![INDEX_COLUMN.to_owned()],
        RatingEncoding::Columns => {
            let bands = request
                .index
                .pollutants()
                .into_iter()
                .flat_map(|pollutant| [format!("{pollutant}_band"), format!("{pollutant}_number")]);
            COLUMNS.map(str::to_owned).into_iter().chain(bands).collect()
        }
    };
    header.pop();
    header.push(b',');
    header.extend_from_slice(columns.join(",").as_bytes());
    header.push(b'\n');
    header
}

/// Writes the averages, the rating and a line end.
pub(super) fn push_row(
    out: &mut Vec<u8>,
    station: &[u8],
    start: Timestamp,
    averages: &[Average],
    rating: &Rating,
    encoding: RatingEncoding,
) {
    aggregate::push_row(out, station, start, averages);
    match encoding {
        RatingEncoding::Json => {
            out.push(b',');
            let start = out.len();
            push_json(out, rating);
            swap_csv_syntax(&mut out[start..]);
        }
        RatingEncoding::Columns => push_columns(out, rating),
    }
    out.push(b'\n');
}

fn push_columns(out: &mut Vec<u8>, rating: &Rating) {
    push_column(out, rating.index.id());
    match rating.worst() {
        Ok(rated) => {
            push_column(out, rated.band.name);
            push_column(out, &rated.level.to_string());
            push_column(out, &number(rated));
            push_column(out, rated.band.colour);
            push_column(out, rated.pollutant.code());
            push_column(out, "");
        }
        Err(missing) => {
            for text in ["", "", "", "", "", &missing.to_string()] {
                push_column(out, text);
            }
        }
    }
    for sub in &rating.sub_indices {
        let (band, number) = match &sub.rated {
            Ok(rated) => (rated.band.name, number(rated)),
            Err(_) => ("", String::new()),
        };
        push_column(out, band);
        push_column(out, &number);
    }
}

fn push_column(out: &mut Vec<u8>, text: &str) {
    out.push(b',');
    push_csv_field(out, text.as_bytes());
}

fn number(rated: &Rated) -> String {
    rated.number.map(|number| number.to_string()).unwrap_or_default()
}

/// Writes `{"id":"eaqi-2024","band":"Fair","level":2,…,"sub_indices":{"pm2_5":{…},…}}`.
fn push_json(out: &mut Vec<u8>, rating: &Rating) {
    out.extend_from_slice(b"{\"id\":");
    push_text_or_null(out, Some(rating.index.id()));
    let worst = rating.worst();
    out.push(b',');
    push_band(out, worst.ok());
    push_key(out, "pollutant");
    push_text_or_null(out, worst.ok().map(|rated| rated.pollutant.code()));
    push_reason(out, worst.err());
    push_key(out, "sub_indices");
    for (index, sub) in rating.sub_indices.iter().enumerate() {
        out.push(if index == 0 { b'{' } else { b',' });
        push_text_or_null(out, Some(sub.pollutant.code()));
        out.push(b':');
        push_sub_index(out, sub);
    }
    out.extend_from_slice(b"}}");
}

/// Writes `{"band":"Fair",…,"averaging":"1h","value":14.2,"unit":"µg/m³","reason":null}`.
fn push_sub_index(out: &mut Vec<u8>, sub: &SubIndex) {
    let rated = sub.rated.as_ref().ok();
    out.push(b'{');
    push_band(out, rated);
    push_key(out, "averaging");
    push_text_or_null(out, rated.map(|rated| rated.averaging.name()));
    push_number(out, "value", rated.map(|rated| rated.value));
    push_key(out, "unit");
    push_text_or_null(out, rated.map(|rated| rated.unit.symbol()));
    push_reason(out, sub.rated.err());
    out.push(b'}');
}

/// Writes `"band":"Fair","level":2,"number":null,"colour":"#50ccaa"`.
fn push_band(out: &mut Vec<u8>, rated: Option<&Rated>) {
    out.extend_from_slice(b"\"band\":");
    push_text_or_null(out, rated.map(|rated| rated.band.name));
    push_number(out, "level", rated.map(|rated| rated.level));
    push_number(out, "number", rated.and_then(|rated| rated.number));
    push_key(out, "colour");
    push_text_or_null(out, rated.map(|rated| rated.band.colour));
}

fn push_reason(out: &mut Vec<u8>, missing: Option<Missing>) {
    push_key(out, "reason");
    push_text_or_null(out, missing.map(|missing| missing.to_string()).as_deref());
}

fn push_number(out: &mut Vec<u8>, key: &str, number: Option<impl Display>) {
    push_key(out, key);
    match number {
        Some(number) => {
            // Writing to a vector cannot fail.
            let _ = write!(out, "{number}");
        }
        None => out.extend_from_slice(b"null"),
    }
}

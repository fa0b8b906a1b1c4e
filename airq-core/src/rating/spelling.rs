//! A rating in a row of CSV: as one column of JSON, or as columns of text.

use super::Asked;
use crate::aggregate::{self, Average};
use crate::aqi::{Missing, Rated, Rating, SubIndex};
use crate::csv::JSON_COLUMN;
use crate::encode::{push_key, push_text_or_null};
use crate::model::{Pollutant, Timestamp};
use crate::text::push_csv_field;

/// How ratings stand in rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// One column that holds a JSON object: for the shapes that are JSON.
    Json,
    /// A column for each thing: for CSV.
    Columns,
}

const COLUMNS: [&str; 7] =
    ["index", "index_band", "index_level", "index_number", "index_colour", "index_pollutant", "index_reason"];

/// The header of rated rows, and a line end.
pub(super) fn header(pollutants: &[Pollutant], asked: &Asked<'_>) -> String {
    let averages = aggregate::header(pollutants);
    let columns = match asked.spelling {
        Spelling::Json => vec![JSON_COLUMN.to_owned()],
        Spelling::Columns => {
            let bands = asked
                .index
                .pollutants()
                .into_iter()
                .flat_map(|pollutant| [format!("{pollutant}_band"), format!("{pollutant}_number")]);
            COLUMNS.map(str::to_owned).into_iter().chain(bands).collect()
        }
    };
    format!("{},{}\n", averages.trim_end(), columns.join(","))
}

/// A row of averages, the rating behind them, and a line end.
pub(super) fn push_row(
    out: &mut Vec<u8>,
    station: &[u8],
    start: Timestamp,
    averages: &[Average],
    rating: &Rating,
    spelling: Spelling,
) {
    aggregate::push_row(out, station, start, averages);
    match spelling {
        Spelling::Json => {
            out.push(b',');
            push_csv_field(out, &json(rating));
        }
        Spelling::Columns => push_columns(out, rating),
    }
    out.push(b'\n');
}

fn push_columns(out: &mut Vec<u8>, rating: &Rating) {
    let worst = rating.worst();
    let rated = |text: fn(&Rated) -> String| worst.map(text).unwrap_or_default();
    let all = [
        rating.index.id().to_owned(),
        rated(|rated| rated.band.name.to_owned()),
        rated(|rated| rated.level.to_string()),
        rated(number),
        rated(|rated| rated.band.colour.to_owned()),
        rated(|rated| rated.pollutant.name().to_owned()),
        worst.err().map(|missing| missing.to_string()).unwrap_or_default(),
    ];
    let of_one = |sub: &SubIndex| {
        let text = |text: fn(&Rated) -> String| sub.rated.as_ref().map(text).unwrap_or_default();
        [text(|rated| rated.band.name.to_owned()), text(number)]
    };
    for text in all.into_iter().chain(rating.sub_indices.iter().flat_map(of_one)) {
        out.push(b',');
        push_csv_field(out, text.as_bytes());
    }
}

fn number(rated: &Rated) -> String {
    rated.number.map(|number| number.to_string()).unwrap_or_default()
}

/// `{"id":"eaqi-2024","band":"Fair","level":2,…,"sub_indices":{"pm2_5":{…},…}}`
fn json(rating: &Rating) -> Vec<u8> {
    let mut out = b"{\"id\":".to_vec();
    push_text_or_null(&mut out, Some(rating.index.id()));
    let worst = rating.worst();
    push_band(&mut out, worst.ok());
    push_key(&mut out, "pollutant");
    push_text_or_null(&mut out, worst.ok().map(|rated| rated.pollutant.name()));
    push_reason(&mut out, worst.err());
    push_key(&mut out, "sub_indices");
    for (place, sub) in rating.sub_indices.iter().enumerate() {
        out.push(if place == 0 { b'{' } else { b',' });
        push_text_or_null(&mut out, Some(sub.pollutant.name()));
        out.push(b':');
        push_sub_index(&mut out, sub);
    }
    out.extend_from_slice(b"}}");
    out
}

/// `{"band":"Fair",…,"averaging":"1h","value":14.2,"unit":"µg/m³","reason":null}`
fn push_sub_index(out: &mut Vec<u8>, sub: &SubIndex) {
    let rated = sub.rated.as_ref().ok();
    let mut fields = Vec::new();
    push_band(&mut fields, rated);
    // Without the comma that parts a band from what stands before it.
    out.push(b'{');
    out.extend_from_slice(fields.strip_prefix(b",").unwrap_or(&fields));
    push_key(out, "averaging");
    push_text_or_null(out, rated.map(|rated| rated.averaging.name()));
    push_number(out, "value", rated.map(|rated| rated.value));
    push_key(out, "unit");
    push_text_or_null(out, rated.map(|rated| rated.unit.symbol()));
    push_reason(out, sub.rated.err());
    out.push(b'}');
}

/// `,"band":"Fair","level":2,"number":null,"colour":"#50ccaa"`
fn push_band(out: &mut Vec<u8>, rated: Option<&Rated>) {
    push_key(out, "band");
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

fn push_number(out: &mut Vec<u8>, key: &str, number: Option<impl ToString>) {
    push_key(out, key);
    match number {
        Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

//! `NaN` and infinities, which PostgreSQL stores and no answer can have: such values are missing.

use crate::text::QuoteTracker;
use memchr::memmem;

/// The texts of such values. PostgreSQL's times can be `infinity`, in lower case.
const TEXTS: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];

/// Removes such values from whole rows of CSV with `\n` after each.
pub(super) fn remove(rows: &mut Vec<u8>) {
    // Nearly no rows have one, and the search for the texts costs little.
    if memmem::find(rows, b"NaN").is_some() || memmem::find(rows, b"Infinity").is_some() {
        *rows = without(rows);
    }
}

/// Returns a copy of the rows in which each cell with such a text is empty. The first cell, the station, is not changed.
fn without(rows: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(rows.len());
    let mut start = 0;
    let mut is_first = true;
    let mut quotes = QuoteTracker::default();
    for (position, byte) in rows.iter().enumerate() {
        if !quotes.can_separate(*byte) || !matches!(byte, b',' | b'\n') {
            continue;
        }
        let cell = &rows[start..position];
        if is_first || !TEXTS.contains(&cell) {
            kept.extend_from_slice(cell);
        }
        kept.push(*byte);
        start = position + 1;
        is_first = *byte == b'\n';
    }
    kept.extend_from_slice(&rows[start..]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_not_finite_become_missing_and_stations_keep_their_names() {
        let mut rows =
            b"station,time,no2,o3\nNaN,t,NaN,1\n\"a,NaN,\"\"Infinity\"\"\",t,Infinity,-Infinity\nx,t,1,NaN\n".to_vec();
        remove(&mut rows);
        let expected = "station,time,no2,o3\nNaN,t,,1\n\"a,NaN,\"\"Infinity\"\"\",t,,\nx,t,1,\n";
        assert_eq!(String::from_utf8(rows).unwrap(), expected);
    }
}

//! The rows of a station with the newest values, found from the newest row on.

use super::row_set::values_start;
use crate::query::Rows;

/// Returns the positions of the rows with the newest value of one of the columns `wanted`, in ascending order. `rows` has the position, the
/// time and the text of each row of a station, from the newest to the oldest.
pub(super) fn newest_rows<'r>(wanted: &[usize], rows: impl Iterator<Item = (usize, i64, &'r [u8])>) -> Vec<usize> {
    let mut missing = wanted.to_vec();
    let mut oldest = i64::MIN;
    let mut positions = Vec::new();
    for (position, time, text) in rows {
        if missing.is_empty() || time < oldest {
            break;
        }
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let cells: Vec<&[u8]> = text[values_start(text)..].split(|byte| *byte == b',').collect();
        let count = missing.len();
        missing.retain(|column| cells.get(*column).is_none_or(|cell| cell.is_empty()));
        if missing.len() == count {
            continue;
        }
        if positions.is_empty() {
            oldest = time.saturating_sub(Rows::REACH);
        }
        positions.push(position);
    }
    positions.reverse();
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_until_each_column_has_a_value_or_is_out_of_reach() {
        const DAY: i64 = Rows::REACH / 7;
        let rows = ["\"a,b\",t,1,,9\n", "\"a,b\",t,2,5,\n", "\"a,b\",t,3,,\n", "\"a,b\",t,4,,\n", "\"a,b\",t,,,\n"];
        let newest = |wanted: &[usize], step: i64| {
            let rows = rows.iter().enumerate().zip(0_i64..).collect::<Vec<_>>().into_iter().rev();
            newest_rows(wanted, rows.map(|((position, text), number)| (position, number * step, text.as_bytes())))
        };
        assert_eq!(newest(&[0, 1, 2], DAY), [0, 1, 3]);
        assert_eq!(newest(&[0, 1, 2], 3 * DAY), [1, 3], "the first row is 9 days older than the newest value");
        assert_eq!(newest(&[2], 30 * DAY), [0], "the newest value may have any age");
        assert_eq!(newest(&[1], DAY), [1]);
        assert!(newest(&[], DAY).is_empty());
    }
}

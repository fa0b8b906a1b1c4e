//! Downsampling of a line: of the values that share a pixel, the first, lowest, highest and last remain.

use crate::model::Timestamp;

/// Returns the run with at most four values for each of `columns` equal parts of the span.
pub(super) fn downsampled(
    run: &[(Timestamp, f64)],
    span: (Timestamp, Timestamp),
    columns: usize,
) -> Vec<(Timestamp, f64)> {
    let columns = columns.max(1);
    if run.len() <= 2 * columns {
        return run.to_vec();
    }
    run.chunk_by(|a, b| column(a.0, span, columns) == column(b.0, span, columns)).flat_map(ends).collect()
}

/// Returns the index of the part of the span that contains a time.
fn column(time: Timestamp, (from, to): (Timestamp, Timestamp), columns: usize) -> i128 {
    let length = i128::from(to.as_microseconds() - from.as_microseconds()).max(1);
    i128::from(time.as_microseconds() - from.as_microseconds()) * columns as i128 / length
}

/// Returns the first, lowest, highest and last value in time order, each once.
fn ends(values: &[(Timestamp, f64)]) -> Vec<(Timestamp, f64)> {
    let lowest = values.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let highest = values.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let mut ends: Vec<_> = [values.first(), lowest, highest, values.last()].into_iter().flatten().copied().collect();
    ends.sort_by_key(|(time, _)| *time);
    ends.dedup_by_key(|(time, _)| *time);
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(length: i32) -> Vec<(Timestamp, f64)> {
        let at = |second: i32| Timestamp::from_microseconds(i64::from(second) * 1_000_000).unwrap();
        (0..length).map(|second| (at(second), if second == 777 { 1000.0 } else { f64::from(second % 7) })).collect()
    }

    #[test]
    fn a_peak_remains_and_the_number_of_points_is_bounded() {
        let all = run(100_000);
        let few = downsampled(&all, (all[0].0, all[99_999].0), 50);
        assert!(few.len() <= 4 * 51, "{}", few.len());
        assert!(few.iter().any(|(_, value)| (value - 1000.0).abs() < f64::EPSILON));
        assert_eq!((few[0], few[few.len() - 1]), (all[0], all[99_999]));
        assert!(few.is_sorted_by_key(|(time, _)| *time));
    }

    #[test]
    fn few_values_remain_unchanged() {
        let all = run(90);
        assert_eq!(downsampled(&all, (all[0].0, all[89].0), 50), all);
    }
}

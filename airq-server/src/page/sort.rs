//! The order of the table of newest values: `no2` for ascending values, `-no2` for descending values.

use super::latest::LatestRow;
use airq_core::{Error, ErrorKind, Issue, Parameter, Result};
use std::cmp::Ordering;

/// The column that orders the rows, and the direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sort {
    key: SortKey,
    is_descending: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SortKey {
    #[default]
    Station,
    Time,
    Air,
    Value(Parameter),
}

impl Sort {
    /// Parses the value of the field `sort`.
    ///
    /// # Errors
    /// If the value names no column.
    pub(super) fn parse(text: &str) -> Result<Sort> {
        let (is_descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let key = match name {
            "station" => SortKey::Station,
            "time" => SortKey::Time,
            "air" => SortKey::Air,
            _ => SortKey::Value(parameter_of(name).ok_or_else(|| {
                let issue = Issue::new("sort", text, "station, time, air or a parameter such as no2, or -no2");
                Error::parameters(ErrorKind::InvalidParameter, vec![issue])
            })?),
        };
        Ok(Sort { key, is_descending })
    }

    /// The value of `aria-sort` of a column's heading.
    pub(super) fn aria(self, key: SortKey) -> &'static str {
        match (self.key == key, self.is_descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        }
    }

    /// The value of the field `sort` that a click on a column's heading selects. Numbers start with the greatest, texts with the first.
    pub(super) fn next(self, key: SortKey) -> String {
        let name = match key {
            SortKey::Station => "station",
            SortKey::Time => "time",
            SortKey::Air => "air",
            SortKey::Value(parameter) => parameter.code(),
        };
        let starts_descending = key != SortKey::Station;
        let is_descending = if self.key == key { !self.is_descending } else { starts_descending };
        format!("{}{name}", if is_descending { "-" } else { "" })
    }

    /// Orders rows. Rows without a value are last in both directions.
    pub(super) fn order(self, rows: &mut [LatestRow], parameters: &[Parameter]) {
        match self.key {
            SortKey::Station => rows.sort_by(|a, b| self.directed(a.station.cmp(&b.station))),
            SortKey::Time => rows.sort_by(|a, b| self.directed(a.time.cmp(&b.time))),
            SortKey::Air => rows.sort_by(|a, b| self.compare(air(a), air(b))),
            SortKey::Value(parameter) => {
                let column = parameters.iter().position(|known| *known == parameter);
                rows.sort_by(|a, b| self.compare(number(a, column), number(b, column)));
            }
        }
    }

    fn compare(self, one: Option<f64>, other: Option<f64>) -> Ordering {
        match (one, other) {
            (Some(one), Some(other)) => self.directed(one.total_cmp(&other)),
            (one, other) => other.is_some().cmp(&one.is_some()),
        }
    }

    fn directed(self, order: Ordering) -> Ordering {
        if self.is_descending { order.reverse() } else { order }
    }
}

/// Returns the parameter of this name. A second minus is no part of a name.
fn parameter_of(name: &str) -> Option<Parameter> {
    if name.starts_with('-') { None } else { name.parse::<Parameter>().ok() }
}

/// The band of a row and, within a band, the number of the index.
fn air(row: &LatestRow) -> Option<f64> {
    let rated = row.rated?;
    let level = u32::try_from(rated.level).unwrap_or(u32::MAX);
    Some(f64::from(level) * 1e6 + f64::from(rated.number.unwrap_or_default()))
}

fn number(row: &LatestRow, column: Option<usize>) -> Option<f64> {
    row.values.get(column?)?.as_ref().map(|value| value.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_reverses_the_order() {
        let sort = Sort::parse("-no2").unwrap();
        assert_eq!(sort.next(SortKey::Value(Parameter::NO2)), "no2");
        assert_eq!(sort.next(SortKey::Value(Parameter::O3)), "-o3");
        assert_eq!(sort.next(SortKey::Station), "station");
        assert_eq!(Sort::default().next(SortKey::Station), "-station");
        assert_eq!((sort.aria(SortKey::Value(Parameter::NO2)), sort.aria(SortKey::Time)), ("descending", "none"));
        assert!(Sort::parse("--no2").is_err() && Sort::parse("").is_err());
    }

    #[test]
    fn missing_values_are_last_in_both_directions() {
        for sort in ["no2", "-no2"] {
            let sort = Sort::parse(sort).unwrap();
            assert_eq!(sort.compare(None, Some(1.0)), Ordering::Greater);
            assert_eq!(sort.compare(Some(1.0), None), Ordering::Less);
        }
        assert_eq!(Sort::parse("-no2").unwrap().compare(Some(1.0), Some(2.0)), Ordering::Greater);
    }
}

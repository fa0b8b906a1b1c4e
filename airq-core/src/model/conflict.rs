//! Conflicts: different values for one station, time and parameter.

use super::{Examples, Parameter};
use crate::error::{Error, ErrorKind, ParseError};
use crate::text::parsed;
use std::fmt;
use std::str::FromStr;

/// The rule for different values of one station, time and parameter.
///
/// Rows of one station and time are one measurement: values merge value by value, and an empty cell never erases a value. Only two
/// different values are a conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// The last value in the order of files and rows is kept.
    #[default]
    Last,
    /// The first value is kept.
    First,
    /// The conflict is an error.
    Error,
}

/// A conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// The id of the station.
    pub station: String,
    /// The time, as RFC 3339.
    pub time: String,
    /// The parameter.
    pub parameter: Parameter,
    /// The value that is kept.
    pub kept: String,
    /// The value that is left out.
    pub left_out: String,
}

/// The conflicts of a source: their number and the first of them.
pub type Conflicts = Examples<Conflict>;

impl OnConflict {
    /// All rules.
    pub const ALL: &'static [OnConflict] = &[OnConflict::Last, OnConflict::First, OnConflict::Error];

    /// The name: `last`, `first` or `error`.
    pub const fn name(self) -> &'static str {
        match self {
            OnConflict::Last => "last",
            OnConflict::First => "first",
            OnConflict::Error => "error",
        }
    }
}

impl fmt::Display for OnConflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for OnConflict {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let rule = OnConflict::ALL.iter().find(|rule| rule.name() == name);
        rule.copied().ok_or_else(|| ParseError::not_one_of(name, OnConflict::ALL.iter().map(|rule| rule.name())))
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conflict { station, time, parameter, kept, left_out } = self;
        write!(f, "station {station:?}, {time}, {parameter}: {kept} is kept, {left_out} is left out")
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        let Conflict { station, time, parameter, kept, left_out } = conflict;
        let why = format!("station {station:?}, {time}, {parameter}: the values {left_out} and {kept} are in conflict");
        Error::new(ErrorKind::InvalidData, format!("{why}; on-conflict=last or on-conflict=first keeps one of them"))
    }
}

/// Returns whether two texts of numbers are the same value, such as `1` and `1.0`.
#[expect(clippy::float_cmp, reason = "equal decimals give equal floating-point numbers")]
pub(crate) fn is_same_value(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return true;
    }
    matches!((parsed::<f64>(one), parsed::<f64>(other)), (Some(one), Some(other)) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value() {
        assert!(is_same_value(b"1", b"1.0") && is_same_value(b"1e1", b"10") && is_same_value(b"a", b"a"));
        assert!(!is_same_value(b"1", b"1.01") && !is_same_value(b"1", b""));
    }

    #[test]
    fn a_rule_is_parsed_by_its_name() {
        for rule in OnConflict::ALL {
            assert_eq!(rule.name().parse(), Ok(*rule));
        }
        assert!("newest".parse::<OnConflict>().is_err());
    }
}

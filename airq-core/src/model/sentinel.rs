//! Sentinels: numbers such as −999 that files write where a value is missing.

use super::Parameter;
use crate::text::parsed;
use std::collections::BTreeMap;
use std::fmt;

/// The number of different sentinels that are counted by name. Others are counted together.
const MOST_NAMES: usize = 100;

/// The sentinels of a source, which are missing values, with their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentinels(BTreeMap<String, u64>);

impl Sentinels {
    /// The number of values that are sentinels.
    pub fn count(&self) -> u64 {
        self.0.values().sum()
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sentinels, such as `no2 -999`, and how often each was found.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// Counts a sentinel.
    pub(crate) fn note(&mut self, parameter: Parameter, value: &[u8]) {
        let name = format!("{parameter} {}", String::from_utf8_lossy(value));
        self.note_name(&name, 1);
    }

    /// Adds the sentinels of another part of the source.
    pub fn add(&mut self, other: &Sentinels) {
        for (name, count) in &other.0 {
            self.note_name(name, *count);
        }
    }

    fn note_name(&mut self, name: &str, count: u64) {
        let is_named = self.0.len() < MOST_NAMES || self.0.contains_key(name);
        let name = if is_named { name } else { "others" };
        *self.0.entry(name.to_owned()).or_default() += count;
    }
}

impl fmt::Display for Sentinels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, count)) in self.iter().enumerate() {
            let separator = if position > 0 { ", " } else { "" };
            write!(f, "{separator}{name} ({count})")?;
        }
        Ok(())
    }
}

impl Parameter {
    /// Describes values from `min` to `max` if some are outside the [plausible range](Parameter::plausible_range).
    #[cfg(any(feature = "formats", feature = "postgres"))]
    pub(crate) fn implausible(self, min: f64, max: f64) -> Option<String> {
        let (least, most) = self.plausible_range()?;
        if min >= least && max <= most {
            return None;
        }
        let unit = self.unit();
        Some(format!("{self}: values from {min} to {max} {unit}, and {least} to {most} is plausible; they are kept"))
    }

    /// Returns whether a number marks a missing value: −99, −999, −9999 and the like (with any decimals that are 9 or 0), and
    /// −9900, if the number is below the parameter's [plausible range](Parameter::plausible_range). Without a known range, numbers
    /// above −999 are values.
    pub(crate) fn is_sentinel(self, number: &[u8]) -> bool {
        let Some(digits) = number.strip_prefix(b"-") else { return false };
        // An exponent makes other digits of the same number: -9.99E+02.
        if !digits.starts_with(b"99") && !digits.iter().any(|byte| matches!(byte, b'e' | b'E')) {
            return false;
        }
        let Some(value) = parsed::<f64>(number) else { return false };
        let below = match self.plausible_range() {
            Some((least, _)) => least.min(-98.0),
            None => -998.0,
        };
        value < below && is_all_nines(-value)
    }
}

/// Returns whether a number is 99, 999, 99.9 and so on, or 9900.
#[expect(clippy::float_cmp, reason = "sentinels are exact")]
fn is_all_nines(number: f64) -> bool {
    if number == 9900.0 {
        return true;
    }
    let text = number.to_string();
    let digits = text.bytes().filter(|byte| *byte != b'.');
    text.len() <= 12 && digits.into_iter().all(|digit| digit == b'9')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_below_the_range_made_of_nines_are_sentinels() {
        let temperature = "temperature".parse::<Parameter>().unwrap();
        for number in ["-999", "-999.0", "-999.00", "-9.99E+02", "-9999", "-99999", "-999.9", "-99", "-9900"] {
            assert!(Parameter::NO2.is_sentinel(number.as_bytes()), "{number}");
            assert!(temperature.is_sentinel(number.as_bytes()), "{number}");
        }
        for number in ["-9", "-9.9", "-98", "-990", "999", "-1", "0", "", "-", "-99.5", "-999.5", "-9e400"] {
            assert!(!Parameter::NO2.is_sentinel(number.as_bytes()), "{number}");
        }
        let open = Parameter::open("fluff", crate::Unit::stated("furlong")).unwrap();
        assert!(open.is_sentinel(b"-999") && !open.is_sentinel(b"-99"));
    }

    #[test]
    fn sentinels_are_counted_by_parameter_and_text() {
        let mut sentinels = Sentinels::default();
        sentinels.note(Parameter::NO2, b"-999");
        sentinels.note(Parameter::NO2, b"-999");
        sentinels.note(Parameter::O3, b"-99");
        assert_eq!((sentinels.count(), sentinels.to_string()), (3, "no2 -999 (2), o3 -99 (1)".to_owned()));
    }
}

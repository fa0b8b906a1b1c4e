//! Converts a value of a file to a number in the canonical unit.

use super::number::{canonical, canonical_with_comma};
use super::options::InputOptions;
use super::records::Fault;
use crate::model::{GasConditions, Pollutant, Unit};
use std::borrow::Cow;

/// The spelling of values in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Measure {
    /// The texts of missing values, besides an empty text.
    missing: Vec<Vec<u8>>,
    decimal_comma: bool,
    conditions: GasConditions,
}

/// The units that [`Unit::parse`] knows, for people.
pub(super) const UNITS: &str = "µg/m³, mg/m³, ppb or ppm";

impl Measure {
    /// The texts of missing values in the format and in the options.
    pub(super) fn new(missing: &[&str], options: &InputOptions) -> Self {
        let from_options = options.missing.iter().map(String::as_str);
        let missing = missing.iter().copied().chain(from_options).map(|text| text.as_bytes().to_owned()).collect();
        Measure { missing, decimal_comma: options.decimal_comma, conditions: options.conditions }
    }

    pub(super) fn with_comma(mut self) -> Self {
        self.decimal_comma = true;
        self
    }

    /// Returns the value in the pollutant's canonical unit; `None` if the value is missing.
    pub(super) fn read<'a>(
        &self,
        text: &'a [u8],
        column: usize,
        pollutant: Pollutant,
        unit: Unit,
    ) -> Result<Option<Cow<'a, [u8]>>, Fault> {
        let is_missing = |text: &[u8]| self.missing.iter().any(|missing| missing == text);
        if text.is_empty() || is_missing(text) {
            return Ok(None);
        }
        let number = if self.decimal_comma { canonical_with_comma(text) } else { canonical(text).map(Cow::Borrowed) };
        let number = number.ok_or_else(|| Fault::value(column, text, "is not a number"))?;
        if is_missing(&number) {
            return Ok(None);
        }
        if unit == pollutant.canonical_unit() {
            return Ok(Some(number));
        }
        self.convert(&number, pollutant, unit).map(|number| Some(Cow::Owned(number))).ok_or_else(|| {
            let why = format!("cannot be turned from {unit} into {}", pollutant.unit());
            Fault::value(column, text, &why)
        })
    }

    fn convert(&self, number: &[u8], pollutant: Pollutant, unit: Unit) -> Option<Vec<u8>> {
        let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
        let converted = unit.convert(value, pollutant.canonical_unit(), pollutant, self.conditions)?;
        converted.is_finite().then(|| converted.to_string().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(measure: &Measure, text: &str, pollutant: Pollutant, unit: Unit) -> Option<String> {
        let value = measure.read(text.as_bytes(), 0, pollutant, unit).unwrap();
        value.map(|value| String::from_utf8(value.into_owned()).unwrap())
    }

    #[test]
    fn a_value_comes_in_the_canonical_unit() {
        let measure = Measure::default();
        let micrograms = Unit::MicrogramPerCubicMetre;
        assert_eq!(read(&measure, "041.50", Pollutant::No2, micrograms).unwrap(), "41.5");
        assert_eq!(read(&measure, "300", Pollutant::Co, micrograms).unwrap(), "0.3");
        let ozone: f64 = read(&measure, "0.025", Pollutant::O3, Unit::PartPerMillion).unwrap().parse().unwrap();
        assert!((ozone - 49.875).abs() < 0.01, "{ozone}");
        assert!(measure.read(b"1", 0, Pollutant::Pm10, Unit::PartPerMillion).is_err());
    }

    #[test]
    fn only_the_format_says_what_a_missing_value_is() {
        let measure = Measure::new(&["-200", "NA"], &InputOptions::default()).with_comma();
        let read = |text| read(&measure, text, Pollutant::No2, Unit::MicrogramPerCubicMetre);
        assert_eq!((read(""), read("NA"), read("-200"), read("-200,0")), (None, None, None, None));
        assert_eq!((read("-1,5").unwrap(), read("-999").unwrap()), ("-1.5".to_owned(), "-999".to_owned()));
        assert!(measure.read(b"NaN", 0, Pollutant::No2, Unit::MicrogramPerCubicMetre).is_err());
    }
}

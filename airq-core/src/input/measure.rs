//! Converts a value of a file to a number in the canonical unit.

use super::options::InputOptions;
use super::records::RecordError;
use crate::csv::spelling::{canonical, canonical_with_comma};
use crate::model::{GasConditions, Parameter, Unit, is_same_value};
use crate::text::parsed;
use std::borrow::Cow;

/// The spelling of values in a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Measure {
    /// The texts of missing values, besides an empty text.
    missing: Vec<Vec<u8>>,
    /// The texts that are numbers, in JSON's spelling.
    missing_numbers: Vec<Vec<u8>>,
    decimal_comma: bool,
    conditions: GasConditions,
    keeps_sentinels: bool,
    /// Bytes that mark a value as invalid at the end of its cell.
    invalid_suffixes: Vec<u8>,
}

/// The parameter of a value, and what the file's numbers mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ValueRule {
    pub(super) parameter: Parameter,
    pub(super) unit: Unit,
    pub(super) factor: f64,
    /// The texts of missing values of this parameter, in addition to the texts of the file.
    pub(super) missing: Vec<Vec<u8>>,
}

impl ValueRule {
    /// Values of a parameter in a unit.
    pub(super) fn new(parameter: Parameter, unit: Unit) -> Self {
        ValueRule { parameter, unit, factor: 1.0, missing: Vec::new() }
    }

    fn is_plain(&self) -> bool {
        self.unit == self.parameter.unit() && self.factor.to_bits() == 1.0_f64.to_bits()
    }
}

/// A cell of a column of values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum CellValue<'a> {
    /// The cell is empty, or has a text for a missing value.
    Missing,
    /// The text of a number such as −999, which marks a missing value.
    Sentinel(&'a [u8]),
    /// The cell ends in a mark of an invalid value.
    Invalid,
    /// The value in the parameter's unit, a JSON number.
    Value(Cow<'a, [u8]>),
}

impl Measure {
    /// The texts of missing values in the format and in the options.
    pub(super) fn new(missing: &[String], options: &InputOptions) -> Self {
        let missing: Vec<Vec<u8>> =
            missing.iter().chain(&options.missing).map(|text| text.as_bytes().to_owned()).collect();
        let missing_numbers = missing.iter().filter_map(|text| Some(canonical(text)?.into_owned())).collect();
        Measure {
            missing,
            missing_numbers,
            decimal_comma: options.decimal_comma,
            conditions: options.conditions,
            keeps_sentinels: options.keeps_sentinels,
            invalid_suffixes: Vec::new(),
        }
    }

    /// Reads numbers with a decimal comma, too, if `has_comma`.
    pub(super) fn with_comma(mut self, has_comma: bool) -> Self {
        self.decimal_comma |= has_comma;
        self
    }

    pub(super) fn with_invalid_suffixes(mut self, suffixes: &str) -> Self {
        self.invalid_suffixes.extend_from_slice(suffixes.as_bytes());
        self
    }

    /// Returns whether cells can be marked as invalid.
    pub(super) fn has_marks(&self) -> bool {
        !self.invalid_suffixes.is_empty()
    }

    /// Returns whether the text is one of a missing value.
    pub(super) fn is_missing(&self, text: &[u8]) -> bool {
        text.is_empty() || self.missing.iter().any(|missing| missing == text)
    }

    /// Reads a cell.
    ///
    /// # Errors
    /// If the text is not a number, or the number cannot be converted to the parameter's unit.
    pub(super) fn read<'a>(
        &self,
        text: &'a [u8],
        column: usize,
        rule: &ValueRule,
    ) -> Result<CellValue<'a>, RecordError> {
        let ValueRule { parameter, unit, .. } = *rule;
        if self.is_missing(text) || rule.missing.iter().any(|missing| missing == text) {
            return Ok(CellValue::Missing);
        }
        let number = if self.decimal_comma { canonical_with_comma(text) } else { canonical(text) };
        let Some(number) = number.or_else(|| compass_degrees(text, parameter)) else {
            if let Some(last) = text.last()
                && self.invalid_suffixes.contains(last)
            {
                return Ok(CellValue::Invalid);
            }
            return Err(RecordError::value(column, text, not_a_number(text)));
        };
        if self.missing_numbers.iter().any(|missing| is_same_number(missing, &number)) {
            return Ok(CellValue::Missing);
        }
        if !self.keeps_sentinels && parameter.is_sentinel(&number) {
            return Ok(CellValue::Sentinel(text));
        }
        if rule.is_plain() {
            return Ok(CellValue::Value(number));
        }
        match self.convert(&number, rule) {
            Some(number) => Ok(CellValue::Value(Cow::Owned(number))),
            None if unit.symbol().is_empty() => Err(RecordError::value(column, text, "has no unit")),
            None => {
                let why = format!("cannot be converted from {unit} to {}", parameter.unit());
                Err(RecordError::value(column, text, &why))
            }
        }
    }

    fn convert(&self, number: &[u8], rule: &ValueRule) -> Option<Vec<u8>> {
        let value = parsed::<f64>(number)? * rule.factor;
        let converted = rule.unit.convert(value, rule.parameter.unit(), rule.parameter, self.conditions)?;
        if converted.is_finite() { Some(converted.to_string().into_bytes()) } else { None }
    }
}

/// The reason why a text is not a number.
fn not_a_number(text: &[u8]) -> &'static str {
    let separators = text.iter().filter(|byte| matches!(byte, b',' | b'.' | b'\'' | b' ')).count();
    let has_other = text.iter().any(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b',' | b'.' | b'\'' | b' '));
    match separators {
        0 => "is not a number",
        _ if has_other => "is not a number",
        1 if text.contains(&b',') => "is not a number: is the comma a decimal comma (--decimal-comma)?",
        _ => "is not a number: numbers must have no separators of thousands",
    }
}

/// Compares numbers in JSON's spelling. Only exponents give one number several spellings.
fn is_same_number(one: &[u8], other: &[u8]) -> bool {
    one == other || (has_exponent(one) || has_exponent(other)) && is_same_value(one, other)
}

fn has_exponent(number: &[u8]) -> bool {
    number.iter().any(|byte| matches!(byte, b'e' | b'E'))
}

/// The degrees of a wind direction that is written as a point of the compass, such as `NNW`.
fn compass_degrees<'a>(text: &[u8], parameter: Parameter) -> Option<Cow<'a, [u8]>> {
    const POINTS: [&str; 16] =
        ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"];
    if parameter.unit() != Unit::Degree {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let point = (0_u8..).zip(POINTS).find(|(_, point)| point.eq_ignore_ascii_case(text));
    let degrees = f64::from(point?.0) * 22.5;
    Some(Cow::Owned(degrees.to_string().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(measure: &Measure, text: &str, parameter: Parameter, unit: Unit) -> Option<String> {
        match measure.read(text.as_bytes(), 0, &ValueRule::new(parameter, unit)).unwrap() {
            CellValue::Value(value) => Some(String::from_utf8(value.into_owned()).unwrap()),
            CellValue::Missing | CellValue::Sentinel(_) | CellValue::Invalid => None,
        }
    }

    #[test]
    fn a_value_comes_in_the_unit() {
        let measure = Measure::default();
        let micrograms = Unit::MicrogramPerCubicMetre;
        assert_eq!(read(&measure, "041.50", Parameter::NO2, micrograms).unwrap(), "41.5");
        assert_eq!(read(&measure, "300", Parameter::CO, micrograms).unwrap(), "0.3");
        let ozone: f64 = read(&measure, "0.025", Parameter::O3, Unit::PartPerMillion).unwrap().parse().unwrap();
        assert!((ozone - 49.875).abs() < 0.01, "{ozone}");
        assert!(measure.read(b"1", 0, &ValueRule::new(Parameter::PM10, Unit::PartPerMillion)).is_err());
    }

    #[test]
    fn a_sentinel_is_missing_unless_sentinels_are_kept() {
        let micrograms = Unit::MicrogramPerCubicMetre;
        let read = |measure: &Measure| measure.read(b"-999.0", 0, &ValueRule::new(Parameter::NO2, micrograms)).unwrap();
        assert_eq!(read(&Measure::default()), CellValue::Sentinel(b"-999.0"));
        let keeping = InputOptions::default().set("keep-sentinels", "true").unwrap();
        assert_eq!(read(&Measure::new(&[], &keeping)), CellValue::Value(Cow::Borrowed(b"-999")));
    }

    #[test]
    fn a_point_of_the_compass_is_a_wind_direction() {
        let direction = "wd".parse::<Parameter>().unwrap();
        assert_eq!(read(&Measure::default(), "NNW", direction, Unit::Degree).as_deref(), Some("337.5"));
        assert!(Measure::default().read(b"N", 0, &ValueRule::new(Parameter::NO2, Parameter::NO2.unit())).is_err());
    }

    #[test]
    fn only_the_format_says_what_a_missing_value_is() {
        let measure = Measure::new(&["-200".to_owned(), "NA".to_owned()], &InputOptions::default()).with_comma(true);
        let read = |text| read(&measure, text, Parameter::NO2, Unit::MicrogramPerCubicMetre);
        assert_eq!((read(""), read("NA"), read("-200"), read("-200,0")), (None, None, None, None));
        assert_eq!((read("-1,5"), read("-999"), read("-2E+02")), (Some("-1.5".to_owned()), None, None));
        assert!(measure.read(b"NaN", 0, &ValueRule::new(Parameter::NO2, Unit::MicrogramPerCubicMetre)).is_err());
    }
}

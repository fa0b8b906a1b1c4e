//! Flags: texts that mark a value as valid or invalid.

use super::description::FlagColumns;
use super::records::{RecordError, trimmed};
use crate::csv::Record;
use crate::text::parsed;

/// The meaning of a file's flags.
#[derive(Clone, Debug)]
pub(super) struct FlagRule {
    valid: Vec<Vec<u8>>,
    /// The flags of invalid values. Without them, all flags that are not valid.
    invalid: Vec<Vec<u8>>,
    at_least: Option<i64>,
    with_unit: bool,
    /// The meaning of each flag of one byte, which most flags are.
    of_byte: [Validity; 256],
}

/// The meaning of a flag for its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Validity {
    Valid,
    Invalid,
    /// The flag has no meaning in the format. It is no fault if the value is missing.
    Unknown,
}

/// A value with a checked flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked<'a> {
    /// The value is valid or missing. The unit, if one follows the flag.
    Usable(Option<&'a [u8]>),
    Invalid,
}

impl FlagRule {
    pub(super) fn new(flag: &FlagColumns) -> Self {
        let mut rule = FlagRule {
            valid: bytes_of(&flag.valid),
            invalid: bytes_of(&flag.invalid),
            at_least: flag.at_least,
            with_unit: flag.with_unit,
            of_byte: [Validity::Unknown; 256],
        };
        rule.of_byte = std::array::from_fn(|byte| rule.validity(&[u8::try_from(byte).unwrap_or_default()]));
        rule
    }

    /// Checks the flag of a value. A missing value may have a flag without a meaning.
    ///
    /// # Errors
    /// If the value is not missing and the flag has no meaning.
    pub(super) fn check<'a>(
        &self,
        record: Record<'a>,
        column: usize,
        is_missing: bool,
    ) -> Result<Checked<'a>, RecordError> {
        let flag = trimmed(record, column);
        match self.read(flag) {
            (Validity::Invalid, _) => Ok(Checked::Invalid),
            (Validity::Valid, unit) => Ok(Checked::Usable(unit)),
            (Validity::Unknown, unit) if is_missing => Ok(Checked::Usable(unit)),
            (Validity::Unknown, _) => Err(self.fault(column, flag)),
        }
    }

    /// Reads a flag. Returns the unit, too, if one follows the flag.
    #[inline]
    fn read<'a>(&self, text: &'a [u8]) -> (Validity, Option<&'a [u8]>) {
        if let [byte] = text {
            return (self.of_byte[usize::from(*byte)], None);
        }
        let blank = if self.with_unit { text.iter().position(|byte| *byte == b' ') } else { None };
        match blank {
            Some(blank) => (self.validity(&text[..blank]), Some(text[blank..].trim_ascii())),
            None => (self.validity(text), None),
        }
    }

    fn validity(&self, flag: &[u8]) -> Validity {
        if let Some(least) = self.at_least {
            return match parsed::<i64>(flag) {
                Some(number) if number >= least => Validity::Valid,
                Some(_) => Validity::Invalid,
                None => Validity::Unknown,
            };
        }
        if self.valid.iter().any(|valid| valid == flag) {
            return Validity::Valid;
        }
        let is_invalid = self.invalid.is_empty() || self.invalid.iter().any(|invalid| invalid == flag);
        if is_invalid && !flag.is_empty() { Validity::Invalid } else { Validity::Unknown }
    }

    /// The fault of a flag without a meaning.
    fn fault(&self, column: usize, flag: &[u8]) -> RecordError {
        if let Some(least) = self.at_least {
            return RecordError::value(
                column,
                flag,
                &format!("is not a flag: a number is, and {least} or more is valid"),
            );
        }
        let texts: Vec<_> = self.valid.iter().chain(&self.invalid).map(|text| String::from_utf8_lossy(text)).collect();
        RecordError::value(column, flag, &format!("is not a flag: expected one of {}", texts.join(", ")))
    }
}

fn bytes_of(texts: &[String]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_owned()).collect()
}

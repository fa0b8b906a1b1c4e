//! The formats that are known, by name.

use super::description::built_in;
use crate::error::ParseError;
use crate::model::interned;
use std::fmt;
use std::str::FromStr;

/// A format that files of measurements are published in.
///
/// ```
/// use airq_core::input::InputFormat;
/// assert!(InputFormat::built_in().any(|format| format.name() == "madrid"));
/// assert_eq!("excel".parse::<InputFormat>().ok(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputFormat(&'static str);

impl InputFormat {
    /// airq's own: a station, a time and parameters by name, as [`encode`](crate::encode) reads them.
    pub const AIRQ: InputFormat = InputFormat("airq");
    /// Any other table, with a map of its columns.
    pub const GENERIC: InputFormat = InputFormat("generic");

    /// The formats that need no description: airq's own, and those with a built-in description.
    pub fn built_in() -> impl Iterator<Item = InputFormat> {
        let mut formats = vec![InputFormat::AIRQ];
        for description in built_in() {
            let format = InputFormat(&description.name);
            if !formats.contains(&format) {
                formats.push(format);
            }
        }
        formats.into_iter()
    }

    /// The name in settings; of a format with a description of one's own, the name in the description.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The format of a description.
    pub(super) fn described(name: &str) -> Self {
        InputFormat(interned(name))
    }
}

/// Parses the name of a built-in format, or `generic`.
impl FromStr for InputFormat {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let mut formats = InputFormat::built_in().chain([InputFormat::GENERIC]);
        let names = InputFormat::built_in().chain([InputFormat::GENERIC]).map(InputFormat::name);
        formats.find(|format| format.name() == name).ok_or_else(|| ParseError::not_one_of(name, names))
    }
}

impl fmt::Display for InputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

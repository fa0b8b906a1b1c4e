//! Where a page ends: the last row's place in the order of every answer (station, then time).

use crate::error::ParseError;
use crate::model::Timestamp;
use std::fmt;
use std::str::FromStr;

/// The position of a row in the order of an answer; the next page starts after it.
///
/// Being the row's own key, not a count, it stays right while rows are added or removed before it.
///
/// ```
/// use airq_core::Cursor;
/// let cursor = "2016-10-01T00:15:00.000Z,aq_salvia".parse::<Cursor>().unwrap();
/// assert_eq!(cursor.station, "aq_salvia");
/// assert_eq!(cursor.to_string(), "2016-10-01T00:15:00.000Z,aq_salvia");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cursor {
    /// The row's station.
    pub station: String,
    /// The row's time.
    pub time: Timestamp,
}

impl Cursor {
    /// The cursor at this row.
    pub fn new(station: impl Into<String>, time: Timestamp) -> Self {
        Cursor { station: station.into(), time }
    }
}

/// Parses the text of `Display`: `TIME,STATION`.
impl FromStr for Cursor {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((time, station)) = text.split_once(',')
            && let Ok(time) = time.parse()
            && !station.is_empty()
            && !station.contains('\0')
        {
            return Ok(Cursor { station: station.to_owned(), time });
        }
        Err(ParseError::new(text, "the page.next of an earlier answer, unchanged"))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.time, self.station)
    }
}

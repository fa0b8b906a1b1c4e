//! Where a page ends: the last row's place in the order of every answer (station, then time).

use crate::model::Timestamp;
use std::fmt;

/// The place of a row in the order of an answer; the next page begins behind it.
///
/// Being the row's own key, not a count, it stays right while rows are added or removed before it.
///
/// ```
/// use airq_core::Cursor;
/// let cursor = Cursor::parse("2016-10-01T00:15:00.000Z,aq_salvia").unwrap();
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

    /// Reads what its `Display` wrote: `TIME,STATION`.
    pub fn parse(text: &str) -> Option<Self> {
        let (time, station) = text.split_once(',')?;
        let plain = !station.is_empty() && !station.contains('\0');
        let time = Timestamp::parse(time).filter(|_| plain)?;
        Some(Cursor { station: station.to_owned(), time })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.time, self.station)
    }
}

//! Times at fixed positions, without a general parser.
//!
//! A text that does not fit is left to the general parser, which reads more and explains errors.

use super::clock::civil_instant;
use crate::model::Timestamp;
use std::ops::RangeInclusive;

/// The layout of a pattern such as `%d/%m/%Y %H:%M`, in texts where each number has all of its digits.
#[derive(Clone, Debug)]
pub(super) struct FixedTime {
    length: usize,
    year: usize,
    month: usize,
    day: usize,
    /// The offsets of hour, minute and second, as far as the pattern has them.
    clock: Vec<usize>,
    /// The bytes between the numbers, by offset.
    literals: Vec<(usize, u8)>,
}

impl FixedTime {
    /// The layout of a pattern; `None` if the pattern has other directives than the year, the month, the day and the clock
    /// to the minute or the second.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut offsets = [None; 6];
        let mut literals = Vec::new();
        let mut length = 0;
        let mut rest = pattern.as_bytes();
        while let [first, after @ ..] = rest {
            rest = after;
            if *first != b'%' {
                let is_plain = first.is_ascii_graphic() || *first == b' ';
                literals.push((length, Some(*first).filter(|_| is_plain)?));
                length += 1;
                continue;
            }
            let (directive, after) = rest.split_first()?;
            rest = after;
            let index = b"YmdHMS".iter().position(|known| known == directive)?;
            if offsets[index].replace(length).is_some() {
                return None;
            }
            length += if index == 0 { 4 } else { 2 };
        }
        let [Some(year), Some(month), Some(day), hour, minute, second] = offsets else { return None };
        let clock = match (hour, minute, second) {
            (None, None, None) => Vec::new(),
            (Some(hour), Some(minute), None) => vec![hour, minute],
            (Some(hour), Some(minute), Some(second)) => vec![hour, minute, second],
            _ => return None,
        };
        Some(FixedTime { length, year, month, day, clock, literals })
    }

    /// The time as if it were UTC; `None` if the text has another form, or is no time.
    pub(super) fn read(&self, text: &[u8]) -> Option<Timestamp> {
        if text.len() != self.length || self.literals.iter().any(|(offset, byte)| text[*offset] != *byte) {
            return None;
        }
        civil_instant(
            two_digits(text, self.year)? * 100 + two_digits(text, self.year + 2)?,
            two_digits(text, self.month)?,
            two_digits(text, self.day)?,
            self.clock_part(text, 0)?,
            self.clock_part(text, 1)?,
            self.clock_part(text, 2)?,
        )
    }

    /// The hour, the minute or the second, by its index; 0 if the spelling lacks the part.
    #[inline]
    fn clock_part(&self, text: &[u8], index: usize) -> Option<i64> {
        match self.clock.get(index) {
            Some(offset) => two_digits(text, *offset),
            None => Some(0),
        }
    }
}

/// Reads `YYYY-MM-DD?hh:mm:ss` and an optional offset, `Z` or `±hh:mm`, which may follow a blank. Returns the instant, and
/// whether the text has an offset; `None` for all other texts, and for some of this form.
pub(super) fn read_iso(text: &[u8]) -> Option<(Timestamp, bool)> {
    let (local, offset) = text.split_first_chunk::<19>()?;
    let [y1, _, _, _, b'-', _, _, b'-', _, _, b' ' | b'T' | b't', _, _, b':', _, _, b':', _, _] = local else {
        return None;
    };
    let is_clock = is_within(local, 11, 0..=23) && is_within(local, 14, 0..=59) && is_within(local, 17, 0..=59);
    let is_year = *y1 != b'0' && is_within(local, 0, 0..=99) && is_within(local, 2, 0..=99);
    let is_date = is_year && is_within(local, 5, 1..=12) && is_within(local, 8, 1..=28);
    if !is_clock || !is_date {
        return None;
    }
    let mut wide = [0; 32];
    wide[..19].copy_from_slice(local);
    let time = Timestamp::from_proven(&wide, 0, &mut crate::model::LastDate::default());
    match offset {
        b"" => Some((time, false)),
        b"Z" => Some((time, true)),
        [sign @ (b'+' | b'-'), offset @ ..] | [b' ', sign @ (b'+' | b'-'), offset @ ..] => {
            let minutes = offset_minutes(offset)?;
            let minutes = if *sign == b'-' { -minutes } else { minutes };
            Timestamp::from_microseconds(time.as_microseconds() - minutes * 60_000_000).map(|time| (time, true))
        }
        _ => None,
    }
}

/// The minutes of `hh:mm`.
fn offset_minutes(text: &[u8]) -> Option<i64> {
    let [_, _, b':', _, _] = text else { return None };
    let hours = two_digits(text, 0).filter(|hours| *hours < 24)?;
    let minutes = two_digits(text, 3).filter(|minutes| *minutes < 60)?;
    Some(hours * 60 + minutes)
}

/// The number of two digits at this offset.
#[inline]
fn two_digits(text: &[u8], offset: usize) -> Option<i64> {
    let tens = text[offset].wrapping_sub(b'0');
    let ones = text[offset + 1].wrapping_sub(b'0');
    if tens < 10 && ones < 10 { Some(i64::from(tens) * 10 + i64::from(ones)) } else { None }
}

/// Returns whether two digits are a number of the range.
#[inline]
fn is_within(text: &[u8], offset: usize, range: RangeInclusive<i64>) -> bool {
    match two_digits(text, offset) {
        Some(number) => range.contains(&number),
        None => false,
    }
}

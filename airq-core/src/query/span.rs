//! Lengths of time in queries, such as `24h` or `7d`.

use crate::model::{HOUR, Timestamp};
use std::fmt;

/// The rule of a length of time.
pub(super) const SPAN_RULE: &str = "a number of hours or days from 1h to 36500d, such as 24h or 7d";
const MINUTE: i64 = HOUR / 60;

/// A number of hours or days. A day has 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    hours: i64,
}

impl Span {
    pub(super) fn parse(text: &str) -> Option<Span> {
        const MOST_HOURS: i64 = 36_500 * 24;
        let (number, hours) = match (text.strip_suffix('h'), text.strip_suffix('d')) {
            (Some(number), _) => (number, 1),
            (None, Some(number)) => (number, 24),
            (None, None) => return None,
        };
        let is_plain = (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let hours = number.parse::<i64>().ok().filter(|_| is_plain)? * hours;
        (1..=MOST_HOURS).contains(&hours).then_some(Span { hours })
    }

    /// Returns the time this long before another time, or the first time there is.
    pub(super) fn before(self, time: Timestamp) -> Timestamp {
        Timestamp::from_microseconds(time.as_microseconds() - self.hours * HOUR).unwrap_or(time)
    }

    /// Returns the time this long before now. Seconds are cut, so that the requests of a minute have the same answer.
    pub(super) fn before_now(self) -> Timestamp {
        let now = Timestamp::now().as_microseconds();
        let minute = Timestamp::from_microseconds(now - now.rem_euclid(MINUTE)).unwrap_or_else(Timestamp::now);
        self.before(minute)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}h", self.hours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_of_hours_or_days() {
        let hours = |text: &str| Span::parse(text).map(|span| span.hours);
        assert_eq!((hours("24h"), hours("7d"), hours("36500d")), (Some(24), Some(168), Some(876_000)));
        for bad in ["", "h", "0h", "-1h", "+1h", "1.5h", "1m", "1 d", "36501d", "9999999h", "1hd", "24"] {
            assert_eq!(hours(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_time_before_now_is_cut_to_the_minute() {
        let before = Timestamp::now().as_microseconds() - HOUR;
        let time = Span { hours: 1 }.before_now().as_microseconds();
        assert_eq!(time.rem_euclid(MINUTE), 0);
        assert!((0..2 * MINUTE).contains(&(before - time)), "{before} {time}");
    }
}

//! Instants as text, day by day.

use crate::model::Timestamp;

const DAY: i64 = 86_400_000_000;
/// The length of `YYYY-MM-DDT`.
const DATE: usize = 11;

/// Writes instants as [`Timestamp`]'s `Display` does. The date is kept, because rows of one day mostly follow each other.
#[derive(Debug)]
pub(super) struct TimeText {
    /// The day of `date`, in days since 1970.
    day: i64,
    date: [u8; DATE],
}

impl Default for TimeText {
    fn default() -> Self {
        TimeText { day: 0, date: *b"1970-01-01T" }
    }
}

impl TimeText {
    /// Appends the instant as RFC 3339 in UTC.
    pub(super) fn write(&mut self, time: Timestamp, out: &mut Vec<u8>) {
        let microseconds = time.as_microseconds();
        let day = microseconds.div_euclid(DAY);
        let of_day = microseconds.rem_euclid(DAY);
        if of_day % 1000 != 0 {
            return time.write_to(out);
        }
        if day != self.day {
            let start = out.len();
            time.write_to(out);
            self.day = day;
            self.date.copy_from_slice(&out[start..start + DATE]);
            return;
        }
        let seconds = of_day / 1_000_000;
        let milliseconds = of_day / 1000 % 1000;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let [h1, h2] = two_digits(hour);
        let [m1, m2] = two_digits(minute);
        let [s1, s2] = two_digits(second);
        let [f1, f2] = two_digits(milliseconds / 10);
        let [_, f3] = two_digits(milliseconds % 10);
        out.extend_from_slice(&self.date);
        out.extend_from_slice(&[h1, h2, b':', m1, m2, b':', s1, s2, b'.', f1, f2, f3, b'Z']);
    }
}

/// The digits of a number below 100.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "digits are 0 to 9")]
fn two_digits(number: i64) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_display_writes_them() {
        let mut text = TimeText::default();
        for time in [
            "1970-01-01",
            "1970-01-01 23:59:59.999",
            "1969-12-31 23:59:59.999",
            "1969-12-31 00:00:00.001",
            "0001-01-01 01:02:03.040",
            "0001-01-01 01:02:03.0405",
            "0001-01-01 11:22:33",
            "9999-12-31 10:20:30.999999",
            "9999-12-31 23:59:59.100",
        ] {
            let time = time.parse::<Timestamp>().unwrap();
            for _ in 0..2 {
                let mut out = b"x,".to_vec();
                text.write(time, &mut out);
                assert_eq!(String::from_utf8(out).unwrap(), format!("x,{time}"));
            }
        }
    }
}

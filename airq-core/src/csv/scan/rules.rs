//! The grammar of numbers as rules between neighbouring bytes, so that many bytes can be checked at once.
//!
//! A byte is *odd* if it is invalid in a column of numbers after the two bytes before it, or completes `-99`, the start of numbers
//! that mark missing values. A cell with no odd byte and at most one dot is empty or a number by JSON's grammar without an
//! exponent. The [scan](super::index::ScanWindow) counts the dots, and marks the separator after a decimal that ends in a zero, because such
//! a number is shortened.

/// The rules for one delimiter, as code and as tables for vector instructions.
#[derive(Clone, Debug)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "portable code uses no tables"))]
pub(crate) struct Rules {
    pub(crate) delimiter: Delimiter,
    /// The rules that match the byte two positions before. A byte is odd if one rule matches all three positions.
    pub(crate) two_before: Halves,
    /// The rules that match the byte before.
    pub(crate) before: Halves,
    /// The rules that match the byte itself.
    pub(crate) here: Halves,
    /// Nonzero for bytes that are valid in a column of numbers at all.
    pub(crate) known: Halves,
    /// The tables `two_before`, `before` and `here` (which includes `known`), indexed by ASCII byte.
    pub(crate) by_byte: [[u8; 128]; 3],
}

/// The byte that separates the cells of a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delimiter(pub(crate) u8);

impl Delimiter {
    /// Returns whether the byte `here` is odd. The tables of [`Rules`] give the same result if all three bytes are valid in
    /// a column of numbers.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "compilers turn this into vector code, and `||` into jumps")]
    pub(crate) fn is_odd(self, two_before: u8, before: u8, here: u8) -> bool {
        let is_separator = |byte: u8| (byte == self.0) | (byte == b'\n');
        let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10;
        let is_known = is_digit(here) | is_separator(here) | (here == b'.') | (here == b'-') | (here == b'\r');
        let needs_digit = (before == b'.') | (before == b'-');
        let starts_number = is_separator(two_before) | (two_before == b'-');
        !is_known
            | (needs_digit & !is_digit(here))
            | ((here == b'.') & !is_digit(before))
            | ((here == b'-') & !is_separator(before))
            | (starts_number & (before == b'0') & is_digit(here))
            | ((before == b'\r') & (here != b'\n'))
            | ((two_before == b'-') & (before == b'9') & (here == b'9'))
    }
}

/// Eight sets of bytes, a bit each, as two tables of half bytes. A byte is in a set if the set's bit is on for both the low
/// and the high four bits, so two 16-entry lookups and an "and" give all sets of a byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Halves {
    pub(crate) low: [u8; 16],
    pub(crate) high: [u8; 16],
}

impl Halves {
    /// Adds the bytes with one of the low halves and one of the high halves to the set `bit`.
    fn set(mut self, bit: u32, low: &[u8], high: &[u8]) -> Self {
        for half in low {
            self.low[usize::from(*half)] |= 1 << bit;
        }
        for half in high {
            self.high[usize::from(*half)] |= 1 << bit;
        }
        self
    }

    /// Returns the sets that contain `byte`.
    pub(crate) const fn of(&self, byte: u8) -> u8 {
        self.low[(byte & 15) as usize] & self.high[(byte >> 4) as usize]
    }
}

/// The rule in `by_byte` that a byte outside the alphabet of numbers breaks alone.
const UNKNOWN: u8 = 1 << 7;
const ALL: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const DIGITS: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

impl Rules {
    pub(crate) fn new(delimiter: u8) -> Self {
        let low = delimiter & 15;
        let high = delimiter >> 4;
        // The bytes of the alphabet that are not digits. Only a semicolon, 0x3b, has the same high half as the digits.
        let not_digit = |halves: Halves, bit| match high {
            3 => halves.set(bit, &[0xa, 0xb, 0xc, 0xd, 0xe, 0xf], &ALL),
            _ => halves.set(bit, &ALL, &[0x0, 0x1, 0x2, 0x4, 0x5, 0x6, 0x7]),
        };
        let none = Halves::default();
        let mut two_before = none;
        // Rule 0: a digit must follow a dot or a minus.
        let mut before = none.set(0, &[0xd, 0xe], &[2]);
        let mut here = not_digit(none, 0);
        // Rule 1: a digit must precede a dot.
        before = not_digit(before, 1);
        here = here.set(1, &[0xe], &[2]);
        // Rule 2: only a separator may precede a minus, so no digit. Rules 0 and 5 exclude a dot, a minus and a carriage return.
        before = before.set(2, &DIGITS, &[3]);
        here = here.set(2, &[0xd], &[2]);
        // Rule 3: a number that starts with -99 may be a sentinel, which the scalar parser decides.
        two_before = two_before.set(3, &[0xd], &[2]);
        before = before.set(3, &[9], &[3]);
        here = here.set(3, &[9], &[3]);
        // Rules 4 and 6: no digit may follow a leading zero, which is a zero after a separator (4) or a minus (6).
        two_before = two_before.set(4, &[0xa, low], &[0, high]).set(6, &[0xd], &[2]);
        before = before.set(4, &[0], &[3]).set(6, &[0], &[3]);
        here = here.set(4, &DIGITS, &[3]).set(6, &DIGITS, &[3]);
        // Rule 5: only a line feed may follow a carriage return. No other byte of the alphabet has the low half 0xa.
        let not_a: Vec<u8> = ALL.into_iter().filter(|half| *half != 0xa).collect();
        before = before.set(5, &[0xd], &[0]);
        here = here.set(5, &not_a, &ALL);
        // All rules but 3, 4 and 6 ignore the byte two positions before.
        for rule in [0, 1, 2, 5] {
            two_before = two_before.set(rule, &ALL, &ALL);
        }
        let known = none.set(0, &DIGITS, &[3]).set(1, &[0xd, 0xe], &[2]).set(2, &[0xa, 0xd], &[0]);
        let known = known.set(3, &[low], &[high]);
        let unknown = |byte| if known.of(byte) == 0 { UNKNOWN } else { 0 };
        let by_byte = [
            table(|byte| two_before.of(byte) | UNKNOWN),
            table(|byte| before.of(byte) | UNKNOWN),
            table(|byte| here.of(byte) | unknown(byte)),
        ];
        Rules { delimiter: Delimiter(delimiter), two_before, before, here, known, by_byte }
    }

    /// Returns whether the byte `here` is odd by the tables.
    #[cfg(test)]
    pub(crate) const fn is_odd_by_table(&self, two_before: u8, before: u8, here: u8) -> bool {
        let broken = self.two_before.of(two_before) & self.before.of(before) & self.here.of(here);
        broken != 0 || self.known.of(here) == 0
    }
}

fn table(value: impl Fn(u8) -> u8) -> [u8; 128] {
    let mut table = [0; 128];
    for (byte, entry) in (0..).zip(&mut table) {
        *entry = value(byte);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_and_is_odd_agree_on_all_bytes_of_the_alphabet_of_numbers() {
        for delimiter in *b",;\t" {
            let rules = Rules::new(delimiter);
            let known = [b"0123456789.-\r\n".as_slice(), &[delimiter]].concat();
            for (one, two) in known.iter().flat_map(|one| known.iter().map(move |two| (*one, *two))) {
                for here in 0..=255 {
                    let by_table = rules.is_odd_by_table(one, two, here);
                    assert_eq!(
                        by_table,
                        rules.delimiter.is_odd(one, two, here),
                        "{:?}",
                        [one, two, here].map(char::from)
                    );
                }
            }
        }
    }

    #[test]
    fn a_byte_outside_the_alphabet_of_numbers_is_always_odd() {
        let rules = Rules::new(b',');
        for here in (0..=255_u8).filter(|byte| !b"0123456789.-,\r\n".contains(byte)) {
            assert!(rules.delimiter.is_odd(b'1', b'2', here) && rules.is_odd_by_table(b'1', b'2', here), "{here}");
        }
    }
}

//! The grammar of numbers as rules between neighbours, so that it can be checked for many bytes at once.
//!
//! A byte is *odd* if it cannot stand in a column of numbers behind the two bytes before it. A cell without an odd byte,
//! and with [at most one dot](super::scan), is empty or a number by JSON's grammar without exponent.

/// The rules for one delimiter, as code and as tables for vector instructions.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) delimiter: Delimiter,
    /// The rules that a byte breaks if it is the byte two before, the one before and the one here: one that all three break
    /// is broken.
    pub(crate) two_before: Halves,
    pub(crate) before: Halves,
    pub(crate) here: Halves,
    /// Not zero for the bytes that can stand in a column of numbers at all.
    pub(crate) known: Halves,
    /// The same by byte, for those of ASCII: the rules that it breaks two before, before and here.
    pub(crate) by_byte: [[u8; 128]; 3],
}

/// What parts cells, besides line feeds: all that the rules in words need to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delimiter(pub(crate) u8);

impl Delimiter {
    /// Whether this byte is odd behind the two before it: what the tables of its [`Rules`] say, for known bytes, in words.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "compilers turn this into vector code, and `||` into jumps")]
    pub(crate) fn is_odd(self, two_before: u8, before: u8, here: u8) -> bool {
        let is_separator = |byte: u8| (byte == self.0) | (byte == b'\n');
        let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10;
        let is_known = is_digit(here) | is_separator(here) | (here == b'.') | (here == b'-') | (here == b'\r');
        let needs_digit = (before == b'.') | (before == b'-');
        let begins = is_separator(two_before) | (two_before == b'-');
        !is_known
            | (needs_digit & !is_digit(here))
            | ((here == b'.') & !is_digit(before))
            | ((here == b'-') & !is_separator(before))
            | (begins & (before == b'0') & is_digit(here))
            | ((before == b'\r') & (here != b'\n'))
    }
}

/// A bit for each of eight sets of bytes, where each set is made of some low halves with some high halves: a byte is in it
/// if both of its halves are. Two look-ups of 16 and an "and" tell the sets of a byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Halves {
    pub(crate) low: [u8; 16],
    pub(crate) high: [u8; 16],
}

impl Halves {
    /// Adds a set.
    fn set(mut self, bit: u32, low: &[u8], high: &[u8]) -> Self {
        for half in low {
            self.low[usize::from(*half)] |= 1 << bit;
        }
        for half in high {
            self.high[usize::from(*half)] |= 1 << bit;
        }
        self
    }

    /// The sets that this byte is in.
    pub(crate) const fn of(&self, byte: u8) -> u8 {
        self.low[(byte & 15) as usize] & self.high[(byte >> 4) as usize]
    }
}

/// In the tables by byte, the rule that an unknown byte breaks by itself.
const UNKNOWN: u8 = 1 << 7;
const ALL: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const DIGITS: [u8; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

impl Rules {
    pub(crate) fn new(delimiter: u8) -> Self {
        let (low, high) = (delimiter & 15, delimiter >> 4);
        // Of the known bytes those that are no digits. A semicolon is 0x3b, all others have another high half than digits.
        let no_digit = |halves: Halves, bit| match high {
            3 => halves.set(bit, &[0xa, 0xb, 0xc, 0xd, 0xe, 0xf], &ALL),
            _ => halves.set(bit, &ALL, &[0x0, 0x1, 0x2, 0x4, 0x5, 0x6, 0x7]),
        };
        let none = Halves::default();
        // Rule 0: behind a dot or a minus stands a digit.
        let (before, here) = (none.set(0, &[0xd, 0xe], &[2]), no_digit(none, 0));
        // Rule 1: before a dot stands a digit.
        let (before, here) = (no_digit(before, 1), here.set(1, &[0xe], &[2]));
        // Rules 2 and 3: before a minus stands a separator, so no digit, and no dot, minus or carriage return.
        let (before, here) = (before.set(2, &DIGITS, &[3]), here.set(2, &[0xd], &[2]));
        let (before, here) = (before.set(3, &[0xd, 0xe], &[0, 2]), here.set(3, &[0xd], &[2]));
        // Rules 4 and 6: behind a zero that begins a number, behind a separator or a minus, stands no digit.
        let (before, here) = (before.set(4, &[0], &[3]), here.set(4, &DIGITS, &[3]));
        let (before, here) = (before.set(6, &[0], &[3]), here.set(6, &DIGITS, &[3]));
        let two_before = none.set(4, &[0xa, low], &[0, high]).set(6, &[0xd], &[2]);
        // Rule 5: behind a carriage return stands a line feed, of all known bytes the only one that ends in 0xa.
        let not_a: Vec<u8> = ALL.into_iter().filter(|half| *half != 0xa).collect();
        let (before, here) = (before.set(5, &[0xd], &[0]), here.set(5, &not_a, &ALL));
        // The other rules don't ask for the byte two before.
        let two_before = [0, 1, 2, 3, 5].into_iter().fold(two_before, |halves, bit| halves.set(bit, &ALL, &ALL));
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

    /// The same by the tables.
    #[cfg(test)]
    pub(crate) const fn is_odd_by_table(&self, two_before: u8, before: u8, here: u8) -> bool {
        let broken = self.two_before.of(two_before) & self.before.of(before) & self.here.of(here);
        broken != 0 || self.known.of(here) == 0
    }
}

fn table(entry: impl Fn(u8) -> u8) -> [u8; 128] {
    let mut table = [0; 128];
    for (byte, to) in (0..).zip(&mut table) {
        *to = entry(byte);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_words_say_the_same_of_all_bytes_that_can_stand_in_numbers() {
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
    fn a_byte_that_cannot_stand_in_numbers_is_odd_whatever_is_before_it() {
        let rules = Rules::new(b',');
        for here in (0..=255_u8).filter(|byte| !b"0123456789.-,\r\n".contains(byte)) {
            assert!(rules.delimiter.is_odd(b'1', b'2', here) && rules.is_odd_by_table(b'1', b'2', here), "{here}");
        }
    }
}

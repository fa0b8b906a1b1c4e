//! The vector operations of the fast path, by instruction set.
//!
//! A set of instructions is a token: a value that exists only where the processor has them. Its methods are safe to call,
//! for whoever has the token has shown that they can run. Tokens are made by [`Path::with`] alone.

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::rules::Rules;
use super::scan::{BEFORE, BLOCK, CAPACITY};
use portable::Portable;

/// How rows are turned. Every path gives the same bytes; the default takes the fastest that the processor has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Path {
    /// The fastest there is.
    #[default]
    Auto,
    /// x86-64 with AVX-512 (F, BW, VL, VBMI, VBMI2); where it lacks, as `Avx2`.
    Avx512,
    /// x86-64 with AVX2 and BMI; where it lacks, as `Portable`.
    Avx2,
    /// No particular instructions: on any processor.
    Portable,
    /// No fast path: every row by the careful one.
    Careful,
}

/// What the bytes of a block are: a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reshape) struct Masks {
    /// Delimiters and line feeds.
    pub(super) separators: u64,
    pub(super) newlines: u64,
    pub(super) quotes: u64,
    pub(super) dots: u64,
    /// Bytes that cannot stand in numbers where they do: see [`Rules`].
    pub(super) odd: u64,
}

/// Something to do with vectors of any width of instruction.
pub(in crate::reshape) trait Work {
    type Output;
    /// Does it. Must be `#[inline(always)]`, and what it calls too, to be compiled for the instructions.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// A set of vector instructions that the processor has.
pub(in crate::reshape) trait Simd: Copy {
    /// 32 bytes.
    type V: Copy;
    /// Asks for the bytes from this place on to be fetched from memory, if there are any.
    fn prefetch(self, input: &[u8], place: usize);
    /// What the bytes of a block are, behind two bytes before it.
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &Rules) -> Masks;
    /// Appends the places of a mask's bits, plus `base`, to `to` from `count` on, and gives the new count. It may write up
    /// to 64 places more than it counts.
    fn places(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], count: usize) -> usize;
    fn load(self, bytes: &[u8; 32]) -> Self::V;
    fn store(self, v: Self::V, to: &mut [u8; 32]);
    /// Which bytes are this one: a bit each.
    fn equal(self, v: Self::V, byte: u8) -> u32;
    /// Which bytes are within their bounds.
    fn within(self, v: Self::V, bounds: &Bounds) -> u32;
    /// Whether two digits each of `YYYY-MM-DD?hh:mm:ss` are in their ranges, if they are digits; days up to the 28th only.
    fn clock(self, v: Self::V) -> bool;
    /// Which bytes may not stand in a JSON string as they are, or are not ASCII.
    fn special(self, v: Self::V) -> u32;
    /// Does the work, compiled for these instructions.
    fn enter<W: Work>(self, work: W) -> W::Output;
}

/// For each of 32 bytes the least that it may be, and how much more.
#[derive(Clone, Copy, Debug)]
pub(in crate::reshape) struct Bounds {
    least: [u8; 32],
    span: [u8; 32],
}

impl Bounds {
    pub(super) const fn new(least: &[u8; 32], most: &[u8; 32]) -> Self {
        let mut span = [0; 32];
        let mut place = 0;
        while place < 32 {
            span[place] = most[place] - least[place];
            place += 1;
        }
        Bounds { least: *least, span }
    }
}

/// Where a clock has two digits, the least and the most that they may be.
const PAIRS: [(usize, [u8; 2], [u8; 2]); 5] =
    [(5, *b"01", *b"12"), (8, *b"01", *b"28"), (11, *b"00", *b"23"), (14, *b"00", *b"59"), (17, *b"00", *b"59")];

impl Path {
    /// Does the work with the instructions of this path, or the next best that there are; `None` for the careful path.
    pub(in crate::reshape) fn with<W: Work>(self, work: W) -> Option<W::Output> {
        #[cfg(target_arch = "x86_64")]
        {
            if matches!(self, Path::Auto | Path::Avx512)
                && let Some(simd) = x86::Avx512::detect()
            {
                return Some(simd.enter(work));
            }
            if matches!(self, Path::Auto | Path::Avx512 | Path::Avx2)
                && let Some(simd) = x86::Avx2::detect()
            {
                return Some(simd.enter(work));
            }
        }
        (self != Path::Careful).then(|| Portable.enter(work))
    }
}

/// Eight places without asking, for a block has seldom more; a place that no bit stands for is overwritten next.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a place in a block is at most 64")]
fn places_one_by_one(mut mask: u64, base: u16, to: &mut [u16; CAPACITY], count: usize) -> usize {
    let end = count + mask.count_ones() as usize;
    let mut at = count;
    loop {
        let Some(eight) = to.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<8>()) else { return end };
        for place in eight {
            *place = base.wrapping_add(mask.trailing_zeros() as u16);
            mask &= mask.wrapping_sub(1);
        }
        at += 8;
        if at >= end {
            return end;
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::manual_range_contains, reason = "the plain twin says it plainly")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every operation of a set of instructions on one input.
    struct Everything<'a> {
        bytes: &'a [u8; BEFORE + BLOCK],
        rules: &'a Rules,
    }

    type Seen = (Masks, Vec<u16>, [u32; 3], bool, [u8; 32]);
    const BOUNDS: Bounds =
        Bounds::new(b"0000-00-00?00:00:00.0\0\0\0\0\0\0\0aaAA", b"9999-99-99?99:99:99.9\xff\xff\xff\xff\0\x7f\x80zzZZ");

    impl Work for Everything<'_> {
        type Output = Seen;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Seen {
            let masks = simd.block(self.bytes, self.rules);
            let mut places = [0; CAPACITY];
            let count = simd.places(masks.separators, 7, &mut places, 3);
            let places = places[..count].to_vec();
            let v = simd.load(self.bytes.first_chunk().unwrap());
            let mut stored = [0; 32];
            simd.store(v, &mut stored);
            (masks, places, [simd.equal(v, b'.'), simd.within(v, &BOUNDS), simd.special(v)], simd.clock(v), stored)
        }
    }

    /// The same, byte by byte.
    fn plain(bytes: &[u8; BEFORE + BLOCK], rules: &Rules) -> Seen {
        let bits = |bytes: &[u8], test: &dyn Fn(u8) -> bool| {
            bytes.iter().enumerate().fold(0_u64, |mask, (place, byte)| mask | u64::from(test(*byte)) << place)
        };
        let block = &bytes[BEFORE..];
        let odd = |place: usize| rules.is_odd_by_table(bytes[place], bytes[place + 1], bytes[place + 2]);
        let masks = Masks {
            separators: bits(block, &|byte| byte == rules.delimiter || byte == b'\n'),
            newlines: bits(block, &|byte| byte == b'\n'),
            quotes: bits(block, &|byte| byte == b'"'),
            dots: bits(block, &|byte| byte == b'.'),
            odd: (0..BLOCK).fold(0, |mask, place| mask | u64::from(odd(place)) << place),
        };
        let separators = (0..64).filter(|place| masks.separators >> place & 1 == 1);
        let places = [0; 3].into_iter().chain(separators.map(|place| place + 7)).collect();
        let start = &bytes[..32];
        let half = |test: &dyn Fn(u8) -> bool| bits(start, test) as u32;
        let special = half(&|byte| byte < 0x20 || byte >= 0x80 || byte == b'"' || byte == b'\\');
        let in_bounds = |place: usize| start[place].wrapping_sub(BOUNDS.least[place]) <= BOUNDS.span[place];
        let within = (0..32).fold(0, |mask, place| mask | u32::from(in_bounds(place)) << place);
        let in_pair = |(place, least, most): &(usize, [u8; 2], [u8; 2])| {
            (*least..=*most).contains(&[start[*place], start[place + 1]])
        };
        let clock = PAIRS.iter().all(in_pair);
        (masks, places, [half(&|byte| byte == b'.'), within, special], clock, *bytes.first_chunk().unwrap())
    }

    /// Where a byte that is unknown to the rules stands before, code and tables may differ: its cell is odd anyway.
    fn without_doubt(mut seen: Seen, bytes: &[u8; BEFORE + BLOCK], rules: &Rules) -> Seen {
        for place in 0..BLOCK {
            let is_known = |byte: u8| rules.known.of(byte) != 0;
            if !is_known(bytes[place]) || !is_known(bytes[place + 1]) {
                seen.0.odd &= !(1 << place);
            }
        }
        seen
    }

    fn byte() -> impl Strategy<Value = u8> {
        prop_oneof![
            3 => any::<u8>(),
            3 => prop::sample::select(b",;\n\"\\.0959/:\x1f \x7f\x80\xff-\r".to_vec()),
            9 => prop::sample::select(b"0123456789.-,\n".to_vec()),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn every_set_of_instructions_does_what_its_names_say(
            bytes in prop::collection::vec(byte(), BEFORE + BLOCK),
            delimiter in prop::sample::select(b",;\t".to_vec()),
        ) {
            let (bytes, rules) = (bytes.first_chunk().unwrap(), &Rules::new(delimiter));
            for path in [Path::Auto, Path::Avx512, Path::Avx2, Path::Portable] {
                let seen = path.with(Everything { bytes, rules }).unwrap();
                let expected = without_doubt(plain(bytes, rules), bytes, rules);
                prop_assert_eq!(without_doubt(seen, bytes, rules), expected, "{:?}", path);
            }
        }
    }
}

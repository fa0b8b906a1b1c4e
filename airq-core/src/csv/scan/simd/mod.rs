//! The vector operations, by instruction set.
//!
//! An instruction set is a token: a value that exists only where the processor has the instructions, so that its methods are
//! safe to call. Only [`Instructions::dispatch`] makes tokens.

#[cfg(any(test, feature = "testing"))]
mod available;
mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::index::{BEFORE, BLOCK, CAPACITY, GROUP, WINDOW};
use super::rules::Rules;
#[cfg(any(test, feature = "testing"))]
pub use available::vector_instructions;
use portable::Portable;

/// The instruction set that the reader and the encoders use. Every set gives the same bytes; the default is the fastest that
/// the processor has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Instructions {
    /// The fastest that the processor has.
    #[default]
    Auto,
    /// x86-64 with AVX-512 (F, BW, VL, VBMI, VBMI2); without them, the same as `Avx2`.
    Avx512,
    /// x86-64 with AVX2 and BMI; without them, the same as `Portable`.
    Avx2,
    /// Vector code for any processor.
    Portable,
    /// No vector code: the scalar parser reads every row.
    Scalar,
}

/// The classes of the bytes of a block, a bit for each byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Delimiters and line feeds.
    pub(crate) separators: u64,
    pub(crate) newlines: u64,
    pub(crate) dots: u64,
    /// Bytes after a zero.
    pub(crate) after_zero: u64,
    /// Bytes that are invalid in numbers after the bytes before them: see [`Rules`].
    pub(crate) odd: u64,
}

/// A computation that is written once and compiled for each instruction set.
pub(crate) trait Work {
    type Output;
    /// Runs the computation. It and every function that it calls must be `#[inline(always)]`, or they are not compiled for
    /// the instruction set.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// The vector operations of an instruction set that the processor has. Masks have a bit for each byte, the first byte lowest.
pub(crate) trait Simd: Copy {
    /// 32 bytes.
    type V: Copy;
    /// The rules of numbers, loaded into registers.
    type Rules: Copy;
    /// Prefetches the cache line at `offset` of `input`, which may be past the end.
    fn prefetch(self, input: &[u8], offset: usize);
    /// Loads the rules.
    fn rules(self, rules: &Rules) -> Self::Rules;
    /// Classifies the bytes of a block. The first [`BEFORE`] bytes are context.
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &Self::Rules) -> Masks;
    /// Writes the positions of the mask's bits, each plus `base`, to `to[at..]`. The rest of the 64 entries from `at` on may
    /// be overwritten, too.
    fn positions(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize);
    /// Returns whether the lengths of all cells between these starts are within their bounds.
    fn lengths_are_within(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool;
    fn load(self, bytes: &[u8; 32]) -> Self::V;
    fn store(self, v: Self::V, to: &mut [u8; 32]);
    /// Returns a mask of the bytes that equal `byte`.
    fn equal(self, v: Self::V, byte: u8) -> u32;
    /// Returns a mask of the bytes that differ between the two vectors.
    fn differ(self, v: Self::V, other: Self::V) -> u32;
    /// Returns a mask of the bytes that are within their bounds.
    fn within(self, v: Self::V, bounds: &Bounds) -> u32;
    /// Returns whether the fields of `YYYY-MM-DD?hh:mm:ss` are in their ranges. All of them must be digits. Days after the
    /// 28th and years before 1000 are out of range here.
    fn clock(self, v: Self::V) -> bool;
    /// Returns a mask of the bytes that JSON strings must escape or that are not ASCII.
    fn special(self, v: Self::V) -> u32;
    /// Runs the computation, compiled for this instruction set.
    fn enter<W: Work>(self, work: W) -> W::Output;
}

/// The bounds of each of 32 bytes: the minimum, and the difference between maximum and minimum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    least: [u8; 32],
    span: [u8; 32],
}

impl Bounds {
    pub(crate) const fn new(least: &[u8; 32], most: &[u8; 32]) -> Self {
        let mut span = [0; 32];
        let mut index = 0;
        while index < 32 {
            span[index] = most[index] - least[index];
            index += 1;
        }
        Bounds { least: *least, span }
    }
}

/// The bounds of the lengths of a group of cells: the minimum, and the difference between maximum and minimum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lengths {
    /// The minimum distance from a cell's start to the start of the next cell, which includes the separator.
    least: [u16; GROUP],
    span: [u16; GROUP],
}

impl Lengths {
    /// Cells of any length.
    pub(crate) const ANY: Lengths = Lengths { least: [0; GROUP], span: [u16::MAX; GROUP] };

    /// Sets the bounds of the cell at `index` in the group.
    pub(crate) fn bound(&mut self, index: usize, least: u16, most: u16) {
        self.least[index] = least + 1;
        self.span[index] = most - least;
    }
}

/// The pairs of digits in `YYYY-MM-DD?hh:mm:ss`: offset, minimum and maximum. Years before 1000 and days after the 28th need
/// the calendar: see [`check`](super::check).
const PAIRS: [(usize, [u8; 2], [u8; 2]); 6] = [
    (0, *b"10", *b"99"),
    (5, *b"01", *b"12"),
    (8, *b"01", *b"28"),
    (11, *b"00", *b"23"),
    (14, *b"00", *b"59"),
    (17, *b"00", *b"59"),
];

/// The instruction set that runs the vector code. It holds the token of the set, so the processor is queried only once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dispatch {
    #[cfg(target_arch = "x86_64")]
    Avx512(x86::Avx512),
    #[cfg(target_arch = "x86_64")]
    Avx2(x86::Avx2),
    Portable,
    Scalar,
}

impl Dispatch {
    /// Runs a computation with this instruction set. Returns `None` for [`Instructions::Scalar`].
    #[inline]
    pub(crate) fn run<W: Work>(self, work: W) -> Option<W::Output> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Dispatch::Avx512(simd) => Some(simd.enter(work)),
            #[cfg(target_arch = "x86_64")]
            Dispatch::Avx2(simd) => Some(simd.enter(work)),
            Dispatch::Portable => Some(Portable.enter(work)),
            Dispatch::Scalar => None,
        }
    }
}

impl Instructions {
    /// Returns whether the processor has these instructions. Otherwise the next simpler set is used.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512 => x86::Avx512::detect().is_some(),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2 => x86::Avx2::detect().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            Instructions::Avx512 | Instructions::Avx2 => false,
            Instructions::Auto | Instructions::Portable | Instructions::Scalar => true,
        }
    }

    /// Returns the best instruction set that the processor has, up to this one.
    pub(crate) fn dispatch(self) -> Dispatch {
        #[cfg(target_arch = "x86_64")]
        {
            if matches!(self, Instructions::Auto | Instructions::Avx512)
                && let Some(simd) = x86::Avx512::detect()
            {
                return Dispatch::Avx512(simd);
            }
            if matches!(self, Instructions::Auto | Instructions::Avx512 | Instructions::Avx2)
                && let Some(simd) = x86::Avx2::detect()
            {
                return Dispatch::Avx2(simd);
            }
        }
        if self == Instructions::Scalar { Dispatch::Scalar } else { Dispatch::Portable }
    }
}

/// Implements [`Simd::positions`] bit by bit.
///
/// Six positions are written without a test in between, because a block seldom has more separators. Positions past the last
/// bit are garbage, which the next block overwrites.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a position in a block is at most 64")]
fn positions_bit_by_bit(mut mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
    let mut rest = to[at % WINDOW..].first_chunk_mut::<66>().map(|entries| entries.as_chunks_mut::<6>().0.iter_mut());
    for six in rest.iter_mut().flatten() {
        for position in six {
            *position = base.wrapping_add(mask.trailing_zeros() as u16);
            mask &= mask.wrapping_sub(1);
        }
        if mask == 0 {
            break;
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::manual_range_contains, reason = "the plain twin says it plainly")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs every operation of an instruction set on one input.
    struct AllOperations<'a> {
        bytes: &'a [u8; BEFORE + BLOCK],
        rules: &'a Rules,
    }

    type Results = (Masks, Vec<u16>, [u32; 4], [bool; 2], [u8; 32]);
    const BOUNDS: Bounds =
        Bounds::new(b"0000-00-00?00:00:00.0\0\0\0\0\0\0\0aaAA", b"9999-99-99?99:99:99.9\xff\xff\xff\xff\0\x7f\x80zzZZ");

    impl Work for AllOperations<'_> {
        type Output = Results;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Results {
            let masks = simd.block(self.bytes, &simd.rules(self.rules));
            let mut positions = [0; CAPACITY];
            simd.positions(masks.separators, 7, &mut positions, 3);
            let positions = positions[..3 + masks.separators.count_ones() as usize].to_vec();
            let v = simd.load(self.bytes.first_chunk().unwrap());
            let mut stored = [0; 32];
            simd.store(v, &mut stored);
            let flags = [simd.clock(v), simd.lengths_are_within(&starts(self.bytes), &lengths())];
            let differ = simd.differ(v, simd.load(self.bytes.last_chunk().unwrap()));
            (masks, positions, [simd.equal(v, b'.'), simd.within(v, &BOUNDS), simd.special(v), differ], flags, stored)
        }
    }

    /// Returns starts at distances of 50 or 51, by the lowest bits of the input's first bytes.
    fn starts(bytes: &[u8; BEFORE + BLOCK]) -> [u16; GROUP + 1] {
        let mut start = 65_000;
        std::array::from_fn(|index| {
            start = u16::wrapping_add(start, 50 + u16::from(bytes[index] & 1));
            start
        })
    }

    fn lengths() -> Lengths {
        let mut lengths = Lengths::ANY;
        lengths.bound(0, 49, 49);
        lengths.bound(7, 50, 60);
        lengths.bound(15, 0, 49);
        lengths
    }

    /// Computes the same results byte by byte.
    fn plain(bytes: &[u8; BEFORE + BLOCK], rules: &Rules) -> Results {
        let bits = |bytes: &[u8], test: &dyn Fn(u8) -> bool| {
            bytes.iter().enumerate().fold(0_u64, |mask, (index, byte)| mask | u64::from(test(*byte)) << index)
        };
        let block = &bytes[BEFORE..];
        let odd = |index: usize| rules.is_odd_by_table(bytes[index], bytes[index + 1], bytes[index + 2]);
        let masks = Masks {
            separators: bits(block, &|byte| byte == rules.delimiter.0 || byte == b'\n'),
            newlines: bits(block, &|byte| byte == b'\n'),
            dots: bits(block, &|byte| byte == b'.'),
            after_zero: bits(&bytes[BEFORE - 1..][..BLOCK], &|byte| byte == b'0'),
            odd: (0..BLOCK).fold(0, |mask, index| mask | u64::from(odd(index)) << index),
        };
        let separators = (0..64).filter(|index| masks.separators >> index & 1 == 1);
        let positions = [0; 3].into_iter().chain(separators.map(|index| index + 7)).collect();
        let start = &bytes[..32];
        let half = |test: &dyn Fn(u8) -> bool| bits(start, test) as u32;
        let special = half(&|byte| byte < 0x20 || byte >= 0x80 || byte == b'"' || byte == b'\\');
        let in_bounds = |index: usize| start[index].wrapping_sub(BOUNDS.least[index]) <= BOUNDS.span[index];
        let within = (0..32).fold(0, |mask, index| mask | u32::from(in_bounds(index)) << index);
        let in_pair = |(index, least, most): &(usize, [u8; 2], [u8; 2])| {
            (*least..=*most).contains(&[start[*index], start[index + 1]])
        };
        let is_odd = |index: usize| bytes[index] & 1 == 1;
        let flags = [PAIRS.iter().all(in_pair), !is_odd(1) && is_odd(8) && !is_odd(16)];
        let end = &bytes[bytes.len() - 32..];
        let differ = (0..32).fold(0, |mask, index| mask | u32::from(start[index] != end[index]) << index);
        let words = [half(&|byte| byte == b'.'), within, special, differ];
        (masks, positions, words, flags, *bytes.first_chunk().unwrap())
    }

    /// Clears odd bits after bytes outside the alphabet of numbers. There, `is_odd` and the tables may differ, because the
    /// cell is odd anyway.
    fn clear_unspecified(mut results: Results, bytes: &[u8; BEFORE + BLOCK], rules: &Rules) -> Results {
        for index in 0..BLOCK {
            let is_known = |byte: u8| rules.known.of(byte) != 0;
            if !is_known(bytes[index]) || !is_known(bytes[index + 1]) {
                results.0.odd &= !(1 << index);
            }
        }
        results
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
        fn every_instruction_set_gives_the_results_of_plain_loops(
            bytes in prop::collection::vec(byte(), BEFORE + BLOCK),
            delimiter in prop::sample::select(b",;\t".to_vec()),
        ) {
            let (bytes, rules) = (bytes.first_chunk().unwrap(), &Rules::new(delimiter));
            for instructions in vector_instructions() {
                let results = instructions.dispatch().run(AllOperations { bytes, rules }).unwrap();
                let expected = clear_unspecified(plain(bytes, rules), bytes, rules);
                prop_assert_eq!(clear_unspecified(results, bytes, rules), expected, "{:?}", instructions);
            }
        }
    }
}

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

/// What the bytes of a block are: a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Masks {
    /// Delimiters and line feeds.
    pub(crate) separators: u64,
    pub(crate) newlines: u64,
    pub(crate) dots: u64,
    /// Bytes that cannot stand in numbers where they do: see [`Rules`].
    pub(crate) odd: u64,
}

/// Something to do with vectors of any width of instruction.
pub(crate) trait Work {
    type Output;
    /// Does it. Must be `#[inline(always)]`, and what it calls too, to be compiled for the instructions.
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// A set of vector instructions that the processor has.
pub(crate) trait Simd: Copy {
    /// 32 bytes.
    type V: Copy;
    /// The rules, where they are at hand.
    type Rules: Copy;
    /// Asks for the bytes from this place on to be fetched from memory, if there are any.
    fn prefetch(self, input: &[u8], place: usize);
    /// Takes the rules to hand.
    fn rules(self, rules: &Rules) -> Self::Rules;
    /// What the bytes of a block are, behind two bytes before it.
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &Self::Rules) -> Masks;
    /// Writes the places of a mask's bits, plus `base`, to `to` from `at` on, and something to the rest of the 64 behind it.
    fn places(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize);
    /// Whether all cells between these starts have lengths within their bounds.
    fn lengths_are_right(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool;
    fn load(self, bytes: &[u8; 32]) -> Self::V;
    fn store(self, v: Self::V, to: &mut [u8; 32]);
    /// Which bytes are this one: a bit each.
    fn equal(self, v: Self::V, byte: u8) -> u32;
    /// Which bytes are others than those of the other.
    fn differ(self, v: Self::V, other: Self::V) -> u32;
    /// Which bytes are within their bounds.
    fn within(self, v: Self::V, bounds: &Bounds) -> u32;
    /// Whether two digits each of `YYYY-MM-DD?hh:mm:ss` are in their ranges, if they are digits; days up to the 28th and
    /// years from 1000 on only.
    fn clock(self, v: Self::V) -> bool;
    /// Which bytes may not stand in a JSON string as they are, or are not ASCII.
    fn special(self, v: Self::V) -> u32;
    /// Does the work, compiled for these instructions.
    fn enter<W: Work>(self, work: W) -> W::Output;
}

/// For each of 32 bytes the least that it may be, and how much more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    least: [u8; 32],
    span: [u8; 32],
}

impl Bounds {
    pub(crate) const fn new(least: &[u8; 32], most: &[u8; 32]) -> Self {
        let mut span = [0; 32];
        let mut place = 0;
        while place < 32 {
            span[place] = most[place] - least[place];
            place += 1;
        }
        Bounds { least: *least, span }
    }
}

/// For each of some cells the least length that it may have, and how much more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lengths {
    /// From a cell's start to the next one's, so with the separator.
    least: [u16; GROUP],
    span: [u16; GROUP],
}

impl Lengths {
    /// Cells of any length.
    pub(crate) const ANY: Lengths = Lengths { least: [0; GROUP], span: [u16::MAX; GROUP] };

    /// Bounds the length of one cell.
    pub(crate) fn bound(&mut self, place: usize, least: u16, most: u16) {
        self.least[place] = least + 1;
        self.span[place] = most - least;
    }
}

/// Where a clock has two digits, the least and the most that they may be. (Earlier years are for who looks closer.)
const PAIRS: [(usize, [u8; 2], [u8; 2]); 6] = [
    (0, *b"10", *b"99"),
    (5, *b"01", *b"12"),
    (8, *b"01", *b"28"),
    (11, *b"00", *b"23"),
    (14, *b"00", *b"59"),
    (17, *b"00", *b"59"),
];

/// The instruction set that runs the vector code: a token of the set, so that the processor has been asked once.
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
    /// Runs the work with this instruction set; `None` for [`Instructions::Scalar`].
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
    /// Whether the processor has these instructions. Without them, the next simpler set is used.
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

    /// The best instruction set that the processor has, up to this one.
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

/// Six places without asking, for a block has seldom more; a place that no bit stands for is overwritten next.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a place in a block is at most 64")]
fn places_one_by_one(mut mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
    let mut rest = to[at % WINDOW..].first_chunk_mut::<66>().map(|some| some.as_chunks_mut::<6>().0.iter_mut());
    for six in rest.iter_mut().flatten() {
        for place in six {
            *place = base.wrapping_add(mask.trailing_zeros() as u16);
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

    /// Every operation of a set of instructions on one input.
    struct Everything<'a> {
        bytes: &'a [u8; BEFORE + BLOCK],
        rules: &'a Rules,
    }

    type Seen = (Masks, Vec<u16>, [u32; 4], [bool; 2], [u8; 32]);
    const BOUNDS: Bounds =
        Bounds::new(b"0000-00-00?00:00:00.0\0\0\0\0\0\0\0aaAA", b"9999-99-99?99:99:99.9\xff\xff\xff\xff\0\x7f\x80zzZZ");

    impl Work for Everything<'_> {
        type Output = Seen;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Seen {
            let masks = simd.block(self.bytes, &simd.rules(self.rules));
            let mut places = [0; CAPACITY];
            simd.places(masks.separators, 7, &mut places, 3);
            let places = places[..3 + masks.separators.count_ones() as usize].to_vec();
            let v = simd.load(self.bytes.first_chunk().unwrap());
            let mut stored = [0; 32];
            simd.store(v, &mut stored);
            let flags = [simd.clock(v), simd.lengths_are_right(&starts(self.bytes), &lengths())];
            let differ = simd.differ(v, simd.load(self.bytes.last_chunk().unwrap()));
            (masks, places, [simd.equal(v, b'.'), simd.within(v, &BOUNDS), simd.special(v), differ], flags, stored)
        }
    }

    /// Starts as near to each other as the input's first bytes say.
    fn starts(bytes: &[u8; BEFORE + BLOCK]) -> [u16; GROUP + 1] {
        let mut start = 65_000;
        std::array::from_fn(|place| {
            start = u16::wrapping_add(start, 50 + u16::from(bytes[place] & 1));
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

    /// The same, byte by byte.
    fn plain(bytes: &[u8; BEFORE + BLOCK], rules: &Rules) -> Seen {
        let bits = |bytes: &[u8], test: &dyn Fn(u8) -> bool| {
            bytes.iter().enumerate().fold(0_u64, |mask, (place, byte)| mask | u64::from(test(*byte)) << place)
        };
        let block = &bytes[BEFORE..];
        let odd = |place: usize| rules.is_odd_by_table(bytes[place], bytes[place + 1], bytes[place + 2]);
        let masks = Masks {
            separators: bits(block, &|byte| byte == rules.delimiter.0 || byte == b'\n'),
            newlines: bits(block, &|byte| byte == b'\n'),
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
        let is_odd = |place: usize| bytes[place] & 1 == 1;
        let flags = [PAIRS.iter().all(in_pair), !is_odd(1) && is_odd(8) && !is_odd(16)];
        let end = &bytes[bytes.len() - 32..];
        let differ = (0..32).fold(0, |mask, place| mask | u32::from(start[place] != end[place]) << place);
        let words = [half(&|byte| byte == b'.'), within, special, differ];
        (masks, places, words, flags, *bytes.first_chunk().unwrap())
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
            for path in vector_instructions() {
                let seen = path.dispatch().run(Everything { bytes, rules }).unwrap();
                let expected = without_doubt(plain(bytes, rules), bytes, rules);
                prop_assert_eq!(without_doubt(seen, bytes, rules), expected, "{:?}", path);
            }
        }
    }
}

//! The vector operations of the fast path, by instruction set. The only `unsafe` of the crate is here.
//!
//! A set of instructions is a token: a value that exists only where the processor has them. Its methods are safe to call,
//! for whoever has the token has shown that they can run. Tokens are made by [`Path::with`] alone.
#![allow(unsafe_code, reason = "vector instructions; each block says why it may")]
#![allow(clippy::inline_always, reason = "a vector operation that is called costs more than it does")]
#![allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "masks and bytes, the same bits either way")]

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
    /// Plain 64-bit arithmetic, on any processor.
    Portable,
    /// No fast path: every row by the careful one.
    Careful,
}

/// Separators, line ends and quotes in 64 bytes: a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reshape) struct Masks {
    /// Delimiters and line feeds.
    pub(super) separators: u64,
    pub(super) newlines: u64,
    pub(super) quotes: u64,
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
    /// Separators and quotes of a block.
    fn block(self, bytes: &[u8; 64], delimiter: u8) -> Masks;
    /// Appends the places of a mask's bits, plus `base`, to `to` from `count` on, and gives the new count. It may write up
    /// to 64 places more than it counts.
    fn places(self, mask: u64, base: u16, to: &mut [u16], count: usize) -> usize;
    fn load(self, bytes: &[u8; 32]) -> Self::V;
    fn store(self, v: Self::V, to: &mut [u8; 32]);
    /// Which bytes are this one: a bit each.
    fn equal(self, v: Self::V, byte: u8) -> u32;
    /// Which bytes are ASCII digits.
    fn digits(self, v: Self::V) -> u32;
    /// Which bytes may not stand in a JSON string as they are, or are not ASCII.
    fn special(self, v: Self::V) -> u32;
    /// Does the work, compiled for these instructions.
    fn enter<W: Work>(self, work: W) -> W::Output;
}

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

/// Plain 64-bit arithmetic: eight bytes at a time.
#[derive(Clone, Copy, Debug)]
struct Portable;

/// The same byte eight times.
const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

const HIGH: u64 = eight(0x80);

/// The high bit of each byte that is zero in `x`, exactly.
const fn zero_bytes(x: u64) -> u64 {
    !(((x & !HIGH) + !HIGH) | x) & HIGH
}

/// The high bit of each byte, eight bits in a row, the first byte's lowest.
const fn gather(high: u64) -> u64 {
    // Each bit lands in the top byte at its own place; no two products meet.
    ((high >> 7).wrapping_mul(0x0102_0408_1020_4080)) >> 56
}

impl Portable {
    /// A bit for each byte of which `test` sets the high bit.
    #[inline(always)]
    fn bits<const WORDS: usize>(words: [u64; WORDS], test: impl Fn(u64) -> u64) -> u64 {
        let mut bits = 0;
        for (place, word) in words.into_iter().enumerate() {
            bits |= gather(test(word)) << (8 * place);
        }
        bits
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "32 bytes have 32 bits")]
    fn bits32(words: [u64; 4], test: impl Fn(u64) -> u64) -> u32 {
        Self::bits(words, test) as u32
    }
}

#[inline(always)]
fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u64; WORDS] {
    let mut words = [0; WORDS];
    for (word, eight) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*eight);
    }
    words
}

impl Simd for Portable {
    type V = [u64; 4];

    #[inline(always)]
    fn block(self, bytes: &[u8; 64], delimiter: u8) -> Masks {
        let words: [u64; 8] = words(bytes);
        let newlines = Self::bits(words, |word| zero_bytes(word ^ eight(b'\n')));
        let delimiters = Self::bits(words, |word| zero_bytes(word ^ eight(delimiter)));
        let quotes = words.iter().fold(0, |any, word| any | zero_bytes(word ^ eight(b'"')));
        let quotes = if quotes == 0 { 0 } else { Self::bits(words, |word| zero_bytes(word ^ eight(b'"'))) };
        Masks { separators: delimiters | newlines, newlines, quotes }
    }

    #[inline(always)]
    fn places(self, mask: u64, base: u16, to: &mut [u16], count: usize) -> usize {
        places_one_by_one(mask, base, to, count)
    }

    #[inline(always)]
    fn load(self, bytes: &[u8; 32]) -> Self::V {
        words(bytes)
    }

    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [u8; 32]) {
        for (eight, word) in to.as_chunks_mut::<8>().0.iter_mut().zip(v) {
            *eight = word.to_le_bytes();
        }
    }

    #[inline(always)]
    fn equal(self, v: Self::V, byte: u8) -> u32 {
        Self::bits32(v, |word| zero_bytes(word ^ eight(byte)))
    }

    #[inline(always)]
    fn digits(self, v: Self::V) -> u32 {
        Self::bits32(v, |word| {
            // 0x30..=0x39 become 0..=9; adding 0x76 sets the high bit of what is above 9, unless it was set before.
            let from_zero = word ^ eight(b'0');
            !(((from_zero & !HIGH) + eight(0x76)) | from_zero) & HIGH
        })
    }

    #[inline(always)]
    fn special(self, v: Self::V) -> u32 {
        Self::bits32(v, |word| {
            let control = !((word & !HIGH) + eight(0x60)) & HIGH;
            control | (word & HIGH) | zero_bytes(word ^ eight(b'"')) | zero_bytes(word ^ eight(b'\\'))
        })
    }

    #[inline(always)]
    fn enter<W: Work>(self, work: W) -> W::Output {
        work.run(self)
    }
}

/// Eight places without asking, for a block has seldom more; a place that no bit stands for is overwritten next.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "a place in a block is at most 64")]
fn places_one_by_one(mut mask: u64, base: u16, to: &mut [u16], count: usize) -> usize {
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! AVX2 and AVX-512.

    use super::{Masks, Simd, Work, places_one_by_one};
    use std::arch::is_x86_feature_detected;
    #[allow(clippy::wildcard_imports, reason = "every name begins with _mm")]
    use std::arch::x86_64::*;

    /// The processor has AVX2, BMI1, BMI2, POPCNT and LZCNT.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Avx2(());

    /// The processor has what [`Avx2`] says and AVX-512 F, BW, VL, VBMI and VBMI2.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Avx512(());

    impl Avx2 {
        pub(super) fn detect() -> Option<Self> {
            let has = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("popcnt")
                && is_x86_feature_detected!("lzcnt");
            has.then_some(Avx2(()))
        }
    }

    impl Avx512 {
        pub(super) fn detect() -> Option<Self> {
            let has = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2");
            Avx2::detect().filter(|_| has).map(|_| Avx512(()))
        }
    }

    impl Simd for Avx2 {
        type V = __m256i;

        #[inline(always)]
        fn block(self, bytes: &[u8; 64], delimiter: u8) -> Masks {
            // SAFETY: the token says that there is AVX2; the loads are of 32 bytes each of the 64 that are borrowed.
            unsafe {
                let low = _mm256_loadu_si256(bytes.as_ptr().cast());
                let high = _mm256_loadu_si256(bytes.as_ptr().add(32).cast());
                let mask = |byte: u8| {
                    let byte = _mm256_set1_epi8(byte as i8);
                    let low = _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, byte)) as u32;
                    let high = _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, byte)) as u32;
                    u64::from(low) | u64::from(high) << 32
                };
                let newlines = mask(b'\n');
                Masks { separators: mask(delimiter) | newlines, newlines, quotes: mask(b'"') }
            }
        }

        #[inline(always)]
        fn places(self, mask: u64, base: u16, to: &mut [u16], count: usize) -> usize {
            places_one_by_one(mask, base, to, count)
        }

        #[inline(always)]
        fn load(self, bytes: &[u8; 32]) -> __m256i {
            // SAFETY: there is AVX2; 32 bytes are borrowed.
            unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
        }

        #[inline(always)]
        fn store(self, v: __m256i, to: &mut [u8; 32]) {
            // SAFETY: there is AVX2; 32 bytes are borrowed, for us alone.
            unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), v) }
        }

        #[inline(always)]
        fn equal(self, v: __m256i, byte: u8) -> u32 {
            // SAFETY: there is AVX2.
            unsafe { _mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(byte as i8))) as u32 }
        }

        #[inline(always)]
        fn digits(self, v: __m256i) -> u32 {
            // SAFETY: there is AVX2.
            unsafe {
                let from_zero = _mm256_sub_epi8(v, _mm256_set1_epi8(b'0' as i8));
                let at_most_nine = _mm256_min_epu8(from_zero, _mm256_set1_epi8(9));
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(from_zero, at_most_nine)) as u32
            }
        }

        #[inline(always)]
        fn special(self, v: __m256i) -> u32 {
            // SAFETY: there is AVX2.
            unsafe {
                // Signed: control characters and everything from 0x80 on are below the blank.
                let below_blank = _mm256_cmpgt_epi8(_mm256_set1_epi8(b' ' as i8), v);
                let quote = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(b'"' as i8));
                let backslash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(b'\\' as i8));
                _mm256_movemask_epi8(_mm256_or_si256(below_blank, _mm256_or_si256(quote, backslash))) as u32
            }
        }

        #[inline(always)]
        fn enter<W: Work>(self, work: W) -> W::Output {
            #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
            fn inside<W: Work>(simd: Avx2, work: W) -> W::Output {
                work.run(simd)
            }
            // SAFETY: the token says that the processor has these features.
            unsafe { inside(self, work) }
        }
    }

    impl Simd for Avx512 {
        type V = __m256i;

        #[inline(always)]
        fn block(self, bytes: &[u8; 64], delimiter: u8) -> Masks {
            // SAFETY: the token says that there is AVX-512 F and BW; the load is of the 64 bytes that are borrowed.
            unsafe {
                let block = _mm512_loadu_si512(bytes.as_ptr().cast());
                let mask = |byte: u8| _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte as i8));
                let newlines = mask(b'\n');
                Masks { separators: mask(delimiter) | newlines, newlines, quotes: mask(b'"') }
            }
        }

        #[inline(always)]
        fn places(self, mask: u64, base: u16, to: &mut [u16], count: usize) -> usize {
            let Some(to) = to.get_mut(count..).and_then(|rest| rest.first_chunk_mut::<64>()) else { return count };
            let found = mask.count_ones() as usize;
            // SAFETY: there is AVX-512 F, BW and VBMI2; each store is of half of the 64 places that are borrowed.
            unsafe {
                let iota = _mm512_loadu_si512(IOTA.as_ptr().cast());
                let places = _mm512_maskz_compress_epi8(mask, iota);
                let base = _mm512_set1_epi16(base as i16);
                let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
                _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_add_epi16(low, base));
                if found > 32 {
                    let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64::<1>(places));
                    _mm512_storeu_si512(to.as_mut_ptr().add(32).cast(), _mm512_add_epi16(high, base));
                }
            }
            count + found
        }

        #[inline(always)]
        fn load(self, bytes: &[u8; 32]) -> __m256i {
            Avx2(()).load(bytes)
        }

        #[inline(always)]
        fn store(self, v: __m256i, to: &mut [u8; 32]) {
            Avx2(()).store(v, to);
        }

        #[inline(always)]
        fn equal(self, v: __m256i, byte: u8) -> u32 {
            // SAFETY: there is AVX-512 BW and VL.
            unsafe { _mm256_cmpeq_epi8_mask(v, _mm256_set1_epi8(byte as i8)) }
        }

        #[inline(always)]
        fn digits(self, v: __m256i) -> u32 {
            // SAFETY: there is AVX-512 BW and VL.
            unsafe {
                let from_zero = _mm256_sub_epi8(v, _mm256_set1_epi8(b'0' as i8));
                _mm256_cmple_epu8_mask(from_zero, _mm256_set1_epi8(9))
            }
        }

        #[inline(always)]
        fn special(self, v: __m256i) -> u32 {
            Avx2(()).special(v)
        }

        #[inline(always)]
        fn enter<W: Work>(self, work: W) -> W::Output {
            #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")]
            fn inside<W: Work>(simd: Avx512, work: W) -> W::Output {
                work.run(simd)
            }
            // SAFETY: the token says that the processor has these features.
            unsafe { inside(self, work) }
        }
    }

    static IOTA: [u8; 64] = {
        let mut iota = [0; 64];
        let mut place = 0;
        while place < 64 {
            #[allow(clippy::cast_possible_truncation, reason = "below 64")]
            {
                iota[place] = place as u8;
            }
            place += 1;
        }
        iota
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every operation of a set of instructions on one input.
    struct Everything<'a> {
        bytes: &'a [u8; 64],
    }

    type Seen = (Masks, Vec<u16>, [u32; 3], [u8; 32]);

    impl Work for Everything<'_> {
        type Output = Seen;

        #[inline(always)]
        fn run<S: Simd>(self, simd: S) -> Seen {
            let masks = simd.block(self.bytes, b',');
            let mut places = vec![0; 160];
            let count = simd.places(masks.separators, 7, &mut places, 3);
            places.truncate(count);
            let v = simd.load(self.bytes.first_chunk().unwrap());
            let mut stored = [0; 32];
            simd.store(v, &mut stored);
            (masks, places, [simd.equal(v, b'.'), simd.digits(v), simd.special(v)], stored)
        }
    }

    /// The same, byte by byte.
    fn plain(bytes: &[u8; 64]) -> Seen {
        let mask = |test: &dyn Fn(u8) -> bool| {
            bytes.iter().enumerate().fold(0_u64, |mask, (place, byte)| mask | u64::from(test(*byte)) << place)
        };
        let masks = Masks {
            separators: mask(&|byte| byte == b',' || byte == b'\n'),
            newlines: mask(&|byte| byte == b'\n'),
            quotes: mask(&|byte| byte == b'"'),
        };
        let separators = (0..64).filter(|place| masks.separators >> place & 1 == 1);
        let places = [0; 3].into_iter().chain(separators.map(|place| place + 7)).collect();
        let half = |test: &dyn Fn(u8) -> bool| mask(test) as u32;
        let special = half(&|byte| byte < 0x20 || byte >= 0x80 || byte == b'"' || byte == b'\\');
        let seen = [half(&|byte| byte == b'.'), half(&|byte| byte.is_ascii_digit()), special];
        (masks, places, seen, *bytes.first_chunk().unwrap())
    }

    fn byte() -> impl Strategy<Value = u8> {
        prop_oneof![any::<u8>(), prop::sample::select(b",\n\"\\.0959/:\x1f \x7f\x80\xff-".to_vec())]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn every_set_of_instructions_does_what_its_names_say(
            bytes in prop::array::uniform::<_, 64>(byte()),
        ) {
            for path in [Path::Auto, Path::Avx512, Path::Avx2, Path::Portable] {
                let seen = path.with(Everything { bytes: &bytes }).unwrap();
                prop_assert_eq!(seen, plain(&bytes), "{:?}", path);
            }
        }
    }
}

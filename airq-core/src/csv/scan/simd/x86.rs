//! AVX2 and AVX-512. The only `unsafe` of the crate is here.
//!
//! What makes it right: a token exists only where `detect` has seen every feature that [`Simd::enter`] compiles for; each
//! load and store is of an array that is borrowed and at least as long; all else are operations on registers.
#![allow(unsafe_code, reason = "vector instructions; each block says why it may")]
#![allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "masks and bytes, the same bits either way")]
#![allow(clippy::unused_self, reason = "whoever has the token may call, and nobody else")]

use super::{Bounds, Lengths, Masks, PAIRS, Simd, Work, places_one_by_one};
use crate::csv::scan::index::{BEFORE, BLOCK, CAPACITY, GROUP, WINDOW};
use crate::csv::scan::rules::{Halves, Rules};
use std::arch::is_x86_feature_detected;
#[allow(clippy::wildcard_imports, reason = "every name begins with _mm")]
use std::arch::x86_64::*;

/// The processor has AVX2, BMI1, BMI2, POPCNT and LZCNT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

/// The processor has what [`Avx2`] says and AVX-512 F, BW, VL, VBMI and VBMI2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(());

/// The rules as tables of halves, each low and high.
#[derive(Clone, Copy)]
pub(crate) struct HalvesAtHand {
    delimiter: u8,
    two_before: [__m256i; 2],
    before: [__m256i; 2],
    here: [__m256i; 2],
    known: [__m256i; 2],
}

/// The rules as tables by byte: two before, before and here, each of the first 64 bytes and the others.
#[derive(Clone, Copy)]
pub(crate) struct BytesAtHand {
    delimiter: u8,
    tables: [[__m512i; 2]; 3],
}

impl Avx2 {
    pub(crate) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("lzcnt");
        has.then_some(Avx2(()))
    }

    /// A table, twice.
    #[inline(always)]
    fn twice(self, table: &[u8; 16]) -> __m256i {
        // SAFETY: the token says that there is AVX2; the load is of the 16 bytes that are borrowed.
        unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast())) }
    }

    #[inline(always)]
    fn both_halves(self, halves: &Halves) -> [__m256i; 2] {
        [self.twice(&halves.low), self.twice(&halves.high)]
    }

    /// The sets of 32 bytes.
    #[inline(always)]
    fn sets(self, [low, high]: [__m256i; 2], bytes: __m256i) -> __m256i {
        // SAFETY: there is AVX2.
        unsafe {
            // A shuffle gives zero where the index has its top bit set: as right for a byte that is not ASCII.
            let high_half = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
            _mm256_and_si256(_mm256_shuffle_epi8(low, bytes), _mm256_shuffle_epi8(high, high_half))
        }
    }

    /// Which bytes of a block's halves are this one.
    #[inline(always)]
    fn equal_in(self, low: __m256i, high: __m256i, byte: u8) -> u64 {
        both(self.equal(low, byte), self.equal(high, byte))
    }

    /// The bytes of 32 that can stand in numbers where they do.
    #[inline(always)]
    fn even(self, bytes: &[u8; BEFORE + 32], rules: &HalvesAtHand) -> u32 {
        let two_before = self.sets(rules.two_before, self.load(behind::<0>(bytes)));
        let before = self.sets(rules.before, self.load(behind::<1>(bytes)));
        let v = self.load(behind::<2>(bytes));
        let (here, known) = (self.sets(rules.here, v), self.sets(rules.known, v));
        // SAFETY: there is AVX2.
        unsafe {
            let broken = _mm256_and_si256(_mm256_and_si256(two_before, before), here);
            let zero = _mm256_setzero_si256();
            let even = _mm256_andnot_si256(_mm256_cmpeq_epi8(known, zero), _mm256_cmpeq_epi8(broken, zero));
            _mm256_movemask_epi8(even) as u32
        }
    }
}

impl Avx512 {
    pub(crate) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2");
        Avx2::detect().filter(|_| has).map(|_| Avx512(()))
    }
}

/// 32 bytes, so many behind the first.
#[inline(always)]
fn behind<const FROM: usize>(bytes: &[u8; BEFORE + 32]) -> &[u8; 32] {
    const { assert!(FROM <= BEFORE) };
    bytes[FROM..].first_chunk().unwrap_or(&[0; 32])
}

/// Two masks of 32 bytes, one behind the other.
#[inline(always)]
fn both(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// The halves of a block, each with what is before it.
#[inline(always)]
fn halves(bytes: &[u8; BEFORE + BLOCK]) -> [&[u8; BEFORE + 32]; 2] {
    const NONE: &[u8; BEFORE + 32] = &[0; BEFORE + 32];
    [bytes.first_chunk().unwrap_or(NONE), bytes[32..].first_chunk().unwrap_or(NONE)]
}

impl Simd for Avx2 {
    type V = __m256i;
    type Rules = HalvesAtHand;

    #[inline(always)]
    fn rules(self, rules: &Rules) -> HalvesAtHand {
        HalvesAtHand {
            delimiter: rules.delimiter.0,
            two_before: self.both_halves(&rules.two_before),
            before: self.both_halves(&rules.before),
            here: self.both_halves(&rules.here),
            known: self.both_halves(&rules.known),
        }
    }

    #[inline(always)]
    fn prefetch(self, input: &[u8], place: usize) {
        // SAFETY: a prefetch does nothing where there is no such memory.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(input.as_ptr().wrapping_add(place).cast()) }
    }

    #[inline(always)]
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &HalvesAtHand) -> Masks {
        let [low, high] = halves(bytes);
        let (low_v, high_v) = (self.load(behind::<BEFORE>(low)), self.load(behind::<BEFORE>(high)));
        let newlines = self.equal_in(low_v, high_v, b'\n');
        Masks {
            separators: self.equal_in(low_v, high_v, rules.delimiter) | newlines,
            newlines,
            dots: self.equal_in(low_v, high_v, b'.'),
            odd: !both(self.even(low, rules), self.even(high, rules)),
        }
    }

    #[inline(always)]
    fn places(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
        places_one_by_one(mask, base, to, at);
    }

    #[inline(always)]
    fn lengths_are_right(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool {
        const { assert!(GROUP * size_of::<u16>() == size_of::<__m256i>()) };
        // SAFETY: there is AVX2; the loads are of the 16 numbers of `least` and `span`, and of the 17 of `starts` of the
        // first 16 and the last 16.
        unsafe {
            let start = _mm256_loadu_si256(starts.as_ptr().cast());
            let next = _mm256_loadu_si256(starts.as_ptr().add(1).cast());
            let least = _mm256_loadu_si256(lengths.least.as_ptr().cast());
            let span = _mm256_loadu_si256(lengths.span.as_ptr().cast());
            let above = _mm256_sub_epi16(_mm256_sub_epi16(next, start), least);
            _mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_min_epu16(above, span), above)) == -1
        }
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
    fn differ(self, v: __m256i, other: __m256i) -> u32 {
        // SAFETY: there is AVX2.
        unsafe { !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, other)) as u32) }
    }

    #[inline(always)]
    fn within(self, v: __m256i, bounds: &Bounds) -> u32 {
        let (least, span) = (self.load(&bounds.least), self.load(&bounds.span));
        // SAFETY: there is AVX2.
        unsafe {
            let above = _mm256_sub_epi8(v, least);
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(above, span), above)) as u32
        }
    }

    #[inline(always)]
    fn clock(self, v: __m256i) -> bool {
        let (order, least, span) = (self.load(&CLOCK.order), self.load(&CLOCK.least), self.load(&CLOCK.span));
        // SAFETY: there is AVX2.
        unsafe {
            let above = _mm256_sub_epi16(_mm256_shuffle_epi8(v, order), least);
            _mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_min_epu16(above, span), above)) == -1
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
        #[inline(never)]
        #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
        fn inside<W: Work>(simd: Avx2, work: W) -> W::Output {
            work.run(simd)
        }
        // SAFETY: the token says that the processor has these features.
        unsafe { inside(self, work) }
    }
}

impl Avx512 {
    /// Which bytes of a block are this one.
    #[inline(always)]
    fn equal_in(self, block: __m512i, byte: u8) -> u64 {
        // SAFETY: the token says that there is AVX-512 BW.
        unsafe { _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    fn both_halves(self, table: &[u8; 128]) -> [__m512i; 2] {
        // SAFETY: there is AVX-512 F; the loads are of 64 bytes each of the 128 that are borrowed, at 0 and 64.
        unsafe { [_mm512_loadu_si512(table.as_ptr().cast()), _mm512_loadu_si512(table.as_ptr().add(64).cast())] }
    }

    /// The table's entries for 64 of the bytes, from this one on, as their low seven bits have them.
    #[inline(always)]
    fn look_up<const FROM: usize>(self, [low, high]: [__m512i; 2], bytes: &[u8; BEFORE + BLOCK]) -> __m512i {
        const { assert!(FROM <= BEFORE && BLOCK == 64) };
        // SAFETY: there is AVX-512 F, BW and VBMI; the load is of 64 of the bytes that are borrowed: behind `FROM` there are
        // as many.
        unsafe {
            let bytes = _mm512_loadu_si512(bytes.as_ptr().add(FROM).cast());
            _mm512_permutex2var_epi8(low, bytes, high)
        }
    }
}

impl Simd for Avx512 {
    type V = __m256i;
    type Rules = BytesAtHand;

    #[inline(always)]
    fn rules(self, rules: &Rules) -> BytesAtHand {
        let [two_before, before, here] = &rules.by_byte;
        let tables = [self.both_halves(two_before), self.both_halves(before), self.both_halves(here)];
        BytesAtHand { delimiter: rules.delimiter.0, tables }
    }

    #[inline(always)]
    fn prefetch(self, input: &[u8], place: usize) {
        Avx2(()).prefetch(input, place);
    }

    #[inline(always)]
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &BytesAtHand) -> Masks {
        let [two_before, before, here] = rules.tables;
        let two_before = self.look_up::<0>(two_before, bytes);
        let before = self.look_up::<1>(before, bytes);
        let here = self.look_up::<2>(here, bytes);
        // SAFETY: there is AVX-512 F and BW; the load is of 64 of the 66 bytes that are borrowed, from the third on.
        unsafe {
            let block = _mm512_loadu_si512(bytes.as_ptr().add(BEFORE).cast());
            // Broken by all three: a & b & c. Then, or not ASCII: a | (b & c).
            let broken = _mm512_ternarylogic_epi32::<0b1000_0000>(two_before, before, here);
            let top_bits = _mm512_set1_epi8(i8::MIN);
            let odd = _mm512_ternarylogic_epi32::<0b1111_1000>(broken, block, top_bits);
            let newlines = self.equal_in(block, b'\n');
            Masks {
                separators: self.equal_in(block, rules.delimiter) | newlines,
                newlines,
                dots: self.equal_in(block, b'.'),
                odd: _mm512_test_epi8_mask(odd, odd),
            }
        }
    }

    #[inline(always)]
    fn places(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
        let Some(to) = to[at % WINDOW..].first_chunk_mut::<64>() else { return };
        // SAFETY: there is AVX-512 F, BW and VBMI2; each store is of half of the 64 places that are borrowed.
        unsafe {
            let iota = _mm512_loadu_si512(IOTA.as_ptr().cast());
            let places = _mm512_maskz_compress_epi8(mask, iota);
            let base = _mm512_set1_epi16(base as i16);
            let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
            _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_add_epi16(low, base));
            if mask.count_ones() > 32 {
                let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64::<1>(places));
                _mm512_storeu_si512(to.as_mut_ptr().add(32).cast(), _mm512_add_epi16(high, base));
            }
        }
    }

    #[inline(always)]
    fn lengths_are_right(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool {
        Avx2(()).lengths_are_right(starts, lengths)
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
    fn differ(self, v: __m256i, other: __m256i) -> u32 {
        // SAFETY: there is AVX-512 BW and VL.
        unsafe { _mm256_cmpneq_epi8_mask(v, other) }
    }

    #[inline(always)]
    fn within(self, v: __m256i, bounds: &Bounds) -> u32 {
        let (least, span) = (self.load(&bounds.least), self.load(&bounds.span));
        // SAFETY: there is AVX-512 BW and VL.
        unsafe { _mm256_cmple_epu8_mask(_mm256_sub_epi8(v, least), span) }
    }

    #[inline(always)]
    fn clock(self, v: __m256i) -> bool {
        Avx2(()).clock(v)
    }

    #[inline(always)]
    fn special(self, v: __m256i) -> u32 {
        Avx2(()).special(v)
    }

    #[inline(always)]
    fn enter<W: Work>(self, work: W) -> W::Output {
        #[inline(never)]
        #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt,avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2")]
        fn inside<W: Work>(simd: Avx512, work: W) -> W::Output {
            work.run(simd)
        }
        // SAFETY: the token says that the processor has these features.
        unsafe { inside(self, work) }
    }
}

/// 0, 1, 2, …
static IOTA: [u8; 64] = {
    let mut iota = [0; 64];
    let mut place = 0_u8;
    while place < 64 {
        iota[place as usize] = place;
        place += 1;
    }
    iota
};

/// The pairs of a clock as 16-bit numbers.
struct Clock {
    /// Where each byte is taken from, within its half of 16; the more significant digit behind the other.
    order: [u8; 32],
    least: [u8; 32],
    span: [u8; 32],
}

#[expect(clippy::cast_possible_truncation, reason = "places below 32")]
static CLOCK: Clock = {
    let mut clock = Clock { order: [0x80; 32], least: [0; 32], span: [0; 32] };
    let mut pair = 0;
    while pair < PAIRS.len() {
        let (place, least, most) = PAIRS[pair];
        let to = place / 16 * 16 + 2 * pair;
        let mut digit = 0;
        while digit < 2 {
            clock.order[to + digit] = (place % 16 + 1 - digit) as u8;
            clock.least[to + digit] = least[1 - digit];
            // No digit's most is less than its least, so that nothing is borrowed.
            clock.span[to + digit] = most[1 - digit] - least[1 - digit];
            digit += 1;
        }
        pair += 1;
    }
    clock
};

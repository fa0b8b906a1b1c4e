//! AVX2 and AVX-512. This file has the only `unsafe` code of the crate.
//!
//! The code is sound for three reasons. A token exists only after `detect` has found every feature that [`Simd::enter`]
//! compiles for. Each load and store accesses a borrowed array that is at least as long as the vector. All other intrinsics
//! work on registers.
#![allow(unsafe_code, reason = "vector intrinsics; each block has a SAFETY comment")]
#![allow(clippy::cast_sign_loss, clippy::cast_possible_wrap, reason = "masks and bytes, the same bits either way")]
#![allow(clippy::unused_self, reason = "the token proves that the instructions are available")]

use super::{Bounds, Lengths, Masks, PAIRS, Simd, Work, positions_bit_by_bit};
use crate::csv::scan::index::{BEFORE, BLOCK, CAPACITY, GROUP, WINDOW};
use crate::csv::scan::rules::{Halves, Rules};
use std::arch::is_x86_feature_detected;
#[allow(clippy::wildcard_imports, reason = "every name begins with _mm")]
use std::arch::x86_64::*;

/// The token of a processor with AVX2, BMI1, BMI2, POPCNT and LZCNT.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

/// The token of a processor with the features of [`Avx2`] and AVX-512 F, BW, VL, VBMI and VBMI2.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(());

/// The rules as tables indexed by half bytes: a pair of low and high halves for each position.
#[derive(Clone, Copy)]
pub(crate) struct HalfByteTables {
    delimiter: u8,
    two_before: [__m256i; 2],
    before: [__m256i; 2],
    here: [__m256i; 2],
    known: [__m256i; 2],
}

/// The rules as tables indexed by ASCII byte. Each of the three positions has a table of two registers of 64 entries.
#[derive(Clone, Copy)]
pub(crate) struct ByteTables {
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
        if has { Some(Avx2(())) } else { None }
    }

    /// Loads a table into both lanes, because a shuffle works within each lane of 16 bytes.
    #[inline(always)]
    fn broadcast(self, table: &[u8; 16]) -> __m256i {
        // SAFETY: the token proves AVX2; the load reads the 16 borrowed bytes.
        unsafe { _mm256_broadcastsi128_si256(_mm_loadu_si128(table.as_ptr().cast())) }
    }

    #[inline(always)]
    fn both_halves(self, halves: &Halves) -> [__m256i; 2] {
        [self.broadcast(&halves.low), self.broadcast(&halves.high)]
    }

    /// Returns the sets of each of 32 bytes: see [`Halves`].
    #[inline(always)]
    fn sets(self, [low, high]: [__m256i; 2], bytes: __m256i) -> __m256i {
        // SAFETY: the token proves AVX2.
        unsafe {
            // A shuffle gives zero for an index with the top bit set. That is correct: bytes outside ASCII are in no set.
            let high_half = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), _mm256_set1_epi8(15));
            _mm256_and_si256(_mm256_shuffle_epi8(low, bytes), _mm256_shuffle_epi8(high, high_half))
        }
    }

    /// Returns a mask of the bytes of a block, in two halves, that equal `byte`.
    #[inline(always)]
    fn equal_in(self, low: __m256i, high: __m256i, byte: u8) -> u64 {
        both(self.equal(low, byte), self.equal(high, byte))
    }

    /// Returns a mask of the bytes that are not odd.
    #[inline(always)]
    fn not_odd(self, bytes: &[u8; BEFORE + 32], rules: &HalfByteTables) -> u32 {
        let two_before = self.sets(rules.two_before, self.load(bytes_from::<0>(bytes)));
        let before = self.sets(rules.before, self.load(bytes_from::<1>(bytes)));
        let v = self.load(bytes_from::<2>(bytes));
        let (here, known) = (self.sets(rules.here, v), self.sets(rules.known, v));
        // SAFETY: the token proves AVX2.
        unsafe {
            let broken = _mm256_and_si256(_mm256_and_si256(two_before, before), here);
            let zero = _mm256_setzero_si256();
            let not_odd = _mm256_andnot_si256(_mm256_cmpeq_epi8(known, zero), _mm256_cmpeq_epi8(broken, zero));
            _mm256_movemask_epi8(not_odd) as u32
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

/// Returns the 32 bytes that start at `FROM`.
#[inline(always)]
fn bytes_from<const FROM: usize>(bytes: &[u8; BEFORE + 32]) -> &[u8; 32] {
    const { assert!(FROM <= BEFORE) };
    bytes[FROM..].first_chunk().unwrap_or(&[0; 32])
}

/// Joins the masks of two halves into the mask of a block.
#[inline(always)]
fn both(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// Returns the two halves of a block, each with [`BEFORE`] bytes of context.
#[inline(always)]
fn halves(bytes: &[u8; BEFORE + BLOCK]) -> [&[u8; BEFORE + 32]; 2] {
    const NONE: &[u8; BEFORE + 32] = &[0; BEFORE + 32];
    [bytes.first_chunk().unwrap_or(NONE), bytes[32..].first_chunk().unwrap_or(NONE)]
}

impl Simd for Avx2 {
    type V = __m256i;
    type Rules = HalfByteTables;

    #[inline(always)]
    fn rules(self, rules: &Rules) -> HalfByteTables {
        HalfByteTables {
            delimiter: rules.delimiter.0,
            two_before: self.both_halves(&rules.two_before),
            before: self.both_halves(&rules.before),
            here: self.both_halves(&rules.here),
            known: self.both_halves(&rules.known),
        }
    }

    #[inline(always)]
    fn prefetch(self, input: &[u8], offset: usize) {
        // SAFETY: a prefetch of an invalid address does nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(input.as_ptr().wrapping_add(offset).cast()) }
    }

    #[inline(always)]
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &HalfByteTables) -> Masks {
        let [low, high] = halves(bytes);
        let low_v = self.load(bytes_from::<BEFORE>(low));
        let high_v = self.load(bytes_from::<BEFORE>(high));
        let newlines = self.equal_in(low_v, high_v, b'\n');
        Masks {
            separators: self.equal_in(low_v, high_v, rules.delimiter) | newlines,
            newlines,
            dots: self.equal_in(low_v, high_v, b'.'),
            after_zero: self.equal_in(
                self.load(bytes_from::<{ BEFORE - 1 }>(low)),
                self.load(bytes_from::<{ BEFORE - 1 }>(high)),
                b'0',
            ),
            odd: !both(self.not_odd(low, rules), self.not_odd(high, rules)),
        }
    }

    #[inline(always)]
    fn positions(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
        positions_bit_by_bit(mask, base, to, at);
    }

    #[inline(always)]
    fn lengths_are_within(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool {
        const { assert!(GROUP * size_of::<u16>() == size_of::<__m256i>()) };
        // SAFETY: the token proves AVX2. The loads read the 16 numbers of `least` and of `span`, and the first 16 and the last
        // 16 of the 17 numbers of `starts`.
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
        // SAFETY: the token proves AVX2; the load reads the 32 borrowed bytes.
        unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    fn store(self, v: __m256i, to: &mut [u8; 32]) {
        // SAFETY: the token proves AVX2; the store writes the 32 mutably borrowed bytes.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), v) }
    }

    #[inline(always)]
    fn equal(self, v: __m256i, byte: u8) -> u32 {
        // SAFETY: the token proves AVX2.
        unsafe { _mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(byte as i8))) as u32 }
    }

    #[inline(always)]
    fn differ(self, v: __m256i, other: __m256i) -> u32 {
        // SAFETY: the token proves AVX2.
        unsafe { !(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, other)) as u32) }
    }

    #[inline(always)]
    fn within(self, v: __m256i, bounds: &Bounds) -> u32 {
        let (least, span) = (self.load(&bounds.least), self.load(&bounds.span));
        // SAFETY: the token proves AVX2.
        unsafe {
            let above = _mm256_sub_epi8(v, least);
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(above, span), above)) as u32
        }
    }

    #[inline(always)]
    fn clock(self, v: __m256i) -> bool {
        let (order, least, span) = (self.load(&CLOCK.order), self.load(&CLOCK.least), self.load(&CLOCK.span));
        // SAFETY: the token proves AVX2.
        unsafe {
            let above = _mm256_sub_epi16(_mm256_shuffle_epi8(v, order), least);
            _mm256_movemask_epi8(_mm256_cmpeq_epi16(_mm256_min_epu16(above, span), above)) == -1
        }
    }

    #[inline(always)]
    fn special(self, v: __m256i) -> u32 {
        // SAFETY: the token proves AVX2.
        unsafe {
            // As signed numbers, control characters and all bytes from 0x80 on are less than a space.
            let below_space = _mm256_cmpgt_epi8(_mm256_set1_epi8(b' ' as i8), v);
            let quote = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(b'"' as i8));
            let backslash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8(b'\\' as i8));
            _mm256_movemask_epi8(_mm256_or_si256(below_space, _mm256_or_si256(quote, backslash))) as u32
        }
    }

    #[inline(always)]
    fn enter<W: Work>(self, work: W) -> W::Output {
        #[inline(never)]
        #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
        fn inside<W: Work>(simd: Avx2, work: W) -> W::Output {
            work.run(simd)
        }
        // SAFETY: the token proves that the processor has these features.
        unsafe { inside(self, work) }
    }
}

impl Avx512 {
    /// Returns a mask of the bytes of a block that equal `byte`.
    #[inline(always)]
    fn equal_in(self, block: __m512i, byte: u8) -> u64 {
        // SAFETY: the token proves AVX-512 BW.
        unsafe { _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    fn both_halves(self, table: &[u8; 128]) -> [__m512i; 2] {
        // SAFETY: the token proves AVX-512 F; the loads read the first 64 and the last 64 of the 128 borrowed bytes.
        unsafe { [_mm512_loadu_si512(table.as_ptr().cast()), _mm512_loadu_si512(table.as_ptr().add(64).cast())] }
    }

    /// Looks up the 64 bytes that start at `FROM` in a table. The index is the low seven bits of each byte.
    #[inline(always)]
    fn look_up<const FROM: usize>(self, [low, high]: [__m512i; 2], bytes: &[u8; BEFORE + BLOCK]) -> __m512i {
        const { assert!(FROM <= BEFORE && BLOCK == 64) };
        // SAFETY: the token proves AVX-512 F, BW and VBMI; the load reads 64 bytes from `FROM` on, which are borrowed because
        // `FROM` is at most `BEFORE`.
        unsafe {
            let bytes = _mm512_loadu_si512(bytes.as_ptr().add(FROM).cast());
            _mm512_permutex2var_epi8(low, bytes, high)
        }
    }
}

impl Simd for Avx512 {
    type V = __m256i;
    type Rules = ByteTables;

    #[inline(always)]
    fn rules(self, rules: &Rules) -> ByteTables {
        let [two_before, before, here] = &rules.by_byte;
        let tables = [self.both_halves(two_before), self.both_halves(before), self.both_halves(here)];
        ByteTables { delimiter: rules.delimiter.0, tables }
    }

    #[inline(always)]
    fn prefetch(self, input: &[u8], offset: usize) {
        Avx2(()).prefetch(input, offset);
    }

    #[inline(always)]
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &ByteTables) -> Masks {
        let [two_before, before, here] = rules.tables;
        let two_before = self.look_up::<0>(two_before, bytes);
        let before = self.look_up::<1>(before, bytes);
        let here = self.look_up::<2>(here, bytes);
        // SAFETY: the token proves AVX-512 F and BW; the loads read 64 of the 66 borrowed bytes: the last, and those one byte before.
        unsafe {
            let block = _mm512_loadu_si512(bytes.as_ptr().add(BEFORE).cast());
            // A rule is broken if it matches all three positions: a & b & c. Bytes outside ASCII are odd: a | (b & c).
            let broken = _mm512_ternarylogic_epi32::<0b1000_0000>(two_before, before, here);
            let top_bits = _mm512_set1_epi8(i8::MIN);
            let odd = _mm512_ternarylogic_epi32::<0b1111_1000>(broken, block, top_bits);
            let newlines = self.equal_in(block, b'\n');
            Masks {
                separators: self.equal_in(block, rules.delimiter) | newlines,
                newlines,
                dots: self.equal_in(block, b'.'),
                after_zero: self.equal_in(_mm512_loadu_si512(bytes.as_ptr().add(BEFORE - 1).cast()), b'0'),
                odd: _mm512_test_epi8_mask(odd, odd),
            }
        }
    }

    #[inline(always)]
    fn positions(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
        let Some(to) = to[at % WINDOW..].first_chunk_mut::<64>() else { return };
        // SAFETY: the token proves AVX-512 F, BW and VBMI2; each store writes one half of the 64 borrowed entries.
        unsafe {
            let iota = _mm512_loadu_si512(IOTA.as_ptr().cast());
            let positions = _mm512_maskz_compress_epi8(mask, iota);
            let base = _mm512_set1_epi16(base as i16);
            let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(positions));
            _mm512_storeu_si512(to.as_mut_ptr().cast(), _mm512_add_epi16(low, base));
            if mask.count_ones() > 32 {
                let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64::<1>(positions));
                _mm512_storeu_si512(to.as_mut_ptr().add(32).cast(), _mm512_add_epi16(high, base));
            }
        }
    }

    #[inline(always)]
    fn lengths_are_within(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool {
        Avx2(()).lengths_are_within(starts, lengths)
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
        // SAFETY: the token proves AVX-512 BW and VL.
        unsafe { _mm256_cmpeq_epi8_mask(v, _mm256_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    fn differ(self, v: __m256i, other: __m256i) -> u32 {
        // SAFETY: the token proves AVX-512 BW and VL.
        unsafe { _mm256_cmpneq_epi8_mask(v, other) }
    }

    #[inline(always)]
    fn within(self, v: __m256i, bounds: &Bounds) -> u32 {
        let (least, span) = (self.load(&bounds.least), self.load(&bounds.span));
        // SAFETY: the token proves AVX-512 BW and VL.
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
        // SAFETY: the token proves that the processor has these features.
        unsafe { inside(self, work) }
    }
}

/// The numbers 0, 1, 2, …, 63.
static IOTA: [u8; 64] = {
    let mut iota = [0; 64];
    let mut index = 0_u8;
    while index < 64 {
        iota[index as usize] = index;
        index += 1;
    }
    iota
};

/// The pairs of digits of a time as bounds of 16-bit numbers.
struct ClockBounds {
    /// The shuffle that makes each pair a little-endian number: the source of each byte within its lane of 16 bytes.
    order: [u8; 32],
    least: [u8; 32],
    span: [u8; 32],
}

#[expect(clippy::cast_possible_truncation, reason = "offsets are less than 32")]
static CLOCK: ClockBounds = {
    let mut clock = ClockBounds { order: [0x80; 32], least: [0; 32], span: [0; 32] };
    let mut pair = 0;
    while pair < PAIRS.len() {
        let (offset, least, most) = PAIRS[pair];
        let to = offset / 16 * 16 + 2 * pair;
        let mut digit = 0;
        while digit < 2 {
            clock.order[to + digit] = (offset % 16 + 1 - digit) as u8;
            clock.least[to + digit] = least[1 - digit];
            // No digit's maximum is less than its minimum, so the bytes can be subtracted without a borrow.
            clock.span[to + digit] = most[1 - digit] - least[1 - digit];
            digit += 1;
        }
        pair += 1;
    }
    clock
};

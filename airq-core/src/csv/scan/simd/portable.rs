//! Plain loops over bytes, which compilers turn into vector code for any processor.
#![allow(
    clippy::needless_bitwise_bool,
    clippy::manual_range_contains,
    reason = "compilers turn this into vector code, and `||` into jumps"
)]

use super::{Bounds, Lengths, Masks, PAIRS, Simd, Work, positions_bit_by_bit};
use crate::csv::scan::index::{BEFORE, BLOCK, CAPACITY, GROUP};
use crate::csv::scan::rules::{Delimiter, Rules};

/// The token of the portable code, which every processor can run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

/// Packs bytes that are 0 or 1 into bits.
#[inline(always)]
fn bits<const BYTES: usize>(flags: &[u8; BYTES]) -> u64 {
    let mut bits = 0;
    for (index, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // The product moves each flag to its own bit of the top byte; no two partial products overlap.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * index);
    }
    bits
}

/// Returns a mask of the bytes that pass the test.
#[inline(always)]
fn mask<const BYTES: usize>(bytes: &[u8; BYTES], test: impl Fn(u8) -> bool) -> u64 {
    bits(&bytes.map(|byte| u8::from(test(byte))))
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "32 bytes have 32 bits")]
fn mask32(bytes: [u8; 32], test: impl Fn(u8) -> bool) -> u32 {
    mask(&bytes, test) as u32
}

impl Simd for Portable {
    type V = [u8; 32];
    type Rules = Delimiter;

    #[inline(always)]
    fn prefetch(self, _: &[u8], _: usize) {}

    #[inline(always)]
    fn rules(self, rules: &Rules) -> Delimiter {
        rules.delimiter
    }

    #[inline(always)]
    fn block(self, bytes: &[u8; BEFORE + BLOCK], rules: &Delimiter) -> Masks {
        let (mut block, mut odd) = ([0; BLOCK], [0; BLOCK]);
        block.copy_from_slice(&bytes[BEFORE..]);
        let before = bytes[BEFORE - 1..].first_chunk::<BLOCK>().unwrap_or(&[0; BLOCK]);
        for (index, odd) in odd.iter_mut().enumerate() {
            *odd = u8::from(rules.is_odd(bytes[index], bytes[index + 1], bytes[index + 2]));
        }
        let newlines = mask(&block, |byte| byte == b'\n');
        Masks {
            separators: mask(&block, |byte| byte == rules.0) | newlines,
            newlines,
            dots: mask(&block, |byte| byte == b'.'),
            after_zero: mask(before, |byte| byte == b'0'),
            odd: bits(&odd),
        }
    }

    #[inline(always)]
    fn positions(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
        positions_bit_by_bit(mask, base, to, at);
    }

    #[inline(always)]
    fn lengths_are_within(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool {
        (0..GROUP).fold(true, |right, index| {
            let length = starts[index + 1].wrapping_sub(starts[index]);
            right & (length.wrapping_sub(lengths.least[index]) <= lengths.span[index])
        })
    }

    #[inline(always)]
    fn load(self, bytes: &[u8; 32]) -> Self::V {
        *bytes
    }

    #[inline(always)]
    fn store(self, v: Self::V, to: &mut [u8; 32]) {
        *to = v;
    }

    #[inline(always)]
    fn equal(self, v: Self::V, byte: u8) -> u32 {
        mask32(v, |other| other == byte)
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "32 bytes have 32 bits")]
    fn differ(self, v: Self::V, other: Self::V) -> u32 {
        let mut flags = [0; 32];
        for (index, flag) in flags.iter_mut().enumerate() {
            *flag = u8::from(v[index] != other[index]);
        }
        bits(&flags) as u32
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "32 bytes have 32 bits")]
    fn within(self, v: Self::V, bounds: &Bounds) -> u32 {
        let mut flags = [0; 32];
        for (index, flag) in flags.iter_mut().enumerate() {
            *flag = u8::from(v[index].wrapping_sub(bounds.least[index]) <= bounds.span[index]);
        }
        bits(&flags) as u32
    }

    #[inline(always)]
    fn clock(self, v: Self::V) -> bool {
        // Two digits as a big-endian number have the order of the digits.
        PAIRS.iter().fold(true, |right, (index, least, most)| {
            let [least, most] = [*least, *most].map(u16::from_be_bytes);
            right & (u16::from_be_bytes([v[*index], v[index + 1]]).wrapping_sub(least) <= most - least)
        })
    }

    #[inline(always)]
    fn special(self, v: Self::V) -> u32 {
        mask32(v, |byte| (byte < 0x20) | (byte >= 0x80) | (byte == b'"') | (byte == b'\\'))
    }

    #[inline(always)]
    fn enter<W: Work>(self, work: W) -> W::Output {
        work.run(self)
    }
}

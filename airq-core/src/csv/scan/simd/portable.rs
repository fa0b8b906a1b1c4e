//! No particular instructions: plain loops over bytes, which compilers turn into the vector code of any processor.
#![allow(
    clippy::needless_bitwise_bool,
    clippy::manual_range_contains,
    reason = "compilers turn this into vector code, and `||` into jumps"
)]

use super::{Bounds, Lengths, Masks, PAIRS, Simd, Work, places_one_by_one};
use crate::csv::scan::index::{BEFORE, BLOCK, CAPACITY, GROUP};
use crate::csv::scan::rules::{Delimiter, Rules};

/// What any processor can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

/// A bit for each byte that is 1, of bytes that are 0 or 1.
#[inline(always)]
fn bits<const BYTES: usize>(flags: &[u8; BYTES]) -> u64 {
    let mut bits = 0;
    for (place, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // Each flag lands in the top byte at its own place; no two products meet.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * place);
    }
    bits
}

/// A bit for each byte of which the test is true.
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
        for (place, odd) in odd.iter_mut().enumerate() {
            *odd = u8::from(rules.is_odd(bytes[place], bytes[place + 1], bytes[place + 2]));
        }
        let newlines = mask(&block, |byte| byte == b'\n');
        Masks {
            separators: mask(&block, |byte| byte == rules.0) | newlines,
            newlines,
            dots: mask(&block, |byte| byte == b'.'),
            odd: bits(&odd),
        }
    }

    #[inline(always)]
    fn places(self, mask: u64, base: u16, to: &mut [u16; CAPACITY], at: usize) {
        places_one_by_one(mask, base, to, at);
    }

    #[inline(always)]
    fn lengths_are_right(self, starts: &[u16; GROUP + 1], lengths: &Lengths) -> bool {
        (0..GROUP).fold(true, |right, place| {
            let length = starts[place + 1].wrapping_sub(starts[place]);
            right & (length.wrapping_sub(lengths.least[place]) <= lengths.span[place])
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
        for (place, flag) in flags.iter_mut().enumerate() {
            *flag = u8::from(v[place] != other[place]);
        }
        bits(&flags) as u32
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "32 bytes have 32 bits")]
    fn within(self, v: Self::V, bounds: &Bounds) -> u32 {
        let mut flags = [0; 32];
        for (place, flag) in flags.iter_mut().enumerate() {
            *flag = u8::from(v[place].wrapping_sub(bounds.least[place]) <= bounds.span[place]);
        }
        bits(&flags) as u32
    }

    #[inline(always)]
    fn clock(self, v: Self::V) -> bool {
        // Two digits compare as numbers do.
        PAIRS.iter().fold(true, |right, (place, least, most)| {
            let [least, most] = [*least, *most].map(u16::from_be_bytes);
            right & (u16::from_be_bytes([v[*place], v[place + 1]]).wrapping_sub(least) <= most - least)
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

//! Proves one cell right and writes it.
//!
//! Every function here says "not sure" by `None`; its row then goes the careful way. None of them is ever wrong the other
//! way: what they write is right.
#![allow(clippy::inline_always, reason = "compiled for the instructions of its caller")]

use super::super::sheet::WIDE;
use super::simd::Simd;
use super::template::{Literal, Template, ValueCell};

/// A cell of a row: where it is in the window.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::reshape) struct Cell {
    pub(super) start: usize,
    pub(super) length: usize,
}

/// 32 bytes of the input from here on.
#[inline(always)]
pub(super) fn wide(input: &[u8], start: usize) -> Option<&[u8; WIDE]> {
    input.get(start..)?.first_chunk()
}

/// Room for 32 bytes of the output from here on.
#[inline(always)]
fn room(out: &mut [u8], at: usize) -> Option<&mut [u8; WIDE]> {
    out.get_mut(at..)?.first_chunk_mut()
}

/// The lowest `count` bits, of which there are 32.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the upper half is masked away")]
fn low_bits(count: usize) -> u32 {
    ((1_u64 << (count & 63)) - 1) as u32
}

/// Writes fixed text, but for its first `skip` bytes; gives where it ends.
#[inline(always)]
pub(super) fn literal<S: Simd>(simd: S, text: &Literal, skip: usize, out: &mut [u8], at: usize) -> Option<usize> {
    if skip == 0 {
        simd.store(simd.load(&text.bytes), room(out, at)?);
        return Some(at + text.length);
    }
    let rest = text.bytes.get(skip..text.length)?;
    out.get_mut(at..at + rest.len())?.copy_from_slice(rest);
    Some(at + rest.len())
}

/// Writes a value with its key before it; gives where it ends.
#[inline(always)]
pub(in crate::reshape) fn value<S: Simd>(
    simd: S,
    template: &Template,
    what: &ValueCell,
    cell: Cell,
    input: &[u8],
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    let at = literal(simd, &what.key, 0, out, at)?;
    if cell.length == 0 {
        return literal(simd, &template.missing, 0, out, at);
    }
    if what.is_text {
        let at = literal(simd, &template.text_quote, 0, out, at)?;
        let at = plain_text(simd, cell, input, template.text_special, out, at)?;
        return literal(simd, &template.text_quote, 0, out, at);
    }
    number(simd, cell, input, out, at)
}

/// Writes a number as it stands, if it is one by JSON's grammar, without exponent, in at most 32 bytes.
#[inline(always)]
fn number<S: Simd>(simd: S, cell: Cell, input: &[u8], out: &mut [u8], at: usize) -> Option<usize> {
    let v = simd.load(wide(input, cell.start)?);
    simd.store(v, room(out, at)?);
    let there = low_bits(cell.length);
    let digits = simd.digits(v) & there;
    let dots = simd.equal(v, b'.') & there;
    let minus = simd.equal(v, b'-') & there & 1;
    let first = 1_u32 << minus;
    let last = there ^ (there >> 1);
    let others = there & !(digits | dots | minus);
    let second_dot = dots & dots.wrapping_sub(1);
    let bare_dot = dots & (first | last);
    let leading_zero = simd.equal(v, b'0') & first & (digits >> 1);
    let fault = others | second_dot | bare_dot | leading_zero;
    (fault == 0 && digits != 0 && cell.length <= WIDE).then_some(at + cell.length)
}

/// Writes text that needs no escape as it stands, if it is UTF-8.
#[inline(always)]
pub(in crate::reshape) fn plain_text<S: Simd>(
    simd: S,
    cell: Cell,
    input: &[u8],
    special: u8,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    let v = simd.load(wide(input, cell.start)?);
    simd.store(v, room(out, at)?);
    let there = low_bits(cell.length);
    let odd = (simd.special(v) | simd.equal(v, special)) & there;
    if odd == 0 && cell.length <= WIDE {
        return Some(at + cell.length);
    }
    odd_text(cell, input, special, out, at)
}

/// Text that is long or not ASCII, but may stand as it is all the same.
#[inline(never)]
fn odd_text(cell: Cell, input: &[u8], special: u8, out: &mut [u8], at: usize) -> Option<usize> {
    let text = input.get(cell.start..cell.start + cell.length)?;
    let escaped = |byte: &u8| *byte < 0x20 || matches!(*byte, b'"' | b'\\') || *byte == special;
    if text.iter().any(escaped) || std::str::from_utf8(text).is_err() {
        return None;
    }
    out.get_mut(at..at + text.len())?.copy_from_slice(text);
    Some(at + text.len())
}

/// A carriage return within a line ends a record for the careful path, so even a cell that is not written has none.
#[inline(always)]
pub(in crate::reshape) fn no_line_end<S: Simd>(simd: S, cell: Cell, input: &[u8]) -> Option<()> {
    let v = simd.load(wide(input, cell.start)?);
    let returns = simd.equal(v, b'\r') & low_bits(cell.length);
    (returns == 0 && cell.length <= WIDE).then_some(())
}

/// The digits of `YYYY-MM-DD?hh:mm:ss`, its dashes and its colons: a bit each.
const CLOCK_DIGITS: u32 = 0b110_1101_1011_0110_1111;
const DASHES: u32 = 1 << 4 | 1 << 7;
const COLONS: u32 = 1 << 13 | 1 << 16;
/// The end of `….mmmZ` that is lacking behind 0, 1, 2 or 3 digits of a second's fraction.
const ENDS: [[u8; 8]; 4] = [*b".000Z\0\0\0", *b"00Z\0\0\0\0\0", *b"0Z\0\0\0\0\0\0", *b"Z\0\0\0\0\0\0\0"];
/// The length of `YYYY-MM-DDThh:mm:ss.mmmZ`.
const TIME_LENGTH: usize = 24;

/// Writes a time in UTC as RFC 3339 with milliseconds, if it has at most three digits of a second's fraction and stands
/// without offset, with `Z` or with `+00`.
#[inline(always)]
pub(in crate::reshape) fn time<S: Simd>(simd: S, cell: Cell, input: &[u8], out: &mut [u8], at: usize) -> Option<usize> {
    let text = wide(input, cell.start)?;
    let v = simd.load(text);
    let there = low_bits(cell.length);
    let digits = simd.digits(v) & there;
    let shape_is_right = digits & CLOCK_DIGITS == CLOCK_DIGITS
        && simd.equal(v, b'-') & DASHES == DASHES
        && simd.equal(v, b':') & COLONS == COLONS
        && matches!(text[10], b' ' | b'T')
        && cell.length <= WIDE;
    let dot = usize::from(text[19] == b'.' && cell.length > 19);
    let fraction = if dot == 1 { (digits >> 20).trailing_ones() as usize } else { 0 };
    let end = 19 + dot + fraction;
    if !shape_is_right || (dot == 1) != (1..=3).contains(&fraction) || !clock_is_right(text) {
        return None;
    }
    let zone_is_utc = match cell.length - end {
        0 => true,
        1 => text[end] == b'Z',
        3 => text[end..end + 3] == *b"+00",
        _ => false,
    };
    if !zone_is_utc {
        return None;
    }
    let to = room(out, at)?;
    simd.store(v, to);
    to[10] = b'T';
    *to.get_mut(end..)?.first_chunk_mut::<8>()? = ENDS[fraction & 3];
    Some(at + TIME_LENGTH)
}

/// Whether two digits each of month, day, hour, minute and second are in their ranges. The bytes are digits already.
#[inline(always)]
fn clock_is_right(text: &[u8; WIDE]) -> bool {
    // Two digits compare as numbers do.
    let two = |place: usize| u16::from_be_bytes([text[place], text[place + 1]]);
    let within = |place: usize, least: &[u8; 2], most: &[u8; 2]| {
        (u16::from_be_bytes(*least)..=u16::from_be_bytes(*most)).contains(&two(place))
    };
    within(5, b"01", b"12")
        && within(8, b"01", b"31")
        && (within(8, b"01", b"28") || day_is_right(text))
        && within(11, b"00", b"23")
        && within(14, b"00", b"59")
        && within(17, b"00", b"59")
        && text[..4] != *b"0000"
}

/// Whether a day past the 28th is in its month.
#[inline(never)]
fn day_is_right(text: &[u8; WIDE]) -> bool {
    let digit = |place: usize| u16::from(text[place] - b'0');
    let year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match digit(5) * 10 + digit(6) {
        2 => 28 + u16::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    digit(8) * 10 + digit(9) <= days
}

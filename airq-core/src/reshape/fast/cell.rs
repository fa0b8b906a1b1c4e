//! Proves one cell right and writes it.
//!
//! What a function here is not sure of it notes as a fault of the pen's; its row then goes the careful way. None is ever
//! wrong the other way: what is written without a fault is right.
#![allow(clippy::inline_always, reason = "compiled for the instructions of its caller")]

use super::super::sheet::WIDE;
use super::pen::{Cell, Pen, Window};
use super::simd::Simd;
use super::template::{Template, ValueCell};

/// The bits of a cell's bytes in a wide load; none past its end.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the upper half is masked away")]
fn bits_of(length: u16) -> u32 {
    ((1_u64 << (length & 63)) - 1) as u32
}

/// Not zero if a cell is longer than a wide load.
#[inline(always)]
fn too_long(length: u16) -> u32 {
    u32::from(usize::from(length) > WIDE)
}

/// Writes a value with its key before it.
#[inline(always)]
pub(in crate::reshape) fn value<S: Simd>(
    simd: S,
    template: &Template,
    what: &ValueCell,
    cell: Cell,
    window: Window<'_>,
    pen: &mut Pen<'_>,
) {
    pen.literal(simd, &what.key);
    if cell.length == 0 {
        return pen.literal(simd, &template.missing);
    }
    if what.is_text {
        pen.literal(simd, &template.text_quote);
        text(simd, cell, window, template.text_special, pen);
        return pen.literal(simd, &template.text_quote);
    }
    number(simd, cell, window, pen);
}

/// Writes a number as it stands, if it is one by JSON's grammar, without exponent, in at most 32 bytes.
#[inline(always)]
fn number<S: Simd>(simd: S, cell: Cell, window: Window<'_>, pen: &mut Pen<'_>) {
    let Some(bytes) = window.wide(cell.start) else { return pen.fault(1) };
    let v = simd.load(bytes);
    pen.wide(simd, v, u32::from(cell.length));
    let there = bits_of(cell.length);
    let digits = simd.digits(v) & there;
    let dots = simd.equal(v, b'.') & there;
    let minus = simd.equal(v, b'-') & 1;
    // The first digit's bit, and the last byte's.
    let first = 1 + minus;
    let last = there ^ (there >> 1);
    let others = there & !(digits | dots | minus);
    let second_dot = dots & dots.wrapping_sub(1);
    let bare_dot = dots & (first | last);
    let leading_zero = simd.equal(v, b'0') & first & (digits >> 1);
    // Neither a lone minus nor a lone dot is a number: the digit that the first place must have.
    let no_digit = first & !digits;
    pen.fault(others | second_dot | bare_dot | leading_zero | no_digit | too_long(cell.length));
}

/// Writes text that needs no escape as it stands, if it is UTF-8.
#[inline(always)]
pub(in crate::reshape) fn text<S: Simd>(simd: S, cell: Cell, window: Window<'_>, special: u8, pen: &mut Pen<'_>) {
    let Some(bytes) = window.wide(cell.start) else { return pen.fault(1) };
    let v = simd.load(bytes);
    let odd = (simd.special(v) | simd.equal(v, special)) & bits_of(cell.length);
    if odd | too_long(cell.length) == 0 {
        return pen.wide(simd, v, u32::from(cell.length));
    }
    let text = window.bytes(cell);
    pen.long(text);
    pen.fault(u32::from(!stands_as_it_is(text, special)));
}

/// Whether text that is long or not ASCII may stand as it is all the same.
#[inline(never)]
fn stands_as_it_is(text: &[u8], special: u8) -> bool {
    let escaped = |byte: &u8| *byte < 0x20 || matches!(*byte, b'"' | b'\\') || *byte == special;
    !text.iter().any(escaped) && std::str::from_utf8(text).is_ok()
}

/// A carriage return within a line ends a record for the careful path, so even a cell that is not written has none.
#[inline(always)]
pub(in crate::reshape) fn no_line_end<S: Simd>(simd: S, cell: Cell, window: Window<'_>, pen: &mut Pen<'_>) {
    let Some(bytes) = window.wide(cell.start) else { return pen.fault(1) };
    let returns = simd.equal(simd.load(bytes), b'\r') & bits_of(cell.length);
    pen.fault(returns | too_long(cell.length));
}

/// The digits of `YYYY-MM-DD?hh:mm:ss`, its dashes and its colons: a bit each.
const CLOCK_DIGITS: u32 = 0b110_1101_1011_0110_1111;
const DASHES: u32 = 1 << 4 | 1 << 7;
const COLONS: u32 = 1 << 13 | 1 << 16;
/// The end of `….mmmZ` that is lacking behind 0, 1, 2 or 3 digits of a second's fraction.
const ENDS: [[u8; 8]; 4] = [*b".000Z\0\0\0", *b"00Z\0\0\0\0\0", *b"0Z\0\0\0\0\0\0", *b"Z\0\0\0\0\0\0\0"];
/// The length of `YYYY-MM-DDThh:mm:ss.mmmZ`.
const TIME_LENGTH: u32 = 24;

/// Writes a time in UTC as RFC 3339 with milliseconds, if it has at most three digits of a second's fraction and stands
/// without offset, with `Z` or with `+00`.
#[inline(always)]
pub(in crate::reshape) fn time<S: Simd>(simd: S, cell: Cell, window: Window<'_>, pen: &mut Pen<'_>) {
    let Some(text) = window.wide(cell.start) else { return pen.fault(1) };
    let v = simd.load(text);
    let digits = simd.digits(v) & bits_of(cell.length);
    let lacking = (CLOCK_DIGITS & !digits) | (DASHES & !simd.equal(v, b'-')) | (COLONS & !simd.equal(v, b':'));
    // Behind the seconds: a dot and digits, if there is one, then the zone.
    let dot = u16::from(text[19] == b'.' && cell.length > 19);
    let fraction = if dot == 1 { (digits >> 20).trailing_ones() as u16 } else { 0 };
    let fraction_is_wrong = (dot == 1) != (1..=3).contains(&fraction);
    let end = usize::from(19 + dot + (fraction & 3));
    let zone_is_wrong = match usize::from(cell.length).wrapping_sub(end) {
        0 => false,
        1 => text[end] != b'Z',
        3 => text[end..end + 3] != *b"+00",
        _ => true,
    };
    let is_wrong = fraction_is_wrong | zone_is_wrong | !matches!(text[10], b' ' | b'T') | !clock_is_right(text);
    pen.fault(lacking | u32::from(is_wrong));
    let Some(spot) = pen.spot() else { return pen.fault(1) };
    simd.store(v, spot);
    spot[10] = b'T';
    if let Some(rest) = spot.get_mut(end..end + 8) {
        rest.copy_from_slice(&ENDS[usize::from(fraction & 3)]);
    }
    pen.count(TIME_LENGTH);
}

/// Whether two digits each of month, day, hour, minute and second are in their ranges, if they are digits.
#[inline(always)]
fn clock_is_right(text: &[u8; WIDE]) -> bool {
    // Two digits compare as numbers do.
    let within = |place: usize, least: &[u8; 2], most: &[u8; 2]| {
        let least = u16::from_be_bytes(*least);
        let most = u16::from_be_bytes(*most) - least;
        u16::from_be_bytes([text[place], text[place + 1]]).wrapping_sub(least) <= most
    };
    within(5, b"01", b"12")
        & (within(8, b"01", b"28") || day_is_right(text))
        & within(11, b"00", b"23")
        & within(14, b"00", b"59")
        & within(17, b"00", b"59")
        & (text[..4] != *b"0000")
}

/// Whether a day past the 28th is in its month.
#[inline(never)]
fn day_is_right(text: &[u8; WIDE]) -> bool {
    let digit = |place: usize| u32::from(text[place].wrapping_sub(b'0'));
    let year = digit(0) * 1000 + digit(1) * 100 + digit(2) * 10 + digit(3);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match digit(5) * 10 + digit(6) {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=days).contains(&(digit(8) * 10 + digit(9)))
}

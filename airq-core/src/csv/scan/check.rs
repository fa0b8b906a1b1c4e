//! Checks the times, texts and lengths of a row before the row is written.
//!
//! The [scan](super::index::ScanWindow) has already checked the numbers. The checks are conservative: they may reject a valid row,
//! which then goes to the scalar parser, but they never accept an invalid row.

use super::index::CellIndex;
use super::plan::ScanPlan;
use super::rows::ProvenRow;
use super::simd::{Bounds, Simd};
use super::window::{Cell, WIDE, Window};
use crate::csv::number::is_short;

/// Returns a mask of the lowest `length` bits: the bytes of a wide load that belong to a cell.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the upper half is masked away")]
pub(crate) fn bits_of(length: u32) -> u32 {
    ((1_u64 << (length & 63)) - 1) as u32
}

/// Returns whether every cell in a column of numbers is empty or a number that keeps its digits, except zeros at the end of its decimals.
///
/// The range that is checked includes the separator after each cell, because an error such as a trailing dot is marked on
/// the separator.
#[inline(always)]
pub(crate) fn numbers_are_valid(plan: &ScanPlan, index: &CellIndex, row: &ProvenRow<'_>) -> bool {
    plan.numbers.iter().all(|run| {
        let from = row.start(run.start);
        let to = row.start(run.end);
        let is_valid = !index.has_odd(from, to) || index.has_only_zero_ends(from, to);
        is_valid && run.clone().all(|column| is_short(row.bytes(column)))
    })
}

/// Checks everything in a row except its numbers. Returns the length of the time's fraction (the dot and the digits after
/// it), or `None` if the row must go to the scalar parser.
#[inline(always)]
pub(crate) fn is_valid<S: Simd>(simd: S, plan: &ScanPlan, row: &ProvenRow<'_>) -> Option<u8> {
    let station = row.station();
    let (fraction, errors) = check_time(simd, row.cell(plan.shape.time), row.window);
    // Loops instead of closures: a closure that is not inlined is not compiled for the instruction set.
    let has_station = station.length > 0 && !has_outer_blank(station, row.window);
    let mut is_valid = errors == 0 && has_station && is_plain(simd, station, row.window, plan.special);
    for column in &plan.texts {
        is_valid = is_valid && is_plain(simd, row.cell(*column), row.window, plan.special);
    }
    for column in &plan.ignored {
        let cell = row.cell(*column);
        is_valid &= cell.length as usize <= WIDE && quotes_and_returns(simd, cell, row.window) == 0;
    }
    if is_valid { Some(u8::try_from(fraction).unwrap_or(0)) } else { None }
}

/// Returns whether a text needs no escape and is UTF-8.
#[inline(always)]
fn is_plain<S: Simd>(simd: S, cell: Cell, window: Window<'_>, special: u8) -> bool {
    let is_short = cell.length as usize <= WIDE;
    is_short && special_bytes(simd, cell, window, special) == 0 || needs_no_escape(window.bytes(cell), special)
}

/// Returns a mask of the bytes of a cell that need an escape or are not ASCII. The cell must fit a wide load.
#[inline(always)]
pub(crate) fn special_bytes<S: Simd>(simd: S, cell: Cell, window: Window<'_>, special: u8) -> u32 {
    let v = simd.load(window.wide(cell.start));
    (simd.special(v) | simd.equal(v, special)) & bits_of(cell.length)
}

/// Returns a mask of the first and the last byte of a cell if they are blanks, which the scalar parser trims. The cell must not be
/// empty and must fit a wide load. Tabs are special bytes.
#[inline(always)]
pub(crate) fn outer_blanks<S: Simd>(simd: S, cell: Cell, window: Window<'_>) -> u32 {
    let ends = 1 | 1 << (cell.length.wrapping_sub(1) & 31);
    simd.equal(simd.load(window.wide(cell.start)), b' ') & ends
}

/// Returns whether a cell of any length starts or ends with a blank. The cell must not be empty.
#[inline(always)]
fn has_outer_blank(cell: Cell, window: Window<'_>) -> bool {
    window.byte(cell.start) == b' ' || window.byte(cell.start + cell.length - 1) == b' '
}

/// Returns whether a text of any length needs no escape and is UTF-8.
#[inline(never)]
fn needs_no_escape(text: &[u8], special: u8) -> bool {
    let has_special = text.iter().any(|byte| *byte < 0x20 || matches!(*byte, b'"' | b'\\') || *byte == special);
    !has_special && std::str::from_utf8(text).is_ok()
}

/// Returns a mask of the carriage returns and quotes of a cell. The cell must fit a wide load.
///
/// The scalar parser splits rows at these bytes, so a proven row may not have them even in a column that no consumer reads.
#[inline(always)]
pub(crate) fn quotes_and_returns<S: Simd>(simd: S, cell: Cell, window: Window<'_>) -> u32 {
    let v = simd.load(window.wide(cell.start));
    (simd.equal(v, b'\r') | simd.equal(v, b'"')) & bits_of(cell.length)
}

/// The length of `YYYY-MM-DD?hh:mm:ss`.
pub(crate) const SECONDS_LENGTH: u32 = 19;
/// The digits and punctuation of a time. The fraction of the second fills the rest of the load.
const TIME_SHAPE: Bounds = Bounds::new(b"0000-00-00?00:00:00.000000000000", b"9999-99-99?99:99:99.999999999999");
/// The bytes of `YYYY-MM-DD?hh:mm:ss` in `TIME_SHAPE`, without the separator between date and clock.
const SECONDS_BITS: u32 = (1 << SECONDS_LENGTH) - 1 - (1 << 10);
/// The length of the fraction of a uniform time: a dot and three digits.
pub(crate) const UNIFORM_FRACTION: u8 = 4;
/// The length of a uniform time: `YYYY-MM-DD?hh:mm:ss.mmm`.
pub(crate) const UNIFORM_TIME: u16 = 23;
/// The bytes of a uniform time in `TIME_SHAPE`, without the separator between date and clock.
const UNIFORM_BITS: u32 = (1 << UNIFORM_TIME) - 1 - (1 << 10);
/// The valid lengths of a fraction, a bit each: 0, or a dot and one to three digits.
const FRACTION_LENGTHS: u32 = 0b1_1101;
/// A mask and the expected bytes by the length of the offset: nothing, `Z` or `+00`. The entry for length 2 never matches.
const OFFSETS: [(u32, u32); 4] =
    [(0, 0), (0xff, b'Z' as u32), (0, 1), (0xff_ffff, u32::from_le_bytes([b'+', b'0', b'0', 0]))];

/// Returns whether the text begins with a valid time to the millisecond.
#[inline(always)]
pub(crate) fn begins_with_time<S: Simd>(simd: S, text: &[u8; WIDE]) -> bool {
    let v = simd.load(text);
    let errors = (!simd.within(v, &TIME_SHAPE) & UNIFORM_BITS) | separator_error(text);
    errors == 0 && (simd.clock(v) || is_calendar_time(text))
}

/// Returns zero if the byte between date and clock is a space or a `T`.
#[inline(always)]
fn separator_error(text: &[u8; WIDE]) -> u32 {
    let separator = u32::from(text[10]);
    (separator ^ u32::from(b' ')) * (separator ^ u32::from(b'T'))
}

/// Checks a time in UTC: no offset, `Z` or `+00`, and at most three digits of a fraction.
///
/// Returns the length of the fraction, and a number that is zero if the time is valid.
#[inline(always)]
fn check_time<S: Simd>(simd: S, cell: Cell, window: Window<'_>) -> (u32, u32) {
    let text = window.wide(cell.start);
    let v = simd.load(text);
    let matching = simd.within(v, &TIME_SHAPE) & bits_of(cell.length);
    let fraction = (matching >> SECONDS_LENGTH).trailing_ones();
    let end = SECONDS_LENGTH + fraction;
    let offset_length = cell.length.wrapping_sub(end);
    let (mask, expected) = OFFSETS[(offset_length & 3) as usize];
    let offset = text[(end & 31) as usize..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    // Each term is zero if its check passes. Numbers are faster here than booleans.
    let errors = (offset_length & !3)
        | ((!FRACTION_LENGTHS >> (fraction & 15)) & 1)
        | ((offset & mask) ^ expected)
        | separator_error(text)
        | (SECONDS_BITS & !matching);
    let is_date = simd.clock(v) || is_calendar_time(text);
    (fraction, errors | u32::from(!is_date))
}

/// Returns whether the digits are a valid date and clock by the full calendar. [`Simd::clock`] accepts only days up to the
/// 28th and years from 1000 on.
#[inline(never)]
fn is_calendar_time(text: &[u8; WIDE]) -> bool {
    let two =
        |index: usize| u32::from(text[index].wrapping_sub(b'0')) * 10 + u32::from(text[index + 1].wrapping_sub(b'0'));
    let year = two(0) * 100 + two(2);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match two(5) {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&two(8)) && two(11) < 24 && two(14) < 60 && two(17) < 60
}

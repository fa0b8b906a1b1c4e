//! Proves a row right before any of it is written.
//!
//! Numbers were checked in passing by the [scan](super::scan); here is what is left: times, text and lengths. A row of
//! which a check is not sure is for the careful path. None is ever wrong the other way: what passes is right.

use super::index::CellIndex;
use super::plan::ScanPlan;
use super::rows::ProvenRow;
use super::simd::{Bounds, Simd};
use super::window::{Cell, WIDE, Window};

/// The bits of a cell's bytes in a wide load; none past its end.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the upper half is masked away")]
pub(crate) fn bits_of(length: u32) -> u32 {
    ((1_u64 << (length & 63)) - 1) as u32
}

/// Whether all cells of the row that should be numbers are numbers or nothing. What is odd about a cell may show at the
/// separator behind it.
#[inline(always)]
pub(crate) fn numbers_are_valid(plan: &ScanPlan, index: &CellIndex, row: &ProvenRow<'_>) -> bool {
    let mut is_odd = false;
    for run in &plan.numbers {
        is_odd |= index.has_odd(row.start(run.start), row.start(run.end));
    }
    !is_odd
}

/// Whether a row whose numbers are right is right altogether, and how its time is spelled: the length of the dot and the
/// digits behind it.
#[inline(always)]
pub(crate) fn is_valid<S: Simd>(simd: S, plan: &ScanPlan, row: &ProvenRow<'_>) -> Option<u8> {
    let station = row.station();
    let (fraction, faults) = time(simd, row.cell(plan.shape.time), row.window);
    // No closures around vectors: one that is not inlined is not compiled for their instructions.
    let mut right = faults == 0 && station.length > 0 && is_plain(simd, station, row.window, plan.special);
    for column in &plan.texts {
        right = right && is_plain(simd, row.cell(*column), row.window, plan.special);
    }
    for column in &plan.ignored {
        let cell = row.cell(*column);
        right &= cell.length as usize <= WIDE && line_ends(simd, cell, row.window) == 0;
    }
    right.then_some(u8::try_from(fraction).unwrap_or(0))
}

/// Whether text needs no escape and is UTF-8.
#[inline(always)]
fn is_plain<S: Simd>(simd: S, cell: Cell, window: Window<'_>, special: u8) -> bool {
    let is_short = cell.length as usize <= WIDE;
    is_short && odd_text(simd, cell, window, special) == 0 || stands_as_it_is(window.bytes(cell), special)
}

/// The bytes of a cell, if it is not longer than a wide load, that may not stand in text as they are or are not ASCII.
#[inline(always)]
pub(crate) fn odd_text<S: Simd>(simd: S, cell: Cell, window: Window<'_>, special: u8) -> u32 {
    let v = simd.load(window.wide(cell.start));
    (simd.special(v) | simd.equal(v, special)) & bits_of(cell.length)
}

/// Whether text that is long or not ASCII may stand as it is all the same.
#[inline(never)]
fn stands_as_it_is(text: &[u8], special: u8) -> bool {
    let escaped = |byte: &u8| *byte < 0x20 || matches!(*byte, b'"' | b'\\') || *byte == special;
    !text.iter().any(escaped) && std::str::from_utf8(text).is_ok()
}

/// The carriage returns and quotes of a cell, if it is not longer than a wide load: for the careful path they make other
/// rows, so even a cell that is not written has none.
#[inline(always)]
pub(crate) fn line_ends<S: Simd>(simd: S, cell: Cell, window: Window<'_>) -> u32 {
    let v = simd.load(window.wide(cell.start));
    (simd.equal(v, b'\r') | simd.equal(v, b'"')) & bits_of(cell.length)
}

/// The length of `YYYY-MM-DD?hh:mm:ss`.
pub(crate) const CLOCK: u32 = 19;
/// What stands where: the digits and signs of a time with as many digits of a second's fraction as there is room.
const SHAPE: Bounds = Bounds::new(b"0000-00-00?00:00:00.000000000000", b"9999-99-99?99:99:99.999999999999");
/// The bits of a clock's bytes in `SHAPE`, without the one between date and time.
const CLOCK_BITS: u32 = (1 << CLOCK) - 1 - (1 << 10);
/// The length of a dot and milliseconds, of a time to the millisecond, and its bits.
pub(crate) const UNIFORM_FRACTION: u8 = 4;
pub(crate) const UNIFORM_TIME: u16 = 23;
const UNIFORM_BITS: u32 = (1 << UNIFORM_TIME) - 1 - (1 << 10);
/// Of a dot and digits, the lengths that there may be: none, or two to four.
const FRACTIONS: u32 = 0b1_1101;
/// What may stand behind, by its length: nothing, `Z` or `+00`; and which of four bytes belong to it.
const ZONES: [(u32, u32); 4] =
    [(0, 0), (0xff, b'Z' as u32), (0, 1), (0xff_ffff, u32::from_le_bytes([b'+', b'0', b'0', 0]))];

/// Whether this begins with a time to the millisecond.
#[inline(always)]
pub(crate) fn begins_with_time<S: Simd>(simd: S, text: &[u8; WIDE]) -> bool {
    let v = simd.load(text);
    let wrong = (!simd.within(v, &SHAPE) & UNIFORM_BITS) | wrong_between(text);
    wrong == 0 && (simd.clock(v) || day_is_right(text))
}

/// Not zero if what stands between date and clock is neither a blank nor a `T`.
#[inline(always)]
fn wrong_between(text: &[u8; WIDE]) -> u32 {
    let between = u32::from(text[10]);
    (between ^ u32::from(b' ')) * (between ^ u32::from(b'T'))
}

/// The time in UTC that stands without offset, with `Z` or with `+00`, and has at most three digits of a second's fraction.
/// Not zero beside it if it is none such.
#[inline(always)]
fn time<S: Simd>(simd: S, cell: Cell, window: Window<'_>) -> (u32, u32) {
    let text = window.wide(cell.start);
    let v = simd.load(text);
    let there = simd.within(v, &SHAPE) & bits_of(cell.length);
    let fraction = (there >> CLOCK).trailing_ones();
    let end = CLOCK + fraction;
    let rest = cell.length.wrapping_sub(end);
    let (mask, wanted) = ZONES[(rest & 3) as usize];
    let behind = text[(end & 31) as usize..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
    // Each of these is zero if it is right. Numbers, for to note each as a truth would take longer.
    let wrong = (rest & !3)
        | ((!FRACTIONS >> (fraction & 15)) & 1)
        | ((behind & mask) ^ wanted)
        | wrong_between(text)
        | (CLOCK_BITS & !there);
    let is_date = simd.clock(v) || day_is_right(text);
    (fraction, wrong | u32::from(!is_date))
}

/// Whether these digits are a time after all: one of a day past the 28th that is in its month, or of a year before 1000.
#[inline(never)]
fn day_is_right(text: &[u8; WIDE]) -> bool {
    let two =
        |place: usize| u32::from(text[place].wrapping_sub(b'0')) * 10 + u32::from(text[place + 1].wrapping_sub(b'0'));
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

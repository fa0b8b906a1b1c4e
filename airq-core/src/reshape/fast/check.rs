//! Proves a row right before any of it is written.
//!
//! Numbers were checked in passing by the [scan](super::scan); here is what is left: times, text and lengths. A row of
//! which a check is not sure is for the careful path. None is ever wrong the other way: what passes is right.

use super::super::sheet::WIDE;
use super::pen::{Cell, Window};
use super::rows::RowAt;
use super::scan::OddCells;
use super::simd::{Bounds, Simd};
use super::template::Cells;

/// The bits of a cell's bytes in a wide load; none past its end.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the upper half is masked away")]
fn bits_of(length: u32) -> u32 {
    ((1_u64 << (length & 63)) - 1) as u32
}

/// Not zero if a cell is longer than a wide load.
#[inline(always)]
fn too_long(length: u32) -> u32 {
    u32::from(length as usize > WIDE)
}

/// Whether the cells that should be numbers, and end here, are numbers or nothing.
#[inline(always)]
pub(super) fn numbers_are_right(cells: &Cells, ends: &[u16], odd: &OddCells) -> bool {
    let mut is_odd = false;
    for run in &cells.numbers {
        is_odd |= odd.any(ends.get(run.clone()).unwrap_or_default());
    }
    !is_odd
}

/// Whether the rest of the row is right, and how its time is spelled: the length of the dot and the digits behind it.
#[inline(always)]
pub(super) fn check<S: Simd>(simd: S, cells: &Cells, row: &RowAt<'_>) -> Option<u8> {
    let station = row.cell(cells.station);
    let mut faults = u32::from(station.length == 0);
    for column in &cells.ignored {
        faults |= no_line_end(simd, row.cell(*column), row.window);
    }
    let (fraction, time_faults) = time(simd, row.cell(cells.time), row.window);
    faults |= time_faults;
    // No closures around vectors: one that is not inlined is not compiled for their instructions.
    let mut texts_are_right = is_plain(simd, station, row.window, cells.text_special);
    for column in &cells.texts {
        texts_are_right &= is_plain(simd, row.cell(*column), row.window, cells.text_special);
    }
    (faults == 0 && texts_are_right).then_some(u8::try_from(fraction).unwrap_or(0))
}

/// Whether text needs no escape and is UTF-8.
#[inline(always)]
fn is_plain<S: Simd>(simd: S, cell: Cell, window: Window<'_>, special: u8) -> bool {
    let v = simd.load(window.wide(cell.start));
    let odd = (simd.special(v) | simd.equal(v, special)) & bits_of(cell.length);
    odd | too_long(cell.length) == 0 || stands_as_it_is(window.bytes(cell), special)
}

/// Whether text that is long or not ASCII may stand as it is all the same.
#[inline(never)]
fn stands_as_it_is(text: &[u8], special: u8) -> bool {
    let escaped = |byte: &u8| *byte < 0x20 || matches!(*byte, b'"' | b'\\') || *byte == special;
    !text.iter().any(escaped) && std::str::from_utf8(text).is_ok()
}

/// A carriage return within a line ends a record for the careful path, so even a cell that is not written has none.
#[inline(always)]
fn no_line_end<S: Simd>(simd: S, cell: Cell, window: Window<'_>) -> u32 {
    let returns = simd.equal(simd.load(window.wide(cell.start)), b'\r') & bits_of(cell.length);
    returns | too_long(cell.length)
}

/// The length of `YYYY-MM-DD?hh:mm:ss`.
pub(super) const CLOCK: u32 = 19;
/// What stands where: the digits and signs of a time with as many digits of a second's fraction as there is room.
const SHAPE: Bounds = Bounds::new(b"0000-00-00?00:00:00.000000000000", b"9999-99-99?99:99:99.999999999999");
/// The bits of a clock's bytes in `SHAPE`, without the one between date and time.
const CLOCK_BITS: u32 = (1 << CLOCK) - 1 - (1 << 10);
/// Of a dot and digits, the lengths that there may be: none, or two to four.
const FRACTIONS: u32 = 0b1_1101;
/// What may stand behind, by its length: nothing, `Z` or `+00`; and which of four bytes belong to it.
const ZONES: [(u32, u32); 4] =
    [(0, 0), (0xff, b'Z' as u32), (0, 1), (0xff_ffff, u32::from_le_bytes([b'+', b'0', b'0', 0]))];

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
    let between = u32::from(text[10]);
    // Each of these is zero if it is right. Numbers, for to note each as a truth would take longer.
    let wrong = (rest & !3)
        | ((!FRACTIONS >> (fraction & 15)) & 1)
        | ((behind & mask) ^ wanted)
        | ((between ^ u32::from(b' ')) * (between ^ u32::from(b'T')))
        | (CLOCK_BITS & !there)
        | u32::from(text[..4] == *b"0000");
    let is_date = simd.clock(v) || day_is_right(text);
    (fraction, wrong | u32::from(!is_date))
}

/// Whether all is right but for a day past the 28th, and that is in its month.
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
    (1..=days).contains(&two(8)) && two(11) < 24 && two(14) < 60 && two(17) < 60
}

//! The numbers of a record that was cut the careful way: where all are plain, none need be looked at byte by byte.

use super::check::bits_of;
use super::simd::{Bounds, Dispatch, Simd, Work};
use super::window::WIDE;
use crate::csv::header::Kind;
use crate::csv::split::Record;

const DIGITS: Bounds = Bounds::new(&[b'0'; WIDE], &[b'9'; WIDE]);

/// Whether all cells that should be numbers are plain ones or empty; always no by the careful path.
pub(crate) fn numbers_are_plain(dispatch: Dispatch, kinds: &[Option<Kind>], record: Record<'_>) -> bool {
    dispatch.run(ArePlain { kinds, record }).unwrap_or_default()
}

struct ArePlain<'a> {
    kinds: &'a [Option<Kind>],
    record: Record<'a>,
}

impl Work for ArePlain<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> bool {
        for (column, kind) in self.kinds.iter().enumerate() {
            if !kind.is_some_and(Kind::is_number) {
                continue;
            }
            match self.record.wide_field(column) {
                Some((_, 0)) => {}
                Some((cell, length)) if is_plain(simd, cell, length) => {}
                _ => return false,
            }
        }
        true
    }
}

/// Whether this begins with a number of so many bytes as they usually are: digits, with one dot at most among them, and no
/// zero before them.
#[inline(always)]
fn is_plain<S: Simd>(simd: S, cell: &[u8; WIDE], length: u32) -> bool {
    let v = simd.load(cell);
    let there = bits_of(length);
    let (digits, dots) = (simd.within(v, &DIGITS) & there, simd.equal(v, b'.') & there);
    let ends = 1 | 1 << (length - 1);
    let begins_with_zero = cell[0] == b'0' && digits & 2 != 0;
    digits | dots == there && dots & dots.wrapping_sub(1) == 0 && digits & ends == ends && !begins_with_zero
}

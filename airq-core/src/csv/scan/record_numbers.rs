//! Checks the numbers of a record of the scalar parser with vector instructions.
//!
//! If all numbers are plain decimals, the byte-by-byte check of each number can be skipped.

use super::check::bits_of;
use super::simd::{Bounds, Dispatch, Simd, Work};
use super::window::WIDE;
use crate::csv::header::Kind;
use crate::csv::split::Record;

const DIGITS: Bounds = Bounds::new(&[b'0'; WIDE], &[b'9'; WIDE]);

/// Returns whether every cell in a column of numbers is a plain decimal or empty. Always `false` without vector
/// instructions.
pub(crate) fn numbers_are_plain(dispatch: Dispatch, kinds: &[Option<Kind>], record: Record<'_>) -> bool {
    dispatch.run(NumbersArePlain { kinds, record }).unwrap_or_default()
}

struct NumbersArePlain<'a> {
    kinds: &'a [Option<Kind>],
    record: Record<'a>,
}

impl Work for NumbersArePlain<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> bool {
        for (column, kind) in self.kinds.iter().enumerate() {
            if !matches!(kind, Some(kind) if kind.is_number()) {
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

/// Returns whether the first `length` bytes are a plain decimal: digits with at most one dot between them, and no leading
/// zero before another digit.
#[inline(always)]
fn is_plain<S: Simd>(simd: S, cell: &[u8; WIDE], length: u32) -> bool {
    let v = simd.load(cell);
    let all = bits_of(length);
    let digits = simd.within(v, &DIGITS) & all;
    let dots = simd.equal(v, b'.') & all;
    let ends = 1 | 1 << (length - 1);
    let has_leading_zero = cell[0] == b'0' && digits & 2 != 0;
    let has_one_dot_at_most = dots & dots.wrapping_sub(1) == 0;
    digits | dots == all && has_one_dot_at_most && digits & ends == ends && !has_leading_zero
}

//! Splits a line without quotes into fields, with vector instructions.

use super::scan::{Dispatch, Simd, WIDE, Work};

/// Longer lines are left to the scalar parser.
const LONGEST_LINE: usize = 1 << 16;

/// A line and where its fields end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SplitLine {
    /// The number of fields.
    pub(super) fields: usize,
    /// The length without the line end.
    pub(super) length: usize,
    /// The length with the line end.
    pub(super) taken: usize,
}

/// Splits the first line of `input` and writes the end of each field to `ends`. A field starts one byte after the end of the
/// field before.
///
/// Returns `None` if the line has a quote, a carriage return that is not part of its line end, or no line end.
#[inline]
pub(super) fn split_line(dispatch: Dispatch, input: &[u8], delimiter: u8, ends: &mut Vec<usize>) -> Option<SplitLine> {
    dispatch.run(Split { input: &input[..input.len().min(LONGEST_LINE)], delimiter, ends }).flatten()
}

struct Split<'a> {
    input: &'a [u8],
    delimiter: u8,
    ends: &'a mut Vec<usize>,
}

impl Work for Split<'_> {
    type Output = Option<SplitLine>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Option<SplitLine> {
        let Split { input, delimiter, ends } = self;
        let mut fields = 0;
        let mut start = 0;
        while start < input.len() {
            let v = match input[start..].first_chunk() {
                Some(block) => simd.load(block),
                None => simd.load(&padded(&input[start..])),
            };
            let stops = simd.equal(v, b'\n') | simd.equal(v, b'"') | simd.equal(v, b'\r');
            // The bits below the lowest stop, or all.
            let before = stops.wrapping_sub(1) & !stops;
            let mut delimiters = simd.equal(v, delimiter) & before;
            if ends.len() < fields + WIDE + 1 {
                ends.resize(2 * (fields + WIDE + 1), 0);
            }
            while delimiters != 0 {
                ends[fields] = start + delimiters.trailing_zeros() as usize;
                fields += 1;
                delimiters &= delimiters - 1;
            }
            if stops != 0 {
                let length = start + stops.trailing_zeros() as usize;
                ends[fields] = length;
                let line_end = match input[length..] {
                    [b'\n', ..] => 1,
                    [b'\r', b'\n', ..] => 2,
                    _ => return None,
                };
                return Some(SplitLine { fields: fields + 1, length, taken: length + line_end });
            }
            start += WIDE;
        }
        None
    }
}

/// The last bytes of an input, padded with zeroes.
fn padded(rest: &[u8]) -> [u8; WIDE] {
    let mut block = [0; WIDE];
    block[..rest.len()].copy_from_slice(rest);
    block
}

//! The fast path: rows without quotes, in the usual spellings, turned by vector instructions.
//!
//! It is an accelerator beside the careful path ([`split`](super::split) and [`Row`](super::row::Row)), never instead of
//! it: a row it does not know to be right is left to the careful path, which alone decides and explains. So it needs no
//! error handling, and every byte it writes is what the careful path would have written (property tests hold it to that).
//!
//! - [`simd`]: the few vector operations, by instruction set; the only `unsafe` of the crate.
//! - [`rules`]: the grammar of numbers, as rules between neighbours.
//! - [`scan`]: finds the separators of a window of input, and checks all its numbers in passing.
//! - [`rows`]: walks the [`row`]s of a window.
//! - [`usual`]: finds rows as they usually are.
//! - [`check`]: proves the rest of a row right.
//! - [`pieces`] and, for rows that are not usual, [`write`](self::write): writes it, with a [`pen`].
//! - [`template`]: a row's fixed text, rendered once.
//! - [`plain`]: helps the careful path with its numbers.

mod check;
mod pen;
mod pieces;
mod plain;
mod row;
mod rows;
mod rules;
mod scan;
mod simd;
mod template;
mod usual;
mod write;

pub(super) use pen::Pen;
pub(super) use pieces::write_usual;
pub(super) use plain::numbers_are_plain;
pub(super) use row::{RowAt, Stretch};
pub(super) use rows::Emit;
pub(crate) use rows::{FastPath, Progress};
pub use simd::Path;
pub(super) use simd::Simd;
pub(super) use template::{Spelling, Template};
pub(super) use write::write_row;

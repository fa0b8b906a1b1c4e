//! The scanner: proves rows without quotes and in common spellings with vector instructions.
//!
//! The scanner is an accelerator next to the scalar parser ([`split`](super::split), [`row`](super::row)). A row that it does
//! not prove goes to the scalar parser, which alone decides and explains, so the scanner has no errors. A row that it proves
//! has the values that the scalar parser would read; property tests compare the two.
//!
//! - [`simd`]: the vector operations by instruction set; the only `unsafe` code of the crate.
//! - [`rules`]: the grammar of numbers, as rules between neighbouring bytes.
//! - [`index`]: the cells of a window of input; the same pass checks all numbers.
//! - [`plan`]: the checks that each column needs.
//! - [`uniform`], [`check`]: the proofs, of many rows at once and of one row.
//! - [`window`], [`rows`]: views of the cells.
//! - [`scanner`]: runs of proven rows, window by window.
//! - [`record_numbers`]: checks the numbers of a record of the scalar parser.

mod check;
mod index;
mod plan;
mod record_numbers;
mod rows;
mod rules;
mod scanner;
mod simd;
mod uniform;
mod window;

pub(crate) use check::{SECONDS_LENGTH, UNIFORM_TIME, bits_of};
pub(crate) use index::{COLUMNS, WINDOW};
pub(crate) use plan::ScanPlan;
pub(crate) use record_numbers::numbers_are_plain;
pub(crate) use rows::{ProvenRow, ProvenRows};
pub(crate) use scanner::{ProvenRun, Scanner};
pub use simd::Instructions;
#[cfg(feature = "testing")]
pub use simd::vector_instructions;
pub(crate) use simd::{Dispatch, Simd, Work};
pub(crate) use window::{Cell, WIDE, WideText};

//! CSV bytes to checked rows, without I/O.
//!
//! ```text
//! chunks of bytes → Reader → batches: rows proven by the scanner, or a row of the scalar parser → encoders, averages, imports, …
//! ```
//!
//! - `dialect`, `split`, `header`, `row`, `number`, `spelling`, `changed_record`: the scalar parser, on `csv-core`, which decides what is valid and
//!   what an error says.
//! - `scan`: the vector scanner, which proves most rows without the scalar parser.
//! - `split_line`: lines without quotes split by vector instructions, for input formats other than airq's own.
//! - `decimal`, `digits`: numbers in double precision.
//! - `reader`: both as one reader of batches.
//! - `chunks`: an input cut into chunks of whole lines, on several threads, in order.

#![allow(
    clippy::inline_always,
    reason = "vector code is compiled for the instructions of its caller, so calls must be inlined"
)]

mod changed_record;
pub(crate) mod chunks;
#[cfg(feature = "parquet")]
pub(crate) mod decimal;
pub(crate) mod dialect;
pub(crate) mod digits;
pub(crate) mod header;
pub(crate) mod number;
pub(crate) mod reader;
mod rejected_row;
mod row;
pub(crate) mod scan;
pub(crate) mod spelling;
mod split;
mod split_line;
mod station_columns;
mod writer;

pub(crate) use dialect::{BYTE_ORDER_MARK, delimiter_of};
#[cfg(feature = "formats")]
pub(crate) use header::First;
pub(crate) use header::{Field, INDEX_COLUMN, Kind, Layout, TIMES_COLUMN, Wanted, header_of};
pub(crate) use reader::{Batch, Reader, RowFeed, RowReader, RowSink};
pub(crate) use rejected_row::OnRejected;
pub use rejected_row::RejectedRow;
pub(crate) use row::Row;
pub use scan::Instructions;
pub(crate) use scan::WIDE;
#[cfg(feature = "formats")]
pub(crate) use split::LONGEST_RECORD;
pub(crate) use split::{Record, Splitter};
pub(crate) use station_columns::{StationColumns, StationProfile};
pub(crate) use writer::CsvWriter;

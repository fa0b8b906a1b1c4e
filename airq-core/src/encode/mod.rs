//! The encoder: converts CSV to an output format.
//!
//! An [`Encoder`] is an [`io::Write`](std::io::Write): CSV is written into it in chunks cut anywhere, and it writes the answer into
//! the writer that it holds. It reads the input once. Its memory is bounded by a row, or by the rows of one station for
//! [`Format::Columns`](crate::Format::Columns).
//!
//! ```
//! use airq_core::encode::EncoderOptions;
//! use airq_core::Format;
//! use std::io::Write;
//!
//! let mut encoder = EncoderOptions::new(Format::Ndjson).into_writer(Vec::new());
//! encoder.write_all(b"TimeInstant,id_entity,no2\n2016-10-01 00:00:00.004,aq_sal")?;
//! encoder.write_all(b"via,48.39\n")?;
//! let (json, summary) = encoder.finish()?;
//! assert_eq!(json, b"{\"station\":\"aq_salvia\",\"time\":\"2016-10-01T00:00:00.004Z\",\"no2\":48.39}\n");
//! assert_eq!(summary.rows, 1);
//! # Ok::<(), airq_core::Error>(())
//! ```
//!
//! [`EncoderOptions::encode_parallel`] reads and encodes on several threads, with the same result.
//!
//! # Input
//! A table with a header. The columns may be in any order, and their names in any case:
//!
//! - a station: `station`, `id_entity` or `station_id`
//! - a time: `time`, `TimeInstant`, `timestamp` or `datetime`
//! - parameters by [name](crate::Parameter)
//! - data captures of averages, such as `no2_capture`, which are numbers
//! - any other columns, which are copied as text. `columns` and `geojson` leave out text columns that have the name of a
//!   property of a station.
//!
//! A table without a header has the columns of the data set: `TimeInstant,id_entity,so2,no2,co,o3,pm10,pm2_5`. The delimiter is
//! `,`, `;` or a tab. Lines end with CRLF, LF or CR. Quotes follow RFC 4180. A byte order mark is skipped. An empty cell is
//! `null`. Numbers may also be spelled `+5`, `.5`, `5.` or `007`, and numbers and times may have blanks around them.
//!
//! # Errors in the input
//! A value of a parameter that is not a number, an invalid time, a missing station, text that is not UTF-8, a row with more
//! or fewer cells than the header. The error has the line, the column and the value; with [`EncoderOptions::on_rejected`] such
//! rows are reported and left out.

#![allow(
    clippy::inline_always,
    reason = "vector code is compiled for the instructions of its caller, so calls must be inlined"
)]

mod columns;
mod encoder;
mod engine;
mod flat;
mod geojson;
mod json;
mod ngsi_ld;
mod output_buffer;
mod parallel;
#[cfg(feature = "parquet")]
mod parquet;
mod parts;
mod row_writer;
mod template;
mod uniform_template;
mod write;

use crate::csv::scan::{ProvenRow, ProvenRows, Simd};
use crate::csv::{Layout, Row};
pub use encoder::{Encoder, EncoderOptions};
pub use engine::Summary;
pub(crate) use geojson::push_point;
use output_buffer::OutputBuffer;
use parts::{Context, PageInfo, STATION_KEYS, push_fields, push_head, push_tail, push_time, push_value, station_of};
pub(crate) use parts::{push_key, push_names, push_station, push_text_or_null};
use template::{RowText, Template};

/// Writes answers in one output format.
trait Encode: Send {
    /// Writes the text before the first row.
    fn begin(&mut self, out: &mut OutputBuffer, context: &Context, layout: &Layout);
    /// Writes a row. The formats that group rows by station group consecutive rows.
    fn row(&mut self, out: &mut OutputBuffer, context: &Context, row: &Row<'_>);
    /// The names that the format uses next to the fields of a row. A text column with such a name is left out.
    fn taken(&self) -> &'static [&'static str] {
        &[]
    }
    /// A byte that text must quote or escape, in addition to the bytes that JSON escapes.
    fn special(&self) -> u8 {
        b'"'
    }
    /// The fixed texts of proven rows; `None` if all rows of the layout go through [`row`](Encode::row).
    fn template(&self, layout: &Layout) -> Option<Template>;
    /// Returns a writer of proven rows, which writes the same bytes as [`row`](Encode::row).
    fn writer<'a>(&'a mut self, out: &'a mut OutputBuffer, template: &'a Template) -> impl WriteRows + 'a;
    /// Returns an encoder for rows that follow rows of other encoders. Returns `None` if the encoding of a row depends on earlier
    /// rows.
    fn branch(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
    /// Takes the rows that a [branch](Encode::branch) has encoded. Returns `false` if their bytes are to be appended to the answer unchanged.
    fn join(&mut self, _rows: &[u8], _out: &mut OutputBuffer) -> bool {
        false
    }
    /// Writes the text after the last row.
    fn end(&mut self, out: &mut OutputBuffer, context: &Context, page: &PageInfo);
}

/// Writes proven rows. Methods that take instructions must be `#[inline(always)]`.
trait WriteRows {
    /// Writes a row; returns `false`, and writes nothing, if the row has to go through [`Encode::row`].
    fn row<S: Simd>(&mut self, simd: S, row: &ProvenRow<'_>) -> bool;
    /// Writes uniform rows; returns the number of rows written. The first row that is left goes through
    /// [`row`](WriteRows::row).
    #[inline(always)]
    fn uniform<S: Simd>(&mut self, simd: S, rows: &ProvenRows<'_>) -> usize {
        for row in 0..rows.count {
            if !self.row(simd, &rows.row(row)) {
                return row;
            }
        }
        rows.count
    }
}

/// Leaves all rows to [`Encode::row`].
struct NoRows;

impl WriteRows for NoRows {
    #[inline(always)]
    fn row<S: Simd>(&mut self, _: S, _: &ProvenRow<'_>) -> bool {
        false
    }
}

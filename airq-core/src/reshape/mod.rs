//! CSV bytes in, JSON bytes out: the mechanism, without I/O of its own.
//!
//! A [`Reshaper`] is an [`io::Write`](std::io::Write): push CSV into it in chunks cut anywhere, and it pushes the answer into the writer
//! behind it. One pass, memory bounded by a row (by one station's rows for [`Format::Columns`](crate::Format::Columns)).
//!
//! ```
//! use airq_core::{Format, reshape::Reshape};
//! use std::io::Write;
//!
//! let mut reshaper = Reshape::to(Format::Ndjson).into_writer(Vec::new());
//! reshaper.write_all(b"TimeInstant,id_entity,no2\n2016-10-01 00:00:00.004,aq_sal")?;
//! reshaper.write_all(b"via,48.39\n")?;
//! let (json, summary) = reshaper.finish()?;
//! assert_eq!(json, b"{\"station\":\"aq_salvia\",\"time\":\"2016-10-01T00:00:00.004Z\",\"no2\":48.39}\n");
//! assert_eq!(summary.rows, 1);
//! # Ok::<(), airq_core::Error>(())
//! ```
//!
//! By [`Reshape::on_threads`] several threads turn, into the same bytes.
//!
//! # What it reads
//! A table with a header in any order and case: a station (`station`, `id_entity`, `station_id`), a time (`time`,
//! `TimeInstant`, `timestamp`, `datetime`), pollutants by [name](crate::Pollutant), captures of averages by it
//! (`no2_capture`, a number), and any other columns, which pass through as text; but in `columns` and `geojson` not those that are called as a
//! station's own properties. Without a header, the columns of the data set: `TimeInstant,id_entity,so2,no2,co,o3,pm10,pm2_5`.
//! `,`, `;` or tab; CRLF, LF or CR; RFC 4180 quotes; a byte order mark is passed over. An empty field is `null`.
//!
//! # What it refuses
//! A pollutant's value that is not a number by JSON's grammar, a time that is none, a missing station, text that is
//! not UTF-8, a row with more or fewer fields than the header. The error names line, column and value; with
//! [`Reshape::on_reject`] such rows are reported and left out instead.

#![allow(
    clippy::inline_always,
    reason = "vector code is compiled for the instructions of its caller, so it must be in it"
)]

mod engine;
mod escape;
mod fast;
mod header;
mod parser;
mod reject;
mod reshaper;
mod row;
mod shapes;
mod sheet;
mod split;
mod threads;

pub(crate) use escape::{is_json_number, push_csv_field, push_json_string};
pub use fast::Path;
pub(crate) use header::{Field, JSON_COLUMN, Kind, Layout};
#[cfg(feature = "formats")]
pub(crate) use header::{First, Wanted};
pub(crate) use parser::{BYTE_ORDER_MARK, Feed, Parser, RowSink, delimiter_of};
pub(crate) use reject::OnReject;
pub use reject::Reject;
pub use reshaper::{Reshape, Reshaper, Summary};
pub(crate) use row::Row;
pub(crate) use shapes::{push_key, push_station, push_text_or_null};
pub(crate) use sheet::Output;
#[cfg(feature = "formats")]
pub(crate) use split::LONGEST_RECORD;
pub(crate) use split::{Record, Splitter};
pub use threads::ThreadedReshaper;

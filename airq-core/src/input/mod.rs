//! Files as cities and agencies publish them, converted to the CSV that the rest of airq reads.
//!
//! An [`InputFile`] is read as its format says, an [`InputFormat`] or a description of one's own in TOML; [`Converter`] and
//! [`ConvertingReader`] return airq's own CSV, with an account of what was left out.

// A format is a `description::FormatDescription`. `bind::bind` makes `records::Records` of a description and a header: a `table::Table`
// (a row is a measurement of a station), `readings::Readings` (a row is one value) or `cells::CellTable` (a row has the hours of a day,
// the days of a month or the stations of a network).

mod archive;
mod bind;
mod cells;
mod charset;
mod clock;
mod columns;
mod converter;
mod converting_reader;
mod description;
#[cfg(feature = "postgres")]
pub(crate) mod feeding;
mod file_context;
mod file_kind;
mod fixed_time;
mod flag;
mod head;
pub(crate) mod input_file;
mod input_format;
mod map;
mod measure;
mod merge;
pub(crate) mod options;
mod other_columns;
mod own;
mod parameter_lookup;
#[cfg(feature = "parquet")]
mod parquet;
mod readings;
mod recognise;
mod record_filter;
mod record_reader;
mod records;
#[cfg(feature = "http")]
pub(crate) mod remote;
mod row_time;
mod rows;
mod station_metadata;
mod suggestion;
mod table;
pub(crate) mod tally;
mod text_filter;
mod time_text;
mod unpack;
mod zone;

pub use converter::{Converted, Converter};
pub use converting_reader::ConvertingReader;
pub(crate) use file_context::is_joined_table;
pub use input_file::InputFile;
pub use input_format::InputFormat;
pub use options::InputOptions;
pub use tally::{ParameterSummary, Tally};

/// Returns whether a file that starts like this is CSV of airq's own, which needs no conversion; `false` if more of the file is needed to
/// tell.
///
/// # Errors
/// If the header is of no known format.
pub(crate) fn is_own(path: &std::path::Path, head: &[u8], options: &InputOptions) -> crate::error::Result<bool> {
    use std::io::Write;
    let mut converter = Converter::new(options.clone(), std::io::sink()).path(path);
    converter.write_all(head)?;
    Ok(converter.passes_from_start())
}

/// Decodes a whole file to UTF-8.
pub(crate) fn utf8(file: &[u8]) -> Vec<u8> {
    charset::Charset::new().decode(file, true).to_vec()
}

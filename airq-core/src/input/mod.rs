//! Files as cities and agencies publish them, converted to the CSV that the rest of airq reads.
//!
//! Each format is one module. From a header it makes [`Records`](records::Records), which convert each record of the file
//! to measurements. Most formats share [`Table`](table::Table) (a row is a measurement of a station) or
//! [`Readings`](readings::Readings) (a row is one value); a row of Madrid's files holds a day or a month.

mod account;
mod charset;
mod clock;
mod columns;
mod converter;
mod converting_reader;
mod cpcb;
mod eea;
#[cfg(feature = "postgres")]
pub(crate) mod feeding;
mod fixed_time;
mod generic;
pub(crate) mod input_file;
mod input_format;
mod madrid;
mod map;
mod measure;
mod merge;
mod names;
pub(crate) mod number;
mod openaq;
mod options;
mod own;
mod prsa;
mod readings;
mod recognise;
mod record_reader;
mod records;
mod rows;
mod sensor_community;
mod station_metadata;
mod table;
pub(crate) mod tally;
mod time_text;
mod uci;
mod zone;

pub use account::{Account, Counted, Ignored};
pub use converter::{Converted, Converter};
pub use converting_reader::ConvertingReader;
pub use input_file::InputFile;
pub use input_format::InputFormat;
pub use options::InputOptions;
pub use tally::{PollutantSummary, Tally};

/// Whether a file that starts like this is CSV of airq's own, which needs no conversion; `false` if more of the file is needed to
/// tell.
///
/// # Errors
/// If the header is of no known format.
pub(crate) fn is_own(head: &[u8], options: &InputOptions) -> crate::error::Result<bool> {
    use std::io::Write;
    let mut converter = Converter::new(options.clone(), std::io::sink());
    converter.write_all(head)?;
    Ok(converter.format() == Some(InputFormat::Airq) && converter.account().is_none())
}

/// Decodes a whole file to UTF-8.
pub(crate) fn utf8(file: &[u8]) -> Vec<u8> {
    charset::Charset::new().decode(file, true).to_vec()
}

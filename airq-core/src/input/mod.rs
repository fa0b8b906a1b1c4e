//! Files as cities and agencies publish them, turned into the rows that the rest of airq reads.
//!
//! A format is one file here: from a header it makes [`Records`](records::Records), which turn each record of the file
//! into measurements. Three kinds share the work: [`Table`](table::Table) (a row is a measurement of a station),
//! [`Readings`](readings::Readings) (a row is one value) and Madrid's own, whose rows hold a day or a month.

mod account;
mod charset;
mod clock;
mod columns;
mod converter;
mod converting_reader;
mod cpcb;
mod eea;
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
mod reading;
mod readings;
mod recognise;
mod records;
mod rows;
mod sensor_community;
mod table;
pub(crate) mod tally;
mod told;
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

/// A whole file as UTF-8, whatever charset it is in.
pub(crate) fn utf8(file: &[u8]) -> Vec<u8> {
    charset::Charset::new().decode(file, true).to_vec()
}

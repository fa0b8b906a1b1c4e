//! A published file read as the CSV of airq.

use super::converter::{Converted, Converter};
use super::options::InputOptions;
use crate::csv::RejectedRow;
use crate::error::Result;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

/// The number of bytes read from the file at once.
const CHUNK: usize = 256 * 1024;

/// A reader that converts a file of any known format to the CSV that [`encode`](crate::encode) reads.
///
/// ```
/// use airq_core::input::{ConvertingReader, InputOptions};
/// use std::io::Read;
///
/// let file = b"location,city,country,utc,local,parameter,value,unit\nCentre,Cardiff,GB,2018-01-01T01:00:00Z,,no2,14,ug/m3\n";
/// let mut reader = ConvertingReader::new(InputOptions::default(), file.as_slice());
/// let mut csv = String::new();
/// reader.read_to_string(&mut csv)?;
/// assert_eq!(csv, "station,time,no2\nCentre,2018-01-01T00:00:00.000Z,14\n");
/// assert_eq!(reader.into_converted().account.read, 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ConvertingReader<R> {
    file: R,
    chunk: Vec<u8>,
    /// `None` at the end of the file.
    converter: Option<Converter<Vec<u8>>>,
    /// CSV that has not been read, from `position` on.
    csv: Vec<u8>,
    position: usize,
    converted: Converted,
}

impl<R: Read> ConvertingReader<R> {
    /// Reads the file as the options say.
    pub fn new(options: InputOptions, file: R) -> Self {
        ConvertingReader {
            file,
            chunk: vec![0; CHUNK],
            converter: Some(Converter::new(options, Vec::new())),
            csv: Vec::new(),
            position: 0,
            converted: Converted::default(),
        }
    }

    /// Sets the path of the file: see [`Converter::path`].
    #[must_use]
    pub fn path(mut self, path: impl AsRef<Path>) -> Self {
        self.converter = self.converter.take().map(|converter| converter.path(path));
        self
    }

    /// Reports rows of the file that cannot be used and leaves them out. Without it, the first such row is an error.
    #[must_use]
    pub fn on_rejected(mut self, report: impl FnMut(&RejectedRow) + Send + 'static) -> Self {
        self.converter = self.converter.take().map(|converter| converter.on_rejected(report));
        self
    }

    /// The account of the file, once it was read to its end.
    pub fn into_converted(self) -> Converted {
        self.converted
    }

    /// Converts until there is CSV to read, or the file ends.
    fn fill(&mut self) -> Result<()> {
        self.csv.clear();
        self.position = 0;
        while self.csv.is_empty() {
            let Some(converter) = &mut self.converter else { return Ok(()) };
            let read = read_some(&mut self.file, &mut self.chunk)?;
            if read > 0 {
                converter.write_all(&self.chunk[..read])?;
                std::mem::swap(converter.inner_mut(), &mut self.csv);
            } else {
                self.finish()?;
            }
        }
        Ok(())
    }

    /// Reads a part of the file that passes unchanged, without a copy.
    fn pass(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_some(&mut self.file, buffer)?;
        if read == 0 && !buffer.is_empty() {
            self.finish()?;
        }
        Ok(read)
    }

    fn finish(&mut self) -> Result<()> {
        if let Some(converter) = self.converter.take() {
            (self.csv, self.converted) = converter.finish()?;
            self.position = 0;
        }
        Ok(())
    }
}

fn read_some(file: &mut impl Read, chunk: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

impl<R: Read> Read for ConvertingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.csv.len() {
            if let Some(converter) = &self.converter
                && converter.is_passing()
            {
                return self.pass(buffer);
            }
            self.fill()?;
        }
        let rest = &self.csv[self.position..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position += count;
        Ok(count)
    }
}

impl<R> fmt::Debug for ConvertingReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConvertingReader").field("converter", &self.converter).finish_non_exhaustive()
    }
}

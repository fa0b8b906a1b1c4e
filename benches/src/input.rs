//! The input and the output of the benches.

use airq_core::csv::Instructions;
use airq_core::encode::EncoderOptions;
use airq_core::testing::{Dirt, Simulation};
use airq_core::{Format, Result};
use std::hint::black_box;
use std::io::{self, Write};

/// The rows of a day: 10 stations with a row every 15 minutes.
pub const DAY: u64 = 960;
/// The approximate length of a simulated row in bytes.
const ROW: u64 = 143;

/// Returns about this many megabytes of clean rows, ordered by station like the answers of a repository.
pub fn clean(megabytes: u64) -> Vec<u8> {
    dirty(Dirt::Clean, megabytes * 1_000_000 / ROW)
}

/// Returns rows with this dirt, ordered by station.
pub fn dirty(dirt: Dirt, rows: u64) -> Vec<u8> {
    let mut csv = Vec::new();
    // Writing to a `Vec` cannot fail.
    let _ = Simulation::new(2016).rows(rows).by_station().dirt(dirt).write_csv(&mut csv);
    csv
}

/// Converts CSV to this format and discards the output.
///
/// # Errors
/// If the CSV is invalid.
pub fn reshape(format: Format, instructions: Instructions, csv: &[u8]) -> Result<u64> {
    let mut encoder = EncoderOptions::new(format).instructions(instructions).into_writer(Discard::default());
    encoder.write_all(csv)?;
    Ok(encoder.finish()?.0.taken)
}

/// A writer that discards an answer. It reads all bytes, as a socket would.
#[derive(Debug, Default)]
pub struct Discard {
    /// The number of bytes written.
    pub taken: u64,
}

impl Write for Discard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.taken += black_box(bytes).len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

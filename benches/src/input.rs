//! What the benches read, and where they write.

use airq_core::csv::Instructions;
use airq_core::encode::EncoderOptions;
use airq_core::testing::{Dirt, Simulation};
use airq_core::{Format, Result};
use std::hint::black_box;
use std::io::{self, Write};

/// The rows of a day: 10 stations, a row each every quarter of an hour.
pub const DAY: u64 = 960;
/// About the length of a simulated row, in bytes.
const ROW: u64 = 143;

/// About so many megabytes of clean rows, ordered by station as a repository's answers are.
pub fn clean(megabytes: u64) -> Vec<u8> {
    dirty(Dirt::Clean, megabytes * 1_000_000 / ROW)
}

/// So many rows with this dirt, ordered by station.
pub fn dirty(dirt: Dirt, rows: u64) -> Vec<u8> {
    let mut csv = Vec::new();
    // A Vec takes everything.
    let _ = Simulation::new(2016).rows(rows).by_station().dirt(dirt).write_csv(&mut csv);
    csv
}

/// Turns CSV into this format, and forgets it.
///
/// # Errors
/// If the CSV is at fault.
pub fn reshape(format: Format, instructions: Instructions, csv: &[u8]) -> Result<u64> {
    let mut encoder = EncoderOptions::new(format).instructions(instructions).into_writer(Discard::default());
    encoder.write_all(csv)?;
    Ok(encoder.finish()?.0.taken)
}

/// Takes an answer and forgets it, as a socket would. What it is given counts as read.
#[derive(Debug, Default)]
pub struct Discard {
    /// How many bytes it was given.
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

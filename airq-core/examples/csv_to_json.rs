//! The mechanism alone: turn CSV from stdin into JSON on stdout as it comes, leaving out bad rows.
//!
//! `cargo run -p airq-engine --example csv_to_json < fixtures/environment_airq_measurand.csv`

use airq_core::encode::EncoderOptions;
use airq_core::{Format, Result};
use std::io;

fn main() -> Result<()> {
    let mut encoder = EncoderOptions::new(Format::Ndjson)
        .on_rejected(|reject| eprintln!("left out: {reject}"))
        .into_writer(io::stdout().lock());
    io::copy(&mut io::stdin().lock(), &mut encoder)?;
    let (_, summary) = encoder.finish()?;
    eprintln!("{} rows, {} left out", summary.rows, summary.rejected);
    Ok(())
}

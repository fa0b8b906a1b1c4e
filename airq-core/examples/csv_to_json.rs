//! The mechanism alone: turn CSV from stdin into JSON on stdout as it comes, leaving out bad rows.
//!
//! `cargo run -p airq-core --example csv_to_json < fixtures/environment_airq_measurand.csv`

use airq_core::reshape::Reshape;
use airq_core::{Format, Result};
use std::io;

fn main() -> Result<()> {
    let mut reshaper = Reshape::to(Format::Ndjson)
        .on_reject(|reject| eprintln!("left out: {reject}"))
        .into_writer(io::stdout().lock());
    io::copy(&mut io::stdin().lock(), &mut reshaper)?;
    let (_, summary) = reshaper.finish()?;
    eprintln!("{} rows, {} left out", summary.rows, summary.rejected);
    Ok(())
}

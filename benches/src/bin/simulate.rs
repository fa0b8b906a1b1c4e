//! Writes simulated measurements to stdout, for the fixtures and the benches.

use airq_core::testing::{Dirt, Simulation};
use clap::Parser;
use std::io::{self, BufWriter, Write};

/// Writes simulated measurements, the same for the same seed on every machine, to stdout.
#[derive(Debug, Parser)]
struct Args {
    /// The seed
    #[arg(long, default_value_t = 2016)]
    seed: u64,
    /// The number of rows
    #[arg(long, default_value_t = 1152)]
    rows: u64,
    /// Order by station, then time, instead of time, then station
    #[arg(long)]
    by_station: bool,
    /// Kind of dirt: clean, utf8, empty, negative, quoted, crlf, semicolon, everything
    #[arg(long, default_value = "clean", value_parser = dirt)]
    dirt: Dirt,
    /// Write the descriptions of the stations instead
    #[arg(long)]
    stations: bool,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let mut out = BufWriter::new(io::stdout().lock());
    if args.stations {
        Simulation::write_stations(&mut out)?;
    } else {
        let simulation = Simulation::new(args.seed).rows(args.rows).dirt(args.dirt);
        let simulation = if args.by_station { simulation.by_station() } else { simulation };
        simulation.write_csv(&mut out)?;
    }
    out.flush()
}

fn dirt(name: &str) -> Result<Dirt, String> {
    let found = Dirt::ALL.into_iter().find(|dirt| format!("{dirt:?}").eq_ignore_ascii_case(name));
    found.ok_or_else(|| format!("no such dirt; known are {:?}", Dirt::ALL))
}

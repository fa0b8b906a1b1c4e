//! Measures the opening of a CSV file as a repository: the time relative to reading the file, and the memory per row.

use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::testing::Simulation;
use airq_core::{Airq, Format, Query};
use clap::Parser;
use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

/// Opens a simulated file several times and prints the median, minimum and maximum.
#[derive(Debug, Parser)]
struct Args {
    /// The number of rows
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// The number of runs
    #[arg(long, default_value_t = 5)]
    times: usize,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args = Args::parse();
    let path = std::env::temp_dir().join(format!("airq-open-{}.csv", std::process::id()));
    let measured = simulate(&path, args.rows).and_then(|()| measure(&path, &args));
    std::fs::remove_file(&path)?;
    measured
}

fn simulate(path: &std::path::Path, rows: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    Simulation::new(1).rows(rows).write_csv(&mut out)?;
    Ok(out.flush()?)
}

fn measure(path: &std::path::Path, args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let mut reads = Vec::new();
    let mut opens = Vec::new();
    let mut out = std::io::stdout().lock();
    for _ in 0..args.times.max(1) {
        let start = Instant::now();
        let bytes = std::fs::read(path)?.len();
        reads.push(start.elapsed());
        let start = Instant::now();
        let repository = CsvRepository::open([path], &CsvOptions::default())?;
        opens.push(start.elapsed());
        if opens.len() == 1 {
            let file = bytes_per_row(bytes, args.rows);
            let memory = bytes_per_row(repository.memory(), args.rows);
            writeln!(out, "{} rows, {file:.1} bytes a row in the file, {memory:.1} in memory", args.rows)?;
            answer(repository, &mut out)?;
        }
    }
    report("reading the file", &mut reads, &mut out)?;
    report("opening it", &mut opens, &mut out)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a share needs no precision")]
fn bytes_per_row(bytes: usize, rows: u64) -> f64 {
    bytes as f64 / rows as f64
}

/// Runs a query, which reads slices of memory: no row is parsed again.
fn answer(repository: CsvRepository, out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let airq = Airq::builder().repository(repository).build()?;
    let query = Query::builder().station("aq_salvia").from("2016-10-01").to("2016-10-02").build()?;
    let start = Instant::now();
    let summary = airq.write(&query, Format::Json, std::io::sink())?;
    writeln!(out, "a day of one station, {} rows as json: {:?}", summary.rows, start.elapsed())?;
    Ok(())
}

fn report(what: &str, times: &mut [Duration], out: &mut impl Write) -> std::io::Result<()> {
    times.sort_unstable();
    let least = times[0];
    let most = times[times.len() - 1];
    writeln!(out, "{what}: {:?} (least {least:?}, most {most:?})", times[times.len() / 2])
}

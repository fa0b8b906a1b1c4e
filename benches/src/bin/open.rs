//! What opening a CSV file as a repository costs: time against reading the file, memory a row.

use airq_core::testing::Simulation;
use airq_core::{Airq, CsvOptions, CsvRepository, Format, Query};
use clap::Parser;
use std::io::{BufWriter, Write};
use std::time::{Duration, Instant};

/// Opens a simulated file several times and prints medians, least and most.
#[derive(Debug, Parser)]
struct Args {
    /// How many rows
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// How many times
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
    let (mut reads, mut opens) = (Vec::new(), Vec::new());
    let mut out = std::io::stdout().lock();
    for _ in 0..args.times.max(1) {
        let began = Instant::now();
        let bytes = std::fs::read(path)?.len();
        reads.push(began.elapsed());
        let began = Instant::now();
        let repository = CsvRepository::open([path], &CsvOptions::default())?;
        opens.push(began.elapsed());
        if opens.len() == 1 {
            #[expect(clippy::cast_precision_loss, reason = "a share needs no precision")]
            let of_row = |bytes: usize| bytes as f64 / args.rows as f64;
            let (file, memory) = (of_row(bytes), of_row(repository.memory()));
            writeln!(out, "{} rows, {file:.1} bytes a row in the file, {memory:.1} in memory", args.rows)?;
            answer(repository, &mut out)?;
        }
    }
    report("reading the file", &mut reads, &mut out)?;
    report("opening it", &mut opens, &mut out)?;
    Ok(())
}

/// A query is slices of what is there: no row is read again.
fn answer(repository: CsvRepository, out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let airq = Airq::builder().repository(repository).build()?;
    let query = Query::builder().station("aq_salvia").from("2016-10-01")?.to("2016-10-02")?.build()?;
    let began = Instant::now();
    let summary = airq.write(&query, Format::Json, std::io::sink())?;
    writeln!(out, "a day of one station, {} rows as json: {:?}", summary.rows, began.elapsed())?;
    Ok(())
}

fn report(what: &str, times: &mut [Duration], out: &mut impl Write) -> std::io::Result<()> {
    times.sort_unstable();
    let (least, most) = (times[0], times[times.len() - 1]);
    writeln!(out, "{what}: {:?} (least {least:?}, most {most:?})", times[times.len() / 2])
}

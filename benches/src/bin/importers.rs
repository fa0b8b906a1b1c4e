//! Measures the import of each published format into PostgreSQL as a share of airq's own: measurements and values a second,
//! one format after the other, round by round, on a server of its own.

use airq_benches::Published;
use airq_core::testing::servers::PostgresServer;
use airq_core::{Converter, Database, ImportOptions, InputOptions};
use clap::Parser;
use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Imports the same measurements in every format, and tells each one's speed as a share of airq's own format's.
#[derive(Debug, Parser)]
struct Args {
    /// How many measurements (stations and hours) each file has
    #[arg(long, default_value_t = 200_000)]
    measurements: u64,
    /// How many rounds; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let args = Args::parse();
    let folder = std::env::temp_dir().join(format!("airq-importers-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = measure(&args, &folder);
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn measure(args: &Args, folder: &Path) -> Done {
    let server = PostgresServer::start()?;
    let url = server.create_database("importers")?;
    Database::at(&url)?.migrate()?;
    let mut formats = Vec::new();
    for published in Published::ALL {
        let path = folder.join(format!("{}.csv", published.name));
        std::fs::write(&path, published.file(args.measurements))?;
        formats.push(Format { published, path, imports: Vec::new(), conversions: Vec::new() });
    }
    for _ in 0..args.rounds {
        for format in &mut formats {
            server.sql("importers", "truncate measurements, loads, stations, optional_pollutants")?;
            server.sql("importers", "checkpoint")?;
            let began = Instant::now();
            let options = ImportOptions::default().input(format.published.input()?);
            let imported = Database::at(&url)?.import([&format.path], &options, &mut ())?;
            format.imports.push(began.elapsed().as_secs_f64());
            if imported.inserted != format.published.measurements(args.measurements) || imported.rejected > 0 {
                return Err(format!("{}: {imported:?}", format.published.name).into());
            }
            let began = Instant::now();
            convert(&format.path, format.published.input()?)?;
            format.conversions.push(began.elapsed().as_secs_f64());
        }
    }
    report(args, &formats)
}

/// The format's own work, without the database.
fn convert(path: &Path, input: InputOptions) -> Done {
    let mut converter = Converter::new(input, io::sink());
    io::copy(&mut std::fs::File::open(path)?, &mut converter)?;
    converter.finish()?;
    Ok(())
}

/// A format and how long each of its rounds took, in seconds.
struct Format {
    published: Published,
    path: PathBuf,
    imports: Vec<f64>,
    conversions: Vec<f64>,
}

fn report(args: &Args, formats: &[Format]) -> Done {
    let mut out = io::stdout();
    let Some(own) = formats.first() else { return Ok(()) };
    let measurements = own.published.measurements(args.measurements);
    writeln!(out, "{measurements} measurements a file, {} rounds: median (least to most)", args.rounds)?;
    writeln!(
        out,
        "share of airq's speed by measurements; by values; seconds to import; MB of file; MB/s of the format alone"
    )?;
    for format in formats {
        // Shares are of one round: what disturbs one import mostly disturbs the others of it.
        let shares = own.imports.iter().zip(&format.imports).map(|(own, other)| own / other);
        let by_values =
            Spread::of(shares.clone().map(|share| share * f64::from(format.values()) / f64::from(own.values())));
        let megabytes = f64::from(u32::try_from(std::fs::metadata(&format.path)?.len())?) / 1e6;
        let (shares, seconds) = (Spread::of(shares), Spread::of(format.imports.iter().copied()));
        let speed = Spread::of(format.conversions.iter().map(|seconds| megabytes / seconds));
        let name = format.published.name;
        writeln!(out, "{name:16}  {shares}  {by_values}  {seconds}  {megabytes:.1}  {speed}")?;
    }
    Ok(())
}

impl Format {
    fn values(&self) -> u32 {
        u32::try_from(self.published.values).unwrap_or(u32::MAX)
    }
}

/// A median, the least and the most.
struct Spread(Vec<f64>);

impl Spread {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut numbers: Vec<f64> = numbers.collect();
        numbers.sort_by(f64::total_cmp);
        Spread(numbers)
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |place: usize| self.0.get(place).copied().unwrap_or(f64::NAN);
        let last = self.0.len().saturating_sub(1);
        write!(f, "{:.2} ({:.2} to {:.2})", at(self.0.len() / 2), at(0), at(last))
    }
}

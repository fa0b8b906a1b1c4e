//! Measures each published format: the import into PostgreSQL as a share of the speed of airq's own format, and the
//! conversion alone. The formats take turns, round by round, on a throw-away server.

use airq_benches::Published;
use airq_core::import::{Database, ImportOptions};
use airq_core::input::{Converter, InputOptions};
use airq_core::testing::servers::PostgresServer;
use clap::Parser;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Imports the same measurements in every format, and prints the speed of each format as a share of the speed of airq's own
#[derive(Debug, Parser)]
struct Args {
    /// The number of measurements (stations and hours) in each file
    #[arg(long, default_value_t = 200_000)]
    measurements: u64,
    /// The number of rounds; the median counts
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measure conversions only, without a database
    #[arg(long)]
    conversions_only: bool,
}

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let args = Args::parse();
    let folder = std::env::temp_dir().join(format!("airq-importers-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let measured = measure(&args, &folder);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure(args: &Args, folder: &Path) -> Done {
    let mut formats = Vec::new();
    for published in Published::ALL {
        let path = folder.join(format!("{}.csv", published.name));
        fs::write(&path, published.file(args.measurements))?;
        formats.push(FormatRuns { published, path, imports: Vec::new(), conversions: Vec::new() });
    }
    let target = if args.conversions_only { None } else { Some(TestDatabase::start()?) };
    for _ in 0..args.rounds {
        for format in &mut formats {
            if let Some(target) = &target {
                format.imports.push(target.import(format, args.measurements)?);
            }
            format.conversions.push(format.convert()?);
        }
    }
    report(args, &formats)
}

/// The database that files are imported into.
struct TestDatabase {
    server: PostgresServer,
    url: String,
}

impl TestDatabase {
    fn start() -> Done<Self> {
        let server = PostgresServer::start()?;
        let url = server.create_database("importers")?;
        Database::at(&url)?.migrate()?;
        Ok(TestDatabase { server, url })
    }

    /// Imports the file into an empty database; returns the seconds.
    fn import(&self, format: &FormatRuns, measurements: u64) -> Done<f64> {
        self.server.sql("importers", "truncate measurements, loads, stations, parameters")?;
        self.server.sql("importers", "checkpoint")?;
        let options = ImportOptions::default().input(format.published.input()?);
        let start = Instant::now();
        let imported = Database::at(&self.url)?.import([&format.path], &options, &mut ())?;
        let seconds = start.elapsed().as_secs_f64();
        if imported.inserted != format.published.measurements(measurements) || imported.rejected > 0 {
            return Err(format!("{}: {imported:?}", format.published.name).into());
        }
        Ok(seconds)
    }
}

/// A format, and the seconds of each of its rounds.
struct FormatRuns {
    published: Published,
    path: PathBuf,
    imports: Vec<f64>,
    conversions: Vec<f64>,
}

impl FormatRuns {
    /// Converts the file, without the database; returns the seconds.
    fn convert(&self) -> Done<f64> {
        let options: InputOptions = self.published.input()?;
        let start = Instant::now();
        let mut converter = Converter::new(options, io::sink());
        io::copy(&mut File::open(&self.path)?, &mut converter)?;
        converter.finish()?;
        Ok(start.elapsed().as_secs_f64())
    }

    fn values(&self) -> u32 {
        u32::try_from(self.published.values).unwrap_or(u32::MAX)
    }
}

fn report(args: &Args, formats: &[FormatRuns]) -> Done {
    let mut out = io::stdout();
    let Some(own) = formats.first() else { return Ok(()) };
    let measurements = own.published.measurements(args.measurements);
    writeln!(out, "{measurements} measurements a file, {} rounds: median (least to most)", args.rounds)?;
    writeln!(
        out,
        "share of airq's speed by measurements; by values; seconds to import; MB of file; MB/s of the conversion alone"
    )?;
    for format in formats {
        // Shares are computed within a round, because other load mostly affects all imports of the round.
        let shares = own.imports.iter().zip(&format.imports).map(|(own, other)| own / other);
        let by_values =
            ShareSpread::of(shares.clone().map(|share| share * f64::from(format.values()) / f64::from(own.values())));
        let megabytes = f64::from(u32::try_from(fs::metadata(&format.path)?.len())?) / 1e6;
        let shares = ShareSpread::of(shares);
        let seconds = ShareSpread::of(format.imports.iter().copied());
        let speed = ShareSpread::of(format.conversions.iter().map(|seconds| megabytes / seconds));
        let name = format.published.name;
        writeln!(out, "{name:16}  {shares}  {by_values}  {seconds}  {megabytes:.1}  {speed}")?;
    }
    Ok(())
}

/// A median, a minimum and a maximum.
struct ShareSpread(Vec<f64>);

impl ShareSpread {
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut numbers: Vec<f64> = numbers.collect();
        numbers.sort_by(f64::total_cmp);
        ShareSpread(numbers)
    }

    fn at(&self, index: usize) -> f64 {
        self.0.get(index).copied().unwrap_or(f64::NAN)
    }
}

impl std::fmt::Display for ShareSpread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let last = self.0.len().saturating_sub(1);
        write!(f, "{:.2} ({:.2} to {:.2})", self.at(self.0.len() / 2), self.at(0), self.at(last))
    }
}

//! Measures PostgreSQL as the source against `psql` doing the same, side by side on a server of its own.
//!
//! Build `airq-cli` first, in the same profile: imports are run by it, as people run them.

use airq_core::testing::Simulation;
use airq_core::testing::servers::PostgresServer;
use airq_core::{Airq, Database, Format, ImportOptions, PostgresRepository, Query, Repository, Selection};
use clap::Parser;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Measures imports and queries of PostgreSQL against psql. Starts a server of its own and leaves nothing.
#[derive(Debug, Parser)]
struct Args {
    /// Rows of the import; 0 to leave it out
    #[arg(long, default_value_t = 1_000_000)]
    import: u64,
    /// Rows of the long query; 0 to leave it out
    #[arg(long, default_value_t = 350_000)]
    query: u64,
    /// Sizes of the data sets of which one day of one city is asked
    #[arg(long, value_delimiter = ',', default_value = "100000,1000000")]
    sizes: Vec<u64>,
    /// How often each is done; the median counts
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

type Done<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Done {
    let args = Args::parse();
    let ground = Ground { server: PostgresServer::start()?, folder: folder()?, runs: args.runs };
    let mut out = io::stdout();
    if args.import > 0 {
        ground.import(args.import, &mut out)?;
    }
    if args.query > 0 {
        ground.query(args.query, &mut out)?;
    }
    for size in args.sizes {
        ground.day(size, &mut out)?;
    }
    std::fs::remove_dir_all(&ground.folder)?;
    Ok(())
}

fn folder() -> io::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("airq-measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// What the measurements stand on.
struct Ground {
    server: PostgresServer,
    folder: PathBuf,
    runs: usize,
}

impl Ground {
    /// So many rows as a file, with the descriptions of their stations beside it.
    fn file(&self, rows: u64) -> io::Result<PathBuf> {
        let path = self.folder.join(format!("{rows}.csv"));
        let mut out = BufWriter::new(File::create(&path)?);
        Simulation::new(1).rows(rows).write_csv(&mut out)?;
        out.flush()?;
        Simulation::write_stations(&mut File::create(self.folder.join("stations.csv"))?)?;
        Ok(path)
    }

    fn database(&self, name: &str) -> Done<String> {
        let url = self.server.create_database(name)?;
        Database::at(&url)?.migrate()?;
        Ok(url)
    }

    /// `airq-cli import` against `psql \copy` of the same file into a table without an index.
    fn import(&self, rows: u64, out: &mut impl Write) -> Done {
        let (url, path) = (self.database("import")?, self.file(rows)?);
        let plain = "create table plain (time timestamptz, id text, so2 float8, no2 float8, co float8, o3 float8, \
                     pm10 float8, pm2_5 float8)";
        self.server.sql("import", plain)?;
        let copy = format!("\\copy plain from '{}' (format csv, header)", path.display());
        let (mut copied, mut imported, mut peak) = (Vec::new(), Vec::new(), 0);
        for _ in 0..self.runs {
            self.server.sql("import", "truncate plain, measurements, loads, stations")?;
            self.server.sql("import", "checkpoint")?;
            copied.push(timed(|| psql(&url, &copy))?);
            imported.push(timed(|| import_by_cli(&path, &url).map(|held| peak = peak.max(held)))?);
        }
        let ratio = ratio(&copied, &imported);
        let (copied, imported) = (Spread::of(copied), Spread::of(imported));
        writeln!(out, "import of {rows} rows: airq-cli {imported}, psql \\copy {copied}; ratio {ratio}")?;
        Ok(writeln!(out, "  peak memory of airq-cli {} MiB", peak / 1024)?)
    }

    /// Everything through the library into a sink, against `psql -c "COPY … TO STDOUT" > /dev/null`.
    fn query(&self, rows: u64, out: &mut impl Write) -> Done {
        let (url, path) = (self.database("query")?, self.file(rows)?);
        Database::at(&url)?.import([path], &ImportOptions::default(), &mut ())?;
        self.server.sql("query", "vacuum analyze")?;
        let copy = "copy (select station_id as station, time, so2, no2, co, o3, pm10, pm2_5 from measurements \
                    order by station_id, time) to stdout (format csv, header)";
        let repository = PostgresRepository::open(&url)?;
        let airq = Airq::builder().source(&*url).cache("none:").build()?;
        let (mut by_psql, mut csv, mut json) = (Vec::new(), Vec::new(), Vec::new());
        let before = peak_memory("self");
        for _ in 0..self.runs {
            by_psql.push(timed(|| psql(&url, copy))?);
            csv.push(timed(|| Ok(repository.write_csv(&Selection::default(), &mut io::sink()).map(drop)?))?);
            json.push(timed(|| Ok(airq.write(&Query::all(), Format::Json, io::sink()).map(drop)?))?);
        }
        let grown = peak_memory("self").saturating_sub(before);
        let (as_csv, as_json) = (ratio(&csv, &by_psql), ratio(&json, &by_psql));
        let (by_psql, csv, json) = (Spread::of(by_psql), Spread::of(csv), Spread::of(json));
        writeln!(
            out,
            "query of {rows} rows: rows {csv}, JSON {json}, psql {by_psql}; ratio {as_csv}, with JSON {as_json}"
        )?;
        Ok(writeln!(out, "  the process grew by {grown} KiB")?)
    }

    /// One day of one city out of so many rows.
    fn day(&self, rows: u64, out: &mut impl Write) -> Done {
        let (url, path) = (self.database(&format!("day{rows}"))?, self.file(rows)?);
        Database::at(&url)?.import([&path], &ImportOptions::default(), &mut ())?;
        std::fs::remove_file(path)?;
        let airq = Airq::builder().source(url).cache("none:").build()?;
        let query = Query::builder().city("Madrid").from("2016-11-01")?.to("2016-11-02")?.build()?;
        let mut times = Vec::new();
        for _ in 0..self.runs * 40 {
            times.push(timed(|| Ok(airq.write(&query, Format::Json, io::sink()).map(drop)?))?);
        }
        Ok(writeln!(out, "a day of a city out of {rows} rows: {}", Spread::of(times))?)
    }
}

/// Runs `psql`, its output going nowhere.
fn psql(url: &str, command: &str) -> Done {
    let status = Command::new("psql").args(["-X", "-q", url, "-c", command]).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err("psql failed".into()) }
}

/// Runs the import and gives the most memory it held, in KiB.
fn import_by_cli(path: &Path, url: &str) -> Done<u64> {
    let cli = std::env::current_exe()?.with_file_name("airq-cli");
    let mut child = Command::new(cli).arg("import").arg(path).args(["--source", url]).stdout(Stdio::null()).spawn()?;
    let mut peak = 0;
    loop {
        peak = peak.max(peak_memory(&child.id().to_string()));
        if let Some(status) = child.try_wait()? {
            return if status.success() { Ok(peak) } else { Err("airq-cli import failed".into()) };
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The most memory that a process has held, in KiB; 0 if it cannot be told.
fn peak_memory(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

fn timed(work: impl FnOnce() -> Done) -> Done<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

/// The median of the ratios of each run's two times: what disturbs one mostly disturbs the other.
fn ratio(ours: &[Duration], others: &[Duration]) -> String {
    let mut ratios: Vec<f64> =
        ours.iter().zip(others).map(|(one, other)| one.as_secs_f64() / other.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let at = |place: usize| ratios.get(place).copied().unwrap_or(f64::NAN);
    format!("{:.2} ({:.2} to {:.2})", at(ratios.len() / 2), at(0), at(ratios.len().saturating_sub(1)))
}

/// A median, the least and the most.
struct Spread(Vec<Duration>);

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Spread(times)
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |place: usize| self.0.get(place).copied().unwrap_or_default();
        let last = self.0.len().saturating_sub(1);
        write!(f, "{:.1?} ({:.1?} to {:.1?})", at(self.0.len() / 2), at(0), at(last))
    }
}

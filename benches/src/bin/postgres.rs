//! Compares PostgreSQL as the source with the same work in `psql`, on a temporary server.
//!
//! Build `airq-cli` first, in the same profile, because imports run through the program.

use airq_core::import::{Database, ImportOptions};
use airq_core::repository::PostgresRepository;
use airq_core::testing::Simulation;
use airq_core::testing::servers::PostgresServer;
use airq_core::{Airq, Format, Query, Repository, Selection};
use clap::Parser;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Compares imports and queries of PostgreSQL with psql, on a temporary server.
#[derive(Debug, Parser)]
struct Args {
    /// The rows of the import; 0 to skip it
    #[arg(long, default_value_t = 1_000_000)]
    import: u64,
    /// The rows of the long query; 0 to skip it
    #[arg(long, default_value_t = 350_000)]
    query: u64,
    /// The sizes of the data sets for queries of one day of one city
    #[arg(long, value_delimiter = ',', default_value = "100000,1000000")]
    sizes: Vec<u64>,
    /// The number of runs; the median counts
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

/// The server and the files of a run.
struct Ground {
    server: PostgresServer,
    folder: PathBuf,
    runs: usize,
}

impl Ground {
    /// Writes a file of this many rows, and next to it the descriptions of the stations.
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

    /// Compares `airq-cli import` with `psql \copy` of the same file into a table without an index.
    fn import(&self, rows: u64, out: &mut impl Write) -> Done {
        let url = self.database("import")?;
        let path = self.file(rows)?;
        let plain = "create table plain (time timestamptz, id text, so2 float8, no2 float8, co float8, o3 float8, \
                     pm10 float8, pm2_5 float8)";
        self.server.sql("import", plain)?;
        let copy = format!("\\copy plain from '{}' (format csv, header)", path.display());
        let mut copied = Vec::new();
        let mut imported = Vec::new();
        let mut peak = 0;
        for _ in 0..self.runs {
            self.server.sql("import", "truncate plain, measurements, loads, stations")?;
            self.server.sql("import", "checkpoint")?;
            copied.push(timed(|| psql(&url, &copy))?);
            imported.push(timed(|| import_by_cli(&path, &url).map(|held| peak = peak.max(held)))?);
        }
        let ratio = ratio(&copied, &imported);
        let copied = TimeSpread::of(copied);
        let imported = TimeSpread::of(imported);
        writeln!(out, "import of {rows} rows: airq-cli {imported}, psql \\copy {copied}; ratio {ratio}")?;
        Ok(writeln!(out, "  peak memory of airq-cli {} MiB", peak / 1024)?)
    }

    /// Compares all rows through the library into a sink with `psql -c "COPY … TO STDOUT" > /dev/null`.
    fn query(&self, rows: u64, out: &mut impl Write) -> Done {
        let url = self.database("query")?;
        let path = self.file(rows)?;
        Database::at(&url)?.import([path], &ImportOptions::default(), &mut ())?;
        self.server.sql("query", "vacuum analyze")?;
        let copy = "copy (select station_id as station, time, so2, no2, co, o3, pm10, pm2_5 from measurements \
                    order by station_id, time) to stdout (format csv, header)";
        let repository = PostgresRepository::open(&url)?;
        let airq = Airq::builder().source(&*url).cache("none:").build()?;
        let mut by_psql = Vec::new();
        let mut csv = Vec::new();
        let mut json = Vec::new();
        let before = peak_memory("self");
        for _ in 0..self.runs {
            by_psql.push(timed(|| psql(&url, copy))?);
            csv.push(timed(|| Ok(repository.write_csv(&Selection::default(), &mut io::sink()).map(drop)?))?);
            json.push(timed(|| Ok(airq.write(&Query::all(), Format::Json, io::sink()).map(drop)?))?);
        }
        let grown = peak_memory("self").saturating_sub(before);
        let as_csv = ratio(&csv, &by_psql);
        let as_json = ratio(&json, &by_psql);
        let by_psql = TimeSpread::of(by_psql);
        let csv = TimeSpread::of(csv);
        let json = TimeSpread::of(json);
        writeln!(
            out,
            "query of {rows} rows: rows {csv}, JSON {json}, psql {by_psql}; ratio {as_csv}, with JSON {as_json}"
        )?;
        Ok(writeln!(out, "  the process grew by {grown} KiB")?)
    }

    /// Measures a query of one day of one city in a data set of this many rows.
    fn day(&self, rows: u64, out: &mut impl Write) -> Done {
        let url = self.database(&format!("day{rows}"))?;
        let path = self.file(rows)?;
        Database::at(&url)?.import([&path], &ImportOptions::default(), &mut ())?;
        std::fs::remove_file(path)?;
        let airq = Airq::builder().source(url).cache("none:").build()?;
        let query = Query::builder().city("Madrid").from("2016-11-01").to("2016-11-02").build()?;
        let mut times = Vec::new();
        for _ in 0..self.runs * 40 {
            times.push(timed(|| Ok(airq.write(&query, Format::Json, io::sink()).map(drop)?))?);
        }
        Ok(writeln!(out, "a day of a city out of {rows} rows: {}", TimeSpread::of(times))?)
    }
}

/// Runs `psql` and discards its output.
fn psql(url: &str, command: &str) -> Done {
    let status = Command::new("psql").args(["-X", "-q", url, "-c", command]).stdout(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err("psql failed".into()) }
}

/// Runs the import and returns its peak memory in KiB.
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

/// Returns the peak memory of a process in KiB; 0 if it is unknown.
fn peak_memory(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

fn timed(work: impl FnOnce() -> Done) -> Done<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// Returns the median of the ratios of the two times of each run, because other load mostly affects both.
fn ratio(ours: &[Duration], others: &[Duration]) -> String {
    let mut ratios: Vec<f64> =
        ours.iter().zip(others).map(|(one, other)| one.as_secs_f64() / other.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    match (ratios.get(ratios.len() / 2), ratios.first(), ratios.last()) {
        (Some(median), Some(low), Some(high)) => format!("{median:.2} ({low:.2} to {high:.2})"),
        _ => "no runs".to_owned(),
    }
}

/// A median, a minimum and a maximum.
struct TimeSpread(Vec<Duration>);

impl TimeSpread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        TimeSpread(times)
    }

    fn at(&self, index: usize) -> Duration {
        self.0.get(index).copied().unwrap_or_default()
    }
}

impl std::fmt::Display for TimeSpread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let last = self.0.len().saturating_sub(1);
        write!(f, "{:.1?} ({:.1?} to {:.1?})", self.at(self.0.len() / 2), self.at(0), self.at(last))
    }
}

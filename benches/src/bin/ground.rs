//! Runs the servers that `benches/serve` needs until standard input ends: a PostgreSQL with a year of measurements, and a Redis.

use airq_core::import::{Database, ImportOptions};
use airq_core::testing::Simulation;
use airq_core::testing::servers::{PostgresServer, RedisServer};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

/// A year of twelve stations with a row every 15 minutes.
const ROWS: u64 = 365 * 96 * 12;

fn main() -> Result<(), Box<dyn Error>> {
    let postgres = PostgresServer::start()?;
    let redis = RedisServer::start()?;
    let url = postgres.create_database("airq")?;
    let folder = std::env::temp_dir().join(format!("airq-ground-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let filled = fill(&url, &folder);
    std::fs::remove_dir_all(&folder)?;
    filled?;
    postgres.sql("airq", "vacuum analyze")?;
    let mut out = io::stdout();
    writeln!(out, "{}", serde_json::json!({ "postgres": url, "redis": redis.url() }))?;
    out.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Imports a year of measurements and the descriptions of the stations.
fn fill(url: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let database = Database::at(url)?;
    database.migrate()?;
    let path = folder.join("year.csv");
    let mut out = BufWriter::new(File::create(&path)?);
    Simulation::new(Simulation::SAMPLE).rows(ROWS).write_csv(&mut out)?;
    out.flush()?;
    Simulation::write_stations(&mut File::create(folder.join("stations.csv"))?)?;
    database.import([path], &ImportOptions::default(), &mut ())?;
    Ok(())
}

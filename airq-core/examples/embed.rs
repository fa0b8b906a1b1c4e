//! The shortest way in: open a CSV file, ask for a city, get JSON.
//!
//! `cargo run -p airq-engine --example embed -- fixtures/environment_airq_measurand.csv Madrid`

use airq_core::{Airq, Format, Query, Result};
use std::io::Write;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let source = arguments.next().unwrap_or_else(|| "fixtures/environment_airq_measurand.csv".to_owned());
    let city = arguments.next().unwrap_or_else(|| "Madrid".to_owned());

    let airq = Airq::open(&source)?;
    let query = Query::builder().city(city).from("2016-10-01T12:00:00Z").limit(2).build()?;

    // The first call makes the answer, the second finds it in the cache.
    for _ in 0..2 {
        let answer = airq.answer(&query, Format::Json)?;
        eprintln!("{:?}, {} rows, ETag {}", answer.status(), answer.row_count(), answer.etag());
        std::io::stdout().write_all(answer.body())?;
    }
    Ok(())
}

//! The source: the one that is set, or else the sample that is built in.

use crate::failure::{Failure, tell};
use airq_core::{Airq, CsvOptions, CsvRepository, Error};

const SAMPLE: &[u8] = include_bytes!("../../fixtures/environment_airq_measurand.csv");
const SAMPLE_STATIONS: &[u8] = include_bytes!("../../fixtures/stations.csv");

/// Opens the source. An empty setting is none: that is how it arrives from files of settings that leave it open.
///
/// # Errors
/// If it cannot be opened or read.
pub(crate) fn open(source: Option<&str>) -> Result<Airq, Failure> {
    // Answers are streamed, each once: keeping them would be for nobody.
    let builder = Airq::builder().cache("none:");
    let builder = match source.filter(|source| !source.is_empty()) {
        Some(source) => builder.source(source),
        None => builder.repository(sample()?),
    };
    builder.build().map_err(failure)
}

/// A bad row of a file can be left out by the source's own setting.
fn failure(error: Error) -> Failure {
    let in_file =
        error.is_invalid_data() && error.position().is_some_and(|place| place.file.is_some() && place.line > 1);
    let failure = Failure::from(error);
    if in_file { failure.with_hint("csv:PATH?skip-bad-rows=true leaves such rows out") } else { failure }
}

fn sample() -> Result<CsvRepository, Failure> {
    let options = CsvOptions::default();
    let sample = CsvRepository::from_reader("the built-in sample", SAMPLE, Some(SAMPLE_STATIONS), &options)?;
    tell("no source is set: this is the built-in sample, one simulated day; set one with --source PATH or AIRQ_SOURCE");
    Ok(sample)
}

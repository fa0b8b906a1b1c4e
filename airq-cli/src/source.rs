//! The source: the one that is set, or else the sample that is built in.

use crate::failure::{Failure, tell};
use airq_core::{Airq, AirqBuilder, CsvRepository, Database, Error, InputOptions};

/// Where measurements come from, as the command line says it.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) url: Option<&'a str>,
    /// How its files are read, if it is of files.
    pub(crate) input: InputOptions,
}

impl Source<'_> {
    /// Opens the source. An empty setting is none: that is how it arrives from files of settings that leave it open.
    ///
    /// # Errors
    /// If it cannot be opened or read.
    pub(crate) fn open(&self) -> Result<Airq, Failure> {
        // Answers are streamed, each once and however long: keeping them would be for nobody.
        let builder = self.builder().cache("none:").without_time_limit().scan_files().environment()?;
        with_sample(builder)?.build().map_err(|error| self.failure(error))
    }

    /// What is set, to be examined: the source, and the cache that a server of the same settings would have.
    ///
    /// # Errors
    /// If a setting cannot be used.
    pub(crate) fn examined(&self, cache: Option<&str>) -> Result<AirqBuilder, Failure> {
        let builder = match cache.filter(|cache| !cache.is_empty()) {
            Some(cache) => self.builder().cache(cache),
            None => self.builder(),
        };
        with_sample(builder.environment()?)
    }

    /// The source as a database to write into.
    ///
    /// # Errors
    /// If it is none, or cannot be used.
    pub(crate) fn database(&self) -> Result<Database, Failure> {
        Ok(self.builder().environment()?.database()?)
    }

    /// A bad row of measurements can be left out by the source's own setting, unless it is there already.
    fn failure(&self, error: Error) -> Failure {
        let is_of_stations = |file: &str| {
            let named = self.url.is_some_and(|url| url.contains("stations="));
            named || file.to_lowercase().ends_with("stations.csv")
        };
        let is_skipping = self.url.is_some_and(|url| url.contains("skip-bad-rows=true"));
        let place = error.position().filter(|place| error.is_invalid_data() && place.line > 1 && !is_skipping);
        let in_data = place.and_then(|place| place.file.as_deref()).is_some_and(|file| !is_of_stations(file));
        let failure = Failure::from(error);
        if in_data { failure.with_hint_on_row("csv:PATH?skip-bad-rows=true leaves such rows out") } else { failure }
    }

    fn builder(&self) -> AirqBuilder {
        let url = self.url.filter(|url| !url.is_empty());
        url.map_or_else(Airq::builder, |url| Airq::builder().source(url)).input(self.input.clone())
    }
}

fn with_sample(builder: AirqBuilder) -> Result<AirqBuilder, Failure> {
    if builder.has_source() {
        return Ok(builder);
    }
    tell("no source is set: this is the built-in sample, one simulated day; set one with --source PATH or AIRQ_SOURCE");
    Ok(builder.repository(CsvRepository::sample()?))
}

//! The source of measurements: the source of the settings, or the built-in sample.

use crate::failure::{Failure, print_message, without_control_characters};
use crate::report::Report;
#[cfg(feature = "postgres")]
use airq_core::import::Database;
use airq_core::input::InputOptions;
use airq_core::repository::CsvRepository;
use airq_core::{Account, Airq, AirqBuilder, Configuration, Error};
use std::sync::Arc;

/// The source as given on the command line.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) url: Option<&'a str>,
    /// The settings of the environment and of the configuration file.
    pub(crate) configuration: Configuration,
    /// The options for reading files.
    pub(crate) input: InputOptions,
    /// The report of what is left out, if there is one.
    pub(crate) report: Option<Arc<Report>>,
}

impl Source<'_> {
    /// Opens the source. An empty setting counts as not set, because environment files often leave settings empty.
    ///
    /// # Errors
    /// If the source cannot be opened or read.
    pub(crate) fn open(&self) -> Result<Airq, Failure> {
        self.opened(self.builder())
    }

    /// Opens the source for one query, which can fail with the errors of rows that [`open`](Source::open) fails with:
    /// [`failure`](Source::failure) makes a failure of them.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) fn open_for_query(&self) -> Result<Airq, Failure> {
        self.opened(self.builder().postpone_reading())
    }

    fn opened(&self, builder: AirqBuilder) -> Result<Airq, Failure> {
        // The program has a single query, so it needs no cache.
        let builder = builder.cache("none:").without_time_limit().scan_files().configuration(&self.configuration)?;
        with_sample(builder)?.build().map_err(|error| self.failure(error))
    }

    /// Opens the source, passes it to `ask`, and reports what of the source's files was left out.
    ///
    /// # Errors
    /// If the source cannot be opened or read; the error of `ask`.
    pub(crate) fn ask(&self, ask: impl FnOnce(&Airq) -> Result<(), Failure>) -> Result<(), Failure> {
        let airq = self.open()?;
        ask(&airq)?;
        self.report_left_out(airq.account().as_ref());
        Ok(())
    }

    /// Returns a builder for `doctor`: with the source, and the cache that a server with the same settings would have.
    ///
    /// # Errors
    /// If a setting is invalid.
    pub(crate) fn builder_for_doctor(&self, cache: Option<&str>) -> Result<AirqBuilder, Failure> {
        let builder = match cache.filter(|cache| !cache.is_empty()) {
            Some(cache) => self.builder().cache(cache),
            None => self.builder(),
        };
        with_sample(builder.configuration(&self.configuration)?)
    }

    /// Returns the source as a database for writing.
    ///
    /// # Errors
    /// If the source is not a valid URL of a database.
    #[cfg(feature = "postgres")]
    pub(crate) fn database(&self) -> Result<Database, Failure> {
        Ok(self.builder().configuration(&self.configuration)?.database()?)
    }

    /// Reports the formats of the files with what was assumed, and what of the files did not reach the output: on standard error, and
    /// in the report.
    pub(crate) fn report_left_out(&self, account: Option<&Account>) {
        let Some(account) = account else { return };
        for format in &account.formats {
            print_message(&without_control_characters(&format!("read as {format}")));
        }
        if let Some(report) = &self.report {
            report.add(account);
        }
        if let Some(left_out) = account.left_out() {
            let hint = if self.report.is_some() { "" } else { "; --report FILE has all" };
            print_message(&without_control_characters(&format!("left out: {left_out}{hint}")));
        }
    }

    /// Converts an error. An invalid row of measurements gets a hint on the setting that skips such rows, unless it is set.
    pub(crate) fn failure(&self, error: Error) -> Failure {
        let is_skipping = self.url.is_some_and(|url| url.contains("skip-bad-rows=true"));
        let position = error.position().filter(|position| error.is_invalid_data() && position.line > 1 && !is_skipping);
        let in_data =
            position.and_then(|position| position.file.as_deref()).is_some_and(|file| !self.is_of_stations(file));
        let failure = Failure::from(error);
        if !in_data {
            return failure;
        }
        let path = self.url.filter(|url| !url.contains([':', '?', '\''])).unwrap_or("PATH");
        failure.with_hint_on_row(&format!("--source 'csv:{path}?skip-bad-rows=true' leaves such rows out"))
    }

    /// Returns whether a file may describe stations, so that a hint on rows of measurements could be wrong.
    fn is_of_stations(&self, file: &str) -> bool {
        let is_in_url = self.url.is_some_and(|url| url.contains("stations="));
        is_in_url || file.to_lowercase().ends_with("stations.csv")
    }

    fn builder(&self) -> AirqBuilder {
        let builder = Airq::builder().input(self.input.clone());
        match self.url {
            None | Some("") => builder,
            Some(url) => builder.source(url),
        }
    }
}

fn with_sample(builder: AirqBuilder) -> Result<AirqBuilder, Failure> {
    if builder.has_source() {
        return Ok(builder);
    }
    print_message("simulated sample data: set your own by --source FILE or AIRQ_SOURCE");
    Ok(builder.repository(CsvRepository::sample()?))
}

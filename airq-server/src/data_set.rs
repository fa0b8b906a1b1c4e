//! The metrics of the data set, which a thread keeps up to date, so that a scrape does not wait for the source.

use crate::metrics::Metrics;
use airq_core::Airq;
use std::sync::Arc;
use std::time::Duration;

/// Starts a thread that updates the metrics of the data set, and again each time `every` has passed.
pub(crate) fn watch(airq: Arc<Airq>, metrics: Metrics, every: Duration) {
    let thread = std::thread::Builder::new().name("data-set".to_owned());
    let spawned = thread.spawn(move || {
        loop {
            update(&airq, &metrics);
            std::thread::sleep(every);
        }
    });
    if let Err(error) = spawned {
        log::warn!("no metrics of the data set: {error:#}");
    }
}

/// Updates the metrics. They stay unchanged while the source cannot be reached, which the checks of the engine report.
fn update(airq: &Airq, metrics: &Metrics) {
    if let Ok(data) = airq.data_set() {
        metrics.data_set(&data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use airq_core::repository::{CsvRepository, DataSet};
    use airq_core::{Error, ErrorKind, Repository, Result, Selection, Stations};
    use std::sync::Mutex;

    /// A source that holds the data set of this version, or cannot be reached.
    #[derive(Clone, Debug)]
    struct Source(Arc<Mutex<Option<&'static str>>>);

    impl Repository for Source {
        fn version(&self) -> Result<String> {
            Ok(self.data_set()?.version)
        }

        fn stations(&self) -> Result<Stations> {
            CsvRepository::sample()?.stations()
        }

        fn data_set(&self) -> Result<DataSet> {
            let version = self.0.lock().unwrap().ok_or_else(|| Error::new(ErrorKind::Unavailable, "down"))?;
            let mut data = DataSet::new(version);
            data.outdated = (version == "two").then(|| "a file is invalid".to_owned());
            Ok(data)
        }

        fn write_csv(&self, _: &Selection, _: &mut dyn std::io::Write) -> Result<String> {
            self.version()
        }
    }

    #[test]
    fn the_metrics_are_of_the_newest_data_set_that_was_seen() {
        let source = Source(Arc::new(Mutex::new(Some("one"))));
        let airq = Airq::builder().repository(source.clone()).build().unwrap();
        let metrics = Metrics::new();
        for (version, shown) in [(Some("one"), "one"), (None, "one"), (Some("two"), "two"), (None, "two")] {
            *source.0.lock().unwrap() = version;
            update(&airq, &metrics);
            let text = metrics.text();
            let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("airq_data_set_info{")).collect();
            assert_eq!(lines, [format!("airq_data_set_info{{version=\"{shown}\"}} 1")]);
            let outdated = format!("\nairq_data_set_outdated {}\n", u8::from(shown == "two"));
            assert!(text.contains(&outdated), "{text}");
        }
    }
}

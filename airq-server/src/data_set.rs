//! Keeps the metrics of the data set up to date, so that a scrape touches nothing that could be slow or down.

use crate::metrics::Metrics;
use airq_core::Airq;
use std::sync::Arc;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);

/// Looks at the data set again and again, from a thread of its own.
pub(crate) fn watch(airq: Arc<Airq>, metrics: Metrics) {
    let look = move || {
        loop {
            // While the source cannot be asked, the last known data set stays; the looks of requests tell of that.
            if let Ok(data) = airq.data_set() {
                metrics.data_set(&data);
            }
            std::thread::sleep(EVERY);
        }
    };
    if let Err(error) = std::thread::Builder::new().name("data-set".to_owned()).spawn(look) {
        log::warn!("no metrics of the data set: {error}");
    }
}

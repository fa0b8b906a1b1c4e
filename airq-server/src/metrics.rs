//! Metrics in the text format of Prometheus. They are an observer of the engine's events.

use crate::process;
use airq_core::PoolState;
use airq_core::observe::{LogObserver, Observation, Observer, Outcome};
use airq_core::repository::DataSet;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
use prometheus_client::registry::{Registry, Unit};
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The histogram buckets in seconds: from a cache hit over a slow network to the slowest answer that clients wait for.
const BUCKETS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 2.5];

/// The metrics. Clones share their counters.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    log: Arc<LogObserver>,
    registry: Arc<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram, fn() -> Histogram>,
    lookups: Family<LookupLabels, Counter>,
    cache_failures: Family<TierLabels, Counter>,
    cache_up: Family<TierLabels, Gauge>,
    breakers: Family<TierLabel, Gauge>,
    unreadable: Family<TierLabel, Counter>,
    loads: Counter,
    load_failures: Family<FailureLabels, Counter>,
    look_failures: Counter,
    load_durations: Family<PartLabels, Histogram, fn() -> Histogram>,
    data_set: Family<VersionLabels, Gauge>,
    newest: Family<NoLabels, Gauge<f64, AtomicU64>>,
    outdated: Family<NoLabels, Gauge>,
    pools: Pools,
}

/// The metrics of the connection pools of the source and the cache.
#[derive(Clone, Debug, Default)]
struct Pools {
    max: Family<PoolLabels, Gauge>,
    connections: Family<PoolLabels, Gauge>,
    in_use: Family<PoolLabels, Gauge>,
    waits: Family<PoolLabels, Counter>,
    timeouts: Family<PoolLabels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PoolLabels {
    pool: &'static str,
}

/// The empty label set of a metric that does not exist until its value is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NoLabels {}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PartLabels {
    part: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VersionLabels {
    version: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: &'static str,
    status: u16,
    /// `hit`, `stale` or `miss`; `none` for responses that are not cached.
    cache: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookupLabels {
    tier: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TierLabels {
    tier: &'static str,
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TierLabel {
    tier: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    stale_served: &'static str,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Metrics {
            log: Arc::default(),
            registry: Arc::default(),
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            lookups: Family::default(),
            cache_failures: Family::default(),
            cache_up: Family::default(),
            breakers: Family::default(),
            unreadable: Family::default(),
            loads: Counter::default(),
            load_failures: Family::default(),
            look_failures: Counter::default(),
            load_durations: Family::new_with_constructor(histogram),
            data_set: Family::default(),
            newest: Family::default(),
            outdated: Family::default(),
            pools: Pools::default(),
        };
        metrics.registry = Arc::new(metrics.registered());
        metrics
    }

    fn registered(&self) -> Registry {
        let mut all = Registry::with_prefix("airq");
        all.register("http_requests", "Requests answered", self.requests.clone());
        let help = "Time to build the response, without sending it";
        all.register_with_unit("http_request_duration", help, Unit::Seconds, self.durations.clone());
        all.register("cache_lookups", "Lookups in caches by outcome", self.lookups.clone());
        all.register("cache_failures", "Failed operations of caches", self.cache_failures.clone());
        all.register(
            "cache_up",
            "0 after an operation of a cache has failed, 1 after it works again",
            self.cache_up.clone(),
        );
        let help = "1 while the circuit breaker of a failed cache is open, else 0";
        all.register("cache_breaker_open", help, self.breakers.clone());
        let help = "Entries of a cache that could not be decoded";
        all.register("cache_entries_unreadable", help, self.unreadable.clone());
        all.register("loads", "Answers loaded from the source", self.loads.clone());
        all.register("load_failures", "Answers that could not be loaded from the source", self.load_failures.clone());
        let look_failures = "Failed checks whether the data of the source have changed";
        all.register("look_failures", look_failures, self.look_failures.clone());
        let help = "Time to load an answer from the source, by step";
        all.register_with_unit("load_duration", help, Unit::Seconds, self.load_durations.clone());
        all.register("data_set_info", "The data set: always 1, with the version as a label", self.data_set.clone());
        let help = "Unix time of the newest measurement";
        all.register_with_unit("newest_measurement_timestamp", help, Unit::Seconds, self.newest.clone());
        let help = "1 while files have changed and cannot be loaded, so that older data are served";
        all.register("data_set_outdated", help, self.outdated.clone());
        self.pools.register(&mut all);
        let build = Family::<VersionLabels, Gauge>::default();
        build.get_or_create(&VersionLabels { version: env!("CARGO_PKG_VERSION").to_owned() }).set(1);
        all.register("build_info", "This program: always 1, with the version as a label", build);
        all
    }

    /// Counts a request.
    pub(crate) fn request(&self, route: &'static str, status: u16, cache: Option<&'static str>, took: Duration) {
        let cache = cache.unwrap_or("none");
        self.requests.get_or_create(&RequestLabels { route, status, cache }).inc();
        self.durations.get_or_create(&RouteLabels { route }).observe(took.as_secs_f64());
    }

    fn load_part(&self, part: &'static str, took: Duration) {
        self.load_durations.get_or_create(&PartLabels { part }).observe(took.as_secs_f64());
    }

    /// Updates the metrics of the data set.
    pub(crate) fn data_set(&self, data: &DataSet) {
        self.data_set.clear();
        self.data_set.get_or_create(&VersionLabels { version: data.version.clone() }).set(1);
        self.outdated.get_or_create(&NoLabels {}).set(i64::from(data.outdated.is_some()));
        if let Some(last) = data.last {
            #[expect(clippy::cast_precision_loss, reason = "microseconds of a Unix time fit to far below a second")]
            self.newest.get_or_create(&NoLabels {}).set(last.as_microseconds() as f64 / 1e6);
        }
    }

    /// Updates the metrics of the pools.
    pub(crate) fn pools(&self, pools: &[PoolState]) {
        for pool in pools {
            self.pools.note(pool);
        }
    }

    /// Returns all metrics in the text format of Prometheus.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = text::encode(&mut out, &self.registry);
        classic(&out) + &process::metrics()
    }
}

impl Pools {
    fn register(&self, all: &mut Registry) {
        all.register("pool_connections_max", "Connections that a pool may open", self.max.clone());
        all.register("pool_connections", "Connections that a pool has open", self.connections.clone());
        let help = "Connections of a pool in use, including connections that are being opened";
        all.register("pool_connections_in_use", help, self.in_use.clone());
        let help = "Calls that had to wait for a connection of a pool";
        all.register("pool_waits", help, self.waits.clone());
        all.register(
            "pool_timeouts",
            "Calls that waited and got no connection of a pool within the time limit",
            self.timeouts.clone(),
        );
    }

    fn note(&self, state: &PoolState) {
        let labels = PoolLabels { pool: state.name };
        self.max.get_or_create(&labels).set(state.max.into());
        self.connections.get_or_create(&labels).set(state.connections.into());
        self.in_use.get_or_create(&labels).set(state.in_use.into());
        // The pool counts; what it has counted is shown.
        self.waits.get_or_create(&labels).inner().store(state.waits, Ordering::Relaxed);
        self.timeouts.get_or_create(&labels).inner().store(state.timeouts, Ordering::Relaxed);
    }
}

/// OpenMetrics as Prometheus' older text format, which every tool reads: it names a counter's family as its samples.
fn classic(open_metrics: &str) -> String {
    let counters: Vec<&str> =
        open_metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut out = String::with_capacity(open_metrics.len());
    for line in open_metrics.lines().filter(|line| !line.starts_with("# UNIT ") && *line != "# EOF") {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some(what), Some(name), Some(rest)) if counters.contains(&name) => {
                // Writing into a string cannot fail.
                let _ = write!(out, "# {what} {name}_total {rest}");
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

impl Observer for Metrics {
    fn observe(&self, observation: &Observation<'_>) {
        self.log.observe(observation);
        match observation {
            Observation::Lookup { tier, outcome, .. } => {
                let outcome = match outcome {
                    Outcome::Hit => "hit",
                    Outcome::Stale => "stale",
                    _ => "miss",
                };
                self.lookups.get_or_create(&LookupLabels { tier, outcome }).inc();
            }
            Observation::CacheFailed { tier, operation, .. } => {
                self.cache_failures.get_or_create(&TierLabels { tier, operation }).inc();
                self.cache_up.get_or_create(&TierLabels { tier, operation }).set(0);
            }
            Observation::CacheRecovered { tier, operation, .. } => {
                self.cache_up.get_or_create(&TierLabels { tier, operation }).set(1);
            }
            Observation::BreakerTurned { tier, open, .. } => {
                self.breakers.get_or_create(&TierLabel { tier }).set(i64::from(*open));
            }
            Observation::EntryUnreadable { tier, .. } => {
                self.unreadable.get_or_create(&TierLabel { tier }).inc();
            }
            Observation::Loaded { timing, .. } => {
                self.loads.inc();
                self.load_part("repository", timing.repository);
                self.load_part("reshape", timing.reshape);
            }
            Observation::Compressed { took, .. } => self.load_part("gzip", *took),
            Observation::LoadFailed { stale_served, .. } => {
                let stale_served = if *stale_served { "true" } else { "false" };
                self.load_failures.get_or_create(&FailureLabels { stale_served }).inc();
            }
            Observation::LookFailed { .. } => {
                self.look_failures.inc();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_named_in_its_help_as_in_its_samples() {
        let metrics = Metrics::new();
        metrics.request("/v1/latest", 200, None, Duration::from_millis(2));
        let text = metrics.text();
        for line in [
            "# HELP airq_http_requests_total Requests answered.",
            "# TYPE airq_http_requests_total counter",
            "airq_http_requests_total{route=\"/v1/latest\",status=\"200\",cache=\"none\"} 1",
            "# TYPE airq_http_request_duration_seconds histogram",
        ] {
            assert!(text.lines().any(|own| own == line), "{line} in\n{text}");
        }
        assert!(!text.contains("# EOF") && !text.contains("# UNIT"));
    }
}

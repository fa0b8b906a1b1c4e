//! Settings: flags, and the environment for what no flag sets.

use airq_core::{Airq, AirqBuilder};
use clap::{Parser, ValueEnum};
use std::net::SocketAddr;
use std::time::Duration;

const NOTES: &str = "\
Settings of the environment, where no flag is given:
  AIRQ_SOURCE, AIRQ_CACHE, AIRQ_CACHE_TTL, AIRQ_LISTEN, AIRQ_ADMIN_LISTEN, AIRQ_LOG
  AIRQ_SOURCE_FILE, AIRQ_CACHE_FILE                    a file that holds the URL
  AIRQ_SOURCE_PASSWORD_FILE, AIRQ_CACHE_PASSWORD_FILE  a file that holds its password
  RUST_LOG                                             log levels, such as info or airq_core=debug

The server listens on loopback unless told otherwise. Towards the network it belongs behind a proxy
that bounds headers and slow clients.";

/// Air quality over HTTP: measurements from CSV files or a database, as JSON, kept for an hour.
#[derive(Debug, Parser)]
#[command(name = "airq-server", version, after_help = NOTES, max_term_width = 100)]
pub(crate) struct Config {
    /// Where measurements come from, such as a CSV file or a directory of them; without it, a sample that is built in
    #[arg(long, value_name = "URL")]
    source: Option<String>,

    /// Where answers are kept: memory:SIZE or none: [default: memory:64MiB]
    #[arg(long, value_name = "URL")]
    cache: Option<String>,

    /// How long an answer is fresh, in seconds [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    cache_ttl: Option<u64>,

    /// The address of the API
    #[arg(long, env = "AIRQ_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,

    /// The address of /livez, /readyz and /metrics
    #[arg(long, env = "AIRQ_ADMIN_LISTEN", default_value = "127.0.0.1:9464", value_name = "ADDRESS")]
    pub(crate) admin_listen: SocketAddr,

    /// How many connections are served at once; further ones wait
    #[arg(long, env = "AIRQ_CONNECTIONS", default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) connections: u16,

    /// How long to go on answering, no longer ready, when told to stop, in seconds
    #[arg(long, env = "AIRQ_GRACE", default_value = "0", value_parser = seconds, value_name = "SECONDS")]
    pub(crate) grace: Duration,

    /// Check the settings, open the source, and end
    #[arg(long = "check-config")]
    pub(crate) check_only: bool,

    /// Ask the server at the admin address whether it is ready, and end: 0 if so, else 1
    #[arg(long)]
    pub(crate) healthcheck: bool,

    /// How log lines are written
    #[arg(long, env = "AIRQ_LOG", value_enum, default_value = "text")]
    pub(crate) log: LogFormat,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line, for machines
    Json,
}

impl Config {
    /// An engine's builder with what the flags say.
    pub(crate) fn engine(&self) -> AirqBuilder {
        let mut builder = Airq::builder();
        if let Some(url) = &self.source {
            builder = builder.source(url);
        }
        if let Some(url) = &self.cache {
            builder = builder.cache(url);
        }
        match self.cache_ttl {
            Some(seconds) => builder.ttl(Duration::from_secs(seconds)),
            None => builder,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    const LONGEST: f64 = 3600.0;
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.0..=LONGEST).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("a number of seconds from 0 to {LONGEST}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_settings_is_sound() {
        Config::command().debug_assert();
    }

    #[test]
    fn it_listens_on_loopback_unless_told_otherwise() {
        let config = Config::parse_from(["airq-server"]);
        assert!(config.listen.ip().is_loopback() && config.admin_listen.ip().is_loopback());
    }
}

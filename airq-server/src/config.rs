//! Settings: flags, and the environment for what no flag sets.

use airq_core::{Airq, AirqBuilder};
use clap::{Parser, ValueEnum};
use std::net::SocketAddr;
use std::time::Duration;

const NOTES: &str = "\
Further settings of the environment; a flag wins over its variable:
  AIRQ_SOURCE_FILE, AIRQ_CACHE_FILE                    a file that holds the URL
  AIRQ_SOURCE_PASSWORD_FILE, AIRQ_CACHE_PASSWORD_FILE  a file that holds its password
  RUST_LOG                                             log levels, such as info or airq_core=debug

The server listens on loopback unless told otherwise. Towards the network it belongs behind a proxy
that bounds headers and slow clients.";

const SOURCE: &str = "\
Where measurements come from: a CSV file, a directory of them, csv:PATH?city=NAME&stations=PATH, \
postgres://USER@HOST/DATABASE, or the URL of another airq server [env: AIRQ_SOURCE] [default: a sample that is built in]";

const CACHE: &str = "\
Where answers are kept: memory:SIZE, none:, redis://HOST, rediss://HOST, redis-cluster://HOST,HOST or \
rediss-cluster://HOST,HOST [env: AIRQ_CACHE] [default: memory:64MiB]";

const CACHE_TTL: &str = "How long an answer is fresh, in seconds [env: AIRQ_CACHE_TTL] [default: 3600]";

/// Air quality over HTTP: measurements from CSV files or a database, as JSON, kept for an hour.
#[derive(Debug, Parser)]
#[command(name = "airq-server", version, after_help = NOTES, max_term_width = 100)]
pub(crate) struct Config {
    // The help of these three is text: their variables are read by the core, which also knows the files of secrets.
    #[arg(long, value_name = "URL", help = SOURCE)]
    source: Option<String>,

    #[arg(long, value_name = "URL", help = CACHE)]
    cache: Option<String>,

    #[arg(long, value_name = "SECONDS", value_parser = whole_seconds, allow_negative_numbers = true, help = CACHE_TTL)]
    cache_ttl: Option<u64>,

    /// The address of the API
    #[arg(long, env = "AIRQ_LISTEN", default_value = "127.0.0.1:8080", value_parser = address, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,

    /// The address of /livez, /readyz and /metrics
    #[arg(long, env = "AIRQ_ADMIN_LISTEN", default_value = "127.0.0.1:9464", value_parser = address, value_name = "ADDRESS")]
    pub(crate) admin_listen: SocketAddr,

    /// How many connections are served at once; further ones wait
    #[arg(long, env = "AIRQ_CONNECTIONS", default_value_t = 256, value_parser = connections, value_name = "N")]
    pub(crate) connections: u16,

    /// How long to go on answering, no longer ready, when told to stop, in seconds
    #[arg(long, env = "AIRQ_GRACE", default_value = "0", value_parser = seconds, allow_negative_numbers = true, value_name = "SECONDS")]
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

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "it is an address and a port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080".to_owned())
}

fn connections(text: &str) -> Result<u16, String> {
    const MOST: u16 = 4096;
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("it is a whole number from 1 to {MOST}"))
}

fn whole_seconds(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "it is a whole number of seconds, such as 3600".to_owned())
}

fn seconds(text: &str) -> Result<Duration, String> {
    const LONGEST: f64 = 3600.0;
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.0..=LONGEST).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| format!("it is a number of seconds from 0 to {LONGEST}"))
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

    #[test]
    fn a_wrong_value_is_told_with_its_flag_and_what_is_allowed() {
        for (flag, value, allowed) in [
            ("--listen", "8080", "127.0.0.1:8080"),
            ("--admin-listen", "localhost", "an address and a port"),
            ("--connections", "0", "from 1 to 4096"),
            ("--connections", "many", "from 1 to 4096"),
            ("--cache-ttl", "1h", "a whole number of seconds"),
            ("--grace", "-1", "from 0 to 3600"),
            ("--log", "xml", "text, json"),
        ] {
            let told = Config::try_parse_from(["airq-server", &format!("{flag}={value}")]).unwrap_err().to_string();
            assert!(told.contains(flag) && told.contains(value) && told.contains(allowed), "{told}");
        }
    }

    #[test]
    fn the_help_tells_every_setting_with_its_variable_and_its_default() {
        let help = Config::command().render_long_help().to_string();
        let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [
            "[env: AIRQ_SOURCE] [default: a sample that is built in]",
            "[env: AIRQ_CACHE] [default: memory:64MiB]",
            "[env: AIRQ_CACHE_TTL] [default: 3600]",
            "AIRQ_SOURCE_PASSWORD_FILE",
        ] {
            assert!(words.contains(part), "{part} in {help}");
        }
        for (name, default) in [
            ("AIRQ_LISTEN", "127.0.0.1:8080"),
            ("AIRQ_ADMIN_LISTEN", "127.0.0.1:9464"),
            ("AIRQ_CONNECTIONS", "256"),
            ("AIRQ_GRACE", "0"),
            ("AIRQ_LOG", "text"),
        ] {
            assert!(
                words.contains(&format!("[env: {name}=")) && words.contains(&format!("[default: {default}]")),
                "{name}"
            );
        }
    }
}

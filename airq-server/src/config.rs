//! The flags of the server, and their environment variables and defaults.

use crate::memory;
use crate::transport::{self, Limits};
use airq_core::internal::{has_password, parse_size};
use airq_core::{Airq, AirqBuilder};
use clap::{Parser, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

const NOTES: &str = "\
More environment variables (a flag takes precedence over its variable):
  AIRQ_SOURCE_FILE, AIRQ_CACHE_FILE                    a file with the URL
  AIRQ_SOURCE_PASSWORD_FILE, AIRQ_CACHE_PASSWORD_FILE  a file with the password for the URL
  RUST_LOG                                             log levels, such as info or airq_core=debug

Each setting is also a key of the configuration file, without dashes: grace = 15.
A variable takes precedence over the file. docs/settings.md has them all.

By default, the server listens on loopback only. It does not speak TLS: in a network that is not
trusted, run it behind a proxy that does.";

const SOURCE: &str = "\
The source of measurements: a CSV file, a directory of CSV files, csv:PATH?city=NAME&stations=PATH, \
csv:https://HOST/FILE?refresh=10m, \
postgres://USER@HOST/DATABASE, or the URL of another airq server [env: AIRQ_SOURCE] [default: a built-in sample]";

const CACHE: &str = "\
The cache of answers: memory:SIZE, none:, redis://HOST, rediss://HOST, redis-cluster://HOST,HOST or \
rediss-cluster://HOST,HOST [env: AIRQ_CACHE] [default: memory:64MiB]";

const CACHE_TTL: &str = "The time for which an answer is fresh, in seconds [env: AIRQ_CACHE_TTL] [default: 3600]";

const CONFIG: &str = "\
The configuration file [env: AIRQ_CONFIG] [default: the first that exists of $XDG_CONFIG_HOME/airq/airq.toml and /etc/airq/airq.toml]";

/// Air quality over HTTP: measurements from CSV files or a database as JSON, cached for an hour.
#[derive(Debug, Parser)]
#[command(name = "airq-server", version, after_help = NOTES, max_term_width = 100)]
pub(crate) struct Config {
    // These three have help texts instead of `env` attributes, because airq-core reads their variables and their files.
    #[arg(long, value_name = "URL", help = SOURCE)]
    source: Option<String>,

    #[arg(long, value_name = "URL", help = CACHE)]
    cache: Option<String>,

    #[arg(long, value_name = "SECONDS", value_parser = whole_seconds, allow_negative_numbers = true, help = CACHE_TTL)]
    cache_ttl: Option<u64>,

    #[arg(id = "config", long = "config", value_name = "FILE", help = CONFIG)]
    pub(crate) file: Option<PathBuf>,

    /// The address of the API
    #[arg(long, env = "AIRQ_LISTEN", default_value = "127.0.0.1:8080", value_parser = address, value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,

    /// The address of /livez, /readyz and /metrics
    #[arg(long, env = "AIRQ_ADMIN_LISTEN", default_value = "127.0.0.1:9464", value_parser = address, value_name = "ADDRESS")]
    pub(crate) admin_listen: SocketAddr,

    /// The maximum number of connections; more connections wait
    #[arg(long, env = "AIRQ_CONNECTIONS", default_value_t = 4096, value_parser = connections, value_name = "N")]
    connections: usize,

    /// The maximum number of connections from one address [default: a quarter of all]
    #[arg(long, env = "AIRQ_CONNECTIONS_PER_CLIENT", value_parser = connections, value_name = "N")]
    connections_per_client: Option<usize>,

    /// The maximum number of threads that answer requests; more requests wait
    #[arg(long, env = "AIRQ_THREADS", default_value_t = 64, value_parser = threads, value_name = "N")]
    threads: usize,

    /// The memory of answers that are being loaded or sent, such as 64MiB; more answers wait [default: a quarter of the memory]
    #[arg(long, env = "AIRQ_MEMORY_BUDGET", value_parser = size, value_name = "SIZE")]
    memory_budget: Option<usize>,

    /// The maximum time from the first byte of a request to the end of its head, in seconds
    #[arg(long, env = "AIRQ_HEAD_TIMEOUT", default_value = "10", value_parser = positive_seconds, allow_negative_numbers = true, value_name = "SECONDS")]
    head_timeout: Duration,

    /// The minimum speed of a client, in bytes per second: a client that reads less of an answer for 10 seconds is disconnected
    #[arg(long, env = "AIRQ_SEND_FLOOR", default_value_t = 8192, value_name = "BYTES")]
    send_floor: u64,

    /// The time between a stop signal and the stop, in seconds; meanwhile the server is not ready but still answers
    #[arg(long, env = "AIRQ_GRACE", default_value = "0", value_parser = seconds, allow_negative_numbers = true, value_name = "SECONDS")]
    pub(crate) grace: Duration,

    /// Check the settings, the source and the cache, print a line for each, and exit; =offline connects to nothing
    #[arg(long = "check-config", value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "online", value_name = "HOW")]
    pub(crate) check: Option<ConfigCheck>,

    /// Ask the server at the admin address whether it is ready, and exit with 0 if it is, else with 1
    #[arg(long)]
    pub(crate) healthcheck: bool,

    /// The format of log lines
    #[arg(long, env = "AIRQ_LOG", value_enum, default_value = "text")]
    pub(crate) log: LogFormat,
}

/// The way of checking the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConfigCheck {
    /// Read the source and use the cache
    Online,
    /// Only parse the settings
    Offline,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line, for machines
    Json,
}

impl Config {
    /// Returns the limits of the API, within the limits of the system.
    pub(crate) fn limits(&self) -> Limits {
        let connections = transport::affordable_connections(self.connections);
        let per_client = self.connections_per_client.unwrap_or(connections.div_ceil(4));
        Limits {
            connections,
            connections_per_client: per_client.min(connections),
            threads: self.threads,
            head_timeout: self.head_timeout,
            send_floor: self.send_floor,
        }
    }

    /// Warns of passwords on the command line.
    pub(crate) fn warn_of_passwords(&self) {
        for (url, variable) in [(&self.source, "AIRQ_SOURCE_PASSWORD_FILE"), (&self.cache, "AIRQ_CACHE_PASSWORD_FILE")]
        {
            if let Some(url) = url
                && has_password(url)
            {
                log::warn!(
                    "other users of this machine can see the password on the command line (by `ps`): write it into a file and set \
                     {variable} to the path"
                );
            }
        }
    }

    /// Returns the builder of an engine with the settings of the flags.
    pub(crate) fn engine(&self) -> AirqBuilder {
        let budget = self.memory_budget.or_else(|| Some(memory::available()? / 4));
        let mut builder = Airq::builder();
        if let Some(bytes) = budget {
            builder = builder.memory_budget(bytes);
        }
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

fn connections(text: &str) -> Result<usize, String> {
    whole_number(text, 65_536)
}

fn threads(text: &str) -> Result<usize, String> {
    whole_number(text, 1024)
}

fn whole_number(text: &str, max: usize) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=max).contains(number));
    number.ok_or_else(|| format!("it is a whole number from 1 to {max}"))
}

fn size(text: &str) -> Result<usize, String> {
    let size = parse_size(text).filter(|size| *size > 0);
    size.ok_or_else(|| "it is a size such as 64MiB or 1GiB".to_owned())
}

fn whole_seconds(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "it is a whole number of seconds, such as 3600".to_owned())
}

fn positive_seconds(text: &str) -> Result<Duration, String> {
    seconds(text).ok().filter(|time| !time.is_zero()).ok_or_else(|| "it is a number of seconds above 0".to_owned())
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
            ("--connections", "0", "from 1 to 65536"),
            ("--connections", "many", "from 1 to 65536"),
            ("--connections-per-client", "0", "from 1 to 65536"),
            ("--threads", "0", "from 1 to 1024"),
            ("--head-timeout", "0", "a number of seconds above 0"),
            ("--send-floor", "-1", "invalid digit"),
            ("--memory-budget", "64MB", "a size such as 64MiB"),
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
            "[env: AIRQ_SOURCE] [default: a built-in sample]",
            "[env: AIRQ_CACHE] [default: memory:64MiB]",
            "[env: AIRQ_CACHE_TTL] [default: 3600]",
            "AIRQ_SOURCE_PASSWORD_FILE",
        ] {
            assert!(words.contains(part), "{part} in {help}");
        }
        for (name, default) in [
            ("AIRQ_LISTEN", "127.0.0.1:8080"),
            ("AIRQ_ADMIN_LISTEN", "127.0.0.1:9464"),
            ("AIRQ_CONNECTIONS", "4096"),
            ("AIRQ_CONNECTIONS_PER_CLIENT", "a quarter of all"),
            ("AIRQ_THREADS", "64"),
            ("AIRQ_HEAD_TIMEOUT", "10"),
            ("AIRQ_SEND_FLOOR", "8192"),
            ("AIRQ_MEMORY_BUDGET", "a quarter of the memory"),
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

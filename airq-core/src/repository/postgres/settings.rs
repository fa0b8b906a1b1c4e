//! The settings in a `postgres://` URL: hosts, encryption, and the settings of airq.

use super::tls::{self, Mode, Tls};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use percent_encoding::percent_decode_str;
use postgres::config::{LoadBalanceHosts, SslMode, TargetSessionAttrs};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The default time limit for a TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1500);
/// The time without an answer after which the kernel closes a connection.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);
const KEEPALIVE_RETRIES: u32 = 3;

/// The default time limit for a query, which is less than the time limit of usual proxies.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

const KNOWN: &str = "sslmode is disable, prefer, require, verify-ca or verify-full, sslrootcert a file or system, \
                     pool_size a number from 1 to 1000, statement_timeout a number of seconds (0 for none), \
                     synchronous_standbys a number from 0 to 100";

/// The settings in a URL.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The hosts. Each is tried on its own, so that a host that does not answer does not delay the next.
    pub(crate) targets: Vec<Target>,
    /// True if the first host is chosen at random.
    pub(crate) at_random: bool,
    pub(crate) tls: Tls,
    /// The maximum number of connections.
    pub(crate) pool_size: u32,
    /// The time limit for a reader's statement in the URL; zero for no limit.
    pub(crate) statement_timeout: Option<Duration>,
    /// The minimum number of synchronous standbys that have a commit of an import or a migration.
    pub(crate) synchronous_standbys: u32,
    /// The URL for messages.
    shown: SecretUrl,
}

/// One host, with the configuration of the PostgreSQL client.
#[derive(Clone)]
pub(crate) struct Target(pub(crate) postgres::Config);

impl Settings {
    /// Parses the URL.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if the URL is invalid. No message has the password.
    pub(crate) fn parse(url: &SecretUrl) -> Result<Self> {
        let ours = Ours::take_from(url)?;
        let tls = tls::connector(ours.mode, ours.root.as_deref())?;
        let mut targets = Vec::new();
        for host in hosts(&ours.rest) {
            targets.push(Target(config(&host, ours.mode.ssl_mode()).map_err(|why| bad(url, &why))?));
        }
        let at_random = targets.iter().any(|target| target.0.get_load_balance_hosts() == LoadBalanceHosts::Random);
        Ok(Settings {
            targets,
            at_random,
            tls,
            pool_size: ours.pool_size,
            statement_timeout: ours.statement_timeout,
            synchronous_standbys: ours.synchronous_standbys,
            shown: url.clone(),
        })
    }

    /// Returns the settings for reading: sessions are read-only and have a time limit for statements.
    /// `unlimited` removes the default time limit.
    pub(crate) fn read_only(mut self, unlimited: bool) -> Self {
        let default = if unlimited { None } else { Some(STATEMENT_TIMEOUT) };
        self.statement_timeout = self.statement_timeout.or(default).filter(|timeout| !timeout.is_zero());
        let timeout = match self.statement_timeout {
            Some(timeout) => timeout.as_millis().max(1),
            None => 0,
        };
        self.add_options(&format!(
            "-c default_transaction_read_only=on -c statement_timeout={timeout} -c jit=off \
             -c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off"
        ));
        self
    }

    /// Returns the settings for writing: of several hosts, the host that accepts writes.
    pub(crate) fn writing(mut self) -> Self {
        for Target(config) in &mut self.targets {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        self
    }

    /// Adds PostgreSQL settings for the sessions, after the settings of the URL.
    fn add_options(&mut self, options: &str) {
        for Target(config) in &mut self.targets {
            let all = format!("{} {options}", config.get_options().unwrap_or_default());
            config.options(all.trim());
        }
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("url", &self.shown).field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

/// Returns the settings of airq, and the URL without them.
struct Ours {
    rest: SecretUrl,
    mode: Mode,
    root: Option<String>,
    pool_size: u32,
    statement_timeout: Option<Duration>,
    synchronous_standbys: u32,
}

impl Ours {
    fn take_from(url: &SecretUrl) -> Result<Self> {
        let encoded = url.encoded();
        let (place, query) = encoded.expose().split_once('?').unwrap_or((encoded.expose(), ""));
        let mut ours = Ours {
            rest: SecretUrl::new(""),
            mode: Mode::Prefer,
            root: None,
            pool_size: 8,
            statement_timeout: None,
            synchronous_standbys: 0,
        };
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            match ours.set(name, &value) {
                Some(true) => {}
                Some(false) => return Err(bad(url, &format!("{name}={:?} is not allowed; {KNOWN}", cut(&value)))),
                None => rest.push(pair),
            }
        }
        let mark = if rest.is_empty() { "" } else { "?" };
        ours.rest = SecretUrl::new(format!("{place}{mark}{}", rest.join("&")));
        Ok(ours)
    }

    /// Returns whether the value is valid; `None` if the setting is not one of airq's.
    fn set(&mut self, name: &str, value: &str) -> Option<bool> {
        match name {
            "sslmode" => Some(Mode::parse(value).map(|mode| self.mode = mode).is_some()),
            "sslrootcert" => {
                self.root = Some(value.to_owned());
                Some(!value.is_empty())
            }
            "pool_size" => {
                let size = value.parse().ok().filter(|size| (1..=1000).contains(size));
                Some(size.map(|size| self.pool_size = size).is_some())
            }
            "statement_timeout" => {
                let seconds = value.parse().ok().filter(|seconds| (0.0..=86_400.0).contains(seconds));
                let timeout = seconds.map(Duration::from_secs_f64);
                self.statement_timeout = timeout;
                Some(timeout.is_some())
            }
            "synchronous_standbys" => {
                let count = value.parse().ok().filter(|count| *count <= 100);
                Some(count.map(|count| self.synchronous_standbys = count).is_some())
            }
            _ => None,
        }
    }
}

/// Returns a URL for each host.
fn hosts(url: &SecretUrl) -> Vec<String> {
    let Some((before, authority, after)) = url.parts() else { return vec![url.expose().to_owned()] };
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    hosts.split(',').map(|host| format!("{before}{user}{host}{after}")).collect()
}

/// Returns the configuration of the client for a URL with one host.
fn config(url: &str, ssl_mode: SslMode) -> std::result::Result<postgres::Config, String> {
    let mut config = postgres::Config::from_str(url).map_err(|error| reason(&error))?;
    config.ssl_mode(ssl_mode);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(TCP_USER_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("airq");
    }
    config.keepalives_idle(KEEPALIVE_IDLE).keepalives_interval(KEEPALIVE_INTERVAL);
    config.keepalives_retries(KEEPALIVE_RETRIES);
    let all =
        format!("{} -c TimeZone=UTC -c DateStyle=ISO -c extra_float_digits=1", config.get_options().unwrap_or(""));
    config.options(all.trim());
    Ok(config)
}

fn reason(error: &postgres::Error) -> String {
    match std::error::Error::source(error) {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

fn bad(url: &SecretUrl, why: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("{} cannot be used: {why}", cut(&url.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<Settings> {
        Settings::parse(&SecretUrl::new(url))
    }

    #[test]
    fn our_settings_are_taken_out_and_the_rest_is_the_clients() {
        let url = "postgres://airq:s3cret@a:1,b:2/air?sslmode=require&pool_size=3&statement_timeout=0.25&\
                   load_balance_hosts=random&target_session_attrs=any&application_name=test";
        let settings = parsed(url).unwrap();
        let hosts: Vec<_> = settings.targets.iter().map(|target| target.0.get_ports()[0]).collect();
        assert_eq!((hosts, settings.at_random, settings.pool_size), (vec![1, 2], true, 3));
        assert_eq!(settings.statement_timeout, Some(Duration::from_millis(250)));
        assert_eq!(settings.targets[1].0.get_application_name(), Some("test"));
        assert_eq!(settings.targets[1].0.get_password(), Some(&b"s3cret"[..]));
        assert_eq!(settings.targets[0].0.get_ssl_mode(), SslMode::Require);
        let limit = |url: &str, unlimited| parsed(url).unwrap().read_only(unlimited).statement_timeout;
        assert_eq!(limit("postgres://a/b?statement_timeout=0", false), None);
        assert_eq!(limit("postgres://a/b", false), Some(STATEMENT_TIMEOUT));
        assert_eq!(limit("postgres://a/b", true), None);
        assert_eq!(limit("postgres://a/b?statement_timeout=2", true), Some(Duration::from_secs(2)));
    }

    #[test]
    fn what_cannot_be_used_is_told_without_the_password() {
        for (query, expected) in [
            ("sslmode=maybe", "sslmode=\"maybe\" is not allowed"),
            ("pool_size=0", "pool_size"),
            ("statement_timeout=soon", "statement_timeout"),
            ("statement_timeout=-1", "statement_timeout"),
            ("synchronous_standbys=one", "synchronous_standbys"),
            ("colour=red", "colour"),
            ("connect_timeout=x", "connect_timeout"),
            ("sslmode=verify-full&sslrootcert=/no/such.crt", "/no/such.crt"),
        ] {
            let error = parsed(&format!("postgres://airq:s3cret@db/airq?{query}")).unwrap_err();
            assert!(error.is_invalid_input(), "{error}");
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
        let settings = parsed("postgres://airq:s3cret@db/airq").unwrap();
        assert!(!format!("{settings} {settings:?}").contains("s3cret"));
    }
}

//! A `postgres://` URL read: the hosts to try, how to speak to them, and the settings that are ours.

use super::tls::{self, Mode, Tls};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use percent_encoding::percent_decode_str;
use postgres::config::{LoadBalanceHosts, SslMode, TargetSessionAttrs};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// How long a TCP connection may take to come about, unless the URL says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1500);
/// When the other side has not answered for so long, the kernel gives the connection up.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);
const KEEPALIVE_RETRIES: u32 = 3;

/// How long a query may take, unless the URL says otherwise: less than a proxy waits.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

const KNOWN: &str = "sslmode is disable, prefer, require, verify-ca or verify-full, sslrootcert a file or system, \
                     pool_size a number from 1 to 1000, statement_timeout a number of seconds (0 for none)";

/// What a URL says.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The hosts, each to be tried by itself: one that stays mute must not keep us from the next.
    pub(crate) targets: Vec<Target>,
    /// Whether to begin with any of them.
    pub(crate) at_random: bool,
    pub(crate) tls: Tls,
    /// Connections at most.
    pub(crate) pool_size: u32,
    /// How long a statement of a reader may take, if the URL says it; zero is as long as it likes.
    pub(crate) statement_timeout: Option<Duration>,
    /// The URL, for people.
    shown: SecretUrl,
}

/// One host, as the client's own parser knows it.
#[derive(Clone)]
pub(crate) struct Target(pub(crate) postgres::Config);

impl Settings {
    /// Reads the URL.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if it cannot be used. No message has the password.
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
            shown: url.clone(),
        })
    }

    /// The same database for one that only reads: refused to write, and given up on past the time limit.
    /// `unlimited` lifts that limit where the URL does not set it.
    pub(crate) fn read_only(mut self, unlimited: bool) -> Self {
        let default = (!unlimited).then_some(STATEMENT_TIMEOUT);
        self.statement_timeout = self.statement_timeout.or(default).filter(|timeout| !timeout.is_zero());
        let timeout = self.statement_timeout.map_or(0, |timeout| timeout.as_millis().max(1));
        self.add_options(&format!(
            "-c default_transaction_read_only=on -c statement_timeout={timeout} -c jit=off \
             -c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off"
        ));
        self
    }

    /// The same database for one that writes: of several hosts, the one that can be written to.
    pub(crate) fn writing(mut self) -> Self {
        for Target(config) in &mut self.targets {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        self
    }

    /// Settings of the server's for these sessions, behind those that the URL asks for.
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

/// The settings that are ours, and the URL without them.
struct Ours {
    rest: SecretUrl,
    mode: Mode,
    root: Option<String>,
    pool_size: u32,
    statement_timeout: Option<Duration>,
}

impl Ours {
    fn take_from(url: &SecretUrl) -> Result<Self> {
        let (place, query) = url.expose().split_once('?').unwrap_or((url.expose(), ""));
        let mut ours =
            Ours { rest: SecretUrl::new(""), mode: Mode::Prefer, root: None, pool_size: 8, statement_timeout: None };
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

    /// Whether the value can be used; `None` if the setting is not ours.
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
            _ => None,
        }
    }
}

/// The URL once for each of its hosts.
fn hosts(url: &SecretUrl) -> Vec<String> {
    let Some((before, authority, after)) = url.parts() else { return vec![url.expose().to_owned()] };
    let (user, hosts) = match authority.rsplit_once('@') {
        Some((user, hosts)) => (format!("{user}@"), hosts),
        None => (String::new(), authority),
    };
    hosts.split(',').map(|host| format!("{before}{user}{host}{after}")).collect()
}

/// The client's configuration for a URL of one host.
fn config(url: &str, ssl_mode: SslMode) -> std::result::Result<postgres::Config, String> {
    let mut config = postgres::Config::from_str(url)
        .map_err(|error| std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string))?;
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

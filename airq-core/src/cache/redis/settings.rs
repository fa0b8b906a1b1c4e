//! The settings in the URL of a Redis.

use crate::cache::url::bad;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::percent::percent_decoded;
use crate::secret::SecretUrl;
use crate::url_settings::{certificates, milliseconds, parse_size};
use std::fmt;
use std::time::Duration;

/// The address, login and limits of a Redis.
#[derive(Clone)]
pub(crate) struct RedisSettings {
    /// The host and port of the server, or of some nodes of the cluster.
    pub(super) hosts: Vec<(String, u16)>,
    pub(super) cluster: bool,
    pub(super) tls: bool,
    /// Root certificates in PEM form, which replace the certificates of the system.
    pub(super) root_certificates: Option<Vec<u8>>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: i64,
    pub(super) connect_timeout: Duration,
    /// The time limit of each read and each write.
    pub(super) timeout: Duration,
    /// The maximum number of connections.
    pub(super) pool: u32,
    /// The size of the memory in front of the Redis, in bytes.
    pub(crate) memory: usize,
}

impl RedisSettings {
    /// Parses `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE][?SETTING=VALUE&…]`, and the same with the schemes `rediss`,
    /// `redis-cluster` and `rediss-cluster`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] with the invalid part of the URL, but never the password.
    pub(crate) fn parse(url: &SecretUrl) -> Result<Self> {
        let (scheme, authority, rest) = url.parts().ok_or_else(|| bad(url, "a host is missing: redis://HOST"))?;
        let (user_info, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut settings = RedisSettings {
            hosts: hosts.split(',').map(host_and_port).collect::<Option<_>>().ok_or_else(|| bad(url, HOST_RULE))?,
            cluster: scheme.ends_with("-cluster://"),
            tls: scheme.starts_with("rediss"),
            root_certificates: None,
            user: decoded_unless_empty(user),
            password: decoded_unless_empty(password),
            database: database(path).ok_or_else(|| bad(url, "the path is the number of a database, such as /0"))?,
            connect_timeout: Duration::from_millis(250),
            timeout: Duration::from_millis(500),
            pool: 16,
            memory: 64 << 20,
        };
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            settings.set(setting)?;
        }
        settings.check(url)?;
        Ok(settings)
    }

    fn set(&mut self, setting: &str) -> Result<()> {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        match name {
            "connect-timeout" => {
                self.connect_timeout = milliseconds(value).map_err(|allowed| refusal(name, value, allowed))?;
            }
            "timeout" => self.timeout = milliseconds(value).map_err(|allowed| refusal(name, value, allowed))?,
            "pool" => {
                let size = value.parse().ok().filter(|size| (1..=1000).contains(size));
                let allowed = "it is a number of connections from 1 to 1000";
                self.pool = size.ok_or_else(|| refusal(name, value, allowed))?;
            }
            "memory" => {
                let allowed = "it is a size such as 64MiB, or 0";
                self.memory = parse_size(value).ok_or_else(|| refusal(name, value, allowed))?;
            }
            "sslrootcert" => {
                let pem = certificates(value).map_err(|allowed| refusal(name, value, &allowed))?;
                self.root_certificates = Some(pem);
            }
            _ => return Err(unknown(name)),
        }
        Ok(())
    }

    fn check(&self, url: &SecretUrl) -> Result<()> {
        if !self.cluster && self.hosts.len() > 1 {
            return Err(bad(url, "several hosts are a cluster: redis-cluster://HOST,HOST"));
        }
        if self.cluster && self.database != 0 {
            return Err(bad(url, "a cluster has only database 0"));
        }
        if !self.tls && self.root_certificates.is_some() {
            return Err(bad(url, "sslrootcert is for rediss:// and rediss-cluster://"));
        }
        Ok(())
    }
}

const HOST_RULE: &str = "a host is a name or an address, with a port or without: cache, cache:6379, [::1]:6379";

fn refusal(name: &str, value: &str, allowed: &str) -> Error {
    let what = format!("a Redis's setting {name}={:?} cannot be used; {allowed}", cut(value));
    Error::new(ErrorKind::InvalidSetting, what)
}

fn unknown(name: &str) -> Error {
    let known = "known are connect-timeout, timeout, pool, memory and sslrootcert";
    // The value is not shown, because the value of an unknown setting may be a secret.
    Error::new(ErrorKind::InvalidSetting, format!("a Redis has no setting {:?}; {known}", cut(name)))
}

fn decoded_unless_empty(text: &str) -> Option<String> {
    if text.is_empty() { None } else { Some(percent_decoded(text)) }
}

fn host_and_port(text: &str) -> Option<(String, u16)> {
    const PORT: u16 = 6379;
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return None;
    }
    let port = match port {
        Some(port) => port.parse().ok()?,
        None => PORT,
    };
    Some((host.to_owned(), port))
}

fn database(path: &str) -> Option<i64> {
    match path.trim_matches('/') {
        "" => Some(0),
        number => number.parse().ok().filter(|number| *number >= 0),
    }
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings")
            .field("hosts", &self.hosts)
            .field("cluster", &self.cluster)
            .field("tls", &self.tls)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .field("database", &self.database)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("pool", &self.pool)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<RedisSettings> {
        RedisSettings::parse(&SecretUrl::new(url))
    }

    #[test]
    fn a_url_sets_hosts_login_and_limits() {
        let settings =
            parse("redis://airq:p%40ss@cache:7000/2?timeout=900&connect-timeout=100&pool=4&memory=1MiB").unwrap();
        assert_eq!(settings.hosts, [("cache".to_owned(), 7000)]);
        assert_eq!((settings.user.as_deref(), settings.password.as_deref()), (Some("airq"), Some("p@ss")));
        assert_eq!((settings.database, settings.pool, settings.memory), (2, 4, 1 << 20));
        assert_eq!(settings.timeout, Duration::from_millis(900));
        assert_eq!(settings.connect_timeout, Duration::from_millis(100));
        assert!(!settings.tls && !settings.cluster);
    }

    #[test]
    fn unset_settings_have_defaults() {
        let settings = parse("rediss-cluster://a,[::1]:7001").unwrap();
        assert_eq!(settings.hosts, [("a".to_owned(), 6379), ("::1".to_owned(), 7001)]);
        assert!(settings.tls && settings.cluster);
        assert_eq!(settings.connect_timeout, Duration::from_millis(250));
        assert_eq!(settings.timeout, Duration::from_millis(500));
        assert_eq!(settings.memory, 64 << 20);
        assert_eq!((settings.user, settings.password), (None, None));
    }

    #[test]
    fn errors_name_the_invalid_part_without_the_password() {
        for (url, part) in [
            ("redis://", "a host is a name"),
            ("redis://:s3cret@cache:x", "a host is a name"),
            ("redis://cache/a", "number of a database"),
            ("redis://a,b", "redis-cluster://"),
            ("redis-cluster://a,b/1", "only database 0"),
            ("redis://cache?timeout=0", "timeout=\"0\""),
            ("redis://cache?memory=lots", "64MiB"),
            ("redis://cache?pool=0", "1 to 1000"),
            ("redis://cache?sslrootcert=/etc/hostname", "rediss://"),
            ("rediss://cache?sslrootcert=/no/such", "cannot be read"),
            ("redis://cache?pasword=s3cret", "no setting \"pasword\""),
        ] {
            let error = parse(url).unwrap_err();
            assert!(error.is_invalid_input() && error.to_string().contains(part), "{url}: {error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
        assert!(!format!("{:?}", parse("redis://:s3cret@cache").unwrap()).contains("s3cret"));
    }
}

//! URLs with passwords that are never shown.

use crate::percent::percent_encoded;
use std::fmt;

/// The URL of a source or a cache. `Debug` and `Display` hide its passwords; only [`expose`](SecretUrl::expose) does not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretUrl(String);

const HIDDEN: &str = "***";

impl SecretUrl {
    pub(crate) fn new(url: impl Into<String>) -> Self {
        SecretUrl(url.into())
    }

    /// Returns the URL with its password, for a connection.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the URL with this password, which is percent-encoded here. A URL without a host is returned unchanged.
    pub(crate) fn with_password(&self, password: &str) -> Self {
        let Some((before, authority, after)) = self.parts() else { return self.clone() };
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let user = user.split_once(':').map_or(user, |(user, _)| user);
        SecretUrl(format!("{before}{user}:{}@{host}{after}", percent_encoded(password)))
    }

    /// Splits the URL into the scheme, the authority (user and hosts), and the rest.
    pub(crate) fn parts(&self) -> Option<(&str, &str, &str)> {
        let start = self.0.find("://")? + 3;
        // A password that is not percent-encoded may contain `@`, `/` and `?`, so the authority includes the last `@` before the
        // name-value pairs.
        let from = self.0[start..start + before_pairs(&self.0[start..])].rfind('@').map_or(start, |at| start + at);
        let end = self.0[from..].find(['/', '?', '#']).map_or(self.0.len(), |end| from + end);
        Some((&self.0[..start], &self.0[start..end], &self.0[end..]))
    }
}

/// Returns the position of the first `?name=`, or the length of the text.
fn before_pairs(text: &str) -> usize {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_pair = |at: &usize| text[at + 1..].split_once('=').is_some_and(|(name, _)| is_name(name));
    text.match_indices('?').map(|(at, _)| at).find(is_pair).unwrap_or(text.len())
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((before, authority, after)) = self.parts() else { return f.write_str(&self.0) };
        f.write_str(before)?;
        match authority.rsplit_once('@') {
            Some((user, host)) => match user.split_once(':') {
                Some((user, _)) => write!(f, "{user}:{HIDDEN}@{host}")?,
                None => write!(f, "{user}@{host}")?,
            },
            None => f.write_str(authority)?,
        }
        for (index, pair) in after.split_inclusive(['?', '&']).enumerate() {
            match pair.split_once('=') {
                Some((name, value)) if index > 0 && name.to_ascii_lowercase().contains("password") => {
                    write!(f, "{name}={HIDDEN}{}", if value.ends_with('&') { "&" } else { "" })?;
                }
                _ => f.write_str(pair)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_ever_shown() {
        for (url, shown) in [
            ("postgres://airq:s3cret@db:5432/airq", "postgres://airq:***@db:5432/airq"),
            ("postgres://airq:p@ss/w?rd@a,b/airq?x=1", "postgres://airq:***@a,b/airq?x=1"),
            ("redis://:s3cret@cache", "redis://:***@cache"),
            (
                "postgres://db/airq?user=a&password=s3cret&sslmode=require",
                "postgres://db/airq?user=a&password=***&sslmode=require",
            ),
            ("postgres://me@db/airq?password=s3cret@x&a=b", "postgres://me@db/airq?password=***&a=b"),
            ("postgres://me:s3cret@db/airq?password=s3cret@x", "postgres://me:***@db/airq?password=***"),
            ("postgres://airq@db/airq", "postgres://airq@db/airq"),
            ("fixtures/a.csv", "fixtures/a.csv"),
            ("csv:a.csv?city=Madrid", "csv:a.csv?city=Madrid"),
        ] {
            let url = SecretUrl::new(url);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("s3cret"));
        }
    }

    #[test]
    fn a_password_from_a_file_goes_into_the_url() {
        let with = |url: &str| SecretUrl::new(url).with_password("p@s s").expose().to_owned();
        assert_eq!(with("postgres://airq@a,b/airq"), "postgres://airq:p%40s%20s@a,b/airq");
        assert_eq!(with("redis://cache:6379/0"), "redis://:p%40s%20s@cache:6379/0");
        assert_eq!(with("postgres://airq:old@db"), "postgres://airq:p%40s%20s@db");
        assert_eq!(with("postgres://airq@db/airq?x=a@b"), "postgres://airq:p%40s%20s@db/airq?x=a@b");
        assert_eq!(with("fixtures/a.csv"), "fixtures/a.csv");
    }
}

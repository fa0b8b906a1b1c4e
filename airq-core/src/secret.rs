//! URLs with passwords that are never shown.

#[cfg(any(feature = "http", feature = "postgres"))]
use crate::percent::percent_decoded;
use crate::percent::percent_encoded;
use std::borrow::Cow;
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
        let (user, _) = user.split_once(':').unwrap_or((user, ""));
        SecretUrl(format!("{before}{user}:{}@{host}{after}", percent_encoded(password)))
    }

    /// Returns whether the URL has a password.
    pub(crate) fn has_password(&self) -> bool {
        self.to_string() != self.0
    }

    /// Returns the URL with its password percent-encoded, for parsers that end a password at `/` or `?`.
    #[cfg(any(feature = "http", feature = "postgres"))]
    pub(crate) fn encoded(&self) -> Self {
        match self.password() {
            Some(password) if password.contains(['@', '/', '?', '#', ':', '[', ' ']) => {
                self.with_password(&percent_decoded(password))
            }
            _ => self.clone(),
        }
    }

    #[cfg(any(feature = "http", feature = "postgres"))]
    fn password(&self) -> Option<&str> {
        let (_, authority, _) = self.parts()?;
        let (user, _) = authority.rsplit_once('@')?;
        let (_, password) = user.split_once(':')?;
        Some(password)
    }

    /// Splits the URL into the scheme, the authority (user and hosts), and the rest.
    pub(crate) fn parts(&self) -> Option<(&str, &str, &str)> {
        let start = self.0.find("://")? + 3;
        // A password that is not percent-encoded may contain `@`, `/` and `?`, so the authority includes the last `@` before the
        // name-value pairs.
        let rest = &self.0[start..];
        let from = rest[..before_pairs(rest)].rfind('@').unwrap_or(0);
        let end = match rest[from..].find(['/', '?', '#']) {
            Some(length) => from + length,
            None => rest.len(),
        };
        Some((&self.0[..start], &rest[..end], &rest[end..]))
    }
}

/// Returns whether the URL of a source or a cache has a password.
pub fn has_password(url: &str) -> bool {
    SecretUrl::new(url).has_password()
}

/// Hides the passwords of URLs in a text that shows some of these arguments of a program.
pub fn without_passwords(text: &str, arguments: impl IntoIterator<Item = String>) -> String {
    let mut text = text.to_owned();
    for argument in arguments {
        // `--source=URL`
        for url in [Some(argument.as_str()), argument.split_once('=').map(|(_, value)| value)].into_iter().flatten() {
            if has_password(url) {
                text = text.replace(url, &SecretUrl::new(url).to_string());
            }
        }
    }
    text
}

/// Returns the position of the first `?name=`, or the length of the text.
fn before_pairs(text: &str) -> usize {
    for (position, _) in text.match_indices('?') {
        match text[position + 1..].split_once('=') {
            Some((name, _)) if is_name(name) => return position,
            _ => {}
        }
    }
    text.len()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((before, authority, after)) = self.parts() else { return f.write_str(&without_scheme(&self.0)) };
        f.write_str(before)?;
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        match user.map(|user| user.split_once(':')) {
            Some(Some((user, _))) => write!(f, "{user}:{HIDDEN}@{host}")?,
            Some(None) => write!(f, "{authority}")?,
            // A password with `?` and `=` was taken for the host and the settings.
            None if is_no_port(host) && after.contains('@') => {
                let (_, host_and_rest) = after.rsplit_once('@').unwrap_or_default();
                let (user, _) = host.split_once(':').unwrap_or_default();
                return write!(f, "{user}:{HIDDEN}@{host_and_rest}");
            }
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

/// Returns whether the text after the colon of a host is not a number.
fn is_no_port(host: &str) -> bool {
    let (_, after_address) = host.rsplit_once(']').unwrap_or(("", host));
    let Some((_, port)) = after_address.split_once(':') else { return false };
    !port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Hides what may be a password in a text without `://`, such as `postgres:/user:password@host`: all between the first colon and the
/// last `@`.
fn without_scheme(text: &str) -> Cow<'_, str> {
    let Some((before, host)) = text.rsplit_once('@') else { return Cow::Borrowed(text) };
    match before.split_once(':') {
        Some((scheme, _)) if scheme != "csv" => Cow::Owned(format!("{scheme}:{HIDDEN}@{host}")),
        _ => Cow::Borrowed(text),
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
            ("postgres:/airq:s3cret@db/airq", "postgres:***@db/airq"),
            ("postgres//airq:s3cret@db/airq", "postgres//airq:***@db/airq"),
            ("airq:s3cret@db", "airq:***@db"),
            (":s3cret@db", ":***@db"),
            ("data/me@*.csv", "data/me@*.csv"),
            ("postgres://airq:s3cret?a=s3cret@db/airq", "postgres://airq:***@db/airq"),
            ("redis://:s3cret?a=s3cret@cache", "redis://:***@cache"),
            ("postgres://[::1]:5432/airq?user=a@b", "postgres://[::1]:5432/airq?user=a@b"),
            ("fixtures/a.csv", "fixtures/a.csv"),
            ("csv:a.csv?city=Madrid", "csv:a.csv?city=Madrid"),
            ("csv:me@home.csv", "csv:me@home.csv"),
        ] {
            let url = SecretUrl::new(url);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("s3cret"));
        }
    }

    #[cfg(any(feature = "http", feature = "postgres"))]
    #[test]
    fn a_password_with_special_characters_is_encoded_for_parsers() {
        let encoded = |url: &str| SecretUrl::new(url).encoded().expose().to_owned();
        assert_eq!(encoded("postgres://airq:p@ss/w?rd@db/airq"), "postgres://airq:p%40ss%2Fw%3Frd@db/airq");
        assert_eq!(encoded("postgres://airq:p%40ss@db/airq?x=1"), "postgres://airq:p%40ss@db/airq?x=1");
        assert_eq!(encoded("postgres://airq@db:5432/airq"), "postgres://airq@db:5432/airq");
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

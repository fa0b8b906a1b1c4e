//! Settings that URLs of caches and of sources have in common, such as `?connect-timeout=500&sslrootcert=/ca.pem`.

#[cfg(any(feature = "http", feature = "redis"))]
use crate::percent::percent_decoded;
#[cfg(any(feature = "http", feature = "redis"))]
use std::time::Duration;

/// Parses a positive number of milliseconds.
///
/// # Errors
/// A description of the allowed values.
#[cfg(any(feature = "http", feature = "redis"))]
pub(crate) fn milliseconds(value: &str) -> Result<Duration, &'static str> {
    let milliseconds = value.parse().ok().filter(|ms| (1..=60_000).contains(ms));
    milliseconds.map(Duration::from_millis).ok_or("it is a number of milliseconds from 1 to 60000")
}

/// Reads a file of certificates in PEM form.
///
/// # Errors
/// The reason why the file cannot be read.
#[cfg(any(feature = "http", feature = "redis"))]
pub(crate) fn certificates(value: &str) -> Result<Vec<u8>, String> {
    std::fs::read(percent_decoded(value)).map_err(|error| format!("it cannot be read: {error}"))
}

/// Splits `PATH?SETTING=VALUE&…`. A URL with a query of its own has its settings after `#`, which is not sent to a server.
pub fn split_settings(location: &str) -> (&str, &str) {
    let parts = if is_web(location) { location.split_once('#') } else { None };
    parts.or_else(|| location.split_once('?')).unwrap_or((location, ""))
}

/// Returns whether the path of a file is a URL.
pub(crate) fn is_web(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// Parses a whole number of bytes, or of `KiB`, `MiB` or `GiB` with that suffix.
pub fn parse_size(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_follow_the_path_or_the_whole_url() {
        for (location, path, settings) in [
            ("a.csv", "a.csv", ""),
            ("a#1.csv?city=Madrid", "a#1.csv", "city=Madrid"),
            ("https://c/a.csv?refresh=1h&city=Madrid", "https://c/a.csv", "refresh=1h&city=Madrid"),
            ("https://c/a.csv?year=2024#refresh=1h", "https://c/a.csv?year=2024", "refresh=1h"),
            ("https://c/a.csv?year=2024#", "https://c/a.csv?year=2024", ""),
        ] {
            assert_eq!(split_settings(location), (path, settings));
        }
    }

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(parse_size("64MiB"), Some(64 << 20));
        assert_eq!(parse_size("1000"), Some(1000));
        for bad in ["", "MiB", "64MB", "-1", "1.5GiB", "99999999999999999GiB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }
}

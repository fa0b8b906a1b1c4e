//! Settings that URLs of caches and of sources have in common, such as `?connect-timeout=500&sslrootcert=/ca.pem`.

use crate::percent::percent_decoded;
use std::time::Duration;

/// Parses a positive number of milliseconds.
///
/// # Errors
/// A description of the allowed values.
pub(crate) fn milliseconds(value: &str) -> Result<Duration, &'static str> {
    let milliseconds = value.parse().ok().filter(|ms| (1..=60_000).contains(ms));
    milliseconds.map(Duration::from_millis).ok_or("it is a number of milliseconds from 1 to 60000")
}

/// Reads a file of certificates in PEM form.
///
/// # Errors
/// The reason why the file cannot be read.
pub(crate) fn certificates(value: &str) -> Result<Vec<u8>, String> {
    std::fs::read(percent_decoded(value)).map_err(|error| format!("it cannot be read: {error}"))
}

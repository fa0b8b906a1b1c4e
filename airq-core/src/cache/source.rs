//! A cache by its URL.

use super::{Cache, MemoryCache, NoCache};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use std::sync::Arc;

/// The cache of an engine that is told of none.
pub(crate) const DEFAULT_URL: &str = "memory:64MiB";

/// `memory:`, `memory:SIZE` or `none:`.
///
/// # Errors
/// [`ErrorKind::InvalidSetting`] for anything else.
pub(crate) fn open(url: &SecretUrl) -> Result<Arc<dyn Cache>> {
    match url.expose().split_once(':') {
        Some(("none", "")) => Ok(Arc::new(NoCache)),
        Some(("memory", "")) => open(&SecretUrl::new(DEFAULT_URL)),
        Some(("memory", size)) => {
            let bytes = parse_size(size).ok_or_else(|| bad(url, "a size such as 64MiB or 1GiB after memory:"))?;
            Ok(Arc::new(MemoryCache::new(bytes)))
        }
        _ => Err(bad(url, "known are memory:64MiB and none:")),
    }
}

fn bad(url: &SecretUrl, allowed: &str) -> Error {
    Error::new(ErrorKind::InvalidSetting, format!("cache {:?} cannot be used; {allowed}", cut(&url.to_string())))
}

/// A whole number with `KiB`, `MiB`, `GiB` or nothing (bytes) behind it.
fn parse_size(text: &str) -> Option<usize> {
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
    fn sizes_are_read_with_their_units() {
        assert_eq!(parse_size("64MiB"), Some(64 << 20));
        assert_eq!(parse_size("1000"), Some(1000));
        for bad in ["", "MiB", "64MB", "-1", "1.5GiB", "99999999999999999GiB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_unknown_cache_says_what_is_known() {
        let error = open(&SecretUrl::new("memcached://x")).unwrap_err();
        assert!(error.is_invalid_input());
        assert!(error.to_string().contains("memory:64MiB"), "{error}");
    }
}

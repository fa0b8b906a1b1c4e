//! The keys of cached answers.

use crate::format::Format;
use crate::hash::stable_hex;
use std::borrow::Cow;
use std::fmt;

const RELEASE: &str = concat!("airq:", env!("CARGO_PKG_VERSION"));

/// The key of an answer: its format, the version of the data and the canonical query.
///
/// The text form is `airq:{release}:{format}:{version}:{query}`, with a hash in place of a long query. The release is part of
/// the key, because another release of airq may give other answers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    text: String,
    version: String,
}

impl Key {
    /// Returns the key of a canonical query on a version of the data.
    pub fn new(format: Format, version: &str, query: &str) -> Self {
        const LONGEST_READABLE: usize = 160;
        let query = if query.len() <= LONGEST_READABLE {
            Cow::Borrowed(query)
        } else {
            let forwards = stable_hex(query.as_bytes());
            let backwards = stable_hex(query.as_bytes().iter().rev());
            Cow::Owned(format!("#{forwards}{backwards}"))
        };
        let text = [RELEASE, format.name(), version, &query].join(":");
        Key { text, version: version.to_owned() }
    }

    /// Returns the text form of the key.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the version of the data.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the strong `ETag` of the answer, without quotes. It is a hash of the key, because the key determines the bytes
    /// of the answer.
    pub(crate) fn etag(&self) -> String {
        stable_hex(self.text.as_bytes())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_if_any_part_differs() {
        let key = Key::new(Format::Json, "v1", "city=Madrid");
        assert_eq!(key.as_str(), format!("{RELEASE}:json:v1:city=Madrid"));
        assert_ne!(key, Key::new(Format::Csv, "v1", "city=Madrid"));
        assert_ne!(key, Key::new(Format::Json, "v2", "city=Madrid"));
        assert_ne!(key.etag(), Key::new(Format::Json, "v2", "city=Madrid").etag());
    }

    #[test]
    fn long_queries_are_hashed_to_distinct_keys() {
        let (a, b) = ("a".repeat(500), format!("{}b", "a".repeat(499)));
        let (a, b) = (Key::new(Format::Json, "v", &a), Key::new(Format::Json, "v", &b));
        assert!(a.as_str().len() < 100);
        assert_ne!(a, b);
    }
}

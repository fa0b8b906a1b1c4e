//! What an answer is kept under.

use crate::format::Format;
use crate::hash::stable_hex;
use std::fmt;

const RELEASE: &str = concat!("airq:", env!("CARGO_PKG_VERSION"));

/// The key of an answer: its format, the version of the data it is from and the canonical query.
///
/// Displays as `airq:{release}:{format}:{version}:{query}`, the query replaced by its hash where it is long. Another release
/// of airq may answer otherwise, so it shares no answers with this one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    text: String,
    version: String,
}

impl Key {
    /// The key of this canonical query over this version of the data.
    pub fn new(format: Format, version: &str, query: &str) -> Self {
        const LONGEST_READABLE: usize = 160;
        let text = if query.len() <= LONGEST_READABLE {
            format!("{RELEASE}:{format}:{version}:{query}")
        } else {
            let forwards = stable_hex(query.as_bytes());
            let backwards = stable_hex(query.as_bytes().iter().rev());
            format!("{RELEASE}:{format}:{version}:#{forwards}{backwards}")
        };
        Key { text, version: version.to_owned() }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The version of the data in it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The strong `ETag` of the answer under this key, without quotes: the key says all that its bytes depend on.
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
    fn every_part_parts_the_keys() {
        let key = Key::new(Format::Json, "v1", "city=Madrid");
        assert_eq!(key.as_str(), format!("{RELEASE}:json:v1:city=Madrid"));
        assert_ne!(key, Key::new(Format::Csv, "v1", "city=Madrid"));
        assert_ne!(key, Key::new(Format::Json, "v2", "city=Madrid"));
        assert_ne!(key.etag(), Key::new(Format::Json, "v2", "city=Madrid").etag());
    }

    #[test]
    fn a_long_query_is_hashed_and_still_told_apart() {
        let (a, b) = ("a".repeat(500), format!("{}b", "a".repeat(499)));
        let (a, b) = (Key::new(Format::Json, "v", &a), Key::new(Format::Json, "v", &b));
        assert!(a.as_str().len() < 100);
        assert_ne!(a, b);
    }
}

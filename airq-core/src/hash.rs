//! A hash that is the same in every process and release of airq and of Rust: FNV-1a over 64 bits.
//!
//! The hash is used in versions, cache keys and entity tags. It does not resist attackers, who can find two of their own queries
//! with the same hash, and then get the same answer to both.

/// Returns the FNV-1a hash of the bytes as 16 hexadecimal digits.
pub fn stable_hex<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> String {
    hex(StableHasher::default().with(bytes).finish())
}

/// The state of an FNV-1a hash, for input in several parts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StableHasher(u64);

impl Default for StableHasher {
    fn default() -> Self {
        StableHasher(0xcbf2_9ce4_8422_2325)
    }
}

impl StableHasher {
    /// Returns the state after these bytes.
    pub(crate) fn with<'a>(self, bytes: impl IntoIterator<Item = &'a u8>) -> Self {
        let mut hash = self.0;
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
        StableHasher(hash)
    }

    /// Returns the hash.
    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}

/// Formats a hash as 16 hexadecimal digits.
pub(crate) fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_fnv_1a() {
        // The test vectors of draft-eastlake-fnv.
        assert_eq!(stable_hex(b""), "cbf29ce484222325");
        assert_eq!(stable_hex(b"a"), "af63dc4c8601ec8c");
        assert_eq!(stable_hex(b"foobar"), "85944171f73967e8");
    }

    #[test]
    fn pieces_give_the_hash_of_the_whole() {
        let hasher = StableHasher::default().with(b"foo").with(b"bar");
        assert_eq!(hex(hasher.finish()), stable_hex(b"foobar"));
    }
}

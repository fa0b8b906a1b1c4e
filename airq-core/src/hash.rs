//! A hash that is the same in every process and release: FNV-1a over 64 bits.
//!
//! It names versions and answers; it guards against accident, not against an attacker (who can at most make his own
//! two queries share an answer).

/// FNV-1a of the bytes.
pub(crate) fn stable_hash<'a>(bytes: impl IntoIterator<Item = &'a u8>) -> u64 {
    StableHasher::default().with(bytes).0
}

/// FNV-1a, fed piece by piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StableHasher(u64);

impl Default for StableHasher {
    fn default() -> Self {
        StableHasher(0xcbf2_9ce4_8422_2325)
    }
}

impl StableHasher {
    pub(crate) fn with<'a>(self, bytes: impl IntoIterator<Item = &'a u8>) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        StableHasher(bytes.into_iter().fold(self.0, step))
    }

    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}

/// Sixteen hexadecimal digits.
pub(crate) fn hex(hash: u64) -> String {
    format!("{hash:016x}")
}

//! The compression of bodies.

use flate2::{Compression, GzBuilder};
use std::io::Write;

/// The minimum size of a body that is compressed, in bytes.
pub(crate) const FROM: usize = 512;

/// Compresses bytes with gzip at the fastest level. Returns `None` if there are fewer than 512 bytes or the result would not be
/// smaller.
///
/// ```
/// let page = "<p>air</p>".repeat(500);
/// assert!(airq_core::gzip(page.as_bytes()).is_some_and(|gzip| gzip.len() < 200));
/// assert!(airq_core::gzip(b"air").is_none());
/// ```
pub fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() < FROM {
        return None;
    }
    let mut encoder = GzBuilder::new().write(Vec::with_capacity(body.len() / 4), Compression::new(1));
    encoder.write_all(body).ok()?;
    encoder.finish().ok().filter(|gzip| gzip.len() < body.len())
}

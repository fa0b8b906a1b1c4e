//! A body in two forms, plain and gzip. Each form is computed from the other when it is first requested, and then kept.

use crate::gzip::{self, gzip};
use flate2::read::GzDecoder;
use std::io::Read;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The maximum compression ratio of deflate.
const MAX_RATIO: usize = 1032;

/// The body of an entry. At least one of the two forms is present.
#[derive(Clone, Debug)]
pub(super) struct EntryBody {
    /// The length of the plain form.
    length: usize,
    plain: OnceLock<Box<[u8]>>,
    gzip: OnceLock<Compressed>,
}

#[derive(Clone, Debug)]
struct Compressed {
    /// `None` if the compressed form would not be smaller.
    bytes: Option<Box<[u8]>>,
    /// The time that the compression took.
    took: Duration,
}

impl EntryBody {
    pub(super) fn of_plain(bytes: Box<[u8]>) -> Self {
        EntryBody { length: bytes.len(), plain: bytes.into(), gzip: OnceLock::new() }
    }

    /// Returns a body from its gzip form and the length of its plain form.
    ///
    /// # Errors
    /// A reason, if `bytes` cannot decompress to this length. The end of a gzip file has the length modulo 2³².
    pub(super) fn of_gzip(bytes: Box<[u8]>, length: usize) -> Result<Self, &'static str> {
        if length / MAX_RATIO > bytes.len() {
            return Err("a body that cannot be so long");
        }
        let stored_length = bytes.last_chunk().map(|end| u32::from_le_bytes(*end) as usize);
        if stored_length != Some(length & u32::MAX as usize) {
            return Err("a compressed body of another length");
        }
        let compressed = Compressed { bytes: Some(bytes), took: Duration::ZERO };
        Ok(EntryBody { length, plain: OnceLock::new(), gzip: compressed.into() })
    }

    /// Returns the length of the plain form.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Returns the plain form. Blocks while another thread computes it.
    pub(super) fn plain(&self) -> &[u8] {
        self.plain.get_or_init(|| self.decompressed().into())
    }

    /// Returns whether the plain form has yet to be decompressed.
    pub(super) fn is_packed(&self) -> bool {
        self.plain.get().is_none()
    }

    /// Returns the gzip form, or `None` if it would not be smaller. Blocks while another thread computes it.
    ///
    /// If this call compresses the body, it passes the time taken to `on_compressed`.
    pub(super) fn gzip(&self, on_compressed: impl FnOnce(Duration)) -> Option<&[u8]> {
        let compressed = self.gzip.get_or_init(|| {
            let compressed = Compressed::new(self.plain());
            on_compressed(compressed.took);
            compressed
        });
        compressed.bytes.as_deref()
    }

    /// Returns the time that the compression took, if the body was compressed.
    pub(super) fn compress_time(&self) -> Option<Duration> {
        self.gzip.get().map(|compressed| compressed.took)
    }

    /// Returns the maximum memory of both forms together.
    pub(super) fn max_size(&self) -> usize {
        if self.length < gzip::FROM { self.length } else { 2 * self.length }
    }

    /// Decompresses the gzip form. Returns the bytes before the first error if the gzip form is corrupt.
    fn decompressed(&self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(self.length);
        let gzip = self.gzip.get().and_then(|compressed| compressed.bytes.as_deref()).unwrap_or_default();
        // `read_to_end` appends the bytes before an error.
        let _read = GzDecoder::new(gzip).take(self.length as u64).read_to_end(&mut plain);
        plain
    }
}

/// Compares the plain forms, because each form determines the other.
impl PartialEq for EntryBody {
    fn eq(&self, other: &EntryBody) -> bool {
        self.plain() == other.plain()
    }
}

impl Eq for EntryBody {}

impl Compressed {
    fn new(body: &[u8]) -> Self {
        let start = Instant::now();
        Compressed { bytes: gzip(body).map(Vec::into_boxed_slice), took: start.elapsed() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &[u8]) -> Box<[u8]> {
        EntryBody::of_plain(text.into()).gzip(|_| ()).expect("it becomes smaller").into()
    }

    #[test]
    fn each_form_is_computed_from_the_other() {
        let text = b"{\"measurements\":[]}".repeat(100);
        let body = EntryBody::of_gzip(packed(&text), text.len()).unwrap();
        assert!(body.plain.get().is_none(), "the plain form was not requested yet");
        assert_eq!((body.plain(), body.length()), (&*text, text.len()));
        assert_eq!(body, EntryBody::of_plain(text.as_slice().into()));
        assert_eq!(body.gzip(|_| panic!("it is there")), Some(&*packed(&text)));
    }

    #[test]
    fn a_wrong_length_is_detected_before_memory_is_allocated() {
        let text = [b'x'; 5000];
        for (length, why) in [(usize::MAX, "cannot be so long"), (4999, "another length"), (5001, "another length")] {
            assert!(EntryBody::of_gzip(packed(&text), length).is_err_and(|reason| reason.contains(why)), "{length}");
        }
        assert!(EntryBody::of_gzip([].as_slice().into(), 0).is_err());
    }

    #[test]
    fn the_body_of_a_corrupt_gzip_is_the_part_before_the_error() {
        let text: String = (0..5000).map(|number| number.to_string()).collect();
        let mut torn = packed(text.as_bytes()).to_vec();
        let middle = torn.len() / 2;
        torn[middle..middle + 64].fill(0xff);
        let body = EntryBody::of_gzip(torn.into(), text.len()).unwrap();
        assert!(body.plain().len() <= text.len() && body.plain().starts_with(&text.as_bytes()[..1000]));
    }

    #[test]
    fn both_forms_together_never_exceed_the_maximum_size() {
        for length in [0, 511, 512, 5000] {
            let body = EntryBody::of_plain(vec![b'x'; length].into());
            let gzip = body.gzip(|_| ()).map_or(0, <[u8]>::len);
            assert!(body.plain().len() + gzip <= body.max_size(), "{length}");
        }
    }
}

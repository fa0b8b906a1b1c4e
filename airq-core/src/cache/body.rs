//! A body in two forms, plain and compressed, each made of the other when somebody first wants it, once for all.

use crate::gzip::{self, gzip};
use flate2::read::GzDecoder;
use std::io::Read;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Deflate never makes more of a byte than this.
const MOST_FROM_A_BYTE: usize = 1032;

/// The body of an entry; it was given in one form, the other may be made yet.
#[derive(Clone, Debug)]
pub(super) struct Body {
    length: usize,
    plain: OnceLock<Box<[u8]>>,
    gzip: OnceLock<Made>,
}

#[derive(Clone, Debug)]
struct Made {
    /// None where it would not be smaller.
    bytes: Option<Box<[u8]>>,
    took: Duration,
}

impl Body {
    pub(super) fn of_plain(bytes: Box<[u8]>) -> Self {
        Body { length: bytes.len(), plain: bytes.into(), gzip: OnceLock::new() }
    }

    /// The body that is so long and of which this is the gzip, or why it cannot be.
    pub(super) fn of_gzip(bytes: Box<[u8]>, length: usize) -> Result<Self, &'static str> {
        if length / MOST_FROM_A_BYTE > bytes.len() {
            return Err("a body that cannot be so long");
        }
        let told = bytes.last_chunk().map(|end| u32::from_le_bytes(*end) as usize);
        if told != Some(length & u32::MAX as usize) {
            return Err("a compressed body of another length");
        }
        let made = Made { bytes: Some(bytes), took: Duration::ZERO };
        Ok(Body { length, plain: OnceLock::new(), gzip: made.into() })
    }

    /// How long its plain form is.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Its plain form. Who asks while it is made waits.
    pub(super) fn plain(&self) -> &[u8] {
        self.plain.get_or_init(|| self.unpacked().into())
    }

    /// Its compressed form, where that is smaller; `note` is told how long it took if it was made now. Who asks while it
    /// is made waits.
    pub(super) fn gzip(&self, note: impl FnOnce(Duration)) -> Option<&[u8]> {
        let make = || {
            let made = Made::of(self.plain());
            note(made.took);
            made
        };
        self.gzip.get_or_init(make).bytes.as_deref()
    }

    /// How long it took to compress, if that was done.
    pub(super) fn compress_time(&self) -> Option<Duration> {
        self.gzip.get().map(|made| made.took)
    }

    /// The most memory that its forms can come to hold.
    pub(super) fn most(&self) -> usize {
        if self.length < gzip::FROM { self.length } else { 2 * self.length }
    }

    /// What the compressed form holds, as far as it can be restored.
    fn unpacked(&self) -> Vec<u8> {
        let mut plain = Vec::with_capacity(self.length);
        let gzip = self.gzip.get().and_then(|made| made.bytes.as_deref()).unwrap_or_default();
        // What it holds up to where it is torn, if it is, stays.
        let _read = GzDecoder::new(gzip).take(self.length as u64).read_to_end(&mut plain);
        plain
    }
}

/// Of the two forms one follows from the other.
impl PartialEq for Body {
    fn eq(&self, other: &Body) -> bool {
        self.plain() == other.plain()
    }
}

impl Eq for Body {}

impl Made {
    fn of(body: &[u8]) -> Self {
        let began = Instant::now();
        Made { bytes: gzip(body).map(Vec::into_boxed_slice), took: began.elapsed() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &[u8]) -> Box<[u8]> {
        Body::of_plain(text.into()).gzip(|_| ()).expect("it becomes smaller").into()
    }

    #[test]
    fn each_form_is_made_of_the_other() {
        let text = b"{\"measurements\":[]}".repeat(100);
        let body = Body::of_gzip(packed(&text), text.len()).unwrap();
        assert!(body.plain.get().is_none(), "nobody asked for it yet");
        assert_eq!((body.plain(), body.length()), (&*text, text.len()));
        assert_eq!(body, Body::of_plain(text.as_slice().into()));
        assert_eq!(body.gzip(|_| panic!("it is there")), Some(&*packed(&text)));
    }

    #[test]
    fn a_length_that_lies_is_found_out_before_room_is_made_for_it() {
        let text = [b'x'; 5000];
        for (length, why) in [(usize::MAX, "cannot be so long"), (4999, "another length"), (5001, "another length")] {
            assert!(Body::of_gzip(packed(&text), length).is_err_and(|told| told.contains(why)), "{length}");
        }
        assert!(Body::of_gzip([].as_slice().into(), 0).is_err());
    }

    #[test]
    fn of_a_torn_gzip_what_can_be_restored_is_the_body() {
        let text: String = (0..5000).map(|number| number.to_string()).collect();
        let mut torn = packed(text.as_bytes()).to_vec();
        let middle = torn.len() / 2;
        torn[middle..middle + 64].fill(0xff);
        let body = Body::of_gzip(torn.into(), text.len()).unwrap();
        assert!(body.plain().len() <= text.len() && body.plain().starts_with(&text.as_bytes()[..1000]));
    }

    #[test]
    fn neither_form_ever_needs_more_room_than_was_told() {
        for length in [0, 511, 512, 5000] {
            let body = Body::of_plain(vec![b'x'; length].into());
            let gzip = body.gzip(|_| ()).map_or(0, <[u8]>::len);
            assert!(body.plain().len() + gzip <= body.most(), "{length}");
        }
    }
}

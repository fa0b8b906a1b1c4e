//! A body compressed when somebody first wants it so, once for all.

use flate2::{Compression, GzBuilder};
use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A body smaller than this is not worth compressing.
const FROM: usize = 512;

/// The compressed form of a body that lies beside it.
#[derive(Clone, Debug, Default)]
pub(super) struct Gzip(OnceLock<Made>);

#[derive(Clone, Debug)]
struct Made {
    /// None where it would not be smaller.
    bytes: Option<Arc<[u8]>>,
    took: Duration,
}

impl Gzip {
    /// What is known already.
    pub(super) fn known(bytes: Arc<[u8]>) -> Self {
        Gzip(Made { bytes: Some(bytes), took: Duration::ZERO }.into())
    }

    /// The compressed form of this body, where that is smaller; `note` is told how long it took if it was made now. Who
    /// asks while it is made waits.
    pub(super) fn of(&self, body: &[u8], note: impl FnOnce(Duration)) -> Option<&Arc<[u8]>> {
        let make = || {
            let made = Made::of(body);
            note(made.took);
            made
        };
        self.0.get_or_init(make).bytes.as_ref()
    }

    /// How long it took to make, if it was made.
    pub(super) fn took(&self) -> Option<Duration> {
        self.0.get().map(|made| made.took)
    }

    /// The most that it can come to hold.
    pub(super) fn most(body: &[u8]) -> usize {
        if body.len() < FROM { 0 } else { body.len() }
    }
}

/// It follows from the body, whether it was made yet or not.
impl PartialEq for Gzip {
    fn eq(&self, _: &Gzip) -> bool {
        true
    }
}

impl Eq for Gzip {}

impl Made {
    fn of(body: &[u8]) -> Self {
        let began = Instant::now();
        Made { bytes: compressed(body).map(Arc::from), took: began.elapsed() }
    }
}

fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    if body.len() < FROM {
        return None;
    }
    let mut encoder = GzBuilder::new().write(Vec::with_capacity(body.len() / 4), Compression::new(1));
    encoder.write_all(body).ok()?;
    encoder.finish().ok().filter(|gzip| gzip.len() < body.len())
}

//! A response, finished: its body is all there before its first byte is sent.

use airq_core::Answer;

/// What is answered.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Names as they are written, and values that this program made: no text of a client's.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Body,
    /// Whether a cache had it: `hit`, `stale` or `miss`; for logs and metrics.
    pub(crate) cache: Option<&'static str>,
}

/// The bytes of a response; those of an answer are shared with the cache, not copied.
#[derive(Debug)]
pub(crate) enum Body {
    Bytes(Vec<u8>),
    Static(&'static str),
    Plain(Answer),
    Gzip(Answer),
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        match self {
            Body::Bytes(bytes) => bytes,
            Body::Static(text) => text.as_bytes(),
            Body::Plain(answer) => answer.body(),
            Body::Gzip(answer) => answer.gzip().unwrap_or_default(),
        }
    }
}

impl Response {
    /// A response of this type of media.
    pub(crate) fn new(status: u16, content_type: &str, body: Body) -> Self {
        Response { status, headers: vec![("Content-Type", content_type.to_owned())], body, cache: None }
    }

    /// The same with another header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

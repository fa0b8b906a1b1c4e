//! A response with its complete body.

use airq_core::Answer;

/// An HTTP response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The headers. Values never contain unchecked text of a client.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: ResponseBody,
    /// The outcome of the cache lookup for logs and metrics: `hit`, `stale` or `miss`.
    pub(crate) cache: Option<&'static str>,
}

/// The bytes of a response. The bytes of an answer are shared with the cache, not copied.
#[derive(Debug)]
pub(crate) enum ResponseBody {
    Bytes(Vec<u8>),
    Static(&'static str),
    Plain(Answer),
    Gzip(Answer),
}

impl AsRef<[u8]> for ResponseBody {
    fn as_ref(&self) -> &[u8] {
        match self {
            ResponseBody::Bytes(bytes) => bytes,
            ResponseBody::Static(text) => text.as_bytes(),
            ResponseBody::Plain(answer) => answer.body(),
            ResponseBody::Gzip(answer) => answer.gzip().unwrap_or_default(),
        }
    }
}

impl Response {
    /// Returns a response with this media type.
    pub(crate) fn new(status: u16, content_type: &str, body: ResponseBody) -> Self {
        Response { status, headers: vec![("Content-Type", content_type.to_owned())], body, cache: None }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Returns the value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

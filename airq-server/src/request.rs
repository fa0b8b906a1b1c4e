//! A request without its transport, as the routes need it.

use airq_core::internal::random;
use std::borrow::Cow;

/// An HTTP request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, percent-encoded.
    pub(crate) target: String,
    /// The `Host` header, if it is a plain name and port.
    pub(crate) host: Option<String>,
    /// True if the client reached the proxy in front of this server by TLS.
    pub(crate) secure: bool,
    pub(crate) accept: Option<String>,
    pub(crate) accept_encoding: Option<String>,
    pub(crate) if_none_match: Option<String>,
    /// The id of the client or a new id, always valid in a header.
    pub(crate) id: RequestId,
}

/// The id of a request in logs and responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// Returns the id of the client if it has 1 to 64 characters of `[A-Za-z0-9._-]`, and a new id otherwise.
    pub(crate) fn accept(given: Option<&str>) -> Self {
        match given {
            Some(id) if is_valid_id(id) => RequestId(id.to_owned()),
            _ => RequestId::default(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_valid_id(id: &str) -> bool {
    let is_short = (1..=64).contains(&id.len());
    is_short && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

impl Default for RequestId {
    fn default() -> Self {
        RequestId(format!("{:016x}", random()))
    }
}

/// Returns the `Host` if it is a name or an address with an optional port, so that it can be shown.
pub(crate) fn plain_host(given: &str) -> Option<&str> {
    if (1..=255).contains(&given.len()) && given.bytes().all(is_host_byte) { Some(given) } else { None }
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
}

impl Request {
    /// Returns the path, without decoding.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Returns the decoded name-value pairs of the query, or `None` if one of them is not UTF-8.
    pub(crate) fn pairs(&self) -> Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        // The decoder replaces invalid UTF-8 by this character, which no valid name contains.
        let is_text = |text: &str| !text.contains('\u{fffd}');
        pairs.iter().all(|(name, value)| is_text(name) && is_text(value)).then_some(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(target: &str) -> Option<Vec<(String, String)>> {
        let request = Request { target: target.to_owned(), ..Request::default() };
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        request.pairs().map(|pairs| pairs.into_iter().map(owned).collect())
    }

    #[test]
    fn a_query_is_decoded_as_forms_are() {
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(pairs("/x?city=M%C3%A1laga&a=b+c&d"), Some(vec![of("city", "Málaga"), of("a", "b c"), of("d", "")]));
        assert_eq!(pairs("/x"), Some(vec![]));
        assert_eq!(pairs("/x?city=%FF"), None);
    }

    #[test]
    fn an_id_that_is_not_plain_is_replaced() {
        assert_eq!(RequestId::accept(Some("a-B_1.2")).as_str(), "a-B_1.2");
        for bad in ["", "a b", "a\r\nSet-Cookie: x", &"x".repeat(65), "é"] {
            let made = RequestId::accept(Some(bad));
            assert!(made.as_str().len() == 16 && made.as_str() != bad, "{bad:?}");
        }
        assert_ne!(RequestId::accept(None), RequestId::accept(None));
    }

    #[test]
    fn only_a_plain_host_is_shown() {
        for good in ["localhost:8080", "[::1]:80", "air.example.org"] {
            assert_eq!(plain_host(good), Some(good));
        }
        for bad in ["", "a b", "x';rm", "<b>", &"x".repeat(300)] {
            assert_eq!(plain_host(bad), None, "{bad}");
        }
    }
}

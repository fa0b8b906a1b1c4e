//! A request, as the routes need it: plain text, whatever the transport.

use airq_core::internal::random;
use std::borrow::Cow;

/// What was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query, percent-encoded.
    pub(crate) target: String,
    /// What the client calls this server, if that is a plain name and port.
    pub(crate) host: Option<String>,
    /// Whether it came to the proxy in front by TLS.
    pub(crate) secure: bool,
    pub(crate) accept: Option<String>,
    pub(crate) accept_encoding: Option<String>,
    pub(crate) if_none_match: Option<String>,
    /// Found or made, always fit for a header.
    pub(crate) id: RequestId,
}

/// Names a request in logs and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// The client's, if it is 1 to 64 of `[A-Za-z0-9._-]`; a new one otherwise.
    pub(crate) fn accept(given: Option<&str>) -> Self {
        let plain = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        };
        given.filter(plain).map_or_else(RequestId::default, |id| RequestId(id.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RequestId {
    fn default() -> Self {
        RequestId(format!("{:016x}", random()))
    }
}

/// A `Host` that is fit to be shown: a name or an address, perhaps with a port.
pub(crate) fn plain_host(given: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    ((1..=255).contains(&given.len()) && given.bytes().all(is_plain)).then_some(given)
}

impl Request {
    /// The path, as it was written.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query's pairs, decoded. `None` if one is not UTF-8.
    pub(crate) fn pairs(&self) -> Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        // The decoder puts this in for bytes that are no text, and no name has it by right.
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
}

//! A request without its transport, as the routes need it.

use airq_core::internal::random;
use airq_core::{Format, Query};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

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
    /// The path in front of the routes as clients see it, such as `/aq`, which a proxy removes.
    pub(crate) prefix: Option<String>,
    /// The trace of the client.
    pub(crate) trace: Option<TraceParent>,
    /// The id of the client or a new id, always valid in a header.
    pub(crate) id: RequestId,
    /// The query and the format of the answer, once a route has parsed both. All clones of a request share this cell. A query that
    /// depends on the current time is not kept.
    pub(crate) asked: Arc<OnceLock<(Query, Format)>>,
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

/// The trace and the span of a client: the header `traceparent` of W3C Trace Context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent(String);

impl TraceParent {
    /// Parses the header: `00-TRACE-SPAN-FLAGS`, in lower-case hexadecimal digits; neither id may be zero.
    pub(crate) fn parse(given: &str) -> Option<Self> {
        let parts: Vec<&str> = given.split('-').collect();
        let ["00", trace, span, flags] = parts[..] else { return None };
        let is_valid = is_id(trace, 32) && is_id(span, 16) && flags.len() == 2 && flags.bytes().all(is_hex);
        if is_valid { Some(TraceParent(given.to_owned())) } else { None }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the id of the trace.
    pub(crate) fn trace_id(&self) -> &str {
        self.0.get(3..35).unwrap_or_default()
    }
}

fn is_id(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(is_hex) && text.bytes().any(|byte| byte != b'0')
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Returns the prefix if it is a plain path such as `/aq`, without the slash at its end; `None` for an empty path.
pub(crate) fn plain_prefix(given: &str) -> Option<&str> {
    let path = given.strip_suffix('/').unwrap_or(given);
    let is_plain = path.starts_with('/') && !path.contains("//") && path.len() <= 200 && path.bytes().all(is_path_byte);
    if is_plain { Some(path) } else { None }
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'-' | b'/')
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
        let (_, query) = self.target.split_once('?').unwrap_or_default();
        let query = query.split('#').next().unwrap_or_default();
        // The target is ASCII, so only percent-encoded bytes can be invalid UTF-8.
        let is_encoded = query.contains('%');
        let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        for (name, value) in &mut pairs {
            restore_plus(name, value);
            if is_encoded && !(is_text(name) && is_text(value)) {
                return None;
            }
        }
        Some(pairs)
    }
}

/// Returns whether [`Query::from_pairs`] computes a time of the query from the current time for this parameter, as for `from=-24h`.
pub(crate) fn depends_on_now(name: &str, value: &str) -> bool {
    match name {
        "max_age" => true,
        "from" | "to" => value.starts_with('-'),
        _ => false,
    }
}

/// Returns whether the decoded text was UTF-8. The decoder replaces invalid UTF-8 by this character, which no valid name contains.
fn is_text(decoded: &str) -> bool {
    !decoded.contains('\u{fffd}')
}

/// Replaces a blank in a time zone or before the offset of a time by `+`, which represents a blank in a query unless it is encoded.
fn restore_plus(name: &str, value: &mut Cow<'_, str>) {
    let blank = match name {
        "tz" => value.find(' '),
        // The blank after the date separates the time.
        "from" | "to" => value.rfind(' ').filter(|place| *place > "2016-10-01 ".len()),
        _ => None,
    };
    if let Some(place) = blank {
        value.to_mut().replace_range(place..=place, "+");
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
    fn a_plus_that_is_not_encoded_is_restored_in_zones_and_offsets() {
        let value = |query: &str| pairs(&format!("/x?{query}")).unwrap()[0].1.clone();
        assert_eq!(value("tz=Etc/GMT+5"), "Etc/GMT+5");
        for (given, expected) in [
            ("2016-10-01T02:00:00+02:00", "2016-10-01T02:00:00+02:00"),
            ("2016-10-01T02:00:00%2B02:00", "2016-10-01T02:00:00+02:00"),
            ("2016-10-01+02:00+02", "2016-10-01 02:00+02"),
            ("2016-10-01+02:00", "2016-10-01 02:00"),
        ] {
            assert_eq!(value(&format!("from={given}")), expected);
            assert_eq!(value(&format!("to={given}")), expected);
        }
        assert_eq!(value("city=San+Juan"), "San Juan");
    }

    #[test]
    fn only_a_valid_trace_is_taken() {
        let valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(TraceParent::parse(valid).unwrap().trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        for bad in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-\"}",
        ] {
            assert_eq!(TraceParent::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_a_plain_prefix_is_shown() {
        assert_eq!((plain_prefix("/aq/"), plain_prefix("/a/b"), plain_prefix("/")), (Some("/aq"), Some("/a/b"), None));
        for bad in ["", "aq", "//evil.example", "/a//b", "/a\"><script>", "/a b", &"/x".repeat(200)] {
            assert_eq!(plain_prefix(bad), None, "{bad}");
        }
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

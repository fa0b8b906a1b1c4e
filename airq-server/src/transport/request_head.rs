//! The check of a request's head. Only heads that pass it reach `tiny_http`.

use crate::problem::Problem;
use crate::request::{RequestId, TraceParent};

/// The maximum length of a head in bytes, with the empty line at its end.
pub(super) const MAX_LENGTH: usize = 16 * 1024;
/// The maximum number of headers.
const MAX_HEADERS: usize = 100;
/// The headers that `tiny_http` gets. Requests with the same values have the same response, apart from the id of the request.
const FORWARDED: [&str; 6] =
    ["Host", "Accept", "Accept-Encoding", "If-None-Match", "X-Forwarded-Proto", "X-Forwarded-Prefix"];

/// The result of the check of the bytes that a client has sent.
#[derive(Debug)]
pub(super) enum Check {
    /// The end of the head has not arrived.
    Partial,
    /// The head is valid.
    Valid(RequestHead),
    /// The head is invalid, for this reason.
    Refused(Problem, String),
}

/// A valid head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestHead {
    /// The request line and the headers that the routes read, as a head for `tiny_http`.
    pub(super) forwarded: String,
    pub(super) id: RequestId,
    pub(super) trace: Option<TraceParent>,
    /// True if the connection must be closed after the response: the client asks for it, or more bytes follow the head.
    pub(super) is_last: bool,
}

/// Checks the bytes of a request. The first `known` bytes were found to be a partial head before.
pub(super) fn check(bytes: &[u8], known: usize) -> Check {
    match end_of_head(bytes, known) {
        Ok(Some(end)) if end <= MAX_LENGTH => match parse(&bytes[..end]) {
            Ok(head) => Check::Valid(RequestHead { is_last: head.is_last || bytes.len() > end, ..head }),
            Err((problem, detail)) => Check::Refused(problem, detail),
        },
        Ok(None) if bytes.len() < MAX_LENGTH => Check::Partial,
        Ok(_) if !bytes.contains(&b'\n') => refused(Problem::TargetTooLong, TOO_LONG),
        Ok(_) => refused(Problem::HeadTooLarge, TOO_LONG),
        Err(detail) => refused(Problem::InvalidRequest, detail),
    }
}

const TOO_LONG: &str = "The maximum length of the request line and all headers is 16384 bytes.";

fn refused(problem: Problem, detail: &str) -> Check {
    Check::Refused(problem, detail.to_owned())
}

/// Returns the length of the head with the empty line at its end, if the end has arrived.
fn end_of_head(bytes: &[u8], known: usize) -> Result<Option<usize>, &'static str> {
    for at in known..bytes.len() {
        if bytes[at] != b'\n' {
            continue;
        }
        if !bytes[..at].ends_with(b"\r") {
            return Err("A line ends without a carriage return.");
        }
        if bytes[..=at].ends_with(b"\r\n\r\n") {
            return Ok(Some(at + 1));
        }
    }
    Ok(None)
}

fn parse(bytes: &[u8]) -> Result<RequestHead, (Problem, String)> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err(invalid("The request line is missing.")),
        Err(httparse::Error::Version) => {
            return Err((Problem::VersionNotSupported, "The versions are HTTP/1.0 and HTTP/1.1.".to_owned()));
        }
        Err(httparse::Error::TooManyHeaders) => {
            return Err((Problem::HeadTooLarge, format!("The maximum number of headers is {MAX_HEADERS}.")));
        }
        Err(error) => return Err(invalid(&format!("The head is invalid: {error}."))),
    }
    let method = request.method.unwrap_or_default();
    let target = request.path.unwrap_or_default();
    if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("The target has characters outside ASCII. They must be percent-encoded."));
    }
    let is_1_0 = request.version == Some(0);
    let framing = Framing::of(request.headers, is_1_0)?;
    let id = RequestId::accept(value_of("X-Request-Id", request.headers)?);
    let trace = value_of("traceparent", request.headers)?.and_then(TraceParent::parse);
    let mut forwarded = String::with_capacity(bytes.len());
    forwarded.extend([method, " ", target, " HTTP/1.1\r\n"]);
    for header in request.headers {
        if FORWARDED.iter().any(|name| header.name.eq_ignore_ascii_case(name)) {
            forwarded.extend([header.name, ": ", ascii(header)?, "\r\n"]);
        }
    }
    forwarded.push_str("\r\n");
    Ok(RequestHead { forwarded, id, trace, is_last: is_1_0 || framing.has_body || framing.asks_to_close })
}

fn invalid(detail: &str) -> (Problem, String) {
    (Problem::InvalidRequest, detail.to_owned())
}

/// Returns the value of the first header with this name.
fn value_of<'a>(name: &str, headers: &[httparse::Header<'a>]) -> Result<Option<&'a str>, (Problem, String)> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(ascii).transpose()
}

/// Returns the value of a header, which must be printable ASCII.
fn ascii<'a>(header: &httparse::Header<'a>) -> Result<&'a str, (Problem, String)> {
    let is_plain = header.value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    let value = std::str::from_utf8(header.value).ok().filter(|_| is_plain);
    value.ok_or_else(|| invalid(&format!("The value of the header {} has characters outside ASCII.", header.name)))
}

/// The headers that decide the end of a request and of its connection.
#[derive(Debug, Default)]
struct Framing {
    has_body: bool,
    asks_to_close: bool,
}

impl Framing {
    /// Reads the framing headers.
    ///
    /// # Errors
    /// If two programs could disagree about the end of the request (RFC 9112, section 6), or if the `Host` is missing or
    /// repeated (section 3.2).
    fn of(headers: &[httparse::Header<'_>], is_1_0: bool) -> Result<Framing, (Problem, String)> {
        let mut framing = Framing::default();
        let mut hosts = 0;
        let mut lengths = 0;
        let mut encodings = 0;
        for header in headers {
            if header.name.eq_ignore_ascii_case("Host") {
                hosts += 1;
            } else if header.name.eq_ignore_ascii_case("Content-Length") {
                lengths += 1;
                framing.has_body |= content_length(header)? > 0;
            } else if header.name.eq_ignore_ascii_case("Transfer-Encoding") {
                encodings += 1;
                framing.has_body = true;
                if !ascii(header)?.eq_ignore_ascii_case("chunked") {
                    return Err(invalid("The only Transfer-Encoding is chunked."));
                }
            } else if header.name.eq_ignore_ascii_case("Connection") {
                framing.asks_to_close |= ascii(header)?.split(',').any(|one| one.trim().eq_ignore_ascii_case("close"));
            }
        }
        if hosts > 1 || (hosts == 0 && !is_1_0) {
            return Err(invalid("A request has one Host header."));
        }
        if lengths > 1 || encodings > 1 || (encodings > 0 && (lengths > 0 || is_1_0)) {
            return Err(invalid("A request has one Content-Length, or one Transfer-Encoding, or neither."));
        }
        Ok(framing)
    }
}

fn content_length(header: &httparse::Header<'_>) -> Result<u64, (Problem, String)> {
    let text = ascii(header)?;
    let number = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    number.ok_or_else(|| invalid("The Content-Length is not a whole number."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(headers: &str) -> Check {
        check(format!("GET /v1/cities HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes(), 0)
    }

    fn problem(check: &Check) -> Option<Problem> {
        match check {
            Check::Refused(problem, _) => Some(*problem),
            _ => None,
        }
    }

    #[test]
    fn a_valid_head_is_forwarded_with_the_headers_that_routes_read() {
        let Check::Valid(head) = get("Accept: text/csv\r\nX: y\r\nTE: a;q=NaN\r\nExpect: x\r\n") else { panic!() };
        assert_eq!(head.forwarded, "GET /v1/cities HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n");
        assert!(!head.is_last);
    }

    #[test]
    fn a_connection_ends_where_the_client_or_the_next_bytes_ask_for_it() {
        for (bytes, is_last) in [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", false),
            ("\r\nGET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", false),
            ("GET / HTTP/1.1\r\nHost: x\r\nConnection: TE, Close\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n", true),
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /", true),
            ("GET / HTTP/1.0\r\n\r\n", true),
        ] {
            let Check::Valid(head) = check(bytes.as_bytes(), 0) else { panic!("{bytes:?}") };
            assert_eq!(head.is_last, is_last, "{bytes:?}");
        }
    }

    #[test]
    fn an_ambiguous_or_invalid_head_is_refused() {
        for headers in [
            "Host: y\r\n",
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding : chunked\r\n",
            "Content-Length: +1\r\n",
            "Content-Length: 1,1\r\n",
            "Content-Length:\r\n",
            "X: y\r\n folded\r\n",
            "X: y\nZ: z\r\n",
            "X: y\rZ: z\r\n",
            "X: \0\r\n",
            "Accept: é\r\n",
            "no header\r\n",
        ] {
            assert_eq!(problem(&get(headers)), Some(Problem::InvalidRequest), "{headers:?}");
        }
        for (bytes, expected) in [
            ("hello\r\n\r\n", Problem::InvalidRequest),
            ("\r\n\r\n", Problem::InvalidRequest),
            ("GET / HTTP/1.1\n", Problem::InvalidRequest),
            ("GET / HTTP/1.1\r\n\r\n", Problem::InvalidRequest),
            ("GET /é HTTP/1.1\r\nHost: x\r\n\r\n", Problem::InvalidRequest),
            ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Problem::InvalidRequest),
            ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", Problem::VersionNotSupported),
        ] {
            assert_eq!(problem(&check(bytes.as_bytes(), 0)), Some(expected), "{bytes:?}");
        }
    }

    #[test]
    fn a_head_is_bounded_in_bytes_and_in_headers() {
        assert!(matches!(get(&"X: y\r\n".repeat(MAX_HEADERS - 1)), Check::Valid(_)));
        assert_eq!(problem(&get(&"X: y\r\n".repeat(MAX_HEADERS))), Some(Problem::HeadTooLarge));
        assert_eq!(problem(&get(&format!("X: {}\r\n", "x".repeat(MAX_LENGTH)))), Some(Problem::HeadTooLarge));
        let endless = format!("GET /{}", "x".repeat(MAX_LENGTH));
        assert_eq!(problem(&check(endless.as_bytes(), 0)), Some(Problem::TargetTooLong));
    }

    #[test]
    fn a_head_may_arrive_byte_by_byte() {
        let bytes = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
        for end in 1..bytes.len() {
            assert!(matches!(check(&bytes[..end], end - 1), Check::Partial), "{end}");
        }
        assert!(matches!(check(bytes, bytes.len() - 1), Check::Valid(_)));
    }
}

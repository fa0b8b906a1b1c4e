//! The head of a response: status line and headers, built in one buffer, because headers are most of the cost of a small
//! answer.

use crate::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// An upper bound of the usual length of a head.
const USUAL: usize = 1024;

/// Returns the status line, the headers and the empty line after them. `is_last` is whether the connection ends after the
/// response.
pub(crate) fn head(response: &Response, reason: &str, is_last: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL);
    push(&mut out, &["HTTP/1.1 ", &response.status.to_string(), " ", reason, "\r\nServer: airq\r\n"]);
    if let Ok(now) = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()) {
        push(&mut out, &["Date: ", &now, "\r\n"]);
    }
    for (name, value) in &response.headers {
        if is_plain(value) {
            push(&mut out, &[name, ": ", value, "\r\n"]);
        } else {
            log::error!("header {name} is left out, because its value is invalid: {value:?}");
        }
    }
    if is_last {
        push(&mut out, &["Connection: close\r\n"]);
    }
    // Responses to HEAD and with status 304 have the length of the body that they omit. A response with status 204 has no body and no
    // length (RFC 9110, section 8.6).
    if response.status != 204 {
        push(&mut out, &["Content-Length: ", &response.body.as_ref().len().to_string(), "\r\n"]);
    }
    push(&mut out, &["\r\n"]);
    out
}

fn push(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Returns whether the value is printable ASCII, so that no byte can end the header or be read in different ways.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::ResponseBody;

    #[test]
    fn a_head_has_a_line_for_each_header_and_none_that_breaks_out() {
        let response = Response::new(404, "text/plain", ResponseBody::Static("gone\n"))
            .with("X-Fine", "a \"b\"; c")
            .with("X-Broken", "a\r\nSet-Cookie: b")
            .with("X-Accent", "é");
        let text = String::from_utf8(head(&response, "Not Found", true)).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!((lines[0], lines[1]), ("HTTP/1.1 404 Not Found", "Server: airq"));
        assert!(lines[2].starts_with("Date: ") && lines[2].ends_with(" GMT"), "{}", lines[2]);
        assert_eq!(
            lines[3..],
            ["Content-Type: text/plain", "X-Fine: a \"b\"; c", "Connection: close", "Content-Length: 5", "", ""]
        );
    }
}

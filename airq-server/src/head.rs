//! The head of a response as it goes over the wire: written at once, for a small answer's costs are mostly its headers'.

use crate::response::Response;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// Longer than a head usually is.
const USUAL: usize = 1024;

/// Status line and headers, with the empty line behind them and room for so many bytes more.
pub(crate) fn head(response: &Response, reason: &str, room: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL + room);
    push(&mut out, &["HTTP/1.1 ", &response.status.to_string(), " ", reason, "\r\nServer: airq\r\n"]);
    if let Ok(now) = DateTimePrinter::new().timestamp_to_rfc9110_string(&Timestamp::now()) {
        push(&mut out, &["Date: ", &now, "\r\n"]);
    }
    for (name, value) in &response.headers {
        if is_plain(value) {
            push(&mut out, &[name, ": ", value, "\r\n"]);
        } else {
            log::error!("header {name} is left out, for its value cannot be sent: {value:?}");
        }
    }
    // 304 and HEAD state the length of the body that they leave out.
    push(&mut out, &["Content-Length: ", &response.body.as_ref().len().to_string(), "\r\n\r\n"]);
    out
}

fn push(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Whether no byte of it could end the header or mean different things to different readers.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::Body;

    #[test]
    fn a_head_has_a_line_for_each_header_and_none_that_breaks_out() {
        let response = Response::new(404, "text/plain", Body::Static("gone\n"))
            .with("X-Fine", "a \"b\"; c")
            .with("X-Broken", "a\r\nSet-Cookie: b")
            .with("X-Accent", "é");
        let text = String::from_utf8(head(&response, "Not Found", 0)).unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!((lines[0], lines[1]), ("HTTP/1.1 404 Not Found", "Server: airq"));
        assert!(lines[2].starts_with("Date: ") && lines[2].ends_with(" GMT"), "{}", lines[2]);
        assert_eq!(lines[3..], ["Content-Type: text/plain", "X-Fine: a \"b\"; c", "Content-Length: 5", "", ""]);
    }
}

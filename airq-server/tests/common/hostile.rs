//! Requests that are wrong, huge or hostile, and the responses that are acceptable.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};

/// A name, the bytes, and the statuses that are clean answers; an empty one is a close.
pub(crate) type Case = (&'static str, Vec<u8>, &'static [&'static str]);

/// All of them.
pub(crate) fn requests() -> Vec<Case> {
    let long = "x".repeat(1 << 20);
    let weights = invalid_weights();
    let get = |headers: &str| format!("GET /v1/cities HTTP/1.1\r\nHost: test\r\n{headers}\r\n");
    vec![
        ("a huge length, no body", get("Content-Length: 100000000000\r\n").into(), &["200", "400", "413", ""]),
        ("an unsent body", get("Content-Length: 10\r\n").into(), &["200", "400", ""]),
        ("a body", (get("Content-Length: 5\r\n") + "hello").into(), &["200", "400"]),
        (
            "both framing headers",
            (get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n").into(),
            &["200", "400", ""],
        ),
        ("two lengths", (get("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello!").into(), &["200", "400", ""]),
        ("a length that is none", get("Content-Length: -1\r\n").into(), &["200", "400", ""]),
        ("no request at all", b"hello\r\n\r\n".to_vec(), &["400", ""]),
        ("nothing", Vec::new(), &["400", ""]),
        ("bytes", (0..=255).collect(), &["400", ""]),
        ("a bare line feed", b"GET /v1/cities HTTP/1.1\n\n".to_vec(), &["400", ""]),
        ("a target that is not ASCII", "GET /v1/cities?x=é HTTP/1.1\r\nHost: x\r\n\r\n".into(), &["400", ""]),
        ("a target of 1 MB", format!("GET /v1/cities?x={long} HTTP/1.1\r\nHost: x\r\n\r\n").into(), &["414", "400"]),
        ("weights that are no numbers", get(&format!("TE: {weights}\r\n")).into(), &["200"]),
        ("an old version", b"GET /v1/cities HTTP/1.0\r\n\r\n".to_vec(), &["200"]),
        ("a method of its own", b"BREW /v1/cities HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(), &["405"]),
        ("POST", b"POST /v1/cities HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}".to_vec(), &["405"]),
        ("a body that comes in chunks", get("Transfer-Encoding: chunked\r\n").into(), &["200", "400", ""]),
        ("an upgrade", get("Connection: Upgrade\r\nUpgrade: h2c\r\n").into(), &["200"]),
        ("an expectation", get("Expect: 200-ok\r\n").into(), &["417", "200"]),
    ]
}

/// Returns the value of a `TE` header with 21 weights, of which some are not numbers.
pub(crate) fn invalid_weights() -> String {
    let weights = (0..21).map(|n| if n % 3 == 0 { "a;q=NaN" } else { "b;q=0.5" });
    weights.collect::<Vec<_>>().join(",")
}

/// Returns headers that frame a body of this length so that two programs may disagree where the body ends.
pub(crate) fn ambiguous_framings(length: usize) -> Vec<String> {
    vec![
        format!("Content-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nContent-Length: 0\r\n"),
        "Transfer-Encoding: chunked\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n".to_owned(),
        "Transfer-Encoding:\tchunked\r\n".to_owned(),
        "Transfer-Encoding: \u{b}chunked\r\n".to_owned(),
        " Transfer-Encoding: chunked\r\n".to_owned(),
        "X: y\r\n Transfer-Encoding: chunked\r\n".to_owned(),
        "X: y\nTransfer-Encoding: chunked\r\n".to_owned(),
        "X: y\rTransfer-Encoding: chunked\r\n".to_owned(),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: 0{length}\r\n"),
        format!("Content-Length: {length},{length}\r\n"),
        "Content-Length: -1\r\n".to_owned(),
        format!("Content_Length: {length}\r\n"),
    ]
}

/// Sends bytes as they are and gives what comes until the end.
pub(crate) fn answer(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = super::connect(address);
    // A server that refuses early may close before all is sent.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

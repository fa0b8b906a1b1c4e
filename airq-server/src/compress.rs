//! Bodies that no cache keeps (documents, charts, the page), compressed for clients that take it.

use crate::negotiate::{self, GZIP_SUFFIX};
use crate::request::Request;
use crate::response::{Body, Response};
use airq_core::gzip;

/// A smaller body fits into one packet anyway.
const FROM: usize = 1024;

/// The response, in gzip if the client takes that and it makes the body smaller. Kept answers have their own.
pub(crate) fn compressed(mut response: Response, request: &Request) -> Response {
    if !matches!(response.body, Body::Bytes(_) | Body::Static(_)) {
        return response;
    }
    vary(&mut response);
    if !negotiate::takes_gzip(request.accept_encoding.as_deref()) {
        return response;
    }
    // 304 too: it tells the length of the body that it leaves out.
    let body = response.body.as_ref();
    let Some(gzip) = (body.len() >= FROM).then(|| gzip(body)).flatten() else { return response };
    response.body = Body::Bytes(gzip);
    if let Some((_, tag)) = response.headers.iter_mut().find(|(name, _)| *name == "ETag") {
        *tag = format!("{}{GZIP_SUFFIX}\"", tag.trim_end_matches('"'));
    }
    response.with("Content-Encoding", "gzip")
}

fn vary(response: &mut Response) {
    match response.headers.iter_mut().find(|(name, _)| *name == "Vary") {
        Some((_, names)) => names.push_str(", Accept-Encoding"),
        None => response.headers.push(("Vary", "Accept-Encoding".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn asked(accept_encoding: &str, body: &str) -> Response {
        let request = Request { accept_encoding: Some(accept_encoding.to_owned()), ..Request::default() };
        let response = Response::new(200, "text/html", Body::Bytes(body.as_bytes().to_vec()));
        compressed(response.with("ETag", "\"ab\"").with("Vary", "Host"), &request)
    }

    #[test]
    fn a_long_body_is_compressed_and_has_a_tag_of_its_own() {
        let long = "<p>air</p>".repeat(500);
        let response = asked("gzip, br", &long);
        assert_eq!(response.header("Content-Encoding"), Some("gzip"));
        assert_eq!(response.header("ETag"), Some("\"ab-gzip\""));
        assert_eq!(response.header("Vary"), Some("Host, Accept-Encoding"));
        let mut plain = String::new();
        flate2::read::GzDecoder::new(response.body.as_ref()).read_to_string(&mut plain).unwrap();
        assert_eq!(plain, long);
    }

    #[test]
    fn a_short_body_and_one_for_who_takes_no_gzip_stay_as_they_are() {
        for (accepted, body) in [("gzip", "short".to_owned()), ("br", "x".repeat(5000)), ("gzip;q=0", "x".repeat(5000))]
        {
            let response = asked(accepted, &body);
            assert_eq!((response.header("Content-Encoding"), response.header("ETag")), (None, Some("\"ab\"")));
            assert_eq!(response.header("Vary"), Some("Host, Accept-Encoding"));
            assert_eq!(response.body.as_ref(), body.as_bytes());
        }
    }
}

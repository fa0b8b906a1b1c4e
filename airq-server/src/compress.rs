//! The compression of bodies that are not cached (documents, charts, the page).

use crate::negotiate::{self, GZIP_SUFFIX};
use crate::request::Request;
use crate::response::{Response, ResponseBody};
use airq_core::gzip;

/// The minimum size of a body that is compressed. A smaller body fits into one packet anyway.
const FROM: usize = 1024;

/// Compresses the body if the client accepts gzip and the body becomes smaller. Cached answers have their own compressed form.
pub(crate) fn compressed(mut response: Response, request: &Request) -> Response {
    if !matches!(response.body, ResponseBody::Bytes(_) | ResponseBody::Static(_)) {
        return response;
    }
    vary(&mut response);
    if !negotiate::takes_gzip(request.accept_encoding.as_deref()) {
        return response;
    }
    // The body of a 304 is compressed, too, because the response has the length of the body that it omits.
    let body = response.body.as_ref();
    let gzip = if body.len() >= FROM { gzip(body) } else { None };
    let Some(gzip) = gzip else { return response };
    response.body = ResponseBody::Bytes(gzip);
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
        let response = Response::new(200, "text/html", ResponseBody::Bytes(body.as_bytes().to_vec()));
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

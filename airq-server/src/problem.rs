//! Errors as RFC 9457 problems: one table.

use crate::response::{Body, Response};
use airq_core::{Error, ErrorKind, Issue};
use serde_json::{Map, Value, json};

/// What sort of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    InvalidParameter,
    UnknownCity,
    UnknownStation,
    NoSuchRoute,
    MethodNotAllowed,
    TargetTooLong,
    Internal,
    Unavailable,
    Timeout,
}

impl Problem {
    /// Every problem.
    #[cfg(test)]
    pub(crate) const ALL: [Problem; 9] = [
        Problem::InvalidParameter,
        Problem::UnknownCity,
        Problem::UnknownStation,
        Problem::NoSuchRoute,
        Problem::MethodNotAllowed,
        Problem::TargetTooLong,
        Problem::Internal,
        Problem::Unavailable,
        Problem::Timeout,
    ];

    fn of(error: &Error) -> Problem {
        match error.kind() {
            ErrorKind::InvalidParameter => Problem::InvalidParameter,
            ErrorKind::UnknownCity => Problem::UnknownCity,
            ErrorKind::UnknownStation => Problem::UnknownStation,
            ErrorKind::Unavailable => Problem::Unavailable,
            ErrorKind::Timeout => Problem::Timeout,
            _ => Problem::Internal,
        }
    }

    /// The type, which stays, the title and the status.
    pub(crate) fn row(self) -> (&'static str, &'static str, u16) {
        match self {
            Problem::InvalidParameter => ("/problems/invalid-parameter", "A parameter cannot be used", 400),
            Problem::UnknownCity => ("/problems/unknown-city", "No city by that name", 404),
            Problem::UnknownStation => ("/problems/unknown-station", "No station by that name", 404),
            Problem::NoSuchRoute => ("/problems/no-such-route", "Nothing is served there", 404),
            Problem::MethodNotAllowed => ("/problems/method-not-allowed", "Only GET and HEAD are served", 405),
            Problem::TargetTooLong => ("/problems/target-too-long", "The URL is too long", 414),
            Problem::Internal => ("/problems/internal", "A fault of the server", 500),
            Problem::Unavailable => ("/problems/unavailable", "The data cannot be reached now", 503),
            Problem::Timeout => ("/problems/timeout", "The query took too long", 504),
        }
    }

    /// The response, with a sentence on this occurrence of the problem.
    pub(crate) fn response(self, detail: &str) -> Response {
        self.with_errors(detail, Vec::new())
    }

    fn with_errors(self, detail: &str, errors: Vec<Value>) -> Response {
        let (kind, title, status) = self.row();
        let mut document = json!({"type": kind, "title": title, "status": status, "detail": detail});
        if let (Some(document), false) = (document.as_object_mut(), errors.is_empty()) {
            document.insert("errors".to_owned(), Value::Array(errors));
        }
        let body = Body::Bytes((document.to_string() + "\n").into_bytes());
        let response = Response::new(status, "application/problem+json", body).with("Cache-Control", "no-store");
        match self {
            Problem::MethodNotAllowed => response.with("Allow", "GET, HEAD"),
            Problem::Unavailable | Problem::Timeout => response.with("Retry-After", "1"),
            _ => response,
        }
    }
}

/// The response to a request that failed. What is wrong with the request is told in full; what is wrong inside is for
/// the log, under the request's id.
pub(crate) fn response(error: &Error) -> Response {
    let (problem, detail) = told(error);
    problem.with_errors(&detail, error.issues().iter().map(issue).collect())
}

/// The problem that an error is, and what is told about it.
pub(crate) fn told(error: &Error) -> (Problem, String) {
    let problem = Problem::of(error);
    let detail = match problem {
        Problem::Unavailable => "The source of the data does not answer. Try again in a moment.".to_owned(),
        Problem::Timeout => {
            "The database gave up on the query. Ask for less: a shorter time, fewer stations.".to_owned()
        }
        Problem::Internal => "The fault is in the server's log, under the id in X-Request-Id.".to_owned(),
        _ => error.to_string(),
    };
    (problem, detail)
}

fn issue(issue: &Issue) -> Value {
    let mut fields =
        Map::from_iter([("parameter".to_owned(), json!(issue.parameter)), ("given".to_owned(), json!(issue.given))]);
    if issue.allowed.is_empty() {
        fields.insert("nearest".to_owned(), json!(issue.nearest));
    } else {
        fields.insert("allowed".to_owned(), json!(issue.allowed));
    }
    Value::Object(fields)
}

/// The detail of a query string that is not UTF-8.
pub(crate) const NOT_UTF8: &str = "The query is not UTF-8 once it is percent-decoded.";

/// The answer to a query string that is not UTF-8.
pub(crate) fn not_utf8() -> Response {
    Problem::InvalidParameter.response(NOT_UTF8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(response: &Response) -> Value {
        serde_json::from_slice(response.body.as_ref()).unwrap()
    }

    #[test]
    fn what_the_client_can_mend_is_told_in_full() {
        let error = airq_core::Query::from_pairs(&["limit"], [("limit", "0")]).unwrap_err();
        let response = response(&error);
        let document = document(&response);
        assert_eq!((response.status, &document["type"]), (400, &json!("/problems/invalid-parameter")));
        assert_eq!(document["errors"][0]["parameter"], "limit");
        assert_eq!(document["errors"][0]["given"], "0");
        assert!(document["errors"][0]["allowed"].as_str().unwrap().contains("100000"));
    }

    #[test]
    fn what_is_wrong_inside_stays_inside() {
        for (kind, status) in [
            (ErrorKind::Unavailable, 503),
            (ErrorKind::Timeout, 504),
            (ErrorKind::Io, 500),
            (ErrorKind::InvalidData, 500),
            (ErrorKind::Internal, 500),
        ] {
            let response = response(&Error::new(kind, "postgres://airq@10.1.2.3 said no"));
            assert_eq!(response.status, status);
            assert!(!document(&response).to_string().contains("10.1.2.3"));
            assert_eq!(response.header("Cache-Control"), Some("no-store"));
            assert_eq!(response.header("Retry-After").is_some(), matches!(status, 503 | 504));
        }
    }
}

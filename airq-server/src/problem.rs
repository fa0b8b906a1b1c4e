//! Errors as problem details (RFC 9457).

use crate::request::Request;
use crate::response::{Response, ResponseBody};
use airq_core::{Error, ErrorKind, Issue};
use serde_json::{Map, Value, json};

/// The methods that all routes have.
pub(crate) const ALLOWED_METHODS: &str = "GET, HEAD, OPTIONS";

/// The type of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    InvalidParameter,
    UnknownCity,
    UnknownStation,
    NoSuchRoute,
    MethodNotAllowed,
    TargetTooLong,
    InvalidRequest,
    RequestTimeout,
    HeadTooLarge,
    VersionNotSupported,
    TooManyConnections,
    Internal,
    SourceForbidden,
    Unavailable,
    Overloaded,
    Timeout,
}

impl Problem {
    /// Every problem.
    #[cfg(test)]
    pub(crate) const ALL: [Problem; 16] = [
        Problem::InvalidParameter,
        Problem::UnknownCity,
        Problem::UnknownStation,
        Problem::NoSuchRoute,
        Problem::MethodNotAllowed,
        Problem::TargetTooLong,
        Problem::InvalidRequest,
        Problem::RequestTimeout,
        Problem::HeadTooLarge,
        Problem::VersionNotSupported,
        Problem::TooManyConnections,
        Problem::Internal,
        Problem::SourceForbidden,
        Problem::Unavailable,
        Problem::Overloaded,
        Problem::Timeout,
    ];

    fn of(error: &Error) -> Problem {
        match error.kind() {
            ErrorKind::InvalidParameter => Problem::InvalidParameter,
            ErrorKind::UnknownCity => Problem::UnknownCity,
            ErrorKind::UnknownStation => Problem::UnknownStation,
            ErrorKind::Unavailable => Problem::Unavailable,
            ErrorKind::Forbidden => Problem::SourceForbidden,
            ErrorKind::Overloaded => Problem::Overloaded,
            ErrorKind::Timeout => Problem::Timeout,
            _ => Problem::Internal,
        }
    }

    /// Returns the type, the title and the status. The type must not change between releases.
    pub(crate) fn row(self) -> (&'static str, &'static str, u16) {
        match self {
            Problem::InvalidParameter => ("/problems/invalid-parameter", "A parameter cannot be used", 400),
            Problem::UnknownCity => ("/problems/unknown-city", "No city by that name", 404),
            Problem::UnknownStation => ("/problems/unknown-station", "No station by that name", 404),
            Problem::NoSuchRoute => ("/problems/no-such-route", "Nothing is served there", 404),
            Problem::MethodNotAllowed => ("/problems/method-not-allowed", "Only GET and HEAD are served", 405),
            Problem::TargetTooLong => ("/problems/target-too-long", "The URL is too long", 414),
            Problem::InvalidRequest => ("/problems/invalid-request", "The request is not valid HTTP", 400),
            Problem::RequestTimeout => ("/problems/request-timeout", "The request did not arrive in time", 408),
            Problem::HeadTooLarge => ("/problems/head-too-large", "The headers are too long", 431),
            Problem::VersionNotSupported => {
                ("/problems/version-not-supported", "Only HTTP/1.0 and 1.1 are served", 505)
            }
            Problem::TooManyConnections => {
                ("/problems/too-many-connections", "The client has too many connections", 503)
            }
            Problem::Internal => ("/problems/internal", "A fault of the server", 500),
            Problem::SourceForbidden => ("/problems/source-forbidden", "The server may not read its data", 500),
            Problem::Unavailable => ("/problems/unavailable", "The data cannot be reached now", 503),
            Problem::Overloaded => ("/problems/overloaded", "Too many large answers at once", 503),
            Problem::Timeout => ("/problems/timeout", "The query took too long", 504),
        }
    }

    /// Returns the response with a sentence about this occurrence of the problem.
    pub(crate) fn response(self, detail: &str) -> Response {
        self.with_errors(detail, Vec::new())
    }

    fn with_errors(self, detail: &str, errors: Vec<Value>) -> Response {
        let (kind, title, status) = self.row();
        let mut document = json!({"type": kind, "title": title, "status": status, "detail": detail});
        if let (Some(document), false) = (document.as_object_mut(), errors.is_empty()) {
            document.insert("errors".to_owned(), Value::Array(errors));
        }
        let body = ResponseBody::Bytes((document.to_string() + "\n").into_bytes());
        self.with_headers(Response::new(status, "application/problem+json", body))
    }

    /// Returns the response with the headers of the problem.
    pub(crate) fn with_headers(self, response: Response) -> Response {
        let response = response.with("Cache-Control", "no-store");
        match self {
            Problem::MethodNotAllowed => response.with("Allow", ALLOWED_METHODS),
            Problem::Unavailable | Problem::Overloaded | Problem::Timeout | Problem::TooManyConnections => {
                response.with("Retry-After", "1")
            }
            _ => response,
        }
    }
}

/// Returns the response to a failed request.
///
/// An error in the request is described in full. An internal error is only logged, with the id of the request.
pub(crate) fn response(error: &Error, request: &Request) -> Response {
    let (problem, detail) = describe(error, request);
    problem.with_errors(&detail, error.issues().iter().map(issue).collect())
}

/// Returns the problem of an error and its description for the client. Logs an internal error.
pub(crate) fn describe(error: &Error, request: &Request) -> (Problem, String) {
    let problem = Problem::of(error);
    if problem == Problem::Internal {
        log::error!("{} {:?}: {error:#}", request.id.as_str(), request.target);
    }
    let detail = match problem {
        Problem::Unavailable => "The source of the data does not answer. Try again in a moment.".to_owned(),
        Problem::SourceForbidden => {
            "The server lacks a right on the source of its data. Its operator must grant the right: its log, /readyz and \
             `airq-cli doctor` name it."
                .to_owned()
        }
        Problem::Overloaded => {
            "The answer does not fit into the memory that is free now. Ask for fewer rows, or try again in a moment."
                .to_owned()
        }
        Problem::Timeout => {
            "The query exceeded the time limit of the database. Ask for a shorter time or fewer stations.".to_owned()
        }
        Problem::Internal => "The log of the server has the error with the id in X-Request-Id.".to_owned(),
        _ => format!("{error:#}"),
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
        let response = response(&error, &Request::default());
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
            (ErrorKind::Forbidden, 500),
            (ErrorKind::Overloaded, 503),
            (ErrorKind::Timeout, 504),
            (ErrorKind::Io, 500),
            (ErrorKind::InvalidData, 500),
            (ErrorKind::Internal, 500),
        ] {
            let response = response(&Error::new(kind, "postgres://airq@10.1.2.3 said no"), &Request::default());
            assert_eq!(response.status, status);
            assert!(!document(&response).to_string().contains("10.1.2.3"));
            assert_eq!(response.header("Cache-Control"), Some("no-store"));
            assert_eq!(response.header("Retry-After").is_some(), matches!(status, 503 | 504));
        }
    }
}

//! Requests to the upstream server, each with a time limit.

use super::fetch::{Message, ReceivedBody, WAITING, fetch, send};
use super::settings::Settings;
use crate::deadline;
use crate::error::{Error, ErrorKind, Result, cut, cut_bytes};
use crate::model::Timestamp;
use crate::secret::SecretUrl;
use crate::trace;
use crate::trust_store::tls_config;
use std::fmt;
use std::io::{self, Read};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;
use ureq::http::response::Parts;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body};

/// The header with the version of the data of an answer.
pub(super) const VERSION: &str = "x-data-set-version";
/// The time limit for a whole body.
const WHOLE_BODY: Duration = Duration::from_secs(60);
/// The maximum size of a document: more than twice the descriptions of 100,000 stations.
const LONGEST_DOCUMENT: u64 = 64 << 20;

/// A server. Each request has a connection of its own: a kept connection to a server whose address has vanished stays silent until
/// the time limit, while a new connection finds another server of the same name.
pub(super) struct Upstream {
    agent: Agent,
    base: SecretUrl,
    timeout: Duration,
    answer_timeout: Duration,
}

/// A JSON document.
pub(super) struct VersionedDocument {
    pub(super) body: Vec<u8>,
    /// The version of its data, if the server states one.
    pub(super) version: Option<String>,
}

/// An answer before its body is read.
pub(super) struct Answer {
    head: Parts,
    body: Box<dyn Read>,
}

impl Upstream {
    pub(super) fn new(settings: Settings) -> Self {
        let config = Agent::config_builder()
            .timeout_resolve(Some(settings.timeout))
            .timeout_connect(Some(settings.connect_timeout))
            .timeout_send_request(Some(settings.timeout))
            .timeout_recv_body(Some(WHOLE_BODY))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // The proxies of the environment are for other hosts.
            .proxy(None)
            .user_agent(concat!("airq-core/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls(&settings))
            .build();
        let (timeout, answer_timeout) = (settings.timeout, settings.answer_timeout);
        Upstream { agent: config.into(), base: settings.base, timeout, answer_timeout }
    }

    /// Returns the JSON document at this path.
    ///
    /// # Errors
    /// As [`get`](Upstream::get).
    pub(super) fn document(&self, path: &str) -> Result<Vec<u8>> {
        self.document_within(path, self.timeout).map(|document| document.body)
    }

    /// Returns the JSON document at this path, with the version of its data.
    ///
    /// # Errors
    /// As [`get`](Upstream::get).
    pub(super) fn versioned_document(&self, path: &str) -> Result<VersionedDocument> {
        self.document_within(path, self.timeout)
    }

    fn document_within(&self, path: &str, limit: Duration) -> Result<VersionedDocument> {
        let mut answer = self.checked(
            path,
            Answer::of(send(&self.agent, &self.url(path), limit).map_err(|error| self.silent(error))?),
        )?;
        let mut body = Vec::new();
        let read = answer.body().take(LONGEST_DOCUMENT + 1).read_to_end(&mut body);
        read.map_err(|error| self.cut_off(path, error))?;
        if body.len() as u64 > LONGEST_DOCUMENT {
            return Err(Error::new(ErrorKind::InvalidData, format!("{}{path} is too long", self.base)));
        }
        let version = answer.header(VERSION).map(str::to_owned);
        Ok(VersionedDocument { body, version })
    }

    /// Returns the answer to a GET request for this path, if its status is 200. A slow answer is waited for as long as the server
    /// responds to checks, at most for [`answer_timeout`](Settings::answer_timeout).
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if the server does not respond or the status is an error; [`ErrorKind::Forbidden`] if the server, or its
    /// source, refuses the request; [`ErrorKind::Timeout`] after the deadline of the work; [`ErrorKind::Timeout`], [`ErrorKind::Overloaded`] and [`ErrorKind::UnknownStation`] if the server
    /// reports them.
    pub(super) fn get(&self, path: &str) -> Result<Answer> {
        let agent = self.agent.clone();
        let url = self.url(path);
        let limit = self.answer_timeout;
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        let parent = trace::parent();
        thread::Builder::new().spawn(move || trace::within_trace(parent, || fetch(&agent, &url, limit, &sender)))?;
        loop {
            match receiver.recv_timeout(deadline::at_most(self.timeout / 2)) {
                Ok(Message::Head(head)) => {
                    let body = Box::new(ReceivedBody::new(receiver, self.timeout));
                    return self.checked(path, Answer { head: *head, body });
                }
                Ok(Message::Failed(error)) => return Err(self.silent(error)),
                Ok(Message::Body(_)) | Err(RecvTimeoutError::Disconnected) => {
                    return Err(Error::new(ErrorKind::Internal, "a request has ended without an answer"));
                }
                Err(RecvTimeoutError::Timeout) if deadline::has_passed() => {
                    let what = format!("{} does not answer within the time of the request", self.base);
                    return Err(Error::new(ErrorKind::Timeout, what));
                }
                Err(RecvTimeoutError::Timeout) => drop(self.document_within("/v1/dataset", self.timeout / 2)?),
            }
        }
    }

    fn silent(&self, error: ureq::Error) -> Error {
        Error::with_source(ErrorKind::Unavailable, format!("{} does not answer", self.base), error)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base.expose())
    }

    /// Returns the answer, if its status is 200.
    fn checked(&self, path: &str, answer: Answer) -> Result<Answer> {
        if answer.head.status != StatusCode::OK {
            return Err(self.refusal(path, answer));
        }
        // Without either header, a truncated answer looks complete.
        let framed = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].iter();
        if !framed.into_iter().any(|name| answer.head.headers.contains_key(name)) {
            let what = format!("{} does not say where its answers end", self.base);
            return Err(Error::new(ErrorKind::Unavailable, what));
        }
        Ok(answer)
    }

    /// Returns the error of an answer with an error status.
    fn refusal(&self, path: &str, answer: Answer) -> Error {
        const ENOUGH: u64 = 4096;
        let status = answer.head.status;
        let mut body = Vec::new();
        // A truncated reason still helps.
        let _read = answer.body.take(ENOUGH).read_to_end(&mut body);
        let route = path.split('?').next().unwrap_or(path);
        let what = format!("{}{route} answered {status}: {}", self.base, reason(&answer.head, &body));
        Error::new(kind(status, &body), what)
    }

    /// Returns the error of a truncated body.
    pub(super) fn cut_off(&self, path: &str, error: io::Error) -> Error {
        let route = path.split('?').next().unwrap_or(path);
        Error::with_source(ErrorKind::Unavailable, format!("the answer of {}{route} was cut off", self.base), error)
    }
}

impl Answer {
    fn of(response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        Answer { head, body: Box::new(body.into_reader()) }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    pub(super) fn body(&mut self) -> impl Read + '_ {
        &mut self.body
    }
}

/// Returns the time of a `Date` header, to the second.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let time = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    // The middle of the second.
    Timestamp::from_microseconds(time.as_microsecond() + 500_000)
}

/// Reads the system's certificates only if they are needed.
fn tls(settings: &Settings) -> TlsConfig {
    let authorities = settings.root_certificates.as_deref();
    let is_encrypted = settings.base.expose().starts_with("https:");
    if authorities.is_some() || is_encrypted { tls_config(authorities) } else { TlsConfig::default() }
}

fn kind(status: StatusCode, body: &[u8]) -> ErrorKind {
    match status {
        StatusCode::GATEWAY_TIMEOUT => ErrorKind::Timeout,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        StatusCode::INTERNAL_SERVER_ERROR if is_problem(body, "/source-forbidden") => ErrorKind::Forbidden,
        StatusCode::NOT_FOUND if is_problem(body, "/unknown-station") => ErrorKind::UnknownStation,
        // One answer was too large at that moment. Other requests are answered.
        StatusCode::SERVICE_UNAVAILABLE if is_problem(body, "/overloaded") => ErrorKind::Overloaded,
        // The request is valid for this version of airq, so the server has other rules.
        StatusCode::BAD_REQUEST | StatusCode::URI_TOO_LONG => ErrorKind::Internal,
        _ => ErrorKind::Unavailable,
    }
}

/// Returns whether the body is a problem with a type that ends like this.
fn is_problem(body: &[u8], end: &str) -> bool {
    let Ok(problem) = serde_json::from_slice::<serde_json::Value>(body) else { return false };
    matches!(problem["type"].as_str(), Some(kind) if kind.ends_with(end))
}

/// Returns the message of the server.
fn reason(head: &Parts, body: &[u8]) -> String {
    let location = head.headers.get(header::LOCATION).and_then(|place| place.to_str().ok());
    if let Some(location) = location {
        return format!("it is at {}; set that as the source", cut(location));
    }
    let problem: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str().or(problem["title"].as_str()));
    match (detail, head.status) {
        (Some(detail), _) => cut(detail),
        (None, StatusCode::NOT_FOUND) => "is it an airq server?".to_owned(),
        (None, _) => format!("{:?}", cut_bytes(body)),
    }
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("base", &self.base).finish_non_exhaustive()
    }
}

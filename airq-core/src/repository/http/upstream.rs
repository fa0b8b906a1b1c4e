//! Requests to the upstream server: each ends in time, with a whole answer or an error that says what to look at.

use super::settings::Settings;
use crate::error::{Error, ErrorKind, Result, cut, cut_bytes};
use crate::model::Timestamp;
use crate::secret::SecretUrl;
use std::fmt;
use std::io::{self, Read};
use std::time::Duration;
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body};

/// All of a body, however steadily it comes.
const WHOLE_BODY: Duration = Duration::from_secs(60);
/// The largest document; descriptions of a hundred thousand stations are not half of it.
const LONGEST_DOCUMENT: u64 = 64 << 20;

/// A server, with connections that are used again.
pub(super) struct Upstream {
    agent: Agent,
    base: SecretUrl,
}

/// An answer with rows, of which the body is still to be read.
pub(super) struct Answer {
    response: Response<Body>,
}

impl Upstream {
    pub(super) fn new(settings: Settings) -> Self {
        let config = Agent::config_builder()
            .timeout_resolve(Some(settings.timeout))
            .timeout_connect(Some(settings.connect_timeout))
            .timeout_send_request(Some(settings.timeout))
            .timeout_recv_response(Some(settings.timeout))
            .timeout_recv_body(Some(WHOLE_BODY))
            .timeout_per_read(Some(settings.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A server of the same house is asked directly.
            .proxy(None)
            .max_idle_connections_per_host(32)
            // Servers close idle connections after 15 s or more.
            .max_idle_age(Duration::from_secs(10))
            .user_agent(concat!("airq-core/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls(settings.root_certificates.as_deref()))
            .build();
        Upstream { agent: config.into(), base: settings.base }
    }

    /// The JSON document at this path.
    ///
    /// # Errors
    /// As [`get`](Upstream::get).
    pub(super) fn document(&self, path: &str) -> Result<Vec<u8>> {
        let mut answer = self.get(path)?;
        let mut body = Vec::new();
        let read = answer.body().take(LONGEST_DOCUMENT + 1).read_to_end(&mut body);
        read.map_err(|error| self.cut_off(path, error))?;
        if body.len() as u64 > LONGEST_DOCUMENT {
            return Err(Error::new(ErrorKind::InvalidData, format!("{}{path} is too long", self.base)));
        }
        Ok(body)
    }

    /// The answer to a GET of this path, if it is a good one.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if there is none in time or it is not good; [`ErrorKind::Timeout`] and
    /// [`ErrorKind::UnknownStation`] where the server says so.
    pub(super) fn get(&self, path: &str) -> Result<Answer> {
        let response = self.send(path).map_err(|error| {
            Error::with_source(ErrorKind::Unavailable, format!("{} does not answer", self.base), error)
        })?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(path, response));
        }
        // Without either, an answer that was cut off looks whole.
        let framed = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING].iter();
        if !framed.into_iter().any(|name| response.headers().contains_key(name)) {
            let what = format!("{} does not say where its answers end", self.base);
            return Err(Error::new(ErrorKind::Unavailable, what));
        }
        Ok(Answer { response })
    }

    /// A connection that the server has closed in the meantime is no reason to fail.
    fn send(&self, path: &str) -> std::result::Result<Response<Body>, ureq::Error> {
        let url = format!("{}{path}", self.base.expose());
        match self.agent.get(&url).call() {
            Err(ureq::Error::Io(error)) if was_closed(&error) => self.agent.get(&url).call(),
            outcome => outcome,
        }
    }

    /// What an answer that is not good comes to.
    fn refusal(&self, path: &str, mut response: Response<Body>) -> Error {
        const ENOUGH: u64 = 4096;
        let status = response.status();
        let mut body = Vec::new();
        // Half a reason is one, too.
        let _read = response.body_mut().as_reader().take(ENOUGH).read_to_end(&mut body);
        let route = path.split('?').next().unwrap_or(path);
        let what = format!("{}{route} answered {status}: {}", self.base, reason(&response, &body));
        Error::new(kind(status, &body), what)
    }

    /// The error of a body that did not come to its end.
    pub(super) fn cut_off(&self, path: &str, error: io::Error) -> Error {
        let route = path.split('?').next().unwrap_or(path);
        Error::with_source(ErrorKind::Unavailable, format!("the answer of {}{route} was cut off", self.base), error)
    }
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    pub(super) fn body(&mut self) -> impl Read + '_ {
        self.response.body_mut().as_reader()
    }
}

/// The time that a `Date` header tells, to the second.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let time = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    // In the middle of the second that it shows.
    Timestamp::from_microseconds(time.as_microsecond() + 500_000)
}

/// A file without a certificate trusts nobody.
fn tls(pem: Option<&[u8]>) -> TlsConfig {
    let Some(pem) = pem else { return TlsConfig::default() };
    let certificates = parse_pem(pem).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    TlsConfig::builder().root_certs(RootCerts::from(certificates)).build()
}

fn was_closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn kind(status: StatusCode, body: &[u8]) -> ErrorKind {
    match status {
        StatusCode::GATEWAY_TIMEOUT => ErrorKind::Timeout,
        StatusCode::NOT_FOUND if is_unknown_station(body) => ErrorKind::UnknownStation,
        // What we ask for is right by our own rules: the server goes by others.
        StatusCode::BAD_REQUEST | StatusCode::URI_TOO_LONG => ErrorKind::Internal,
        _ => ErrorKind::Unavailable,
    }
}

fn is_unknown_station(body: &[u8]) -> bool {
    let problem: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    problem.is_some_and(|problem| problem["type"].as_str().is_some_and(|kind| kind.ends_with("/unknown-station")))
}

/// What the server says about it.
fn reason(response: &Response<Body>, body: &[u8]) -> String {
    let location = response.headers().get(header::LOCATION).and_then(|place| place.to_str().ok());
    if let Some(location) = location {
        return format!("it is at {}; set that as the source", cut(location));
    }
    let problem: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str().or(problem["title"].as_str()));
    match (detail, response.status()) {
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

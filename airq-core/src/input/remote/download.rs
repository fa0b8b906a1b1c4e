//! One request for a file: a conditional GET; the body goes to a temporary file.

use super::copy::{CopyWriter, RemoteCopy};
use super::settings::RemoteSettings;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use crate::trust_store::tls_config;
use crate::url_settings::is_web;
use std::io::Read;
use std::time::{Duration, Instant};
use ureq::http::{HeaderMap, HeaderName, Response, StatusCode, header};
use ureq::{Agent, Body};

const CONNECT: Duration = Duration::from_secs(10);
/// The maximum time without a byte.
const PAUSE: Duration = Duration::from_secs(30);
const MAX_REDIRECTS: u32 = 5;
const CHUNK: usize = 64 * 1024;

/// The server's statements about the version of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Validators {
    etag: Option<String>,
    last_modified: Option<String>,
}

/// A client with the limits of the settings.
pub(super) fn agent(settings: &RemoteSettings) -> Agent {
    let pause = Some(PAUSE.min(settings.timeout));
    let config = Agent::config_builder()
        .timeout_connect(Some(CONNECT.min(settings.timeout)))
        .timeout_recv_response(pause)
        .timeout_per_read(pause)
        .http_status_as_error(false)
        // The client takes `file:///x` for a path of the same server.
        .max_redirects(0)
        .max_redirects_will_error(false)
        // A server may be asked once a day; it has closed the connection by then.
        .max_idle_connections(0)
        .user_agent(concat!("airq-core/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls_config(settings.authorities.as_deref()))
        .build();
    config.into()
}

/// Requests the file. Returns `None` if the file still has the version of the validators.
///
/// # Errors
/// [`ErrorKind::Unavailable`] if the server does not answer, refuses, or sends only a part or more than the limit;
/// [`ErrorKind::Io`] if the copy cannot be written.
pub(super) fn download(
    agent: &Agent,
    url: &SecretUrl,
    name: &str,
    settings: &RemoteSettings,
    known: &Validators,
) -> Result<Option<(RemoteCopy, Validators)>> {
    let deadline = Instant::now() + settings.timeout;
    let mut url = url.clone();
    for _ in 0..=MAX_REDIRECTS {
        let response = ask(agent, &url, known, deadline).map_err(|error| failed(name, error))?;
        let location = text(response.headers(), &header::LOCATION);
        if let Some(location) = location.filter(|_| response.status().is_redirection()) {
            url = redirected(&url, location).map_err(|why| unavailable(name, &why))?;
            continue;
        }
        let is_conditional = *known != Validators::default();
        return match response.status() {
            StatusCode::NOT_MODIFIED if is_conditional => Ok(None),
            StatusCode::OK => {
                let validators = Validators::of(response.headers());
                Ok(Some((save(response, name, settings.max_size)?, validators)))
            }
            status => Err(unavailable(name, &format!("the server answered {status}"))),
        };
    }
    Err(unavailable(name, &format!("more than {MAX_REDIRECTS} redirects")))
}

/// Sends a request.
fn ask(
    agent: &Agent,
    url: &SecretUrl,
    known: &Validators,
    deadline: Instant,
) -> std::result::Result<Response<Body>, ureq::Error> {
    let left = deadline.saturating_duration_since(Instant::now());
    let mut request = agent.get(url.expose()).config().timeout_global(Some(left)).build();
    let conditions = [(header::IF_NONE_MATCH, &known.etag), (header::IF_MODIFIED_SINCE, &known.last_modified)];
    for (condition, validator) in conditions {
        if let Some(validator) = validator {
            request = request.header(condition, validator);
        }
    }
    request.call()
}

/// Returns the URL of a redirect.
///
/// # Errors
/// If the redirect does not lead to `http` or `https`.
fn redirected(from: &SecretUrl, location: &str) -> std::result::Result<SecretUrl, String> {
    if is_web(location) {
        return Ok(SecretUrl::new(location));
    }
    let before_path = location.split(['/', '?', '#']).next().unwrap_or_default();
    let parts = from.parts().filter(|_| !before_path.contains(':'));
    let Some((scheme, authority, path)) = parts else {
        return Err(format!("it redirects to {:?}, which is neither http nor https", cut(location)));
    };
    if let Some(other_server) = location.strip_prefix("//") {
        return Ok(SecretUrl::new(format!("{scheme}{other_server}")));
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    let folder = if location.starts_with('/') { "" } else { folder };
    Ok(SecretUrl::new(format!("{scheme}{authority}{folder}{location}")))
}

/// Writes the body to a temporary file.
fn save(response: Response<Body>, name: &str, max_size: u64) -> Result<RemoteCopy> {
    let headers = response.headers();
    let length = text(headers, &header::CONTENT_LENGTH);
    // Without either header, a truncated file looks complete.
    if length.is_none() && !headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(unavailable(name, "the answer does not say where the file ends: download it by other means"));
    }
    if let Some(length) = length
        && let Ok(length) = length.parse::<u64>()
        && length > max_size
    {
        return Err(too_long(name, max_size));
    }
    let mut copy = CopyWriter::create()?;
    let mut body = response.into_body().into_reader();
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = body.read(&mut chunk).map_err(|error| failed(name, ureq::Error::from(error)))?;
        if read == 0 {
            return Ok(copy.finish(name.to_owned()));
        }
        copy.write(&chunk[..read])?;
        if copy.size > max_size {
            return Err(too_long(name, max_size));
        }
    }
}

fn too_long(name: &str, max_size: u64) -> Error {
    unavailable(name, &format!("the file is longer than {max_size} bytes: set max-size=4GiB or the like"))
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        Validators {
            etag: text(headers, &header::ETAG).map(str::to_owned),
            last_modified: text(headers, &header::LAST_MODIFIED).map(str::to_owned),
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn failed(name: &str, error: ureq::Error) -> Error {
    let why = match &error {
        ureq::Error::BadUri(why) => format!("the URL cannot be used: {}", cut(why)),
        ureq::Error::Timeout(_) => "the server is too slow".to_owned(),
        _ => return Error::with_source(ErrorKind::Unavailable, format!("cannot fetch {name}"), error),
    };
    unavailable(name, &why)
}

fn unavailable(name: &str, why: &str) -> Error {
    Error::new(ErrorKind::Unavailable, format!("cannot fetch {name}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_to_http_and_https_only() {
        let from = SecretUrl::new("https://me:s3cret@city.example/a/today.csv?x=1");
        for (location, to) in [
            ("http://other.example/b.csv", "http://other.example/b.csv"),
            ("//other.example/b.csv", "https://other.example/b.csv"),
            ("/b.csv?x=2:3", "https://me:s3cret@city.example/b.csv?x=2:3"),
            ("b.csv", "https://me:s3cret@city.example/a/b.csv"),
        ] {
            assert_eq!(redirected(&from, location).map(|url| url.expose().to_owned()), Ok(to.to_owned()));
        }
        for location in ["file:///etc/passwd", "ftp://city.example/a", "data:text/csv,a", "FILE:/etc/passwd"] {
            let why = redirected(&from, location).unwrap_err();
            assert!(why.contains("neither http nor https"), "{why}");
        }
    }
}

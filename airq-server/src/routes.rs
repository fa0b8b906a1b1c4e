//! The routes: functions from a request to its response, without sockets.

use crate::answer_headers::{MAX_AGE, cache_headers, header_text, outcome, server_timing};
use crate::compress::compressed;
use crate::metrics::Metrics;
use crate::negotiate::{self, GZIP_SUFFIX};
use crate::problem::{self, NOT_UTF8, Problem, not_utf8};
use crate::request::{Request, TraceParent, depends_on_now};
use crate::response::{Response, ResponseBody};
use crate::transport;
use airq_core::compliance::ComplianceQuery;
use airq_core::internal::within_trace;
use airq_core::{Airq, Answer, Document, Error, ErrorKind, Format, Query, Result};
use percent_encoding::percent_decode_str;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The service of the API.
#[derive(Debug)]
pub(crate) struct Service {
    airq: Arc<Airq>,
    metrics: Metrics,
}

/// The function that answers the requests of a path.
type Handler = fn(&Airq, &Request) -> Result<Response>;

/// All routes. A test checks that the OpenAPI document has the same paths.
const ROUTES: &[(&str, Handler)] = &[
    ("/v1/air_quality", air_quality),
    ("/air_quality", air_quality),
    ("/v1/latest", latest),
    ("/v1/compliance", compliance),
    ("/v1/stations", stations),
    ("/v1/stations/{id}", station),
    ("/v1/cities", cities),
    ("/v1/parameters", parameters),
    ("/v1/dataset", data_set),
    ("/v1/chart.svg", crate::chart::chart),
    ("/openapi.json", open_api),
    ("/", crate::page::page),
];

const OPEN_API: &str = include_str!("openapi.json");
/// The maximum length of path and query.
const LONGEST_TARGET: usize = 16 * 1024;

impl Service {
    pub(crate) fn new(airq: Arc<Airq>, metrics: Metrics) -> Self {
        Service { airq, metrics }
    }

    /// Counts a request and writes a line to the access log.
    fn report(&self, route: &'static str, request: &Request, response: &Response, took: Duration) {
        self.metrics.request(route, response.status, response.cache, took);
        let size = response.body.as_ref().len();
        let id = request.id.as_str();
        let cache = response.cache.unwrap_or("none");
        let trace = request.trace.as_ref().map_or("", TraceParent::trace_id);
        log::info!(
            target: "airq_server::access",
            "http.request.id" = id,
            "trace.id" = trace,
            "http.request.method" = request.method.as_str(),
            "http.response.status_code" = response.status,
            "http.response.body.bytes" = size,
            "url.original" = cut(&request.target),
            "event.duration" = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
            "airq.route" = route,
            "airq.cache" = cache,
            "airq.timing" = response.header("Server-Timing").unwrap_or_default();
            "{} {} {} {size} bytes {took:.1?} {cache} {id}", request.method, cut(&request.target), response.status
        );
    }

    fn respond(&self, request: &Request, handler: Option<Handler>) -> Response {
        if request.target.len() > LONGEST_TARGET {
            return Problem::TargetTooLong.response(&format!("The maximum length is {LONGEST_TARGET} bytes."));
        }
        let Some(handler) = handler else {
            let paths: Vec<&str> = ROUTES.iter().map(|(path, _)| *path).collect();
            return Problem::NoSuchRoute.response(&format!("The paths are {}.", paths.join(", ")));
        };
        if request.method == "OPTIONS" {
            return options();
        }
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Problem::MethodNotAllowed.response("Measurements are read here, not written.");
        }
        // A panic in one request must not affect other requests.
        let parent = request.trace.as_ref().map(|trace| trace.as_str().to_owned());
        let answered = catch_unwind(AssertUnwindSafe(|| within_trace(parent, || handler(&self.airq, request))));
        let answered = answered.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "a panic, see the log above")));
        answered.unwrap_or_else(|error| problem::response(&error, request))
    }
}

impl transport::Handler for Service {
    fn answer(&self, request: &Request) -> Response {
        let start = Instant::now();
        let route = ROUTES.iter().find(|(path, _)| is_path_of(request.path(), path));
        let response = compressed(self.respond(request, route.map(|(_, handler)| *handler)), request);
        self.report(route.map_or("none", |(path, _)| path), request, &response, start.elapsed());
        readable_by_all(response.with("X-Request-Id", request.id.as_str()))
    }

    fn refuse(&self, problem: Problem, detail: &str) -> Response {
        let response = problem.response(detail);
        self.metrics.request("none", response.status, None, Duration::ZERO);
        readable_by_all(response)
    }
}

/// The headers that pages of other origins can read, in addition to the headers that browsers always show them.
const EXPOSED_HEADERS: &str =
    "Link, ETag, X-Data-Set-Version, X-Request-Id, Server-Timing, Cache-Status, Retry-After, Age, Allow";

/// Returns whether a path is that of a route. The last segment of a route may be a variable, such as `{id}`.
fn is_path_of(path: &str, route: &str) -> bool {
    match route.split_once('{') {
        Some((folder, _)) => path.strip_prefix(folder).is_some_and(|last| !last.is_empty() && !last.contains('/')),
        None => path == route,
    }
}

/// Adds the headers by which pages of all origins can read the response.
fn readable_by_all(response: Response) -> Response {
    response
        .with("Access-Control-Allow-Origin", "*")
        .with("Access-Control-Expose-Headers", EXPOSED_HEADERS)
        .with("X-Content-Type-Options", "nosniff")
}

/// Returns the response to OPTIONS: the requests that pages of other origins may send.
fn options() -> Response {
    let mut response = Response::new(204, "", ResponseBody::Static(""));
    response.headers.clear();
    response
        .with("Allow", problem::ALLOWED_METHODS)
        .with("Access-Control-Allow-Methods", problem::ALLOWED_METHODS)
        .with("Access-Control-Allow-Headers", "Accept, If-None-Match, X-Request-Id, traceparent")
        .with("Access-Control-Max-Age", "86400")
}

/// Returns the part of a target that is written to the log.
fn cut(target: &str) -> &str {
    const ENOUGH: usize = 500;
    target.get(..ENOUGH).unwrap_or(target)
}

/// `/v1/air_quality`: the measurements of the query. Without a limit, the answer is one page.
fn air_quality(airq: &Airq, request: &Request) -> Result<Response> {
    measurements(airq, request, Query::PARAMETERS, |query| query.or_limit(Query::DEFAULT_LIMIT))
}

/// `/v1/latest`: the newest measurement of each station.
fn latest(airq: &Airq, request: &Request) -> Result<Response> {
    let mut response = measurements(airq, request, Query::LATEST_PARAMETERS, Query::latest)?;
    limit_max_age(&mut response, LATEST_MAX_AGE);
    Ok(response)
}

/// The longest time in seconds for which clients and proxies may keep the newest values without asking again. New data are noticed within
/// a second, so a longer time would show older values than the data have.
const LATEST_MAX_AGE: u64 = 10;

/// Lowers the `max-age` of a response.
fn limit_max_age(response: &mut Response, most: u64) {
    const NAME: &str = "Cache-Control";
    for (_, value) in response.headers.iter_mut().filter(|(name, _)| *name == NAME) {
        let seconds = value.strip_prefix(MAX_AGE).and_then(|seconds| seconds.parse::<u64>().ok());
        if let Some(seconds) = seconds {
            *value = format!("{MAX_AGE}{}", seconds.min(most));
        }
    }
}

fn measurements(airq: &Airq, request: &Request, known: &[&str], of: fn(Query) -> Query) -> Result<Response> {
    if let Some((query, format)) = request.asked.get() {
        return answered(airq.answer(query, *format)?, request);
    }
    let Some(pairs) = request.pairs() else { return Ok(not_utf8()) };
    let is_kept = !pairs.iter().any(|(name, value)| depends_on_now(name, value));
    let (query, format) = Query::from_pairs(known, pairs)?;
    let asked = (of(query), format.unwrap_or_else(|| negotiate::format(request.accept.as_deref())));
    let response = answered(airq.answer(&asked.0, asked.1)?, request);
    if is_kept {
        request.asked.get_or_init(|| asked);
    }
    response
}

/// `/v1/compliance`: the compliance of stations with a standard in a year.
fn compliance(airq: &Airq, request: &Request) -> Result<Response> {
    let Some(pairs) = request.pairs() else { return Ok(not_utf8()) };
    let (query, format) = ComplianceQuery::from_pairs(pairs)?;
    let format = format.unwrap_or_else(|| negotiate::format(request.accept.as_deref()));
    answered(airq.compliance_answer(&query, format)?, request)
}

/// `/v1/stations`: all stations, or the stations of some cities or places.
fn stations(airq: &Airq, request: &Request) -> Result<Response> {
    const FORMATS: [Format; 3] = [Format::Json, Format::Csv, Format::GeoJson];
    let Some(pairs) = request.pairs() else { return Ok(not_utf8()) };
    let (query, format) = Query::from_pairs(Query::STATION_PARAMETERS, pairs)?;
    let format = format.unwrap_or_else(|| negotiate::format_of(request.accept.as_deref(), FORMATS));
    Ok(documented(airq.stations_document(&query, format)?, request).with("Vary", "Accept"))
}

/// `/v1/stations/{id}`: one station.
fn station(airq: &Airq, request: &Request) -> Result<Response> {
    without_parameters(request)?;
    let id = request.path().rsplit('/').next().unwrap_or_default();
    match percent_decode_str(id).decode_utf8() {
        Ok(id) => Ok(documented(airq.station_document(&id)?, request)),
        Err(_) => Ok(not_utf8()),
    }
}

/// `/v1/parameters`: the parameters of the data set, with their units.
fn parameters(airq: &Airq, request: &Request) -> Result<Response> {
    without_parameters(request)?;
    Ok(documented(airq.parameters_document()?, request))
}

/// `/v1/cities`: the cities.
fn cities(airq: &Airq, request: &Request) -> Result<Response> {
    without_parameters(request)?;
    Ok(documented(airq.cities_document()?, request))
}

/// `/v1/dataset`: a description of the data set.
fn data_set(airq: &Airq, request: &Request) -> Result<Response> {
    without_parameters(request)?;
    Ok(documented(airq.data_set_document()?, request))
}

/// `/openapi.json`: the description of this API.
fn open_api(_: &Airq, request: &Request) -> Result<Response> {
    without_parameters(request)?;
    let etag = negotiate::etag_of(OPEN_API);
    let known = negotiate::has_already(request.if_none_match.as_deref(), &etag);
    let response = Response::new(if known { 304 } else { 200 }, "application/json", ResponseBody::Static(OPEN_API));
    Ok(response.with("ETag", format!("\"{etag}\"")).with("Cache-Control", "public, max-age=3600"))
}

fn without_parameters(request: &Request) -> Result<()> {
    let pairs = request.pairs().ok_or_else(|| Error::new(ErrorKind::InvalidParameter, NOT_UTF8))?;
    Query::from_pairs(&[], pairs).map(drop)
}

/// Returns the response with an answer and the headers for HTTP caches.
fn answered(mut answer: Answer, request: &Request) -> Result<Response> {
    let known = negotiate::has_already(request.if_none_match.as_deref(), answer.etag());
    // In this order, the answer is compressed only for clients that accept gzip.
    let gzip = negotiate::takes_gzip(request.accept_encoding.as_deref()) && answer.gzip().is_some();
    if !gzip && !known {
        answer.unpack()?;
    }
    let mut headers = cache_headers(&answer);
    headers.push(("ETag", format!("\"{}{}\"", answer.etag(), if gzip { GZIP_SUFFIX } else { "" })));
    headers.push(("Vary", "Accept, Accept-Encoding".to_owned()));
    headers.push(("X-Data-Set-Version", header_text(answer.version())));
    // Relative to the URL of the request, which a proxy may have changed.
    headers.extend(answer.next_page().map(|next| ("Link", format!("<?{next}>; rel=\"next\""))));
    headers.push(("Server-Timing", server_timing(&answer)));
    headers.extend(gzip.then(|| ("Content-Encoding", "gzip".to_owned())));
    let content_type = answer.content_type();
    let outcome = outcome(&answer);
    let body = if gzip { ResponseBody::Gzip(answer) } else { ResponseBody::Plain(answer) };
    let mut response = Response::new(if known { 304 } else { 200 }, content_type, body);
    response.cache = Some(outcome);
    response.headers.extend(headers);
    Ok(response)
}

/// Returns the response with a document. Clients must revalidate documents, because documents show changes of the data.
fn documented(document: Document, request: &Request) -> Response {
    let known = negotiate::has_already(request.if_none_match.as_deref(), &document.etag);
    let etag = format!("\"{}\"", document.etag);
    let version = header_text(&document.version);
    let content_type = document.format.content_type();
    Response::new(if known { 304 } else { 200 }, content_type, ResponseBody::Bytes(document.body))
        .with("ETag", etag)
        .with("Cache-Control", "no-cache")
        .with("X-Data-Set-Version", version)
}

#[cfg(test)]
mod tests;

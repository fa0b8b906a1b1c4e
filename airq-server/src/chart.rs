//! `/v1/chart.svg`: a chart of the query. The answer is cached, but not the drawing, which takes about as long to draw as to
//! send.

use crate::answer_headers::{cache_headers, header_text, outcome, server_timing};
use crate::negotiate;
use crate::problem;
use crate::request::Request;
use crate::response::{Response, ResponseBody};
use airq_core::chart::ChartOptions;
use airq_core::{Airq, Result};

/// The chart may use its own style sheet, and load nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";

/// Returns the chart of the query.
pub(crate) fn chart(airq: &Airq, request: &Request) -> Result<Response> {
    let Some(pairs) = request.pairs() else { return Ok(problem::not_utf8()) };
    let (query, options) = ChartOptions::from_pairs(pairs)?;
    let chart = airq.chart(&query)?;
    let etag = chart.etag(&options);
    let answer = chart.answer();
    let known = negotiate::has_already(request.if_none_match.as_deref(), &etag);
    let body = ResponseBody::Bytes(chart.svg(&options)?.into_bytes());
    let mut response = Response::new(if known { 304 } else { 200 }, "image/svg+xml", body);
    response.cache = Some(outcome(answer));
    response.headers.extend(cache_headers(answer));
    Ok(response
        .with("Server-Timing", server_timing(answer))
        .with("ETag", format!("\"{etag}\""))
        .with("X-Data-Set-Version", header_text(answer.version()))
        .with("Content-Security-Policy", POLICY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use airq_core::repository::CsvRepository;

    fn drawn(airq: &Airq, target: &str, tag: Option<&str>) -> Response {
        let tag = tag.map(str::to_owned);
        chart(airq, &Request { target: target.to_owned(), if_none_match: tag, ..Request::default() }).unwrap()
    }

    #[test]
    fn a_chart_has_the_headers_of_the_answer_behind_it() {
        let airq = Airq::builder().repository(CsvRepository::sample().unwrap()).build().unwrap();
        let first = drawn(&airq, "/v1/chart.svg?city=Madrid&tz=Europe/Madrid", None);
        assert_eq!((first.status, first.header("Content-Type")), (200, Some("image/svg+xml")));
        assert!(first.body.as_ref().starts_with(b"<svg "));
        assert!(first.header("Cache-Status").unwrap().contains("fwd=uri-miss"));
        let again = drawn(&airq, "/v1/chart.svg?city=Madrid&tz=Europe/Madrid", first.header("ETag"));
        assert_eq!(again.status, 304);
        assert!(again.header("Cache-Status").unwrap().starts_with("memory; hit"), "the rows are kept");
        let other = drawn(&airq, "/v1/chart.svg?city=Madrid", first.header("ETag"));
        assert_eq!(other.status, 200, "another zone is another picture");
        assert!(other.header("Cache-Status").unwrap().starts_with("memory; hit"), "of the same rows");
    }

    #[test]
    fn a_chart_of_too_much_names_what_to_ask_for_less_of() {
        let rows = (0..25).fold(String::new(), |rows, station| rows + &format!("s{station},2016-10-01,1\n"));
        let csv = format!("station,time,no2\n{rows}");
        let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
        let airq = Airq::builder().repository(repository).build().unwrap();
        let request = Request { target: "/v1/chart.svg".to_owned(), ..Request::default() };
        let error = chart(&airq, &request).unwrap_err();
        assert_eq!((error.is_invalid_input(), error.issues()[0].parameter.as_str()), (true, "station"));
    }
}

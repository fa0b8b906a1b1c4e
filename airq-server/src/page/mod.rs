//! `/`: a page for people. One document without scripts that loads nothing but charts of this server.

mod compliance;
mod form;
mod html;
mod index;
mod view;

use crate::negotiate;
use crate::problem;
use crate::request::Request;
use crate::response::{Response, ResponseBody};
use airq_core::{Airq, Result};
#[cfg(test)]
pub(crate) use form::FIELDS;
use form::PageForm;
use view::{PageProblem, View};

/// Allows the style sheet with this hash and pictures of this server only. A test checks the hash.
const POLICY: &str = "default-src 'none'; style-src 'sha256-ptAFMkWuVwq3K/B2wDb+w8eNUb+CTbzok5/ZFtfotGw='; img-src 'self' data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("style.css");

/// The page of a query, or of its problem.
#[expect(clippy::unnecessary_wraps, reason = "a handler's signature")]
pub(crate) fn page(airq: &Airq, request: &Request) -> Result<Response> {
    let form = PageForm::parse(request);
    let view = match &form {
        Ok(form) => View::read(airq, form),
        Err(error) => Err(error.clone()),
    };
    let base = base(request);
    Ok(match view {
        Ok(view) => found(&html::page(&view, &base), request),
        Err(error) => {
            let (problem, detail) = problem::describe(&error, request);
            let (_, title, status) = problem.row();
            let nearest = error.issues().iter().flat_map(|issue| issue.nearest.iter().cloned()).collect();
            let view = View::of_problem(airq, form.unwrap_or_default(), PageProblem { title, detail, nearest });
            problem.with_headers(html(status, &html::page(&view, &base)))
        }
    })
}

/// The URL of this server as clients see it, without a slash at the end.
fn base(request: &Request) -> String {
    let scheme = if request.secure { "https" } else { "http" };
    let host = request.host.as_deref().unwrap_or("127.0.0.1:8080");
    format!("{scheme}://{host}{}", request.prefix.as_deref().unwrap_or_default())
}

/// A page of newest values, which clients may store but must revalidate.
fn found(text: &str, request: &Request) -> Response {
    let etag = negotiate::etag_of(text);
    let known = negotiate::has_already(request.if_none_match.as_deref(), &etag);
    html(if known { 304 } else { 200 }, text)
        .with("Cache-Control", "no-cache")
        .with("Vary", "Host, X-Forwarded-Proto, X-Forwarded-Prefix")
        .with("ETag", format!("\"{etag}\""))
}

fn html(status: u16, text: &str) -> Response {
    Response::new(status, "text/html; charset=utf-8", ResponseBody::Bytes(text.as_bytes().to_vec()))
        .with("Content-Security-Policy", POLICY)
        .with("Referrer-Policy", "no-referrer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use airq_core::CsvRepository;
    use base64::Engine;
    use ring::digest::{SHA256, digest};

    fn sample() -> Airq {
        Airq::builder().repository(CsvRepository::sample().unwrap()).build().unwrap()
    }

    fn shown(airq: &Airq, target: &str) -> (Response, String) {
        let request = Request { method: "GET".to_owned(), target: target.to_owned(), ..Request::default() };
        let response = page(airq, &request).unwrap();
        let text = String::from_utf8(response.body.as_ref().to_vec()).unwrap();
        (response, text)
    }

    #[test]
    fn the_policy_allows_this_style_sheet_only() {
        let hash = base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "the style sheet's hash is {hash}");
        let (response, text) = shown(&sample(), "/");
        assert_eq!(response.header("Content-Security-Policy"), Some(POLICY));
        assert!(!text.contains("<script") && !text.contains(" style=") && !text.contains(" onclick="));
    }

    #[test]
    fn without_parameters_it_shows_the_largest_city_on_the_last_day() {
        let (response, text) = shown(&sample(), "/");
        assert_eq!(response.status, 200);
        for part in [
            "<option value=\"Madrid\" selected>",
            "value=\"2016-10-01\"",
            "v1/chart.svg?city=Madrid&amp;from=2016-10-01&amp;to=2016-10-02",
            "curl 'http://127.0.0.1:8080/v1/air_quality?city=Madrid&amp;from=2016-10-01&amp;to=2016-10-02&amp;format=json'",
            "airq-cli plot --source http://127.0.0.1:8080 --city Madrid --from 2016-10-01 --to 2016-10-02",
            "<th scope=\"row\">Salvia</th>",
            "<th scope=\"col\">Air quality</th>",
            "European Air Quality Index (2024), of the last hour: <span class=\"band c50f0e6\">Good</span>",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(shown(&sample(), "/?city=").1.contains("Newest values: all cities"));
        assert!(text.contains("Time (UTC)") && text.contains(">2016-10-01 23:45</time>"), "{text}");
        let (_, local) = shown(&sample(), "/?city=Madrid&tz=Europe/Madrid");
        assert!(local.contains("Time (Europe/Madrid)") && local.contains(">2016-10-02 01:45</time>"), "{local}");
    }

    #[test]
    fn the_selected_index_rates_the_newest_values_and_the_chart() {
        let (response, text) = shown(&sample(), "/?city=Madrid&index=us-2024&from=2016-10-01&to=2016-10-02");
        assert_eq!(response.status, 200);
        for part in [
            "<option value=\"us-2024\" selected>",
            "of the last hour: <span class=\"band c00e400\">Good</span>",
            "v1/chart.svg?city=Madrid&amp;index=us-2024&amp;from=2016-10-01&amp;to=2016-10-02",
            "airq-cli plot --source http://127.0.0.1:8080 --city Madrid --index us-2024 --from 2016-10-01",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn a_year_has_its_compliance_and_a_calendar() {
        let (response, text) = shown(&sample(), "/?city=Madrid&parameter=no2&year=2016&standard=eu-2024&tz=");
        assert_eq!(response.status, 200);
        for part in [
            "Compliance in 2016",
            "European Union",
            "<td>no2-1h-2030</td>",
            "not enough data",
            "v1/compliance?city=Madrid&amp;parameter=no2&amp;year=2016&amp;standard=eu-2024&amp;format=csv",
            "v1/chart.svg?city=Madrid&amp;parameter=no2&amp;view=calendar&amp;from=2016-01-01&amp;to=2017-01-01",
            "airq-cli plot --source http://127.0.0.1:8080 --city Madrid --parameter no2 --from",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!shown(&sample(), "/?city=Madrid&standard=eu-2024").1.contains("id=\"compliance\""));
        for bad in ["/?year=16", "/?year=2016&standard=eu", "/?standard=eu"] {
            assert_eq!(shown(&sample(), bad).0.status, 400, "{bad}");
        }
    }

    #[test]
    fn an_invalid_parameter_is_reported_with_the_nearest_names() {
        let airq = sample();
        for (target, status, part) in [
            ("/?city=Madird", 404, "<a href=\"./?city=Madrid\">Madrid</a>"),
            ("/?from=yesterday", 400, "RFC 3339"),
            ("/?tz=Mars", 400, "Europe/Madrid"),
            (
                "/?colour=red",
                400,
                "one of the parameters city, parameter, pollutant, from, to, every, stat, index, tz, year, standard",
            ),
            ("/?city=%FF", 400, "UTF-8"),
        ] {
            let (response, text) = shown(&airq, target);
            assert_eq!((response.status, response.header("Cache-Control")), (status, Some("no-store")), "{target}");
            assert!(text.contains(part) && text.contains("<select id=\"city\""), "{target}: {text}");
        }
    }

    #[test]
    fn no_text_from_outside_is_markup() {
        let csv = "station,time,no2\n\"<script>alert('\"\"x')</script>\",2016-10-01,1\n";
        let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
        let airq = Airq::builder().repository(repository).build().unwrap();
        for target in ["/", "/?city=%3Cscript%3Ealert(1)%3C/script%3E", "/?tz=%22%3E%3Cscript%3E", "/?%3Cscript%3E=1"] {
            let (_, text) = shown(&airq, target);
            assert!(text.contains("&lt;script&gt;") && !text.contains("<script"), "{target}: {text}");
        }
    }

    #[test]
    fn an_unchanged_page_is_not_sent_again() {
        let airq = sample();
        let (first, _) = shown(&airq, "/");
        let tag = first.header("ETag").map(str::to_owned);
        let again = Request { target: "/".to_owned(), if_none_match: tag, ..Request::default() };
        assert_eq!(page(&airq, &again).unwrap().status, 304);
    }
}

//! `/`: a page for people. One document that loads nothing but charts and values of this server, and works without its script.

mod compliance;
mod fields;
mod form;
mod headline;
mod html;
mod index;
mod latest;
mod map;
mod presets;
mod sort;
mod table;
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

/// Allows the style sheet and the script with these hashes, and pictures and values of this server. A test checks the hashes.
const POLICY: &str = "default-src 'none'; style-src 'sha256-rfYdmInaJpRpGbejhRw7Wvsm/VBqueAg43N+JLsmvuI='; script-src 'sha256-8lT6pWO6cX7Z27zscAkVlsevzJz9Ok5+vAlEL81uU2Q='; connect-src 'self'; \
                      img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

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
    use airq_core::repository::CsvRepository;
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
    fn the_policy_allows_this_style_sheet_and_this_script_only() {
        for (kind, text) in [("style", STYLE), ("script", SCRIPT)] {
            let hash = base64::engine::general_purpose::STANDARD.encode(digest(&SHA256, text.as_bytes()));
            assert!(POLICY.contains(&format!("{kind}-src 'sha256-{hash}'")), "the hash of the {kind} is {hash}");
        }
        let (response, text) = shown(&sample(), "/");
        assert_eq!(response.header("Content-Security-Policy"), Some(POLICY));
        assert_eq!(text.matches("<script").count(), 1);
        assert!(!text.contains(" style=") && !text.contains(" onclick="));
    }

    #[test]
    fn without_parameters_it_shows_the_largest_city_on_the_last_day() {
        let (response, text) = shown(&sample(), "/");
        assert_eq!(response.status, 200);
        for part in [
            "Air quality now: Madrid",
            "Simulated sample.",
            "<option value=\"Madrid\" selected>",
            "value=\"2016-10-01\"",
            "v1/chart.svg?city=Madrid&amp;from=2016-10-01&amp;to=2016-10-02",
            "curl 'http://127.0.0.1:8080/v1/air_quality?city=Madrid&amp;from=2016-10-01&amp;to=2016-10-02&amp;format=json'",
            "airq-cli plot --source http://127.0.0.1:8080 --city Madrid --from 2016-10-01 --to 2016-10-02",
            "<a href=\"./?from=2016-10-01&amp;to=2016-10-02&amp;station=aq_salvia\">Salvia</a>",
            "European Air Quality Index (2024), of the last hour: <span class=\"band c50f0e6\">Good</span>",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let first = text.find(">PM2.5</a>").unwrap();
        assert!(first < text.find(">PM10</a>").unwrap() && first < text.find(">NO₂</a>").unwrap());
        let all = shown(&sample(), "/?city=").1;
        assert!(
            all.contains("Air quality now: all cities") && all.contains("<th scope=\"col\" role=\"columnheader\">City")
        );
    }

    #[test]
    fn links_are_relative_so_that_a_proxy_may_serve_the_page_below_a_path() {
        for target in ["/", "/?station=aq_salvia", "/?city=Madird"] {
            let (_, text) = shown(&sample(), target);
            for absolute in ["href=\"/", "src=\"/", "srcset=\"/", "action=\"/", "data-values=\"/"] {
                assert!(!text.contains(absolute), "{target} has {absolute}");
            }
        }
    }

    #[test]
    fn a_station_has_a_page_with_a_link_to_its_city() {
        let (response, text) = shown(&sample(), "/?station=aq_salvia&tz=Europe/Madrid");
        assert_eq!(response.status, 200);
        for part in [
            "Air quality now: Salvia",
            "<code>aq_salvia</code>",
            "All stations of Madrid",
            "40.53° N",
            "2016-10-02 01:45 Europe/Madrid",
            "v1/chart.svg?station=aq_salvia",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(shown(&sample(), "/?station=aq_slavia").0.status, 404);
    }

    #[test]
    fn rows_are_in_the_order_of_the_sorted_column() {
        let airq = sample();
        let order = |target: &str| -> Vec<String> {
            let text = shown(&airq, target).1;
            let cells = text.split("<td role=\"cell\" class=\"number\" data-label=\"NO₂, µg/m³\">").skip(1);
            cells.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
        };
        let numbers = |texts: &[String]| -> Vec<f64> { texts.iter().map(|text| text.parse().unwrap()).collect() };
        let descending = order("/?city=&sort=-no2");
        assert!(descending.len() > 5 && numbers(&descending).is_sorted_by(|a, b| a >= b), "{descending:?}");
        assert!(numbers(&order("/?city=&sort=no2")).is_sorted());
        assert!(shown(&airq, "/?city=&sort=no2").1.contains("aria-sort=\"ascending\""));
    }

    #[test]
    fn the_map_links_a_dot_for_each_station() {
        let (_, text) = shown(&sample(), "/?city=Madrid");
        let map = text.split("<svg class=\"map\"").nth(1).unwrap().split("</svg>").next().unwrap();
        let stations = sample().stations().unwrap().in_city("Madrid").count();
        assert_eq!((map.matches("<circle").count(), map.matches("<a href=\"./?").count()), (stations, stations));
        assert!(map.contains("<title>Salvia: ") && map.contains("° N</text>"));
    }

    #[test]
    fn old_data_have_no_band() {
        let csv = "station,time,no2,pm2_5\na,2016-10-01T10:00:00Z,12,5\n";
        let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
        let airq = Airq::builder().repository(repository).build().unwrap();
        let (_, text) = shown(&airq, "/");
        assert!(text.contains("No current data") && text.contains("years ago"), "{text}");
        assert!(!text.contains("Simulated") && !text.contains("class=\"answer\"><span class=\"band c"), "{text}");
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
                "one of the parameters city, station, parameter, pollutant, from, to, every, stat, index, tz, year, standard, sort",
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
            assert!(text.contains("&lt;script&gt;"), "{target}: {text}");
            assert_eq!(text.matches("<script").count(), 1, "only the script of the page: {target}");
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

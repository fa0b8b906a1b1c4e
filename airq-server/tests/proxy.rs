//! The server behind the proxy of `ops/nginx`: what its own sockets cannot keep off never reaches it, and nobody who
//! behaves is kept waiting.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::proxy::Proxy;
use common::siege::{Ended, statuses};
use common::{Reply, Server, hostile};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

#[test]
fn answers_pass_through_whole() {
    let server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    for target in [
        "/v1/air_quality?city=M%C3%A1laga&limit=3",
        "/v1/latest?format=geojson",
        "/v1/air_quality?limit=100000",
        "/openapi.json",
    ] {
        let (direct, proxied) = (server.get(target), proxy.get(target));
        assert_eq!((proxied.status, &proxied.body), (200, &direct.body), "{target}");
        assert_eq!((proxied.header("ETag"), proxied.header("Link")), (direct.header("ETag"), direct.header("Link")));
    }
    let etag = proxy.get("/v1/latest").header("ETag").unwrap().to_owned();
    let known = format!("If-None-Match: {etag}\r\n");
    assert_eq!(common::get(proxy.address, "/v1/latest", &known).status, 304);
    assert_eq!(
        common::get(proxy.address, "/v1/latest", "Accept: text/csv\r\n").header("Content-Type"),
        Some("text/csv; charset=utf-8; header=present")
    );
    let gzip = common::get(proxy.address, "/v1/latest", "Accept-Encoding: gzip\r\n");
    assert_eq!(gzip.header("Content-Encoding"), Some("gzip"));
    assert_eq!(proxy.get("/v1/air_quality?city=Madird").status, 404);
}

#[test]
fn every_link_works_behind_a_path() {
    let server = Server::start(&[]);
    let proxy = Proxy::start_at("/aq", &[server.api]);
    let page = proxy.get("/aq/?city=Madrid");
    let text = String::from_utf8(page.body).unwrap();
    let links: Vec<&str> = text
        .split("href=\"")
        .skip(1)
        .chain(text.split("src=\"").skip(1))
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let mut followed = 0;
    for link in links.iter().filter(|link| !link.starts_with(['#']) && !link.starts_with("data:")) {
        assert!(!link.starts_with('/') && !link.contains("://"), "{link} is relative");
        let target = format!("/aq/{}", link.trim_start_matches("./").replace("&amp;", "&"));
        assert_eq!(proxy.get(&target).status, 200, "{target}");
        followed += 1;
    }
    assert!(followed > 8, "{links:?}");
    assert!(text.contains("action=\"./\"") && text.contains("/aq/v1/air_quality?city=Madrid&amp;"), "{text}");
    assert!(text.contains(&format!("--source http://{}/aq ", "test")), "{text}");
    let first = proxy.get("/aq/v1/air_quality?limit=600");
    let next = first.header("Link").unwrap().strip_prefix('<').unwrap().split('>').next().unwrap().to_owned();
    let second = proxy.get(&format!("/aq/v1/air_quality{next}"));
    assert_eq!((second.status, second.json()["page"]["count"].as_u64()), (200, Some(552)));
    let problem = proxy.get("/aq/?city=Madird");
    assert!(String::from_utf8(problem.body).unwrap().contains("href=\"./?city=Madrid\""));
    assert_eq!(proxy.get("/aq/openapi.json").json()["servers"][0]["url"], ".");
    assert_eq!(proxy.get("/v1/latest").status, 404, "nothing is served outside the path");
}

#[test]
fn what_the_server_need_not_see_is_refused_before_it() {
    let server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    let get = |headers: &str| {
        format!("GET /v1/cities HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").into_bytes()
    };
    let long = "x".repeat(40_000);
    for (name, bytes, allowed) in [
        (
            "a write",
            b"POST /v1/cities HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
            &["405"][..],
        ),
        ("a long header", get(&format!("X: {long}\r\n")), &["400"]),
        ("a long target", format!("GET /?{long} HTTP/1.1\r\nHost: x\r\n\r\n").into(), &["414"]),
        ("a large body", get("Content-Length: 100000000000\r\n"), &["413"]),
        ("a later version", b"GET /v1/cities HTTP/2.0\r\nHost: x\r\n\r\n".to_vec(), &["505", "400"]),
        ("no version", b"GET /v1/cities HTTP/x\r\n\r\n".to_vec(), &["400"]),
        ("weights that are no numbers", get("TE: a;q=NaN, b;q=NaN, c;q=1\r\n"), &["200"]),
    ] {
        let mut stream = common::connect(proxy.address);
        let _ = stream.write_all(&bytes);
        let statuses = statuses(&mut stream);
        assert!(statuses.first().is_some_and(|status| allowed.contains(&status.as_str())), "{name}: {statuses:?}");
        assert_eq!(proxy.get("/v1/cities").status, 200, "the next client after {name}");
    }
}

#[test]
fn errors_of_the_proxy_are_problems_and_options_pass() {
    let mut server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    let ask = |request: &str| {
        let mut stream = common::connect(proxy.address);
        stream.write_all(request.as_bytes()).unwrap();
        Reply::read(&mut stream, false)
    };
    let write = ask("POST /v1/cities HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((write.status, write.header("Allow")), (405, Some("GET, HEAD, OPTIONS")));
    let options = ask("OPTIONS /v1/cities HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((options.status, options.header("Access-Control-Allow-Methods")), (204, Some("GET, HEAD, OPTIONS")));
    assert_eq!(options.header("Access-Control-Max-Age"), Some("86400"));
    let exposed = proxy.get("/v1/latest");
    assert!(exposed.header("Access-Control-Expose-Headers").unwrap().contains("Link, ETag"));
    server.signal("KILL");
    assert!(!server.wait(Duration::from_secs(5)).success());
    let gone = ask("GET /v1/cities HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(
        (gone.status, gone.header("Retry-After"), gone.header("Cache-Control")),
        (502, Some("1"), Some("no-store"))
    );
    for reply in [&write, &gone] {
        assert_eq!(reply.header("Content-Type"), Some("application/problem+json"));
        assert_eq!(reply.json()["status"], reply.status);
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"));
    }
}

#[test]
fn whatever_a_client_sends_the_proxy_it_gets_a_clean_answer_or_a_close() {
    const CLEAN: [&str; 11] = ["200", "400", "403", "405", "408", "411", "413", "414", "417", "501", "505"];
    let server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    for (name, bytes, _) in hostile::requests() {
        let answer = hostile::answer(proxy.address, &bytes);
        let status = answer.split(' ').nth(1);
        // HTTP/0.9 knows no status: nginx tells who sends no version in HTML.
        let is_clean = answer.starts_with("HTTP/1.1 ") && status.is_some_and(|status| CLEAN.contains(&status));
        assert!(is_clean || answer.is_empty() || answer.starts_with("<html>"), "{name}: {answer:?}");
        assert_eq!(proxy.get("/v1/cities").status, 200, "the next client after {name}");
    }
    let mut kept: Vec<_> = (0..200).map(|_| common::connect(proxy.address)).collect();
    for stream in &mut kept {
        write!(stream, "GET /v1/latest HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    for stream in &mut kept {
        assert_eq!(Reply::read(stream, false).status, 200);
    }
    let mut leaving: Vec<_> = (0..30).map(|_| common::connect(proxy.address)).collect();
    for stream in &mut leaving {
        write!(stream, "GET /v1/air_quality?limit=100000 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    drop(leaving);
    assert_eq!(proxy.get("/v1/cities").status, 200, "the next client after those that left");
}

#[test]
fn no_variant_of_smuggling_takes_the_place_of_somebody_elses_answer() {
    let server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    let hidden = "GET /v1/stations HTTP/1.1\r\nHost: hidden\r\n\r\n";
    for framing in hostile::ambiguous_framings(hidden.len()) {
        let mut stream = common::connect(proxy.address);
        stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let request = format!("GET /v1/cities HTTP/1.1\r\nHost: x\r\n{framing}\r\n0\r\n\r\n{hidden}");
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        // The hidden request may be answered where the proxy itself takes it for this client's next; never in the place
        // of somebody else's answer.
        let next = proxy.get("/v1/cities");
        assert_eq!((next.status, next.json()["cities"].is_array()), (200, true), "the next client after {framing:?}");
    }
    let metrics = String::from_utf8(common::get(server.admin, "/metrics", "").body).unwrap();
    assert!(!metrics.contains("status=\"400\"") && !metrics.contains("status=\"405\""), "the server saw only requests");
}

#[test]
fn a_rolling_restart_under_load_loses_no_request() {
    let mut servers: Vec<Server> = (0..3).map(|_| Server::start(&["--grace", "0.3"])).collect();
    let addresses: Vec<(SocketAddr, SocketAddr)> = servers.iter().map(|server| (server.api, server.admin)).collect();
    let proxy = Proxy::start(&addresses.iter().map(|(api, _)| *api).collect::<Vec<_>>());
    let (done, asked) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut stream = common::connect(proxy.address);
                let mut left = 50;
                while !done.load(Ordering::Relaxed) {
                    if left == 0 {
                        (stream, left) = (common::connect(proxy.address), 50);
                    }
                    left -= 1;
                    stream.write_all(b"GET /v1/latest HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
                    let reply = Reply::read(&mut stream, false);
                    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let _ended = Ended(&done);
        for (server, (api, admin)) in servers.iter_mut().zip(addresses) {
            thread::sleep(Duration::from_millis(200));
            server.signal("TERM");
            assert!(server.wait(Duration::from_secs(10)).success());
            *server =
                Server::start(&["--grace", "0.3", "--listen", &api.to_string(), "--admin-listen", &admin.to_string()]);
        }
        thread::sleep(Duration::from_millis(200));
    });
    assert!(asked.load(Ordering::Relaxed) > 100, "there was a load: {asked:?}");
}

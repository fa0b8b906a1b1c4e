//! The server over real sockets: whatever a client does, it gets a clean answer or a close, and the next one is served.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::{Reply, Server, Simulated, hostile};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn keep_alive(stream: &mut TcpStream, target: &str) -> Reply {
    write!(stream, "GET {target} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    Reply::read(stream, false)
}

#[test]
fn one_connection_carries_many_requests() {
    let server = Server::start(&[]);
    let mut stream = server.connect();
    for _ in 0..100 {
        let reply = keep_alive(&mut stream, "/v1/air_quality?city=Madrid&limit=5");
        assert_eq!((reply.status, reply.json()["page"]["count"].as_u64()), (200, Some(5)));
    }
    assert_eq!(keep_alive(&mut stream, "/v1/air_quality?limit=x").status, 400);
    assert_eq!(keep_alive(&mut stream, "/v1/cities").status, 200, "a refused request ends no connection");
}

#[test]
fn bodies_of_any_size_come_whole_and_at_once() {
    let file = Simulated::rows(12_000);
    let server = Server::start(&["--source", file.path()]);
    let mut stream = server.connect();
    for (limit, size) in [(12, 2_000), (120, 20_000), (12_000, 2_000_000)] {
        let target = format!("/v1/air_quality?format=records&limit={limit}");
        let first = keep_alive(&mut stream, &target);
        assert!((size * 3 / 4..size * 3 / 2).contains(&first.body.len()), "about {size}: {}", first.body.len());
        let timed = |stream: &mut TcpStream| {
            let began = Instant::now();
            assert_eq!(keep_alive(stream, &target).body, first.body);
            began.elapsed()
        };
        let fastest = (0..20).map(|_| timed(&mut stream)).min().unwrap();
        // Packets that wait for each other's acknowledgement cost 40 ms every time.
        assert!(fastest < Duration::from_millis(35), "{size} bytes in {fastest:?}");
    }
}

#[test]
fn more_connections_than_are_served_at_once_wait_and_are_answered() {
    let server = Server::start(&["--connections", "4", "--connections-per-client", "4"]);
    let mut streams: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for stream in &mut streams {
        write!(stream, "GET /v1/cities HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
    }
    for stream in &mut streams {
        assert_eq!(Reply::read(stream, false).status, 200);
    }
}

#[test]
fn head_is_get_without_its_body() {
    let server = Server::start(&[]);
    let get = server.get("/v1/latest");
    let mut stream = server.connect();
    write!(stream, "HEAD /v1/latest HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let head = Reply::read(&mut stream, true);
    for name in ["Content-Length", "Content-Type", "ETag"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(keep_alive(&mut stream, "/v1/cities").status, 200, "no byte of a body stood in the way");
}

#[test]
fn a_known_tag_is_answered_without_a_body() {
    let server = Server::start(&[]);
    let etag = server.get("/v1/latest").header("ETag").unwrap().to_owned();
    let mut stream = server.connect();
    write!(stream, "GET /v1/latest HTTP/1.1\r\nHost: test\r\nIf-None-Match: {etag}\r\n\r\n").unwrap();
    let reply = Reply::read(&mut stream, false);
    assert_eq!((reply.status, reply.header("ETag")), (304, Some(etag.as_str())));
    assert_eq!(keep_alive(&mut stream, "/v1/cities").status, 200);
}

#[test]
fn gzip_is_sent_to_who_takes_it() {
    let server = Server::start(&[]);
    let plain = server.get("/v1/air_quality");
    let gzip = server.get_with("/v1/air_quality", "Accept-Encoding: gzip, br\r\n");
    assert_eq!((plain.header("Content-Encoding"), gzip.header("Content-Encoding")), (None, Some("gzip")));
    let mut body = Vec::new();
    flate2::read::GzDecoder::new(gzip.body.as_slice()).read_to_end(&mut body).unwrap();
    assert_eq!(body, plain.body);
    assert!(gzip.body.len() < plain.body.len());
}

#[test]
fn charts_documents_and_the_page_are_compressed_too_and_known_again() {
    let server = Server::start(&[]);
    for (target, vary) in [
        ("/v1/chart.svg?city=Madrid", "Accept-Encoding"),
        ("/v1/stations", "Accept, Accept-Encoding"),
        ("/openapi.json", "Accept-Encoding"),
        ("/?city=Madrid", "Host, X-Forwarded-Proto, X-Forwarded-Prefix, Accept-Encoding"),
    ] {
        let plain = server.get(target);
        let gzip = server.get_with(target, "Accept-Encoding: gzip\r\n");
        assert_eq!((plain.header("Vary"), gzip.header("Vary")), (Some(vary), Some(vary)), "{target}");
        assert_eq!(
            (plain.header("Content-Encoding"), gzip.header("Content-Encoding")),
            (None, Some("gzip")),
            "{target}"
        );
        let mut body = Vec::new();
        flate2::read::GzDecoder::new(gzip.body.as_slice()).read_to_end(&mut body).unwrap();
        assert!(body == plain.body && gzip.body.len() * 2 < body.len(), "{target}");
        assert_ne!(plain.header("ETag"), gzip.header("ETag"), "{target}: other bytes, another tag");
        for (reply, accept) in [(&plain, ""), (&gzip, "Accept-Encoding: gzip\r\n")] {
            let tag = reply.header("ETag").unwrap();
            let again = server.get_with(target, &format!("{accept}If-None-Match: {tag}\r\n"));
            assert_eq!(
                (again.status, again.header("ETag"), again.header("Vary")),
                (304, Some(tag), Some(vary)),
                "{target}"
            );
            assert_eq!(again.header("Content-Length"), reply.header("Content-Length"), "{target}");
        }
    }
}

#[test]
fn pages_of_other_origins_may_read_every_response() {
    const EXPOSED: [&str; 7] =
        ["Link", "ETag", "X-Data-Set-Version", "X-Request-Id", "Server-Timing", "Cache-Status", "Retry-After"];
    let server = Server::start(&[]);
    let mut stream = server.connect();
    write!(
        stream,
        "OPTIONS /v1/latest HTTP/1.1\r\nHost: x\r\nOrigin: http://elsewhere\r\nAccess-Control-Request-Method: GET\r\n\r\n"
    )
    .unwrap();
    let head = Reply::read(&mut stream, false).head;
    assert!(head.starts_with("HTTP/1.1 204 ") && !head.contains("Content-Length"), "{head}");
    for line in [
        "Access-Control-Allow-Origin: *\r\n",
        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n",
        "Access-Control-Allow-Headers: Accept, If-None-Match, X-Request-Id, traceparent\r\n",
        "Access-Control-Max-Age: 86400\r\n",
        "Allow: GET, HEAD, OPTIONS\r\n",
    ] {
        assert!(head.contains(line), "{line} in {head}");
    }
    // The connection continues after a response without a body.
    assert_eq!(keep_alive(&mut stream, "/v1/latest").status, 200);
    for target in ["/v1/latest", "/v1/stations", "/openapi.json", "/", "/v1/latest?city=Madird", "/nothing"] {
        let reply = server.get(target);
        assert_eq!(reply.header("Access-Control-Allow-Origin"), Some("*"), "{target}");
        let exposed: Vec<&str> = reply.header("Access-Control-Expose-Headers").unwrap().split(", ").collect();
        assert!(EXPOSED.iter().all(|name| exposed.contains(name)), "{target}: {exposed:?}");
    }
    let mut stream = server.connect();
    write!(stream, "GET / HTTP/9.9\r\n\r\n").unwrap();
    assert_eq!(Reply::read(&mut stream, false).header("Access-Control-Allow-Origin"), Some("*"));
}

#[test]
fn a_trace_is_logged_and_passed_on_to_another_server() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let back = Server::start(&["--log", "json"]);
    let front = Server::start(&["--log", "json", "--source", &format!("http://{}", back.api)]);
    front.get_with("/v1/latest?city=Madrid", &format!("traceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\n"));
    for server in [&front, &back] {
        let line: serde_json::Value = serde_json::from_str(&server.log_line("/v1/latest")).unwrap();
        assert_eq!(line["trace.id"], TRACE);
    }
    front.get_with("/v1/latest", "traceparent: 00-\"}-1-2\r\n");
    assert!(front.log_line("url.original").contains("\"trace.id\":\"\""));
}

#[test]
fn a_plus_in_a_query_is_an_offset_or_a_zone() {
    let server = Server::start(&[]);
    let rows = server.get("/v1/air_quality?city=Madrid&from=2016-10-01T02:00:00+02:00&to=2016-10-01T02:15:00+02:00");
    assert_eq!(rows.json()["query"]["from"], "2016-10-01T00:00:00.000Z");
    assert_eq!(rows.json()["page"]["count"], 3);
    let local = server.get("/v1/latest?city=Madrid&tz=Etc/GMT+5");
    assert_eq!(local.json()["query"]["tz"], "Etc/GMT+5");
    assert!(local.json()["stations"][0]["measurements"][0]["local_time"].as_str().unwrap().ends_with("-05:00"));
}

#[test]
fn a_request_id_is_echoed_if_it_is_plain() {
    let server = Server::start(&[]);
    let id = |header: &str| server.get_with("/v1/cities", header).header("X-Request-Id").unwrap().to_owned();
    assert_eq!(id("X-Request-Id: abc-1.2_3\r\n"), "abc-1.2_3");
    assert_ne!(id("X-Request-Id: <script>\r\n"), "<script>");
}

#[test]
fn whatever_a_client_sends_the_next_one_is_served() {
    let server = Server::start(&[]);
    for (name, bytes, allowed) in hostile::requests() {
        let answer = hostile::answer(server.api, &bytes);
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(allowed.contains(&status), "{name}: {answer:?}");
        assert!(server.serves(), "the next client after {name}");
    }
}

#[test]
fn told_to_stop_it_answers_what_it_has_begun_and_ends_well() {
    let mut server = Server::start(&["--grace", "0.5"]);
    let mut idle = server.connect();
    assert_eq!(keep_alive(&mut idle, "/v1/cities").status, 200);
    assert_eq!(common::get(server.admin, "/readyz", "").status, 200);
    server.signal("TERM");
    server.log_line("stopping: no longer ready");
    assert_eq!(common::get(server.admin, "/readyz", "").status, 503, "not ready any more");
    assert_eq!(common::get(server.admin, "/livez", "").status, 200, "but alive");
    assert_eq!(keep_alive(&mut idle, "/v1/cities").status, 200, "and answering within its grace");
    assert!(server.wait(Duration::from_secs(5)).success());
}

#[test]
fn told_twice_it_ends_at_once() {
    let mut server = Server::start(&["--grace", "60"]);
    server.signal("INT");
    server.log_line("stopping: no longer ready");
    let began = Instant::now();
    server.signal("INT");
    assert!(!server.wait(Duration::from_secs(5)).success());
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn what_happens_is_counted() {
    let server = Server::start(&[]);
    for _ in 0..3 {
        server.get("/v1/latest");
    }
    server.get("/v1/latest?limit=1");
    let metrics = String::from_utf8(common::get(server.admin, "/metrics", "").body).unwrap();
    for line in [
        r#"airq_http_requests_total{route="/v1/latest",status="200",cache="miss"} 1"#,
        r#"airq_http_requests_total{route="/v1/latest",status="200",cache="hit"} 2"#,
        r#"airq_http_requests_total{route="/v1/latest",status="400",cache="none"} 1"#,
        r#"airq_cache_lookups_total{tier="memory",outcome="hit"} 2"#,
        "airq_loads_total 1",
        r#"airq_load_duration_seconds_count{part="reshape"} 1"#,
    ] {
        assert!(metrics.lines().any(|own| own == line), "{line} in\n{metrics}");
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let server = Server::start(&[]);
    let taken = server.api.to_string();
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_airq-server")).args(["--listen", &taken]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains(&format!("cannot listen on {taken}")));
}

#[test]
fn a_request_is_a_line_of_the_log_in_the_fields_of_ecs() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_airq-server"));
    command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log", "json"]);
    let server = Server::spawn(command);
    let hostile = "/v1/latest?city=Madrid%0A%22&x=\"\\";
    assert_eq!(server.get_with(hostile, "X-Request-Id: one\r\n").status, 400);
    let line = server.log_line("http.request.id");
    let document: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(document["http.request.id"], "one");
    assert_eq!(document["http.response.status_code"], 400);
    assert_eq!(document["url.original"], hostile);
    assert!(document["event.duration"].as_u64().unwrap() > 0);
    server.get("/v1/latest");
    let document: serde_json::Value = serde_json::from_str(&server.log_line("\"airq.cache\":\"miss\"")).unwrap();
    assert_eq!(document["airq.route"], "/v1/latest");
    assert!(document["http.response.body.bytes"].as_u64().unwrap() > 1000);
    assert!(document["airq.timing"].as_str().unwrap().starts_with("cache;desc=miss, db;dur="), "{document}");
}

#[test]
fn settings_come_from_the_environment_and_from_files_and_a_flag_wins() {
    let folder = std::env::temp_dir().join(format!("airq-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let source = folder.join("source");
    std::fs::write(&source, format!("{}\n", common::fixture("environment_airq_measurand.csv").display())).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_airq-server"));
    command.env("AIRQ_LISTEN", "127.0.0.1:1").args(["--listen", "127.0.0.1:0"]);
    command.env("AIRQ_ADMIN_LISTEN", "127.0.0.1:0").env("AIRQ_LOG", "json").env("AIRQ_CACHE_TTL", "7");
    command.env("AIRQ_SOURCE_FILE", &source).env("AIRQ_CACHE", "memory:1MiB").env_remove("AIRQ_SOURCE");
    let server = Server::spawn(command);
    std::fs::remove_dir_all(folder).unwrap();
    let reply = server.get("/v1/latest");
    assert_eq!((reply.status, reply.json()["page"]["count"].as_u64()), (200, Some(12)));
    let fresh = reply.header("Cache-Control").unwrap().strip_prefix("public, max-age=").unwrap();
    assert!((5..=7).contains(&fresh.parse::<u32>().unwrap()), "{fresh}");
    assert!(server.log_line("/v1/latest").starts_with('{'), "the log is JSON");
}

/// Runs the check with these flags and variables. Returns the exit code, standard output and standard error.
fn checked(flags: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_airq-server"));
    command.env("XDG_CONFIG_HOME", "/no/such/folder").env_remove("AIRQ_SOURCE").envs(variables.iter().copied());
    let output = command.args(flags).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn settings_can_be_checked_without_serving() {
    let check = |flags: &[&str]| {
        let (code, _, message) = checked(&[&["--check-config"], flags].concat(), &[]);
        (code, message)
    };
    assert_eq!(check(&[]).0, Some(0));
    let (code, message) = check(&["--cache", "memory:lots"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("memory:lots") && message.contains("64MiB"), "{message}");
    let (code, message) = check(&["--connections", "0"]);
    assert!(code == Some(2) && message.contains("from 1 to 65536"), "{message}");
    let (code, message) = check(&["--source", "no/such.csv"]);
    assert!(code == Some(1) && message.contains("no/such.csv"), "{message}");
}

#[test]
fn a_check_connects_unless_it_is_offline() {
    let closed = "postgres://airq:s3cret@127.0.0.1:1/airq";
    let (code, out, err) = checked(&["--check-config", "--source", closed], &[]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(out.contains("ok       setting source = \"postgres://airq:***@127.0.0.1:1/airq\" (--source)\n"), "{out}");
    assert!(out.lines().any(|line| line.starts_with("failed   source") && line.contains("refused")), "{out}");
    assert!(out.lines().any(|line| line.starts_with("ok       cache")), "{out}");
    assert!(err.contains("1 of ") && err.contains("checks failed"), "{err}");
    let (code, out, err) = checked(&["--check-config=offline", "--source", closed], &[]);
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(!out.contains("failed") && err.contains("were not asked"), "{out}{err}");
    let (code, _, err) = checked(&["--check-config=offline", "--source", "gopher://x"], &[]);
    assert!(code == Some(2) && err.contains("gopher"), "an invalid URL is found offline, too: {err}");
}

#[test]
fn a_configuration_file_has_the_settings_and_flags_and_variables_win() {
    let folder = std::env::temp_dir().join(format!("airq-config-file-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("airq")).unwrap();
    let path = folder.join("airq/airq.toml");
    let source = common::fixture("environment_airq_measurand.csv");
    let text = format!("source = '{}'\ncache-ttl = 7\nthreads = 2\nlisten = '127.0.0.1:2'\n", source.display());
    std::fs::write(&path, text).unwrap();
    let usual = folder.to_str().unwrap();
    let variables = [
        ("XDG_CONFIG_HOME", usual),
        ("AIRQ_THREADS", "3"),
        ("AIRQ_THRAEDS", "9"),
        ("AIRQ_GRACE", ""),
        ("AIRQ_CONFIG", ""),
    ];
    let (code, out, err) = checked(&["--check-config", "--listen", "127.0.0.1:3"], &variables);
    assert_eq!(code, Some(0), "{out}{err}");
    let file = path.display();
    for line in [
        format!("ok       file    {file}"),
        format!("ok       setting cache-ttl = \"7\" ({file}, line 2)"),
        "ok       setting threads = \"3\" (AIRQ_THREADS)".to_owned(),
        "ok       setting listen = \"127.0.0.1:3\" (--listen)".to_owned(),
    ] {
        assert!(out.lines().any(|found| found == line), "{line} in {out}");
    }
    assert!(
        out.contains("warning  setting AIRQ_THRAEDS is not a setting and is ignored; nearest: AIRQ_THREADS"),
        "{out}"
    );
    assert!(out.lines().any(|line| line.starts_with("ok       source") && line.contains("1152 measurements")), "{out}");

    std::fs::write(&path, "# a comment\nlisten-adress = '127.0.0.1:0'\n").unwrap();
    let (code, _, err) = checked(&["--config", path.to_str().unwrap()], &[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("airq.toml, line 2: no setting named \"listen-adress\"; nearest: listen"), "{err}");
    let (code, _, err) = checked(&["--check-config"], &[("AIRQ_CONFIG", "no/such.toml")]);
    assert!(code == Some(2) && err.contains("cannot read the configuration file no/such.toml"), "{err}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_healthcheck_says_whether_the_server_beside_it_is_ready() {
    let check = |admin: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_airq-server"));
        let done = command.args(["--healthcheck", "--admin-listen", admin]).output().unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let server = Server::start(&["--grace", "60"]);
    let admin = server.admin.to_string();
    assert_eq!(check(&admin), (Some(0), String::new()), "ready, and nothing to say");
    server.signal("TERM");
    server.log_line("stopping: no longer ready");
    let (code, said) = check(&admin);
    assert!(code == Some(1) && said.contains("\"503\": stopping"), "{code:?} {said}");
    drop(server);
    let (code, said) = check(&admin);
    assert!(code == Some(1) && said.contains("does not answer"), "{code:?} {said}");
    // Takes the connection, and says nothing.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let began = Instant::now();
    assert_eq!(check(&mute.local_addr().unwrap().to_string()).0, Some(1));
    assert!(began.elapsed() < Duration::from_secs(4), "it does not wait for ever");
}

#[test]
fn a_source_that_fails_thousands_of_times_is_a_few_lines_of_the_log() {
    let upstream = Server::start(&[]);
    let tier = Server::start(&["--source", &format!("http://{}", upstream.api)]);
    assert_eq!(tier.get("/v1/latest").status, 200);
    drop(upstream);
    tier.log_so_far();
    let mut stream = tier.connect();
    let began = Instant::now();
    let mut requests = 0;
    while requests < 2000 || began.elapsed() < Duration::from_secs(3) {
        requests += 1;
        assert_eq!(keep_alive(&mut stream, &format!("/v1/air_quality?limit={requests}")).status, 503);
    }
    let lines = tier.log_so_far();
    let troubles: Vec<_> = lines.iter().filter(|line| line.contains(" ERROR ") || line.contains(" WARN ")).collect();
    assert!((1..=4).contains(&troubles.len()), "{troubles:#?}");
}

#[test]
fn a_password_on_the_command_line_is_warned_of_and_not_shown() {
    let url = "postgres://airq:s3cret@127.0.0.1:1/airq";
    let text = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_airq-server"));
        let output = command.args(args).env_remove("AIRQ_SOURCE").output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    let warned = text(&["--check-config", "--source", url]);
    assert!(warned.contains("other users of this machine can see the password"), "{warned}");
    for shown in [warned, text(&[url]), text(&["--bogus", url]), text(&["--source", url, "--log", url])] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}

//! The page in a real browser: Chromium, told what to do over its debugging pipe.
//!
//! Screenshots are left in `target/tmp/page-*.png`, to be looked at.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::testing::servers::{PostgresServer, RedisServer};
use common::Server;
use common::proxy::Proxy;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Chromium with one page open; ended when dropped.
struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    profile: PathBuf,
    session: String,
    sent: u64,
    events: Vec<Value>,
}

impl Browser {
    fn start() -> Browser {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let profile = std::env::temp_dir().join(format!("airq-browser-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&profile).unwrap();
        let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
                     --disable-background-networking --disable-component-update --disable-sync --hide-scrollbars";
        // The browser listens on descriptor 3 and answers on 4; a shell is the safe way to say so.
        let script = format!(
            "exec \"$0\" {flags} --user-data-dir=\"$1\" --remote-debugging-pipe 3<&0 4>&1 </dev/null >/dev/null 2>&1"
        );
        let mut child = Command::new("sh")
            .args(["-c", &script, &program()])
            .arg(&profile)
            .env("TMPDIR", &profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Browser { child, to, from, profile, session: String::new(), sent: 0, events: Vec::new() };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", &json!({"targetId": target, "flatten": true}));
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Sends a command and waits for its result; what happens meanwhile is kept.
    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == json!(self.sent) {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    fn read(&mut self) -> Value {
        let mut message = Vec::new();
        self.from.read_until(0, &mut message).unwrap();
        assert_eq!(message.pop(), Some(0), "the browser has ended");
        serde_json::from_slice(&message).unwrap()
    }

    /// Does something that loads a page, and waits until it has loaded, pictures included.
    fn loading(&mut self, work: impl FnOnce(&mut Browser)) {
        self.events.clear();
        work(self);
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.read();
            self.events.push(event);
        }
    }

    fn open(&mut self, url: &str) {
        self.loading(|browser| drop(browser.call("Page.navigate", &json!({"url": url}))));
    }

    /// The value of an expression on the page.
    fn value(&mut self, expression: &str) -> Value {
        let result = self.call("Runtime.evaluate", &json!({"expression": expression, "returnByValue": true}));
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    fn key(&mut self, key: &str, code: u32, text: &str) {
        let press = json!({"type": "keyDown", "key": key, "windowsVirtualKeyCode": code, "text": text});
        self.call("Input.dispatchKeyEvent", &press);
        self.call("Input.dispatchKeyEvent", &json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}));
    }

    fn mouse(&mut self, kind: &str, x: f64, y: f64) {
        let buttons = u8::from(kind != "mouseReleased");
        let button = if kind == "mouseMoved" { "none" } else { "left" };
        let event = json!({"type": kind, "x": x, "y": y, "button": button, "buttons": buttons, "clickCount": 1});
        self.call("Input.dispatchMouseEvent", &event);
    }

    /// Waits until an expression is true, for ten seconds at most.
    fn wait_until(&mut self, expression: &str, mut again: impl FnMut(&mut Browser)) {
        for _ in 0..100 {
            let value = self.value(expression);
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
            again(self);
        }
        panic!("{expression} did not become true");
    }

    fn size(&mut self, width: u32, height: u32, phone: bool) {
        let scale = if phone { 2 } else { 1 };
        let size = json!({"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone});
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    fn scheme(&mut self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    fn screenshot(&mut self, name: &str) {
        let shot = self.call("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{name}.png"));
        std::fs::write(path, decoded(shot["data"].as_str().unwrap())).unwrap();
    }

    /// The events of a kind since the page began to load.
    fn events(&self, method: &str) -> impl Iterator<Item = &Value> {
        self.events.iter().filter(move |event| event["method"] == method).map(|event| &event["params"])
    }

    /// Nothing failed, nothing was complained about, and nothing was asked of anyone but this server.
    fn assert_clean(&self, origin: &str) {
        let told: Vec<_> = self.events("Log.entryAdded").chain(self.events("Runtime.exceptionThrown")).collect();
        assert!(told.is_empty(), "{told:?}");
        let asked: Vec<&str> =
            self.events("Network.requestWillBeSent").map(|event| event["request"]["url"].as_str().unwrap()).collect();
        assert!(
            !asked.is_empty() && asked.iter().all(|url| url.starts_with(origin) || url.starts_with("data:")),
            "{asked:?}"
        );
        assert_eq!(self.events("Network.loadingFailed").count(), 0);
    }
}

impl Drop for Browser {
    /// Asks it to end, so that its helpers do too, and insists after a while.
    fn drop(&mut self) {
        const TRIES: u32 = 50;
        let _gone_already = self.to.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let mut patience = (0..TRIES).map(|_| std::thread::sleep(Duration::from_millis(100)));
        while !matches!(self.child.try_wait(), Ok(Some(_))) && patience.next().is_some() {}
        let _ = self.child.kill();
        let _ = self.child.wait();
        while std::fs::remove_dir_all(&self.profile).is_err() && patience.next().is_some() {}
    }
}

fn program() -> String {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let is_there = |name: &&&str| Command::new(name).arg("--version").stderr(Stdio::null()).output().is_ok();
    (*names.iter().find(is_there).expect("Chromium; `scripts/browser-test` installs it")).to_owned()
}

/// Base64 as bytes.
fn decoded(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits: Vec<u32> = text
        .bytes()
        .filter_map(|byte| ALPHABET.iter().position(|known| *known == byte))
        .map(|digit| u32::try_from(digit).unwrap())
        .collect();
    let group = |digits: &[u32]| {
        let bits = digits.iter().fold(0, |bits, digit| bits << 6 | digit) << (6 * (4 - digits.len()));
        bits.to_be_bytes()[1..digits.len()].to_vec()
    };
    digits.chunks(4).flat_map(group).collect()
}

const PICTURES: &str =
    "[...document.images].length > 0 && [...document.images].every(i => i.complete && i.naturalWidth > 0)";
const OVERFLOW: &str = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const TABLE_OVERFLOW: &str =
    "Math.max(...[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth))";
const UNLABELLED: &str = "[...document.querySelectorAll('input,select')].filter(e => !e.labels.length).length";
/// The contrast of the faintest text with what is behind it.
const CONTRAST: &str = "(() => {
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const ground = e => { const c = parts(getComputedStyle(e).backgroundColor);
    return c.length === 4 && c[3] === 0 ? ground(e.parentElement) : c; };
  const of = e => { const [a, b] = [light(parts(getComputedStyle(e).color)), light(ground(e))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); };
  const texts = [...document.querySelectorAll('body *')].filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.tagName !== 'OPTION');
  return Math.min(...texts.map(of));
})()";

#[test]
#[ignore = "full suite: needs Chromium; make test-browser"]
fn people_can_use_the_page() {
    let server = Server::start(&[]);
    is_usable(&format!("http://{}", server.api), "");
}

#[test]
#[ignore = "full suite: needs Chromium; make test-browser"]
fn people_can_use_the_page_through_nginx_over_postgresql_and_redis() {
    let (postgres, redis) = (PostgresServer::start().unwrap(), RedisServer::start().unwrap());
    let url = postgres.create_database("airq").unwrap();
    common::import_sample(&url);
    let server = Server::start(&["--source", &url, "--cache", &redis.url()]);
    let proxy = Proxy::start(&[server.api]);
    is_usable(&format!("http://{}", proxy.address), "cluster-");
    let kept = redis.command(&["KEYS", "airq:*"]).unwrap();
    assert!(kept.contains(":json:") && kept.contains(":csv:"), "answers and charts are kept: {kept}");
}

/// Serves an empty page to every connection: a page of another origin.
fn other_origin() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<!DOCTYPE html>";
            let _ = stream.write_all(page.as_bytes());
        }
    });
    origin
}

#[test]
#[ignore = "full suite: needs Chromium; make test-browser"]
fn a_page_of_another_origin_reads_answers_and_their_headers() {
    let server = Server::start(&[]);
    let proxy = Proxy::start(&[server.api]);
    let mut browser = Browser::start();
    browser.open(&other_origin());
    for address in [server.api, proxy.address] {
        // The header makes the browser ask by OPTIONS first.
        let script = format!(
            "(async () => {{ const response = await fetch('http://{address}/v1/air_quality?limit=3', {{headers: {{'X-Request-Id': 'page-1'}}}}); \
             const names = ['link', 'etag', 'x-data-set-version', 'x-request-id', 'server-timing', 'cache-status']; \
             const missing = names.filter(name => !response.headers.get(name)); \
             const refused = await fetch('http://{address}/v1/latest?city=Madird'); \
             return [response.status, missing.join(), (await response.json()).page.count, refused.status, (await refused.json()).errors[0].nearest[0]]; }})()"
        );
        let parameters = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let result = browser.call("Runtime.evaluate", &parameters);
        assert_eq!(result["result"]["value"], json!([200, "", 3, 404, "Madrid"]), "{result}");
    }
    assert!(
        browser.events("Network.requestWillBeSent").any(|event| event["request"]["method"] == "OPTIONS"),
        "the browser asked first"
    );
}

fn is_usable(origin: &str, name: &str) {
    let mut browser = Browser::start();
    looks_right(&mut browser, origin, name);
    has_no_accessibility_violations(&mut browser, origin);
    the_chart_shows_values_and_zooms(&mut browser, origin);
    newer_values_come_without_a_reload(&mut browser, origin);
    the_form_asks(&mut browser, origin);
    the_keyboard_is_enough(&mut browser, origin);
    a_mistake_is_told(&mut browser, origin, name);
}

fn looks_right(browser: &mut Browser, origin: &str, name: &str) {
    for (device, width, height, phone) in
        [("desktop", 1280, 800, false), ("phone", 360, 740, true), ("narrow", 320, 640, true)]
    {
        for scheme in ["light", "dark"] {
            browser.size(width, height, phone);
            browser.scheme(scheme);
            browser.open(origin);
            browser.assert_clean(origin);
            assert_eq!(browser.value(PICTURES), true, "{device} {scheme}");
            assert_eq!(browser.value(OVERFLOW), 0, "{device} {scheme}: nothing is wider than the window");
            assert_eq!(browser.value(TABLE_OVERFLOW), 0, "{device} {scheme}: the table fits");
            let contrast = browser.value(CONTRAST).as_f64().unwrap();
            assert!(contrast >= 4.5, "{device} {scheme}: contrast {contrast}");
            for kind in ["Document", "Image"] {
                let ours =
                    |event: &&Value| event["response"]["url"].as_str().is_some_and(|url| url.starts_with(origin));
                let answers = browser.events("Network.responseReceived").filter(|event| event["type"] == kind);
                let answers = answers.filter(ours);
                let encodings: Vec<_> =
                    answers.map(|event| &event["response"]["headers"]["Content-Encoding"]).collect();
                assert!(
                    !encodings.is_empty() && encodings.iter().all(|coding| **coding == "gzip"),
                    "{kind}: {encodings:?}"
                );
            }
            browser.screenshot(&format!("{name}{device}-{scheme}"));
        }
    }
    assert_eq!(browser.value("document.scripts.length"), 1);
    assert_eq!(browser.value(UNLABELLED), 0);
    assert_eq!(browser.value("document.documentElement.lang + document.querySelectorAll('h1').length"), "en1");
    assert_eq!(browser.value("[...document.images].every(i => i.alt)"), true);
}

/// Runs axe, whose path is that of `AIRQ_AXE`, in both schemes, with the form open.
fn has_no_accessibility_violations(browser: &mut Browser, origin: &str) {
    let path = std::env::var("AIRQ_AXE").expect("AIRQ_AXE: `scripts/browser-test` sets the path of axe.min.js");
    let axe = std::fs::read_to_string(path).unwrap();
    browser.size(1280, 800, false);
    for (scheme, target) in
        [("light", "/"), ("dark", "/"), ("light", "/?station=aq_salvia"), ("light", "/?city=Madird")]
    {
        browser.scheme(scheme);
        browser.open(&format!("{origin}{target}"));
        browser.value("for (const e of document.querySelectorAll('details')) e.open = true");
        browser.value(&format!("{axe};0"));
        let run = "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes[0].html))";
        let result =
            browser.call("Runtime.evaluate", &json!({"expression": run, "awaitPromise": true, "returnByValue": true}));
        assert_eq!(result["result"]["value"], json!([]), "{scheme} {target}");
    }
    browser.scheme("light");
}

fn the_chart_shows_values_and_zooms(browser: &mut Browser, origin: &str) {
    browser.size(1280, 800, false);
    browser.open(origin);
    browser.value("document.querySelector('a.chart').scrollIntoView()");
    let place = browser.value("(() => { const b = document.querySelector('a.chart img').getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()");
    let [left, top, width, height] = [0, 1, 2, 3].map(|index| place[index].as_f64().unwrap());
    let y = top + (height / 2.0).min(200.0);
    browser.mouse("mouseMoved", left + width / 2.0, y);
    let values = "document.querySelector('.values').textContent";
    browser.wait_until(&format!("!{values}.startsWith('Point')"), |browser| {
        browser.mouse("mouseMoved", left + width / 2.0 + 1.0, y);
    });
    let shown = browser.value(values);
    let shown = shown.as_str().unwrap();
    assert!(shown.starts_with("2016-10-01 1") && shown.contains("no2 ") && shown.contains("µg/m³"), "{shown}");
    browser.mouse("mousePressed", left + width / 4.0, y);
    browser.mouse("mouseMoved", left + width / 2.0, y);
    browser.loading(|browser| browser.mouse("mouseReleased", left + width / 2.0, y));
    let zoomed = browser.value("location.search");
    let zoomed = zoomed.as_str().unwrap();
    assert!(zoomed.contains("from=2016-10-01T0") && zoomed.contains("to=2016-10-01T1"), "{zoomed}");
    assert_eq!(browser.value(PICTURES), true);
    browser.loading(|browser| drop(browser.value("document.querySelector('.presets a').click()")));
    assert_eq!(browser.value("document.querySelector('.presets [aria-current]').textContent"), "24 hours");
    browser.assert_clean(origin);
}

/// A page with other content than the server's is replaced by the next refresh, which a test does not wait five minutes for.
fn newer_values_come_without_a_reload(browser: &mut Browser, origin: &str) {
    browser.open(origin);
    browser.value("window.isSame = true; document.querySelector('.answer').remove()");
    // The content that was loaded differs from the content of another index.
    browser.value("history.replaceState(null, '', '?city=Madrid&index=us-2024')");
    browser.value("document.dispatchEvent(new Event('airq-refresh'))");
    browser.wait_until("document.querySelector('.answer') !== null", |_| {});
    assert_eq!(browser.value("window.isSame"), true, "the page was not loaded again");
    browser.assert_clean(origin);
}

fn the_form_asks(browser: &mut Browser, origin: &str) {
    browser.size(1280, 800, false);
    browser.open(origin);
    browser.value("city.value = 'València'; parameter.value = 'o3'; tz.value = 'Europe/Madrid'");
    browser.value("document.getElementById('from').value = '2016-10-01'; to.value = ''; index.value = 'eaqi-2020'");
    browser.loading(|browser| drop(browser.value("document.querySelector('button').click()")));
    browser.assert_clean(origin);
    assert_eq!(browser.value("newest.textContent"), "Air quality now: València");
    assert_eq!(browser.value("city.value + parameter.value + tz.value"), "Valènciao3Europe/Madrid");
    assert_eq!(browser.value(PICTURES), true);
    let command = browser.value("document.querySelectorAll('pre')[1].textContent.split('\\n')[0]");
    let flags = "--city València --parameter o3 --from 2016-10-01 --index eaqi-2020 --tz Europe/Madrid";
    assert_eq!(command, format!("airq-cli query --source {origin} {flags} --format json"));
    let shown = browser.value("document.querySelector('pre').textContent");
    let target = shown.as_str().unwrap().strip_prefix(&format!("curl '{origin}")).expect("this server's own address");
    assert_eq!(common::get(origin[7..].parse().unwrap(), target.trim_end_matches('\''), "").status, 200, "{shown}");
    let links = browser.value("[...document.querySelectorAll('.formats a')].map(a => a.href)");
    assert_eq!(links.as_array().unwrap().len(), 8);
    for link in links.as_array().unwrap() {
        let target = link.as_str().unwrap().strip_prefix(origin).unwrap();
        assert_eq!(common::get(origin[7..].parse().unwrap(), target, "").status, 200, "{target}");
    }
}

fn the_keyboard_is_enough(browser: &mut Browser, origin: &str) {
    browser.open(origin);
    browser.value("document.querySelector('summary').focus()");
    browser.key("Enter", 13, "\r");
    assert_eq!(browser.value("document.querySelector('details').open"), true);
    let mut passed = Vec::new();
    for _ in 0..40 {
        browser.key("Tab", 9, "");
        let here = browser.value("document.activeElement.id || document.activeElement.tagName.toLowerCase()");
        passed.push(here.as_str().unwrap().to_owned());
    }
    for wanted in ["city", "parameter", "from", "to", "tz", "button", "a"] {
        assert!(passed.iter().any(|name| name == wanted), "{wanted}: {passed:?}");
    }
    browser.value("city.focus(); city.value = 'Sevilla'; document.querySelector('button').focus()");
    browser.loading(|browser| browser.key("Enter", 13, "\r"));
    assert_eq!(browser.value("newest.textContent"), "Air quality now: Sevilla");
}

fn a_mistake_is_told(browser: &mut Browser, origin: &str, name: &str) {
    browser.open(&format!("{origin}/?city=Madird"));
    let status = browser.events("Network.responseReceived").next().unwrap()["response"]["status"].clone();
    assert_eq!(status, 404);
    assert_eq!(browser.value("document.querySelector('[role=alert] a').textContent"), "Madrid");
    browser.screenshot(&format!("{name}mistake"));
    browser.loading(|browser| drop(browser.value("document.querySelector('[role=alert] a').click()")));
    browser.assert_clean(origin);
    assert_eq!(browser.value("newest.textContent"), "Air quality now: Madrid");
}

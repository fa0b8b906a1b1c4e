//! A small HTTP server that answers as an airq server does, or misbehaves when told to.

use airq_core::{Airq, Answer, Error, Format, Query};
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mood {
    Fine,
    /// Says nothing.
    Mute,
    /// Answers rows after three seconds, and everything else at once.
    SlowRows,
    /// Stops in the middle of the body.
    Stalls,
    /// Sends a byte of the body each 100 ms.
    Trickles,
    /// Closes in the middle of a body whose length it has told.
    CutsOff,
    /// The same, in chunks.
    CutsOffChunks,
    /// Ends bodies by closing.
    TellsNoLength,
    TellsNoVersion,
    Answers(u16),
    /// A proxy whose server is gone answers the first so many requests.
    BadGateways(u32),
    /// Not HTTP.
    Babbles,
    /// HTTP, but no CSV.
    Html,
    /// Has noticed a new data set, but describes the stations of the data set before.
    Lags,
    /// Another data set with each answer.
    MovesOn,
    /// Says nothing by connections from before. New connections reach another server.
    Vanished,
    /// Closes each connection after its answer without a word.
    Closes,
}

#[derive(Debug)]
pub(crate) struct Upstream {
    address: String,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    airq: Airq,
    /// The data set before.
    before: Option<Airq>,
    mood: Mutex<Mood>,
    requests: AtomicU32,
    longest_line: AtomicUsize,
    over: Mutex<bool>,
}

impl Upstream {
    pub(crate) fn start(airq: Airq) -> Self {
        Upstream::with_before(airq, None)
    }

    /// A server with a data set, and with the data set before.
    pub(crate) fn with_before(airq: Airq, before: Option<Airq>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let inner = Arc::new(Inner {
            airq,
            before,
            mood: Mutex::new(Mood::Fine),
            requests: AtomicU32::new(0),
            longest_line: AtomicUsize::new(0),
            over: Mutex::new(false),
        });
        let shared = inner.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                if *shared.over.lock().unwrap() {
                    break;
                }
                let (inner, stream) = (shared.clone(), stream.unwrap());
                thread::spawn(move || inner.serve(&stream));
            }
        });
        Upstream { address, inner }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn mood(&self, mood: Mood) {
        *self.inner.mood.lock().unwrap() = mood;
    }

    pub(crate) fn requests(&self) -> u32 {
        self.inner.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn longest_line(&self) -> usize {
        self.inner.longest_line.load(Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        *self.inner.over.lock().unwrap() = true;
        let _wakes_the_listener = TcpStream::connect(&self.address);
    }
}

struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Inner {
    fn serve(&self, stream: &TcpStream) {
        stream.set_nodelay(true).unwrap();
        let is_new = *self.mood.lock().unwrap() == Mood::Vanished;
        let mut lines = BufReader::new(stream).lines();
        while let Some(Ok(first)) = lines.next() {
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let number = self.requests.fetch_add(1, Ordering::SeqCst);
            self.longest_line.fetch_max(first.len(), Ordering::SeqCst);
            let mood = match *self.mood.lock().unwrap() {
                Mood::Vanished if is_new => Mood::Fine,
                Mood::Vanished => Mood::Mute,
                mood => mood,
            };
            let target = first.split(' ').nth(1).unwrap().to_owned();
            // Whoever asked may have gone.
            let sent = self.reply(&target, mood, number).send(stream, mood);
            if sent.is_err()
                || !matches!(
                    mood,
                    Mood::Fine
                        | Mood::SlowRows
                        | Mood::Lags
                        | Mood::MovesOn
                        | Mood::TellsNoVersion
                        | Mood::Answers(_)
                        | Mood::BadGateways(_)
                )
            {
                let _closed = stream.shutdown(Shutdown::Both);
                return;
            }
        }
    }

    fn reply(&self, target: &str, mood: Mood, number: u32) -> Reply {
        if mood == Mood::SlowRows && target.contains("air_quality") {
            thread::sleep(Duration::from_secs(3));
        }
        let mut reply = match mood {
            Mood::BadGateways(first) if number < first => {
                Reply { status: 502, headers: Vec::new(), body: b"<html>Bad Gateway</html>".to_vec() }
            }
            Mood::Answers(status) => Reply { status, headers: Vec::new(), body: b"{\"detail\":\"no luck\"}".to_vec() },
            Mood::Html => {
                Reply { status: 200, headers: Vec::new(), body: b"<html>\n<p>Welcome</p>\n</html>\n".to_vec() }
            }
            Mood::Lags => self.route(target, self.before.as_ref()).unwrap_or_else(|error| problem(&error)),
            _ => self.route(target, None).unwrap_or_else(|error| problem(&error)),
        };
        match mood {
            Mood::TellsNoVersion => reply.headers.retain(|(name, _)| *name != "X-Data-Set-Version"),
            Mood::MovesOn => {
                let versions = reply.headers.iter_mut().filter(|(name, _)| *name == "X-Data-Set-Version");
                versions.for_each(|(_, version)| *version = format!("moved-{number}"));
            }
            _ => {}
        }
        reply
    }

    fn route(&self, target: &str, before: Option<&Airq>) -> Result<Reply, Error> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let document = |document: airq_core::Document| Reply {
            status: 200,
            headers: vec![("X-Data-Set-Version", document.version)],
            body: document.body,
        };
        match path {
            "/v1/dataset" => Ok(document(self.airq.data_set_document()?)),
            "/v1/parameters" => Ok(document(self.airq.parameters_document()?)),
            "/v1/stations" => {
                Ok(document(before.unwrap_or(&self.airq).stations_document(&Query::all(), Format::Json)?))
            }
            "/v1/air_quality" => {
                let (query, format) = Query::from_pairs(Query::PARAMETERS, pairs)?;
                let query = query.or_limit(Query::DEFAULT_LIMIT);
                Ok(rows(path, &self.airq.answer(&query, format.unwrap_or_default())?))
            }
            "/v1/latest" => {
                let (query, format) = Query::from_pairs(Query::LATEST_PARAMETERS, pairs)?;
                Ok(rows(path, &self.airq.answer(&query.latest(), format.unwrap_or(Format::Json))?))
            }
            _ => Ok(Reply { status: 404, headers: Vec::new(), body: b"not found".to_vec() }),
        }
    }
}

fn rows(path: &str, answer: &Answer) -> Reply {
    let mut headers = vec![("X-Data-Set-Version", answer.version().to_owned())];
    headers.extend(answer.next_page().map(|query| ("Link", format!("<{path}?{query}>; rel=\"next\""))));
    Reply { status: 200, headers, body: answer.body().to_vec() }
}

fn problem(error: &Error) -> Reply {
    let (status, kind) = match () {
        () if error.is_not_found() => (404, "unknown-station"),
        () if error.is_invalid_input() => (400, "invalid-parameter"),
        () => (503, "unavailable"),
    };
    let body = serde_json::json!({"type": format!("/problems/{kind}"), "status": status, "detail": error.to_string()});
    Reply { status, headers: Vec::new(), body: body.to_string().into_bytes() }
}

impl Reply {
    fn send(&self, mut out: &TcpStream, mood: Mood) -> std::io::Result<()> {
        let half = self.body.len() / 2;
        let head = |framing: &str| {
            let headers: Vec<String> =
                self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            format!("HTTP/1.1 {} Something\r\n{}{framing}\r\n", self.status, headers.concat())
        };
        let whole = format!("Content-Length: {}\r\n", self.body.len());
        match mood {
            Mood::Mute => thread::sleep(Duration::from_secs(4)),
            Mood::Babbles => out.write_all(b"220 ready when you are\r\n\r\n")?,
            Mood::Stalls => {
                out.write_all(head(&whole).as_bytes())?;
                out.write_all(&self.body[..half])?;
                thread::sleep(Duration::from_secs(4));
            }
            Mood::Trickles => {
                out.write_all(head(&whole).as_bytes())?;
                for byte in &self.body {
                    thread::sleep(Duration::from_millis(100));
                    out.write_all(&[*byte])?;
                }
            }
            Mood::CutsOff => {
                out.write_all(head(&whole).as_bytes())?;
                out.write_all(&self.body[..half])?;
            }
            Mood::CutsOffChunks => {
                out.write_all(head("Transfer-Encoding: chunked\r\n").as_bytes())?;
                // At the end of a row, where nothing else tells.
                let end = self.body[..half].iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
                out.write_all(format!("{end:x}\r\n").as_bytes())?;
                out.write_all(&self.body[..end])?;
                out.write_all(b"\r\n")?;
            }
            Mood::TellsNoLength => {
                out.write_all(head("Connection: close\r\n").as_bytes())?;
                out.write_all(&self.body)?;
            }
            _ => {
                out.write_all(head(&whole).as_bytes())?;
                out.write_all(&self.body)?;
            }
        }
        Ok(())
    }
}

//! The real server as a process, and a client that sends exactly the given bytes.
#![allow(dead_code, reason = "each test uses its part")]

pub(crate) mod hostile;
pub(crate) mod proxy;
pub(crate) mod siege;

use airq_core::import::{Database, ImportOptions};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

/// Returns a number of `/proc/PID/status`; memory is in KiB.
pub(crate) fn process_status(pid: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A server on free ports, which is killed on drop.
pub(crate) struct Server {
    child: Child,
    pub(crate) api: SocketAddr,
    pub(crate) admin: SocketAddr,
    log_lines: Mutex<Receiver<String>>,
}

impl Server {
    /// Starts the server with these flags and waits until it listens.
    pub(crate) fn start(flags: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_airq-server"));
        if !flags.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
        }
        command.args(flags);
        for name in ["AIRQ_SOURCE", "AIRQ_CACHE", "AIRQ_CACHE_TTL", "AIRQ_LOG", "RUST_LOG"] {
            command.env_remove(name);
        }
        Server::spawn(command)
    }

    pub(crate) fn spawn(mut command: Command) -> Server {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        let mut seen = String::new();
        while !line.contains("listening on") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended before it listened: {seen}");
            seen += &line;
        }
        let address = |before: &str| {
            let text = line.split(before).nth(1).unwrap().split([',', '\n', '"']).next().unwrap();
            text.trim_end_matches('}').parse().unwrap()
        };
        let (api, admin) = (address("listening on http://"), address("admin on http://"));
        // The log is always read, so that a full pipe does not block the server.
        let (lines, log_lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || log.lines().map_while(Result::ok).for_each(|line| drop(lines.send(line))));
        Server { child, api, admin, log_lines: Mutex::new(log_lines) }
    }

    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self, longest: Duration) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(began.elapsed() < longest, "it has not ended after {longest:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the next line of the log that contains this text.
    pub(crate) fn log_line(&self, part: &str) -> String {
        let lines = self.log_lines.lock().unwrap();
        loop {
            let line = lines.recv_timeout(Duration::from_secs(10)).expect("a line of the log");
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Returns the lines of the log that have not been read yet.
    pub(crate) fn log_so_far(&self) -> Vec<String> {
        self.log_lines.lock().unwrap().try_iter().collect()
    }

    pub(crate) fn get(&self, target: &str) -> Reply {
        self.get_with(target, "")
    }

    /// Sends a request on a new connection, with additional header lines that each end with CRLF.
    pub(crate) fn get_with(&self, target: &str, headers: &str) -> Reply {
        get(self.api, target, headers)
    }

    /// Returns whether a new client is served.
    pub(crate) fn serves(&self) -> bool {
        self.get("/v1/cities").status == 200
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.api)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    // Requests are sent in parts, which must not be delayed by Nagle's algorithm.
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

pub(crate) fn get(address: SocketAddr, target: &str, headers: &str) -> Reply {
    let mut stream = connect(address);
    write!(stream, "GET {target} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n").unwrap();
    Reply::read(&mut stream, false)
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Reads one response; without a body if the request was HEAD.
    pub(crate) fn read(stream: &mut impl Read, is_head: bool) -> Reply {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a head that ends");
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut reply = Reply { status, head, body: Vec::new() };
        if !is_head && !matches!(status, 204 | 304) {
            let length = reply.header("Content-Length").expect("a length").parse().unwrap();
            reply.body.resize(length, 0);
            stream.read_exact(&mut reply.body).unwrap();
        }
        reply
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A file of simulated rows, which is removed on drop.
pub(crate) struct Simulated(PathBuf);

impl Simulated {
    pub(crate) fn rows(rows: u64) -> Simulated {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("airq-server-{}-{number}.csv", std::process::id()));
        let mut file = fs::File::create(&path).unwrap();
        airq_core::testing::Simulation::new(1).rows(rows).write_csv(&mut file).unwrap();
        Simulated(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _gone_already = fs::remove_file(&self.0);
    }
}

/// Imports this CSV into a migrated database.
pub(crate) fn import(url: &str, csv: impl AsRef<[u8]>) -> airq_core::import::Imported {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("airq-import-{}-{number}.csv", std::process::id()));
    fs::write(&path, csv).unwrap();
    let imported = Database::at(url).unwrap().import([&path], &ImportOptions::default(), &mut ());
    fs::remove_file(path).unwrap();
    imported.unwrap()
}

/// Migrates a database and imports the simulated day with its twelve stations.
pub(crate) fn import_sample(url: &str) {
    let folder = std::env::temp_dir().join(format!("airq-sample-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| fs::File::create(folder.join(name)).unwrap();
    airq_core::testing::Simulation::new(1).write_csv(&mut file("day.csv")).unwrap();
    airq_core::testing::Simulation::write_stations(&mut file("stations.csv")).unwrap();
    let database = Database::at(url).unwrap();
    database.migrate().unwrap();
    database.import([&folder], &ImportOptions::default(), &mut ()).unwrap();
    fs::remove_dir_all(folder).unwrap();
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(name)
}

//! nginx with a directory of files, which can also fail as file servers fail.

use super::certificates::Certificates;
use super::daemon::{Daemon, Folder, free_port, wait_until};
use crate::error::Result;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// The server's behaviour for each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebMood {
    /// Sends the file.
    Fine,
    /// Answers 500.
    Fails,
    /// Closes the connection before the length that it has announced.
    Cuts,
    /// Sends the beginning and then nothing.
    Stalls,
    /// Sends ten bytes each second.
    Drips,
    /// Sends a body without length, which ends with the connection.
    Unframed,
    /// Redirects to the same URL.
    Loops,
    /// Redirects to `file:///etc/passwd`.
    RedirectsToFile,
}

/// A running nginx with HTTP and HTTPS on free ports of 127.0.0.1. Dropping it stops the server and removes the directory.
#[derive(Debug)]
pub struct WebServer {
    _daemon: Daemon,
    certificates: Certificates,
    folder: Folder,
    port: u16,
    tls_port: u16,
}

impl WebServer {
    /// Starts nginx.
    ///
    /// # Errors
    /// If nginx, setpriv or openssl cannot be started.
    pub fn start() -> Result<Self> {
        let folder = Folder::new("web")?;
        let root = folder.path().join("files");
        std::fs::create_dir(&root)?;
        let certificates = Certificates::make(folder.path())?;
        let port = free_port()?;
        let tls_port = free_port()?;
        let settings = folder.path().join("nginx.conf");
        std::fs::write(&settings, configuration(folder.path(), &certificates, [port, tls_port, faulty_server()?]))?;
        let log = folder.path().join("error.log");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).arg("-c").arg(&settings).args(["-e", "stderr"]);
        let daemon = Daemon::start(&mut command, &log, "KILL")?;
        wait_until("nginx", &log, || TcpStream::connect((Ipv4Addr::LOCALHOST, tls_port)).is_ok())?;
        Ok(WebServer { _daemon: daemon, certificates, folder, port, tls_port })
    }

    /// The URL of a file.
    pub fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    /// The URL of a file with TLS.
    pub fn tls_url(&self, name: &str) -> String {
        format!("https://127.0.0.1:{}/{name}", self.tls_port)
    }

    /// The certificate of the authority that signed the server's certificate.
    pub fn authority(&self) -> &Path {
        &self.certificates.authority
    }

    /// Writes a file in one step.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.file(name);
        std::fs::write(path.with_extension("new"), content)?;
        Ok(std::fs::rename(path.with_extension("new"), path)?)
    }

    /// Sets what the server does from now on.
    ///
    /// # Errors
    /// If a file of the directory cannot be written.
    pub fn set_mood(&self, mood: WebMood) -> Result<()> {
        for known in MOODS {
            let path = self.file(&format!("is-{known:?}"));
            if *known == mood {
                std::fs::write(path, "")?;
            } else if path.exists() {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// The requests up to now, a line each: the status, the path, and the conditions of the request.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn requests(&self) -> Result<Vec<String>> {
        let log = std::fs::read_to_string(self.folder.path().join("access.log"))?;
        Ok(log.lines().map(str::to_owned).collect())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("files").join(name)
    }
}

/// All moods but `Fine`.
const MOODS: &[WebMood] = &[
    WebMood::Fails,
    WebMood::Cuts,
    WebMood::Stalls,
    WebMood::Drips,
    WebMood::Unframed,
    WebMood::Loops,
    WebMood::RedirectsToFile,
];

fn configuration(folder: &Path, certificates: &Certificates, [port, tls_port, faulty]: [u16; 3]) -> String {
    let folder = folder.display();
    let (certificate, key) = (certificates.certificate.display(), certificates.key.display());
    format!(
        r"
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{}}
http {{
    log_format short '$status $request_uri etag=$http_if_none_match since=$http_if_modified_since';
    access_log {folder}/access.log short;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        root {folder}/files;
        if (-f {folder}/files/is-Fails) {{ return 500; }}
        if (-f {folder}/files/is-Loops) {{ return 302 $request_uri; }}
        if (-f {folder}/files/is-RedirectsToFile) {{ return 302 file:///etc/passwd; }}
        if (-f {folder}/files/is-Cuts) {{ rewrite ^ /faulty/cut; }}
        if (-f {folder}/files/is-Stalls) {{ rewrite ^ /faulty/stall; }}
        if (-f {folder}/files/is-Unframed) {{ rewrite ^ /faulty/unframed; }}
        chunked_transfer_encoding off;
        location / {{
            if (-f {folder}/files/is-Drips) {{ set $limit_rate 10; }}
        }}
        location /faulty/ {{ proxy_pass http://127.0.0.1:{faulty}; }}
        location /moved/ {{ rewrite ^/moved/(.*)$ /$1 permanent; }}
    }}
}}
"
    )
}

/// Starts nginx, which sends parts of files, with a server; returns its port.
fn faulty_server() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    thread::Builder::new().spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || drop(send_part(&stream)));
        }
    })?;
    Ok(port)
}

fn send_part(stream: &TcpStream) -> std::io::Result<()> {
    let mut request = BufReader::new(stream).lines();
    let first = request.next().transpose()?.unwrap_or_default();
    while request.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let length = if first.contains("unframed") { "" } else { "Content-Length: 5000\r\n" };
    let mut stream = stream;
    write!(stream, "HTTP/1.0 200 OK\r\n{length}\r\ntime,station,no2\n2016-10-01,a,1\n")?;
    if first.contains("stall") {
        thread::sleep(Duration::from_secs(60));
    }
    Ok(())
}

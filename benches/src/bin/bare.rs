//! A server with `tiny_http` only, which serves the files of a directory from memory: the upper bound for `airq-server`.
//!
//! Each connection has a thread that reads and answers, which is faster than the queue between two threads of the crate.

use std::collections::HashMap;
use std::error::Error;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use tiny_http::{Header, Listener, Request, Response, Server, SslContextWrap, StatusCode};

/// The bodies by the paths of their URLs.
type Files = HashMap<String, &'static [u8]>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: airq-bare-http ADDRESS FOLDER".into());
    };
    let files = Arc::new(files(Path::new(&folder))?);
    let socket = TcpListener::bind(address.parse::<SocketAddr>()?)?;
    // Accepted connections inherit this option. Without it, a small answer is delayed by 40 ms.
    rustix::net::sockopt::set_tcp_nodelay(&socket, true)?;
    let listener = Listener::from(socket);
    let plain = SslContextWrap::build_ssl_capabilities(None).map_err(|error| error.to_string())?;
    loop {
        let Some(connection) = Server::accept_connection(&listener, &plain)? else { continue };
        let files = files.clone();
        thread::spawn(move || {
            for request in connection.map_while(Result::ok) {
                if respond(request, &files).is_err() {
                    return;
                }
            }
        });
    }
}

fn files(folder: &Path) -> std::io::Result<Files> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(format!("/{name}"), Vec::leak(std::fs::read(&path)?));
    }
    Ok(files)
}

fn respond(request: Request, files: &Files) -> std::io::Result<()> {
    let (status, body) = match files.get(request.url()) {
        Some(body) => (200, *body),
        None => (404, &b""[..]),
    };
    let mut response = Response::new(StatusCode(status), Vec::new().into(), body, Some(body.len()), None)
        .with_chunked_threshold(usize::MAX);
    if let Ok(header) = Header::from_str("Content-Type", "application/json") {
        response.add_header(header);
    }
    request.respond(response)
}

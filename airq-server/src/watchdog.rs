//! Ends the process when its own listener has stopped answering, so that whoever runs it starts it anew.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);
/// A listener that is merely full is not dead: three times in a row.
const FAILURES: u32 = 3;

/// Watches the listener at this address from a thread of its own.
pub(crate) fn start(address: SocketAddr) {
    let watch = move || {
        let mut failures = 0;
        while failures < FAILURES {
            std::thread::sleep(EVERY);
            failures = if answers(address) { 0 } else { failures + 1 };
        }
        log::error!("{address} has not answered {FAILURES} times in a row: ending, to be started anew");
        std::process::exit(1);
    };
    if let Err(error) = std::thread::Builder::new().name("watchdog".to_owned()).spawn(watch) {
        log::warn!("no watchdog: {error}");
    }
}

/// Whether a new connection gets an answer, whatever it says.
fn answers(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"HEAD /openapi.json HTTP/1.1\r\nHost: watchdog\r\nConnection: close\r\n\r\n")?;
        let mut begin = [0; 5];
        stream.read_exact(&mut begin)?;
        Ok(&begin == b"HTTP/")
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn an_answer_is_told_from_none() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serve = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").unwrap();
            let (_closed_at_once, _) = listener.accept().unwrap();
        });
        assert!(answers(address));
        assert!(!answers(address), "closed without a word");
        serve.join().unwrap();
        assert!(!answers(address), "nobody listens");
    }
}

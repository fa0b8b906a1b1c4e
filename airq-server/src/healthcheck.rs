//! `--healthcheck`: asks a running server whether it is ready. Container images without a shell have no other client.

use airq_core::{Error, ErrorKind, Result};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// The time limit of each step. It is shorter than the time limit of container engines for a healthcheck.
const PATIENCE: Duration = Duration::from_secs(3);
/// An upper bound of the length of an answer of `/readyz`.
const LONGEST: u64 = 4096;

/// Checks that `/readyz` on the admin port at this address responds with 200.
///
/// # Errors
/// [`ErrorKind::Unavailable`] if the server is not ready or does not answer.
pub(crate) fn run(admin: SocketAddr) -> Result<()> {
    let address = reachable(admin);
    let answer = ask(address).map_err(|error| {
        Error::with_source(ErrorKind::Unavailable, format!("the admin port {address} does not answer"), error)
    })?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status == "200" {
        return Ok(());
    }
    let body = answer.rsplit("\r\n").next().unwrap_or_default().trim();
    Err(Error::new(ErrorKind::Unavailable, format!("not ready: /readyz answers {status:?}: {body}")))
}

/// Replaces an unspecified address, on which a server listens on all interfaces, by loopback.
fn reachable(admin: SocketAddr) -> SocketAddr {
    let ip = match admin.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, admin.port())
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(LONGEST).read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_on_loopback() {
        for (listens, asked) in [
            ("0.0.0.0:9464", "127.0.0.1:9464"),
            ("[::]:9464", "[::1]:9464"),
            ("127.0.0.2:1", "127.0.0.2:1"),
            ("10.0.0.1:9464", "10.0.0.1:9464"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }
}

//! New connections: the hosts are tried in turn, each with a time limit. Checks whether a server responds.

use super::crew::{Absent, Crew};
use super::session_error::described;
use super::settings::{Settings, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::random::random;
use postgres::Client;
use postgres::config::Host;
use r2d2::ManageConnection as _;
use r2d2_postgres::PostgresConnectionManager;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// The time limit for all hosts, and the least time for each host.
const DIAL: Duration = Duration::from_millis(1800);
const DIAL_HOST: Duration = Duration::from_millis(600);
/// The time limit for the response of a server to a check.
const PULSE: Duration = Duration::from_millis(700);
/// The question whether the server supports TLS. Every server answers with one byte, before authentication.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// Returns a connection to the first host that accepts one, and the position of the host.
///
/// # Errors
/// The error of the last host, usually [`ErrorKind::Unavailable`].
pub(crate) fn dial(settings: &Settings, crew: &Crew) -> Result<(Client, Target)> {
    let hosts = u32::try_from(settings.targets.len()).unwrap_or(u32::MAX).max(1);
    let limit = (DIAL / hosts).max(DIAL_HOST);
    let mut last = Error::new(ErrorKind::InvalidSetting, "the URL names no host");
    for target in in_order(settings) {
        match dial_host(&target, settings, crew, limit) {
            Ok(client) => return Ok((client, target)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn dial_host(target: &Target, settings: &Settings, crew: &Crew, limit: Duration) -> Result<Client> {
    let manager = PostgresConnectionManager::new(target.0.clone(), settings.tls.clone());
    match crew.within(limit, move || manager.connect()) {
        Ok(connected) => connected.map_err(described),
        Err(Absent::Late) => Err(unavailable(format!("no answer to a new connection within {limit:?}"))),
        Err(Absent::TooMany) => Err(unavailable("too many connections wait for an answer")),
    }
}

fn unavailable(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unavailable, why)
}

fn in_order(settings: &Settings) -> Vec<Target> {
    let mut targets = settings.targets.clone();
    if settings.at_random {
        targets.sort_by_cached_key(|_| random());
    }
    targets
}

/// Returns whether the server responds. A frozen server does not, although its kernel accepts connections.
pub(super) fn has_pulse(target: &Target, crew: &Crew) -> bool {
    let target = target.clone();
    crew.within(PULSE, move || ping(&target).is_ok()) == Ok(true)
}

fn ping(target: &Target) -> io::Result<()> {
    let port = target.0.get_ports().first().copied().unwrap_or(5432);
    match (target.0.get_hostaddrs().first(), target.0.get_hosts().first()) {
        (Some(address), _) => ask(&mut tcp([(*address, port).into()])?),
        (None, Some(Host::Tcp(name))) => ask(&mut tcp((name.as_str(), port).to_socket_addrs()?)?),
        (None, Some(Host::Unix(folder))) => {
            let mut stream = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}")))?;
            stream.set_read_timeout(Some(PULSE))?;
            ask(&mut stream)
        }
        (None, None) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

fn tcp(addresses: impl IntoIterator<Item = SocketAddr>) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect_timeout(&address, PULSE) {
            Ok(stream) => {
                stream.set_read_timeout(Some(PULSE))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn ask(stream: &mut (impl Read + Write)) -> io::Result<()> {
    stream.write_all(&SSL_REQUEST)?;
    stream.read_exact(&mut [0])
}

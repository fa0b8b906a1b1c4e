//! Connections to one Redis or to a cluster, whose every wait has an end.

use super::settings::Settings;
use crate::error::{Error, ErrorKind, Result};
use ::redis::cluster::{ClusterClient, ClusterConnection, Connect};
use ::redis::{
    Client, Cmd, Connection, ConnectionAddr, ConnectionInfo, ConnectionLike, IntoConnectionInfo, RedisConnectionInfo,
    RedisError, RedisResult, TlsCertificates, Value,
};
use std::fmt;
use std::sync::mpsc;
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

/// What connections are made to.
pub(super) struct Target {
    client: TargetClient,
    settings: Settings,
}

enum TargetClient {
    Server(Client),
    Cluster(ClusterClient),
}

/// A connection that answers within its time limits or fails.
pub(super) enum Connected {
    Server(Timed),
    Cluster(Box<ClusterConnection<Timed>>),
}

impl Target {
    /// Checks the settings. Connects to nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] for what cannot be used.
    pub(super) fn new(settings: Settings) -> Result<Self> {
        if settings.tls {
            choose_cryptography();
        }
        let client = client(&settings).map_err(|error| {
            Error::with_source(ErrorKind::InvalidSetting, "the URL of the Redis cannot be used", error)
        })?;
        Ok(Target { client, settings })
    }

    /// Connects, in a thread of its own: the resolving of a name has no time limit.
    pub(super) fn connect(self: &Arc<Self>) -> RedisResult<Connected> {
        let (done, outcome) = mpsc::sync_channel(1);
        let target = self.clone();
        thread::Builder::new().name("airq-redis-connect".to_owned()).spawn(move || {
            // Who wanted it may have gone.
            let _gone = done.send(target.connect_here());
        })?;
        outcome.recv_timeout(self.connect_limit()).unwrap_or_else(|_| Err(timed_out("connecting")))
    }

    /// A cluster is asked for its nodes, and each of them connected to.
    fn connect_limit(&self) -> Duration {
        let steps = if self.settings.cluster { 4 } else { 1 };
        self.settings.connect_timeout * steps
    }

    fn connect_here(&self) -> RedisResult<Connected> {
        let (connect_timeout, timeout) = (self.settings.connect_timeout, self.settings.timeout);
        match &self.client {
            TargetClient::Server(client) => {
                let connection = Timed::connect(client.get_connection_info().clone(), Some(connect_timeout))?;
                connection.set_read_timeout(Some(timeout))?;
                connection.set_write_timeout(Some(timeout))?;
                Ok(Connected::Server(connection))
            }
            TargetClient::Cluster(client) => {
                let connection = client.get_generic_connection::<Timed>()?;
                connection.set_read_timeout(Some(timeout))?;
                connection.set_write_timeout(Some(timeout))?;
                Ok(Connected::Cluster(Box::new(connection)))
            }
        }
    }
}

impl Connected {
    pub(super) fn ask(&mut self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Connected::Server(connection) => connection.req_command(command),
            Connected::Cluster(connection) => connection.req_command(command),
        }
        .and_then(Value::extract_error)
    }
}

/// rustls wants one way of cryptography for the process, and the crate leaves the choice to whoever embeds it.
fn choose_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Another thread may have chosen in between: that is as good.
            let _chosen = rustls::crypto::ring::default_provider().install_default();
        }
    });
}

fn client(settings: &Settings) -> RedisResult<TargetClient> {
    let nodes = settings.hosts.iter().map(|host| node(settings, host)).collect::<RedisResult<Vec<_>>>()?;
    let certificates =
        settings.root_certificates.clone().map(|pem| TlsCertificates { client_tls: None, root_cert: Some(pem) });
    if !settings.cluster {
        let node = nodes.into_iter().next().ok_or((::redis::ErrorKind::InvalidClientConfig, "no host"))?;
        return Ok(TargetClient::Server(match certificates {
            Some(certificates) => Client::build_with_tls(node, certificates)?,
            None => Client::open(node)?,
        }));
    }
    // Two more tries follow a slot that has moved and a connection that was dropped; none of them waits long.
    let cluster = ClusterClient::builder(nodes)
        .connection_timeout(settings.connect_timeout)
        .response_timeout(settings.timeout)
        .retries(2)
        .min_retry_wait(5)
        .max_retry_wait(50);
    let cluster = match certificates {
        Some(certificates) => cluster.certs(certificates),
        None => cluster,
    };
    Ok(TargetClient::Cluster(cluster.build()?))
}

fn node(settings: &Settings, (host, port): &(String, u16)) -> RedisResult<ConnectionInfo> {
    let (host, port) = (host.clone(), *port);
    let address = if settings.tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let mut login = RedisConnectionInfo::default().set_db(settings.database);
    if let Some(user) = &settings.user {
        login = login.set_username(user);
    }
    if let Some(password) = &settings.password {
        login = login.set_password(password);
    }
    Ok(address.into_connection_info()?.set_redis_settings(login))
}

/// A connection that keeps its time limits where the crate would lift them, and whose running out of time is no reason to
/// try again on it: half an answer may be on the way.
pub(super) struct Timed(Connection);

impl Connect for Timed {
    fn connect<T: IntoConnectionInfo>(info: T, timeout: Option<Duration>) -> RedisResult<Self> {
        let info = info.into_connection_info()?;
        // The crate waits the whole time limit again for each command that it introduces itself with.
        let login = info.redis_settings().clone().set_skip_set_lib_name();
        let connection = <Connection as Connect>::connect(info.set_redis_settings(login), timeout)?;
        connection.set_read_timeout(timeout)?;
        connection.set_write_timeout(timeout)?;
        Ok(Timed(connection))
    }

    fn send_packed_command(&mut self, command: &[u8]) -> RedisResult<()> {
        self.0.send_packed_command(command).map_err(final_timeout)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> RedisResult<()> {
        limit.map_or(Ok(()), |limit| self.0.set_write_timeout(Some(limit)))
    }

    fn set_read_timeout(&self, limit: Option<Duration>) -> RedisResult<()> {
        limit.map_or(Ok(()), |limit| self.0.set_read_timeout(Some(limit)))
    }

    fn recv_response(&mut self) -> RedisResult<Value> {
        self.0.recv_response().map_err(final_timeout)
    }
}

impl ConnectionLike for Timed {
    fn req_packed_command(&mut self, command: &[u8]) -> RedisResult<Value> {
        self.0.req_packed_command(command).map_err(final_timeout)
    }

    fn req_packed_commands(&mut self, commands: &[u8], offset: usize, count: usize) -> RedisResult<Vec<Value>> {
        self.0.req_packed_commands(commands, offset, count).map_err(final_timeout)
    }

    fn req_command(&mut self, command: &Cmd) -> RedisResult<Value> {
        self.0.req_command(command).map_err(final_timeout)
    }

    fn get_db(&self) -> i64 {
        self.0.get_db()
    }

    fn check_connection(&mut self) -> bool {
        self.0.check_connection()
    }

    fn is_open(&self) -> bool {
        self.0.is_open()
    }
}

fn final_timeout(error: RedisError) -> RedisError {
    if error.is_timeout() { timed_out("waiting for the answer") } else { error }
}

fn timed_out(doing: &str) -> RedisError {
    RedisError::from((::redis::ErrorKind::Client, "out of time", doing.to_owned()))
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.settings).finish()
    }
}

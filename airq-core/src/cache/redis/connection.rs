//! Connections to a Redis server or cluster, with a time limit for every operation.

use super::settings::RedisSettings;
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

/// The server or cluster to connect to.
pub(super) struct RedisTarget {
    client: TargetClient,
    settings: RedisSettings,
}

enum TargetClient {
    Server(Client),
    Cluster(ClusterClient),
}

/// A connection that answers or fails within its time limits.
pub(super) enum RedisConnection {
    Server(TimedConnection),
    Cluster(Box<ClusterConnection<TimedConnection>>),
}

impl RedisTarget {
    /// Checks the settings. Does not connect.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if a setting is invalid.
    pub(super) fn new(settings: RedisSettings) -> Result<Self> {
        if settings.tls {
            install_crypto_provider();
        }
        let client = client(&settings).map_err(|error| {
            Error::with_source(ErrorKind::InvalidSetting, "the URL of the Redis cannot be used", error)
        })?;
        Ok(RedisTarget { client, settings })
    }

    /// Connects on a new thread, because name resolution has no time limit.
    pub(super) fn connect(self: &Arc<Self>) -> RedisResult<RedisConnection> {
        let (done, outcome) = mpsc::sync_channel(1);
        let target = self.clone();
        thread::Builder::new().name("airq-redis-connect".to_owned()).spawn(move || {
            // The receiver may have given up.
            let _sent = done.send(target.connect_here());
        })?;
        outcome.recv_timeout(self.connect_limit()).unwrap_or_else(|_| Err(timed_out("connecting")))
    }

    /// The time limit of a connection. A cluster takes longer, because the client asks for its nodes and connects to each.
    fn connect_limit(&self) -> Duration {
        let steps = if self.settings.cluster { 4 } else { 1 };
        self.settings.connect_timeout * steps
    }

    fn connect_here(&self) -> RedisResult<RedisConnection> {
        let connect_timeout = self.settings.connect_timeout;
        let timeout = self.settings.timeout;
        match &self.client {
            TargetClient::Server(client) => {
                let connection = TimedConnection::connect(client.get_connection_info().clone(), Some(connect_timeout))?;
                connection.set_read_timeout(Some(timeout))?;
                connection.set_write_timeout(Some(timeout))?;
                Ok(RedisConnection::Server(connection))
            }
            TargetClient::Cluster(client) => {
                let connection = client.get_generic_connection::<TimedConnection>()?;
                connection.set_read_timeout(Some(timeout))?;
                connection.set_write_timeout(Some(timeout))?;
                Ok(RedisConnection::Cluster(Box::new(connection)))
            }
        }
    }
}

impl RedisConnection {
    pub(super) fn query(&mut self, command: &Cmd) -> RedisResult<Value> {
        let reply = match self {
            RedisConnection::Server(connection) => connection.req_command(command)?,
            RedisConnection::Cluster(connection) => connection.req_command(command)?,
        };
        reply.extract_error()
    }
}

/// Installs a cryptography provider for rustls, unless the embedding program has installed one.
fn install_crypto_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // This fails if another thread has installed a provider meanwhile, which is just as good.
            let _installed = rustls::crypto::ring::default_provider().install_default();
        }
    });
}

fn client(settings: &RedisSettings) -> RedisResult<TargetClient> {
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
    // Two retries, for a slot that has moved and for a connection that was dropped. Their waits are short.
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

fn node(settings: &RedisSettings, (host, port): &(String, u16)) -> RedisResult<ConnectionInfo> {
    let host = host.clone();
    let port = *port;
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

/// A connection that keeps its time limits when the crate `redis` would remove them.
///
/// A timeout is reported as an error that the crate does not retry on the same connection, because the rest of the answer may
/// still arrive there.
pub(super) struct TimedConnection(Connection);

impl Connect for TimedConnection {
    fn connect<T: IntoConnectionInfo>(info: T, timeout: Option<Duration>) -> RedisResult<Self> {
        let info = info.into_connection_info()?;
        // The crate would wait the whole time limit again for each `CLIENT SETINFO` command.
        let login = info.redis_settings().clone().set_skip_set_lib_name();
        let connection = <Connection as Connect>::connect(info.set_redis_settings(login), timeout)?;
        connection.set_read_timeout(timeout)?;
        connection.set_write_timeout(timeout)?;
        Ok(TimedConnection(connection))
    }

    fn send_packed_command(&mut self, command: &[u8]) -> RedisResult<()> {
        self.0.send_packed_command(command).map_err(final_timeout)
    }

    fn set_write_timeout(&self, limit: Option<Duration>) -> RedisResult<()> {
        match limit {
            Some(limit) => self.0.set_write_timeout(Some(limit)),
            None => Ok(()),
        }
    }

    fn set_read_timeout(&self, limit: Option<Duration>) -> RedisResult<()> {
        match limit {
            Some(limit) => self.0.set_read_timeout(Some(limit)),
            None => Ok(()),
        }
    }

    fn recv_response(&mut self) -> RedisResult<Value> {
        self.0.recv_response().map_err(final_timeout)
    }
}

impl ConnectionLike for TimedConnection {
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

impl fmt::Debug for RedisTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedisTarget").field(&self.settings).finish()
    }
}

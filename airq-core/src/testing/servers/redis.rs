//! A temporary Redis server, which a test can stop, kill, freeze and restart.

use super::certificates::Certificates;
use super::daemon::{Daemon, Folder, free_port, run, wait_until};
use crate::error::{Error, ErrorKind, Result};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The options of a [`RedisServer`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RedisOptions {
    tls: bool,
    password: Option<String>,
    settings: Vec<(String, String)>,
}

impl RedisOptions {
    /// Enables TLS only, with a certificate for 127.0.0.1 of a new [authority](RedisServer::authority).
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Requires this password.
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Adds a line to `redis.conf`.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// If `redis-server` is not installed or does not start. The error has the end of its log.
    pub fn start(self) -> Result<RedisServer> {
        let folder = Folder::new("redis")?;
        let certificates = self.tls.then(|| Certificates::make(folder.path())).transpose()?;
        let mut server = RedisServer { options: self, certificates, port: free_port()?, daemon: None, folder };
        server.restart()?;
        Ok(server)
    }
}

/// A `redis-server` on a free port of 127.0.0.1, with its data in a temporary directory. The server ends on drop, and with the
/// thread that started it.
#[derive(Debug)]
pub struct RedisServer {
    options: RedisOptions,
    certificates: Option<Certificates>,
    port: u16,
    // Dropped before the directory is removed.
    daemon: Option<Daemon>,
    folder: Folder,
}

impl RedisServer {
    /// Starts a server with default options.
    ///
    /// # Errors
    /// As [`RedisOptions::start`].
    pub fn start() -> Result<Self> {
        RedisOptions::default().start()
    }

    /// Returns options for TLS, a password or other settings.
    pub fn options() -> RedisOptions {
        RedisOptions::default()
    }

    /// Returns the port, which is the same after each [restart](RedisServer::restart).
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL for a cache, with the password and, with TLS, the certificate of the authority.
    pub fn url(&self) -> String {
        let password = self.options.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        match self.authority() {
            None => format!("redis://{password}127.0.0.1:{}", self.port),
            Some(path) => format!("rediss://{password}127.0.0.1:{}?sslrootcert={}", self.port, path.display()),
        }
    }

    /// Returns the certificate of the authority, if the server has TLS.
    pub fn authority(&self) -> Option<&Path> {
        self.certificates.as_ref().map(|made| made.authority.as_path())
    }

    /// Runs a command with `redis-cli` and returns its output.
    ///
    /// # Errors
    /// If `redis-cli` cannot be run, or the server refuses the command.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Result<String> {
        run(self.cli().args(arguments))
    }

    /// Sets a key to these bytes.
    ///
    /// # Errors
    /// As [`command`](RedisServer::command).
    pub fn set(&self, key: &str, value: &[u8]) -> Result<()> {
        let path = self.folder.path().join("value");
        std::fs::write(&path, value)?;
        let input = std::fs::File::open(&path)?;
        let status = self.cli().args(["-x", "SET", key]).stdin(input).stdout(Stdio::null()).status()?;
        if status.success() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Internal, format!("redis-cli SET {key} failed: {status}")))
    }

    fn cli(&self) -> Command {
        // redis-cli would wait forever for a frozen server. With -e, an error reply fails the command.
        let mut cli = Command::new("timeout");
        cli.args(["5", "redis-cli", "-e", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
        if let Some(made) = &self.certificates {
            cli.arg("--tls").arg("--cacert").arg(&made.authority);
        }
        if let Some(password) = &self.options.password {
            cli.env("REDISCLI_AUTH", password);
        }
        cli
    }

    /// Stops the server. The data are lost, because the server keeps nothing on disk.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn stop(&mut self) -> Result<()> {
        self.end("TERM")
    }

    /// Kills the server with SIGKILL.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn kill(&mut self) -> Result<()> {
        self.end("KILL")
    }

    fn end(&mut self, signal: &str) -> Result<()> {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.signal(signal)?;
            daemon.wait();
        }
        Ok(())
    }

    /// Freezes the server with SIGSTOP. Connections stay open and new ones succeed, but get no answer.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn freeze(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Resumes the server after [`freeze`](RedisServer::freeze).
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn thaw(&self) -> Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        match &self.daemon {
            Some(daemon) => daemon.signal(name),
            None => Ok(()),
        }
    }

    /// Starts or restarts the server on the same port.
    ///
    /// # Errors
    /// As [`RedisOptions::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.kill()?;
        let log = self.log();
        let mut daemon = Daemon::start(&mut self.server(), &log, "KILL")?;
        wait_until("redis-server", &log, || {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            text.contains("Ready to accept connections") || !daemon.is_running()
        })?;
        if !daemon.is_running() {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            return Err(Error::new(ErrorKind::Internal, format!("redis-server did not start: {text}")));
        }
        self.daemon = Some(daemon);
        Ok(())
    }

    fn server(&self) -> Command {
        let mut server = Command::new("redis-server");
        server.current_dir(self.folder.path()).args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1"]);
        let port = self.port.to_string();
        match &self.certificates {
            None => server.args(["--port", &port]),
            Some(made) => server
                .args(["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no", "--tls-ca-cert-file"])
                .arg(&made.authority)
                .arg("--tls-cert-file")
                .arg(&made.certificate)
                .arg("--tls-key-file")
                .arg(&made.key),
        };
        if let Some(password) = &self.options.password {
            server.args(["--requirepass", password]);
        }
        for (name, value) in &self.options.settings {
            server.arg(format!("--{name}")).arg(value);
        }
        server
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("redis.log")
    }
}

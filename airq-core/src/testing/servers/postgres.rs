//! A temporary PostgreSQL server, which a test can stop, kill, freeze and restart.

use super::certificates::Certificates;
use super::daemon::{Daemon, Folder, free_port, run, wait_until};
use super::postgres_owner::Owner;
use super::processes::{Thawer, descendants, signal_all};
use crate::error::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// The superuser of the servers.
const USER: &str = "airq";

/// The signal for an immediate shutdown. Unlike SIGKILL, it releases the shared memory.
pub(super) const LAST_SIGNAL: &str = "QUIT";

/// The maximum time until the processes of a killed server release the shared memory.
const RELEASE_TIME: Duration = Duration::from_secs(20);

/// The options of a [`PostgresServer`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PostgresOptions {
    tls: bool,
    password: Option<String>,
    settings: Vec<(String, String)>,
}

impl PostgresOptions {
    /// Enables TLS, with a certificate for 127.0.0.1 and localhost of a new [authority](PostgresServer::authority).
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Requires this password over TCP.
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Adds a line to `postgresql.conf`.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start. The error has the end of its log.
    pub fn start(self) -> Result<PostgresServer> {
        let server = PostgresServer::lay_out(self)?;
        let mut initdb = server.owner.command(&program("initdb"));
        initdb.arg("-D").arg(server.data()).args(["-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
        initdb.args(["--auth-local=trust", "--auth-host"]);
        match &server.options.password {
            None => initdb.arg("trust"),
            Some(password) => {
                let path = server.folder.path().join("password");
                std::fs::write(&path, password)?;
                initdb.arg("scram-sha-256").arg(format!("--pwfile={}", path.display()))
            }
        };
        run(&mut initdb)?;
        server.started()
    }
}

/// A PostgreSQL server on a free port of 127.0.0.1 and on a Unix socket, with its data in a temporary directory.
///
/// The server ends on drop, and with the thread that started it. The superuser is `airq`. Data survive a restart, but not a crash
/// of the machine, because `fsync` is off.
///
/// PostgreSQL does not run as root. If the tests run as root, it runs as the user `postgres`, or as `nobody`.
#[derive(Debug)]
pub struct PostgresServer {
    options: PostgresOptions,
    owner: Owner,
    certificates: Option<Certificates>,
    port: u16,
    // Dropped before the directory is removed.
    daemon: Option<Daemon>,
    thawer: Option<Thawer>,
    folder: Folder,
}

impl PostgresServer {
    /// Starts a server with default options.
    ///
    /// # Errors
    /// As [`PostgresOptions::start`].
    pub fn start() -> Result<Self> {
        PostgresOptions::default().start()
    }

    /// Returns options for TLS, a password or other settings.
    pub fn options() -> PostgresOptions {
        PostgresOptions::default()
    }

    /// Starts a streaming replica of this server, with the same options.
    ///
    /// # Errors
    /// If the data cannot be copied or the replica cannot be started.
    pub fn replica(&self) -> Result<PostgresServer> {
        let replica = PostgresServer::lay_out(self.options.clone())?;
        let mut copy = replica.owner.command(&program("pg_basebackup"));
        copy.arg("-D").arg(replica.data()).args([
            "-U",
            USER,
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        ]);
        copy.arg("-h").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        run(&mut copy)?;
        replica.started()
    }

    fn lay_out(options: PostgresOptions) -> Result<Self> {
        let owner = Owner::of_servers()?;
        let folder = Folder::new("postgres")?;
        let certificates = options.tls.then(|| Certificates::make(folder.path())).transpose()?;
        owner.own(folder.path())?;
        Ok(PostgresServer { options, owner, certificates, port: free_port()?, daemon: None, thawer: None, folder })
    }

    fn started(mut self) -> Result<Self> {
        self.restart()?;
        Ok(self)
    }

    /// Returns the port, which is the same after each [restart](PostgresServer::restart).
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of a database over TCP for the superuser, with the password if there is one.
    pub fn url(&self, database: &str) -> String {
        let password = self.options.password.as_ref().map(|password| format!(":{password}")).unwrap_or_default();
        format!("postgres://{USER}{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Returns the URL of a database over the Unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{folder}:{}/{database}", self.port)
    }

    /// Creates an empty database and returns its [URL](PostgresServer::url).
    ///
    /// # Errors
    /// If the database exists, or the server cannot be reached.
    pub fn create_database(&self, name: &str) -> Result<String> {
        self.sql("postgres", &format!("create database \"{name}\""))?;
        Ok(self.url(name))
    }

    /// Runs SQL as the superuser with `psql` and returns its output: rows with fields separated by `|`.
    ///
    /// # Errors
    /// If `psql` cannot be run, or the server refuses the statement.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(program("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", USER, "-d", database, "-c", sql]);
        psql.arg("-h").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        run(&mut psql)
    }

    /// Returns the certificate of the authority, if the server has TLS.
    pub fn authority(&self) -> Option<&Path> {
        self.certificates.as_ref().map(|made| made.authority.as_path())
    }

    /// Returns the log since the last start.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Stops the server with a fast shutdown: connections are closed, and no data are lost.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub fn stop(&mut self) -> Result<()> {
        self.thaw()?;
        if let Some(mut daemon) = self.daemon.take() {
            daemon.signal("INT")?;
            daemon.wait();
        }
        Ok(())
    }

    /// Kills all processes of the server with SIGKILL.
    ///
    /// # Errors
    /// If a signal cannot be sent.
    pub fn kill(&mut self) -> Result<()> {
        self.thawer = None;
        if let Some(mut daemon) = self.daemon.take() {
            let all = descendants(daemon.id());
            signal_all("KILL", &all)?;
            daemon.wait();
        }
        Ok(())
    }

    /// Freezes all processes of the server with SIGSTOP. Connections stay open and new ones succeed, but get no answer.
    ///
    /// # Errors
    /// If a signal cannot be sent.
    pub fn freeze(&mut self) -> Result<()> {
        let Some(daemon) = &self.daemon else { return Ok(()) };
        // The parent process first, because it starts other processes.
        signal_all("STOP", &[daemon.id()])?;
        let all = descendants(daemon.id());
        self.thawer = Some(Thawer::of(&all)?);
        signal_all("STOP", &all)
    }

    /// Resumes the server after [`freeze`](PostgresServer::freeze).
    ///
    /// # Errors
    /// If a signal cannot be sent.
    pub fn thaw(&mut self) -> Result<()> {
        self.thawer = None;
        match &self.daemon {
            Some(daemon) => signal_all("CONT", &descendants(daemon.id())),
            None => Ok(()),
        }
    }

    /// Starts or restarts the server on the same port.
    ///
    /// # Errors
    /// As [`PostgresOptions::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        let log = self.log_path();
        let began = Instant::now();
        loop {
            let mut daemon = Daemon::start(&mut self.server(), &log, LAST_SIGNAL)?;
            wait_until("postgres", &log, || self.sql("postgres", "select 1").is_ok() || !daemon.is_running())?;
            if daemon.is_running() {
                self.daemon = Some(daemon);
                return Ok(());
            }
            let said = self.log();
            // The processes of a killed server may hold the shared memory for a moment after the server has ended.
            if !said.contains("pre-existing shared memory block") || began.elapsed() > RELEASE_TIME {
                return Err(Error::new(ErrorKind::Internal, format!("postgres did not start: {said}")));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn server(&self) -> Command {
        let mut server = self.owner.command(&program("postgres"));
        server.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        server.args(["-c", "listen_addresses=127.0.0.1"]);
        server.arg("-c").arg(format!("unix_socket_directories={}", self.folder.path().display()));
        server.args(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        // In the temporary directory, because a killed server would leave its shared memory in /dev/shm.
        server.args(["-c", "dynamic_shared_memory_type=mmap"]);
        if let Some(made) = &self.certificates {
            server.args(["-c", "ssl=on"]);
            server.arg("-c").arg(format!("ssl_cert_file={}", made.certificate.display()));
            server.arg("-c").arg(format!("ssl_key_file={}", made.key.display()));
        }
        for (name, value) in &self.options.settings {
            server.arg("-c").arg(format!("{name}={value}"));
        }
        server
    }

    /// Stops the server immediately.
    fn end(&mut self) -> Result<()> {
        self.thaw()?;
        if let Some(mut daemon) = self.daemon.take() {
            daemon.signal(LAST_SIGNAL)?;
            daemon.wait();
        }
        Ok(())
    }

    /// Removes the shared memory segment that a killed server leaves. A system has only a few thousand segments.
    fn give_memory_back(&self) {
        let note = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        // The key and the id of the segment.
        if let Some(number) = note.lines().nth(6).and_then(|line| line.split_whitespace().nth(1)) {
            let _gone_already = run(Command::new("ipcrm").args(["-m", number]));
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("postgres.log")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // A process that cannot be signalled has already ended.
        let _gone_already = self.end();
        self.give_memory_back();
    }
}

/// Returns the path of a program of PostgreSQL: of the newest installed package, or else on the PATH.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.is_file());
    found.max_by_key(|path| version(path)).unwrap_or_else(|| PathBuf::from(name))
}

/// Returns the version in `/usr/lib/postgresql/17/bin/…`.
fn version(path: &Path) -> Option<u32> {
    path.components().nth(4)?.as_os_str().to_str()?.parse().ok()
}

//! A PostgreSQL of a test's own, that can be stopped, killed, frozen and started again.

use super::certificates::Certificates;
use super::daemon::{Daemon, Folder, free_port, run, wait_until};
use super::postgres_owner::Owner;
use super::processes::{Thawer, descendants, signal_all};
use crate::error::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The superuser of every such server.
const USER: &str = "airq";

/// Ends it at once, but not without giving its shared memory back, as SIGKILL would.
pub(super) const LAST_SIGNAL: &str = "QUIT";

/// How a [`PostgresServer`] is started.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct PostgresOptions {
    tls: bool,
    password: Option<String>,
    settings: Vec<(String, String)>,
}

impl PostgresOptions {
    /// Also take TLS, by a certificate for 127.0.0.1 and localhost of an [authority](PostgresServer::authority) of its own.
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Ask for this password over TCP.
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Start with this line of `postgresql.conf`.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// If PostgreSQL is not installed or does not start; the end of its log is named.
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

/// A running PostgreSQL on a free port of 127.0.0.1 and on a Unix socket, its data in a temporary folder; gone when
/// dropped, and with the thread that started it. Its superuser is `airq`. It keeps its data over a restart, but not over
/// a failure of the machine: nothing is forced onto the disk.
///
/// PostgreSQL refuses to run as root: then it runs as the user `postgres`, or `nobody` where there is none.
#[derive(Debug)]
pub struct PostgresServer {
    options: PostgresOptions,
    owner: Owner,
    certificates: Option<Certificates>,
    port: u16,
    // Ends before its folder goes.
    daemon: Option<Daemon>,
    thawer: Option<Thawer>,
    folder: Folder,
}

impl PostgresServer {
    /// Starts a plain one.
    ///
    /// # Errors
    /// As [`PostgresOptions::start`].
    pub fn start() -> Result<Self> {
        PostgresOptions::default().start()
    }

    /// How to start one with TLS, a password or settings.
    pub fn options() -> PostgresOptions {
        PostgresOptions::default()
    }

    /// Starts a streaming replica of this server, with the same options.
    ///
    /// # Errors
    /// If it cannot be copied or started.
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

    /// The port it listens on, the same after each [restart](PostgresServer::restart).
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database, over TCP, as the superuser, with the password if there is one.
    pub fn url(&self, database: &str) -> String {
        let password = self.options.password.as_ref().map(|password| format!(":{password}")).unwrap_or_default();
        format!("postgres://{USER}{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// The URL of a database over the Unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{USER}@{folder}:{}/{database}", self.port)
    }

    /// Makes an empty database and gives its [URL](PostgresServer::url).
    ///
    /// # Errors
    /// If there is one of that name, or the server cannot be reached.
    pub fn create_database(&self, name: &str) -> Result<String> {
        self.sql("postgres", &format!("create database \"{name}\""))?;
        Ok(self.url(name))
    }

    /// Runs SQL as the superuser by `psql` and gives what it printed: rows, fields parted by `|`.
    ///
    /// # Errors
    /// If it cannot be run, or the server refuses it.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let mut psql = Command::new(program("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", USER, "-d", database, "-c", sql]);
        psql.arg("-h").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        run(&mut psql)
    }

    /// The certificate to trust, of a server with TLS.
    pub fn authority(&self) -> Option<&Path> {
        self.certificates.as_ref().map(|made| made.authority.as_path())
    }

    /// What it has logged since it was last started.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Ends it as an administrator would: connections are closed, nothing is lost.
    ///
    /// # Errors
    /// If it cannot be signalled.
    pub fn stop(&mut self) -> Result<()> {
        self.thaw()?;
        if let Some(mut daemon) = self.daemon.take() {
            daemon.signal("INT")?;
            daemon.wait();
        }
        Ok(())
    }

    /// Kills every one of its processes by SIGKILL.
    ///
    /// # Errors
    /// If one cannot be signalled.
    pub fn kill(&mut self) -> Result<()> {
        self.thawer = None;
        if let Some(mut daemon) = self.daemon.take() {
            let all = descendants(daemon.id());
            signal_all("KILL", &all)?;
            daemon.wait();
        }
        Ok(())
    }

    /// Freezes every one of its processes by SIGSTOP: connections stay open, and connecting works, but nothing is answered.
    ///
    /// # Errors
    /// If one cannot be signalled.
    pub fn freeze(&mut self) -> Result<()> {
        let Some(daemon) = &self.daemon else { return Ok(()) };
        // First the one that starts others.
        signal_all("STOP", &[daemon.id()])?;
        let all = descendants(daemon.id());
        self.thawer = Some(Thawer::of(&all)?);
        signal_all("STOP", &all)
    }

    /// Lets it go on after [`freeze`](PostgresServer::freeze).
    ///
    /// # Errors
    /// If one cannot be signalled.
    pub fn thaw(&mut self) -> Result<()> {
        self.thawer = None;
        self.daemon.as_ref().map_or(Ok(()), |daemon| signal_all("CONT", &descendants(daemon.id())))
    }

    /// Starts it, again if it runs, on the same port.
    ///
    /// # Errors
    /// As [`PostgresOptions::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        let log = self.log_path();
        let mut daemon = Daemon::start(&mut self.server(), &log, LAST_SIGNAL)?;
        let ready = || self.sql("postgres", "select 1").is_ok();
        wait_until("postgres", &log, || ready() || !daemon.is_running())?;
        if !daemon.is_running() {
            return Err(Error::new(ErrorKind::Internal, format!("postgres did not start: {}", self.log())));
        }
        self.daemon = Some(daemon);
        Ok(())
    }

    fn server(&self) -> Command {
        let mut server = self.owner.command(&program("postgres"));
        server.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        let mut set = |name: &str, value: &str| {
            server.arg("-c").arg(format!("{name}={value}"));
        };
        set("listen_addresses", "127.0.0.1");
        set("unix_socket_directories", &self.folder.path().display().to_string());
        for name in ["fsync", "full_page_writes"] {
            set(name, "off");
        }
        // In its folder, which goes, and not in /dev/shm, where what is killed leaves it.
        set("dynamic_shared_memory_type", "mmap");
        if let Some(made) = &self.certificates {
            set("ssl", "on");
            set("ssl_cert_file", &made.certificate.display().to_string());
            set("ssl_key_file", &made.key.display().to_string());
        }
        for (name, value) in &self.options.settings {
            set(name, value);
        }
        server
    }

    /// Ends it at once.
    fn end(&mut self) -> Result<()> {
        self.thaw()?;
        if let Some(mut daemon) = self.daemon.take() {
            daemon.signal(LAST_SIGNAL)?;
            daemon.wait();
        }
        Ok(())
    }

    /// What has been killed leaves a piece of shared memory, of which a system has a few thousand.
    fn give_memory_back(&self) {
        let note = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        // Its key and its number.
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
        // What cannot be signalled is gone already.
        let _gone_already = self.end();
        self.give_memory_back();
    }
}

/// A program of PostgreSQL: the newest installation's, where packages put it, or else the PATH's.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let found = versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.is_file());
    let version =
        |path: &PathBuf| path.components().nth(4).and_then(|part| part.as_os_str().to_str()?.parse::<u32>().ok());
    found.max_by_key(version).unwrap_or_else(|| PathBuf::from(name))
}

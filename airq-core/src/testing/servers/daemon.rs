//! A server process of a test, with its own directory and a free port. The process ends with the test, also after a panic or a kill.

use crate::error::{Error, ErrorKind, Result};
use crate::random::random;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running server. Dropping it kills the process and removes the directory.
#[derive(Debug)]
pub(super) struct Daemon {
    child: Child,
}

impl Daemon {
    /// Starts the command with its output in `log`. If this process dies, even by SIGKILL, the kernel sends the signal of this name
    /// to the command.
    ///
    /// # Errors
    /// If the command cannot be started.
    pub(super) fn start(command: &mut Command, log: &Path, last_signal: &str) -> Result<Self> {
        let file = std::fs::File::create(log)?;
        let child = bound_to_parent(command, last_signal)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .map_err(|error| cannot("start", command, error))?;
        Ok(Daemon { child })
    }

    /// Returns the process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns whether the process is running.
    pub(super) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a signal by its name, such as `STOP` or `KILL`.
    ///
    /// # Errors
    /// If the signal cannot be sent.
    pub(super) fn signal(&self, name: &str) -> Result<()> {
        run(Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string())).map(drop)
    }

    /// Waits for the end of a process after a signal to stop.
    pub(super) fn wait(&mut self) {
        let _ended = self.child.wait();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // A frozen process does not handle SIGTERM. SIGKILL ends a process in any state.
        let _gone_already = self.child.kill();
        self.wait();
    }
}

/// Wraps a command in `setpriv --pdeathsig`, so that no server outlives its test.
fn bound_to_parent(command: &Command, last_signal: &str) -> Command {
    let mut bound = Command::new("setpriv");
    bound.args(["--pdeathsig", last_signal, "--"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bound.env(name, value),
            None => bound.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        bound.current_dir(folder);
    }
    bound
}

/// Runs a command and returns its standard output.
///
/// # Errors
/// If the command cannot be started or fails. The error has its standard error.
pub(super) fn run(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| cannot("start", command, error))?;
    if output.status.success() {
        return Ok(trimmed(&output.stdout));
    }
    Err(Error::new(ErrorKind::Internal, format!("{command:?} failed: {}", trimmed(&output.stderr))))
}

fn trimmed(text: &[u8]) -> String {
    String::from_utf8_lossy(text).trim().to_owned()
}

fn cannot(what: &str, command: &Command, error: std::io::Error) -> Error {
    Error::with_source(ErrorKind::Internal, format!("cannot {what} {}", command.get_program().display()), error)
}

/// Returns a free port of 127.0.0.1 below the ports that the kernel gives to outgoing connections: a port from among those can be taken
/// by a connection before the server binds to it.
///
/// # Errors
/// If no port is free.
pub fn free_port() -> Result<u16> {
    const LOWEST: u64 = 10_240;
    const END: u64 = 32_768;
    const TRIES: usize = 100;
    for _ in 0..TRIES {
        let port = u16::try_from(LOWEST + random() % (END - LOWEST)).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::new(ErrorKind::Internal, "no port of 127.0.0.1 is free"))
}

/// Polls until `is_ready` returns `true`.
///
/// # Errors
/// After 30 seconds, with the end of the log.
pub(super) fn wait_until(what: &str, log: &Path, mut ready: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(30) {
        if ready() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let end: Vec<&str> = log.lines().rev().take(5).collect();
    Err(Error::new(ErrorKind::Internal, format!("{what} is not ready after 30 s; its log, newest first: {end:?}")))
}

/// A temporary directory, which is removed on drop.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// # Errors
    /// If the directory cannot be created.
    pub(super) fn new(name: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("airq-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Folder(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_dir_all(&self.0);
    }
}

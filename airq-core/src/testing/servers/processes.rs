//! The processes of a server: finds them, signals all of them, and resumes frozen ones.

use super::daemon::run;
use crate::error::Result;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Returns the process and its descendants, the oldest first.
pub(super) fn descendants(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    let mut next = 0;
    while let Some(parent) = all.get(next).copied() {
        all.extend(children(parent));
        next += 1;
    }
    all
}

fn children(parent: u32) -> Vec<u32> {
    // `pgrep` fails if there are no processes.
    let listed = run(Command::new("ps").args(["-o", "pid=", "--ppid", &parent.to_string()])).unwrap_or_default();
    listed.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// Sends a signal by its name to each process. Processes that have ended are ignored.
///
/// # Errors
/// If signals cannot be sent at all.
pub(super) fn signal_all(name: &str, processes: &[u32]) -> Result<()> {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{name}")).args(processes.iter().map(u32::to_string));
    kill.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    kill.status()?;
    Ok(())
}

/// Resumes frozen processes when the test that froze them has ended, so that they notice it and end, too.
#[derive(Debug)]
pub(super) struct Thawer(Child);

impl Thawer {
    /// # Errors
    /// If the helper process cannot be started.
    pub(super) fn of(processes: &[u32]) -> Result<Self> {
        let ids: Vec<String> = processes.iter().map(u32::to_string).collect();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("sleep 60; exec kill -CONT {}", ids.join(" ")));
        // In its own process group, so that an interrupted test run does not interrupt it.
        shell.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Thawer(shell.spawn()?))
    }
}

impl Drop for Thawer {
    fn drop(&mut self) {
        // The process group: the shell and its `sleep`.
        let _gone_already = run(Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]));
        let _ended = self.0.wait();
    }
}

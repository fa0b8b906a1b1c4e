//! A server of many processes: found, signalled all at once, and never left frozen.

use super::daemon::run;
use crate::error::Result;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// The process and all that come of it, oldest first.
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
    // Fails where there are none.
    let listed = run(Command::new("ps").args(["-o", "pid=", "--ppid", &parent.to_string()])).unwrap_or_default();
    listed.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

/// Sends a signal by its name to each. One that has ended meanwhile needs none.
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

/// Lets frozen processes go on when the test that froze them is gone: they then see that their server is, and end.
#[derive(Debug)]
pub(super) struct Thawer(Child);

impl Thawer {
    /// # Errors
    /// If it cannot be started.
    pub(super) fn of(processes: &[u32]) -> Result<Self> {
        let ids: Vec<String> = processes.iter().map(u32::to_string).collect();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("sleep 60; exec kill -CONT {}", ids.join(" ")));
        // In a group of its own: an interrupted test run does not interrupt it.
        shell.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Thawer(shell.spawn()?))
    }
}

impl Drop for Thawer {
    fn drop(&mut self) {
        // Its group: the shell and its sleep.
        let _gone_already = run(Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]));
        let _ended = self.0.wait();
    }
}

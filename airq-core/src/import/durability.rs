//! The durability of commits: how many servers have a commit before the database reports it as done.

use crate::error::{Error, ErrorKind, Result};
use crate::repository::postgres::described;
use postgres::{GenericClient, Transaction};
use std::fmt;

const SETTINGS: &str = "select current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), current_setting('fsync')";

/// The durability of a finished import or migration, as the database was configured when it committed.
///
/// The number of standbys is that of `synchronous_standby_names`, because a commit waits for this number whether or not the
/// standbys are connected. A cluster manager changes the setting: Patroni with `synchronous_mode` alone sets it to none when no
/// standby is left, and with `synchronous_mode_strict` never.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Durability {
    /// The value of PostgreSQL's `synchronous_commit`, such as `on`.
    pub synchronous_commit: String,
    /// The number of standbys that have the commit too, or 0 if only the server itself has it.
    pub synchronous_standbys: u32,
    /// True if PostgreSQL writes commits to the disk (`fsync`) before it reports them.
    pub is_on_disk: bool,
}

impl Durability {
    /// Reads the settings of the session.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) fn read(client: &mut impl GenericClient) -> Result<Self> {
        let row = client.query_one(SETTINGS, &[]).map_err(described)?;
        let synchronous_commit: String = row.try_get(0).map_err(described)?;
        let standby_names: String = row.try_get(1).map_err(described)?;
        let fsync: String = row.try_get(2).map_err(described)?;
        Ok(Durability::new(synchronous_commit, &standby_names, &fsync))
    }

    fn new(synchronous_commit: String, standby_names: &str, fsync: &str) -> Self {
        let waits_for_standbys = !matches!(synchronous_commit.as_str(), "off" | "local");
        Durability {
            synchronous_standbys: if waits_for_standbys { required_standbys(standby_names) } else { 0 },
            is_on_disk: synchronous_commit != "off" && fsync == "on",
            synchronous_commit,
        }
    }

    /// Reads the settings again after the commit, and returns the weaker durability: if a cluster manager removes the last
    /// standby from the settings, PostgreSQL reports waiting commits as done.
    ///
    /// # Errors
    /// If standbys are required, and the commit is on fewer or the settings cannot be read.
    pub(super) fn confirm(self, client: &mut impl GenericClient, least: u32) -> Result<Self> {
        let now = match Durability::read(client) {
            Ok(now) => now,
            Err(error) if least > 0 => return Err(error),
            Err(_) => return Ok(self),
        };
        now.require(least, "the change is committed, but may be lost with the server; repeat it")?;
        Ok(if now.synchronous_standbys < self.synchronous_standbys { now } else { self })
    }

    /// Returns an error if fewer standbys than `least` have a commit.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`], because a standby may come back; `outcome` says what was done.
    pub(super) fn require(&self, least: u32, outcome: &str) -> Result<()> {
        if self.synchronous_standbys >= least {
            return Ok(());
        }
        let why = format!("synchronous_standbys={least} is required, but a commit is {self}: {outcome}");
        Err(Error::new(ErrorKind::Unavailable, why))
    }
}

/// Commits, and returns the durability that the settings promised just before. Required standbys are checked here, because a
/// commit cannot be taken back.
///
/// # Errors
/// If the database fails, or a commit would be on fewer standbys than `least`: then nothing was committed.
pub(super) fn commit(mut transaction: Transaction<'_>, least: u32) -> Result<Durability> {
    let promised = Durability::read(&mut transaction)?;
    promised.require(least, "nothing was changed")?;
    transaction.commit().map_err(described)?;
    Ok(promised)
}

/// Returns the number of standbys in a value of `synchronous_standby_names`: `FIRST n (…)`, `ANY n (…)`, `n (…)` or names.
fn required_standbys(names: &str) -> u32 {
    let names = names.trim();
    if names.is_empty() {
        return 0;
    }
    let Some((method, _)) = names.split_once('(') else { return 1 };
    method.split_whitespace().last().and_then(|number| number.parse().ok()).unwrap_or(1)
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let disk = if self.is_on_disk { "on the disk of this server" } else { "in the memory of this server" };
        let standbys = match self.synchronous_standbys {
            0 => " alone".to_owned(),
            1 => " and on 1 synchronous standby".to_owned(),
            count => format!(" and on {count} synchronous standbys"),
        };
        write!(f, "{disk}{standbys} (synchronous_commit = {})", self.synchronous_commit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standbys_are_counted_as_postgresql_reads_the_setting() {
        for (names, standbys) in [
            ("", 0),
            (" ", 0),
            ("*", 1),
            ("b", 1),
            ("\"node b\", c", 1),
            ("2 (*)", 2),
            ("FIRST 2 (b, c)", 2),
            ("ANY 3 (b, c, d)", 3),
            ("any 1 (\"(\", b)", 1),
        ] {
            assert_eq!(required_standbys(names), standbys, "{names}");
        }
    }

    #[test]
    fn a_commit_that_does_not_wait_is_on_no_standby() {
        for (commit, fsync, standbys, on_disk) in [
            ("on", "on", 2, true),
            ("remote_apply", "on", 2, true),
            ("remote_write", "off", 2, false),
            ("local", "on", 0, true),
            ("off", "on", 0, false),
        ] {
            let durability = Durability::new(commit.to_owned(), "ANY 2 (*)", fsync);
            assert_eq!((durability.synchronous_standbys, durability.is_on_disk), (standbys, on_disk), "{commit}");
        }
    }
}

//! The user that PostgreSQL runs as: the user of the tests, unless that is root.

use super::daemon::run;
use super::postgres::LAST_SIGNAL;
use crate::error::Result;
use std::path::Path;
use std::process::Command;

/// The owner of the data and the processes.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// Another user than the user of the tests.
    other: Option<String>,
}

impl Owner {
    /// # Errors
    /// If the current user cannot be determined.
    pub(super) fn of_servers() -> Result<Self> {
        if run(Command::new("id").arg("-u"))? != "0" {
            return Ok(Owner { other: None });
        }
        let has_postgres = run(Command::new("id").args(["-u", "postgres"])).is_ok();
        let name = if has_postgres { "postgres" } else { "nobody" };
        Ok(Owner { other: Some(name.to_owned()) })
    }

    /// Returns a command that runs as this user and ends with the thread that starts it. The death signal is set after the change of
    /// the user, because the kernel clears it at that change.
    pub(super) fn command(&self, program: &Path) -> Command {
        let Some(name) = &self.other else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.args(["--reuid", name, "--regid", &group_of(name), "--clear-groups"]);
        command.args(["--pdeathsig", LAST_SIGNAL, "--"]);
        command.arg(program).current_dir("/");
        command
    }

    /// Changes the owner of the directory and its contents to this user.
    ///
    /// # Errors
    /// If the owner cannot be changed.
    pub(super) fn own(&self, folder: &Path) -> Result<()> {
        let Some(name) = &self.other else { return Ok(()) };
        run(Command::new("chown").arg("-R").arg(name).arg(folder)).map(drop)
    }
}

fn group_of(name: &str) -> String {
    run(Command::new("id").args(["-g", name])).unwrap_or_else(|_| name.to_owned())
}

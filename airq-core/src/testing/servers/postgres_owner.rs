//! The user that a test's PostgreSQL runs as: whoever runs the tests, unless that is root.

use super::daemon::run;
use super::postgres::LAST_SIGNAL;
use crate::error::Result;
use std::path::Path;
use std::process::Command;

/// Who owns the data and the processes.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// Another user than the one that runs the tests.
    other: Option<String>,
}

impl Owner {
    /// # Errors
    /// If the system cannot tell who runs the tests.
    pub(super) fn of_servers() -> Result<Self> {
        if run(Command::new("id").arg("-u"))? != "0" {
            return Ok(Owner { other: None });
        }
        let known = |name: &&str| run(Command::new("id").args(["-u", name])).is_ok();
        let name = ["postgres", "nobody"].into_iter().find(known).unwrap_or("nobody");
        Ok(Owner { other: Some(name.to_owned()) })
    }

    /// A command that runs as this user, and ends with the thread that starts it: the kernel forgets that wish when the user
    /// changes, so it is made after that.
    pub(super) fn command(&self, program: &Path) -> Command {
        let Some(name) = &self.other else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.args(["--reuid", name, "--regid", &group_of(name), "--clear-groups"]);
        command.args(["--pdeathsig", LAST_SIGNAL, "--"]);
        command.arg(program).current_dir("/");
        command
    }

    /// Gives the folder and what is in it to this user.
    ///
    /// # Errors
    /// If it may not be given away.
    pub(super) fn own(&self, folder: &Path) -> Result<()> {
        let Some(name) = &self.other else { return Ok(()) };
        run(Command::new("chown").arg("-R").arg(name).arg(folder)).map(drop)
    }
}

fn group_of(name: &str) -> String {
    run(Command::new("id").args(["-g", name])).unwrap_or_else(|_| name.to_owned())
}

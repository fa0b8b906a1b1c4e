//! `completions`: a script that completes this command line in a shell, by running this program.

use crate::args::{COMPLETION_VARIABLE, CompletionsArgs};
use crate::failure::Failure;
use crate::output;
use airq_core::{Error, ErrorKind};
use clap_complete::env::Shells;
use std::io::Write;

/// # Errors
/// If the output cannot be written.
pub(super) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let name = args.shell.to_string();
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(&name) else {
        return Err(Error::new(ErrorKind::InvalidParameter, format!("no completions for {name}")).into());
    };
    let mut script = Vec::new();
    // The program as the script calls it, which must be in the PATH.
    shell.write_registration(COMPLETION_VARIABLE, "airq-cli", "airq-cli", "airq-cli", &mut script)?;
    let mut out = output::stdout();
    out.write_all(&script)?;
    Ok(out.flush()?)
}

//! `completions`: a script that completes this command line in a shell.

use crate::args::{Cli, CompletionsArgs};
use crate::failure::Failure;
use crate::output;
use clap::CommandFactory;
use std::io::Write;

/// # Errors
/// If the output cannot be written.
pub(super) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    // Into memory first, because the generator panics if a write fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "airq-cli", &mut script);
    let mut out = output::stdout();
    out.write_all(&script)?;
    Ok(out.flush()?)
}

//! `airq-cli`: air quality on the command line, as a program. This file runs the command and chooses the exit code.

#![cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "a part serves `import` only"))]

mod args;
mod commands;
mod failure;
mod output;
mod render;
mod report;
mod sign_of_life;
mod source;
mod terminal_writer;

use args::{COMPLETION_VARIABLE, Cli};
use clap::{CommandFactory, FromArgMatches};
use clap_complete::CompleteEnv;
use failure::Failure;
use std::process::ExitCode;

/// The log levels. airq-core returns the errors that it logs, and they are reported once. The PNG renderer would warn about the
/// style for dark backgrounds, which it ignores.
const LEVELS: &str = "warn,airq_core=off,simplecss=error";

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    run(command)
}

/// Returns the definition of the command line.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the program with the arguments of the process. `command` is the definition of the command line, to which another program
/// may have added commands that it handles on its own.
pub fn run(command: fn() -> clap::Command) -> ExitCode {
    // Answers a shell that completes a command line, and ends.
    CompleteEnv::with_factory(command).var(COMPLETION_VARIABLE).complete();
    // This fails only if a logger is already set.
    let _ = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(LEVELS)).try_init();
    match run_arguments(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run_arguments(command: fn() -> clap::Command) -> Result<(), Failure> {
    let matches = command().try_get_matches()?;
    let cli = Cli::from_arg_matches(&matches)?;
    commands::run(&cli, command)
}

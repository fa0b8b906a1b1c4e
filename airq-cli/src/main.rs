//! `airq-cli`: air quality on the command line. This file runs the command and chooses the exit code.

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
use clap::{CommandFactory, Parser};
use clap_complete::CompleteEnv;
use failure::Failure;
use std::process::ExitCode;

/// The log levels. airq-core returns the errors that it logs, and they are reported once. The PNG renderer would warn about the
/// style for dark backgrounds, which it ignores.
const LEVELS: &str = "warn,airq_core=off,simplecss=error";

fn main() -> ExitCode {
    // Answers a shell that completes a command line, and ends.
    CompleteEnv::with_factory(Cli::command).var(COMPLETION_VARIABLE).complete();
    // This fails only if a logger is already set.
    let _ = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(LEVELS)).try_init();
    match Cli::try_parse().map_err(Failure::from).and_then(|cli| commands::run(&cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

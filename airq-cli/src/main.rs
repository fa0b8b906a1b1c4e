//! `airq-cli`: air quality on the command line. This file runs the command and chooses the exit code.

mod args;
mod commands;
mod failure;
mod output;
mod render;
mod report;
mod source;
mod terminal_writer;

use args::Cli;
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

/// The log levels. The PNG renderer would warn about the style for dark backgrounds, which it ignores.
const LEVELS: &str = "warn,simplecss=error";

fn main() -> ExitCode {
    // This fails only if a logger is already set.
    let _ = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(LEVELS)).try_init();
    match Cli::try_parse().map_err(Failure::from).and_then(|cli| commands::run(&cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

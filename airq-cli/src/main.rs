//! `airq-cli`: air quality on the command line. Here the parts are wired and the exit code is chosen.

mod args;
mod commands;
mod failure;
mod output;
mod render;
mod source;

use args::Cli;
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

/// A chart has a style for dark, which the drawer of PNG need not tell anyone that it passes over.
const LEVELS: &str = "warn,simplecss=error";

fn main() -> ExitCode {
    // A logger that is set already can only be this one.
    let _ = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or(LEVELS)).try_init();
    match Cli::try_parse().map_err(Failure::from).and_then(|cli| commands::run(&cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

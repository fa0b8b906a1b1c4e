//! `airq`: the command line and the server in one program.
//!
//! `airq serve` is the server, every other command is one of the command line. Links to this program with the names `airq-cli` and
//! `airq-server` are the two programs, so a package or an image has their common code once.

use clap::Command;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    let name = arguments.first().and_then(|path| Path::new(path).file_stem()).and_then(OsStr::to_str);
    match name {
        Some("airq-cli") => airq_cli::main(),
        Some("airq-server") => airq_server::main(),
        _ if arguments.get(1).is_some_and(|argument| argument == "serve") => {
            // Help and errors show both words as the name of the program.
            let program = OsString::from("airq serve");
            airq_server::start([program].into_iter().chain(arguments.into_iter().skip(2)))
        }
        _ => airq_cli::run(command),
    }
}

/// Returns the definition of the command line, with the server as a command.
fn command() -> Command {
    airq_cli::command().name("airq").subcommand(airq_server::command().name("serve"))
}

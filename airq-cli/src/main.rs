//! `airq-cli`: air quality on the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    airq_cli::main()
}

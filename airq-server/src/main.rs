//! `airq-server`: air quality over HTTP.

use std::process::ExitCode;

fn main() -> ExitCode {
    airq_server::main()
}

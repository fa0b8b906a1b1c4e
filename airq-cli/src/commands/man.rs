//! `man`: the manual pages of the program and of its commands.

use crate::args::ManArgs;
use crate::failure::Failure;
use airq_core::{Error, ErrorKind};
use std::fs;

/// # Errors
/// If the directory or a page cannot be written.
pub(super) fn run(args: &ManArgs, command: clap::Command) -> Result<(), Failure> {
    let directory = &args.directory;
    let written = fs::create_dir_all(directory).and_then(|()| clap_mangen::generate_to(command, directory));
    written.map_err(|error| {
        let what = format!("cannot write manual pages to {}", directory.display());
        Error::with_source(ErrorKind::Io, what, error).into()
    })
}

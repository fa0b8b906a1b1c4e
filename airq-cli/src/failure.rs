//! Why the program ends early: one clear block on standard error, and the exit code that scripts go by.

use airq_core::{Error, ErrorKind, Issue};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const NOT_FOUND: u8 = 3;

/// Why the program ends before its work is done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Whoever read the output has enough: no fault at all.
    ReaderGone,
    /// Something a person should know.
    Told { code: u8, message: String, hint: Option<String> },
    /// Help, the version, or a command line that cannot be parsed: clap knows how to say it.
    CommandLine(clap::Error),
}

/// Travels inside an I/O error from the writer that found its reader gone. A broken pipe on the way *from* a source is
/// none of these, and no peaceful end.
#[derive(Debug)]
pub(crate) struct ReaderGone;

impl std::fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("whoever read the output has stopped")
    }
}

impl std::error::Error for ReaderGone {}

impl Failure {
    /// The same failure, with a hint on how to mend it.
    pub(crate) fn with_hint(mut self, text: &str) -> Self {
        if let Failure::Told { hint, .. } = &mut self {
            *hint = Some(text.to_owned());
        }
        self
    }

    /// How a bad row can be read after all or, by `leave_out`, left out.
    pub(crate) fn with_hint_on_row(self, leave_out: &str) -> Self {
        let is_number = matches!(&self, Failure::Told { message, .. } if message.ends_with("is not a number"));
        let read = if is_number { "--missing 'NA' takes a text for no value, --decimal-comma reads 1,5; " } else { "" };
        self.with_hint(&format!("{read}{leave_out}"))
    }

    /// Tells it, and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Failure::ReaderGone => ExitCode::SUCCESS,
            Failure::Told { code, message, hint } => {
                tell(&message);
                if let Some(hint) = hint {
                    tell_plain(&format!("  hint: {hint}"));
                }
                ExitCode::from(code)
            }
            Failure::CommandLine(error) => report_command_line(&error),
        }
    }
}

/// Writes `airq-cli: …` to standard error.
pub(crate) fn tell(message: &str) {
    tell_plain(&format!("airq-cli: {message}"));
}

/// A closed standard error is no reason to fail: there is nobody to tell.
fn tell_plain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Text from outside, fit for a terminal: without control characters, which could move the cursor or worse.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if is_reader_gone(&error) {
            return Failure::ReaderGone;
        }
        Failure::Told { code: code(&error), message: message(&error), hint: hint(&error).map(str::to_owned) }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Failure::CommandLine(error)
    }
}

fn is_reader_gone(error: &Error) -> bool {
    let inner = std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<io::Error>())
        .and_then(io::Error::get_ref);
    matches!(inner, Some(inner) if inner.is::<ReaderGone>())
}

fn code(error: &Error) -> u8 {
    if error.is_invalid_input() {
        USAGE
    } else if error.is_not_found() {
        NOT_FOUND
    } else {
        FAILED
    }
}

/// One fault on the first line, more of them on a line each.
fn message(error: &Error) -> String {
    match error.issues() {
        [] | [_] => harmless(&error.to_string()),
        issues => {
            let mut text = format!("{} things are wrong:", issues.len());
            for issue in issues {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n  {}", harmless(&issue.to_string()));
            }
            text
        }
    }
}

fn hint(error: &Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::UnknownCity if error.issues().iter().all(|issue| issue.nearest.is_empty()) => Some(
            "`airq-cli cities` with the same --source lists them all; where files tell none, stations.csv or csv:PATH?city=NAME does",
        ),
        ErrorKind::UnknownCity => Some("`airq-cli cities` with the same --source lists them all"),
        ErrorKind::UnknownStation => Some("`airq-cli stations` with the same --source lists them all"),
        ErrorKind::InvalidParameter if error.issues().iter().any(is_unknown_format) => {
            Some("query and latest also have the format table, for people")
        }
        _ => None,
    }
}

fn is_unknown_format(issue: &Issue) -> bool {
    issue.parameter == "format" && issue.allowed.starts_with("known are")
}

/// Help and version go to standard output, all else to standard error; clap's own block reads like ours.
fn report_command_line(error: &clap::Error) -> ExitCode {
    let code = u8::try_from(error.exit_code()).unwrap_or(USAGE);
    if error.use_stderr() {
        let text = error.render().to_string();
        match text.strip_prefix("error: ") {
            Some(fault) => tell(fault.trim_end()),
            None => tell_plain(text.trim_end()),
        }
        return ExitCode::from(code);
    }
    match error.print() {
        Err(failure) if failure.kind() != io::ErrorKind::BrokenPipe => {
            Failure::from(write_error(failure, "standard output")).report()
        }
        _ => ExitCode::from(code),
    }
}

/// The error of a write to `name`, as the rest of the program knows it.
pub(crate) fn write_error(error: io::Error, name: &str) -> io::Error {
    match error.kind() {
        // The caller tries again as long as the kind says so.
        io::ErrorKind::Interrupted => error,
        io::ErrorKind::BrokenPipe => io::Error::new(io::ErrorKind::BrokenPipe, ReaderGone),
        _ => Error::with_source(ErrorKind::Io, format!("cannot write {name}"), error).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pipe_that_our_reader_left_ends_in_peace() {
        let ours = io::Error::new(io::ErrorKind::BrokenPipe, ReaderGone);
        assert!(matches!(Failure::from(ours), Failure::ReaderGone));
        let foreign = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(matches!(Failure::from(foreign), Failure::Told { code: FAILED, .. }));
    }

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\u{fffd}c");
    }

    #[test]
    fn several_faults_stand_on_a_line_each() {
        let pairs = [("limit", "0"), ("from", "x")];
        let error = airq_core::Query::from_pairs(airq_core::Query::PARAMETERS, pairs).unwrap_err();
        let Failure::Told { code, message, .. } = Failure::from(error) else { panic!("told") };
        assert_eq!(code, USAGE);
        assert_eq!(message.lines().count(), 3, "{message}");
    }
}

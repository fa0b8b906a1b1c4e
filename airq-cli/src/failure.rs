//! Failures of the program: the message on standard error and the exit code.

use crate::args::WELCOME;
use crate::sign_of_life;
use airq_core::internal::without_passwords;
use airq_core::{Error, ErrorKind, Issue};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const NOT_FOUND: u8 = 3;
/// The text before the command that reads an unknown table.
const SUGGESTION: &str = "this command reads it: ";
/// The hint for a program that is built without a feature.
const COMPLETE_BUILD: &str = "build without --no-default-features";

/// The reason why the program ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the output has stopped, which is not an error.
    ReaderGone,
    /// An error with a message and an optional hint.
    Error { code: u8, message: String, hint: Option<String> },
    /// The command line has no command.
    NoCommand,
    /// Help, the version, or an invalid command line, which clap prints.
    CommandLine(clap::Error),
}

/// Marks an I/O error of a writer after its reader has closed the pipe. A broken pipe of a *source* has no such mark, because
/// it is an error.
#[derive(Debug)]
pub(crate) struct ReaderGone;

impl std::fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the reader of the output has stopped")
    }
}

impl std::error::Error for ReaderGone {}

impl Failure {
    /// Returns the failure of a program that is built without a feature of Cargo.
    #[cfg(not(all(feature = "png", feature = "postgres")))]
    pub(crate) fn not_built_in(feature: &str) -> Self {
        let message = format!("this airq-cli is built without the feature {feature}");
        Failure::Error { code: USAGE, message, hint: Some(COMPLETE_BUILD.to_owned()) }
    }

    /// Sets the hint.
    pub(crate) fn with_hint(mut self, text: &str) -> Self {
        if let Failure::Error { hint, .. } = &mut self {
            *hint = Some(text.to_owned());
        }
        self
    }

    /// Sets the hint for an invalid row: the option that reads the row, if there is one, and `leave_out`, the option to skip it.
    pub(crate) fn with_hint_on_row(self, leave_out: &str) -> Self {
        let read = match &self {
            Failure::Error { message, .. } => option_that_reads(message),
            _ => None,
        };
        self.with_hint(&format!("{}{leave_out}", read.unwrap_or_default()))
    }

    /// Names this command in the suggestion for an unknown table.
    pub(crate) fn with_command(mut self, name: &str) -> Self {
        if let Failure::Error { message, .. } = &mut self {
            let (of_convert, own) = (format!("{SUGGESTION}airq-cli convert "), format!("{SUGGESTION}airq-cli {name} "));
            *message = message.replacen(&of_convert, &own, 1);
        }
        self
    }

    /// Prints the failure to standard error and returns the exit code.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Failure::ReaderGone => ExitCode::SUCCESS,
            Failure::Error { code, message, hint } => {
                print_message(&message);
                if let Some(hint) = hint {
                    print_line(&format!("  hint: {hint}"));
                }
                ExitCode::from(code)
            }
            Failure::NoCommand => {
                print_line(WELCOME);
                ExitCode::from(USAGE)
            }
            Failure::CommandLine(error) => report_command_line(&error),
        }
    }
}

/// Writes `airq-cli: …` to standard error.
pub(crate) fn print_message(message: &str) {
    print_line(&format!("airq-cli: {message}"));
}

/// Writes a line to standard error, and ignores errors.
fn print_line(line: &str) {
    sign_of_life::above(|| {
        let _ = writeln!(io::stderr(), "{line}");
    });
}

/// Replaces the control characters of a text, which could control the terminal.
pub(crate) fn without_control_characters(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if is_reader_gone(&error) {
            return Failure::ReaderGone;
        }
        Failure::Error { code: code(&error), message: message(&error), hint: hint(&error).map(str::to_owned) }
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

/// Returns the option that reads the text of a message `"TEXT" is not a number`.
fn option_that_reads(message: &str) -> Option<String> {
    let (_, text) = message.strip_suffix("\" is not a number")?.rsplit_once('"')?;
    let is_number = !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit() || "-,.".contains(letter));
    if is_number && text.contains(',') {
        return Some("--decimal-comma reads numbers such as 1,5; ".to_owned());
    }
    let is_plain = !text.is_empty() && !text.contains(['\'', ',']) && text.chars().count() <= 20;
    is_plain.then(|| format!("--missing '{text}' reads this text as a missing value; "))
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

/// Returns the message: one issue on the first line, or several issues on one line each.
fn message(error: &Error) -> String {
    match error.issues() {
        [] | [_] => on_lines(&without_control_characters(&format!("{error:#}"))),
        issues => {
            let mut text = format!("{} things are wrong:", issues.len());
            for issue in issues {
                // Writing to a string cannot fail.
                let _ = write!(text, "\n  {}", without_control_characters(&issue.to_string()));
            }
            text
        }
    }
}

/// Sets the command that reads an unknown table on a line of its own, so that it can be copied.
fn on_lines(message: &str) -> String {
    let with_command = message.replacen(&format!("; {SUGGESTION}"), &format!("\n  {SUGGESTION}"), 1);
    with_command.replacen("; to be decided: ", "\n  to be decided: ", 1)
}

fn hint(error: &Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::UnknownCity if error.issues().iter().all(|issue| issue.nearest.is_empty()) => Some(
            "`airq-cli cities` lists the cities of a source; if files have none, --source 'csv:PATH?city=NAME' or a stations.csv states it",
        ),
        ErrorKind::UnknownCity => Some("`airq-cli cities` lists the cities of a source"),
        ErrorKind::UnknownStation => Some("`airq-cli stations` lists the stations of a source"),
        ErrorKind::InvalidParameter if error.issues().iter().any(is_unknown_format) => {
            Some("query and latest also have the format table, for people")
        }
        ErrorKind::InvalidParameter if error.issues().iter().any(is_parquet_left_out) => Some(COMPLETE_BUILD),
        _ => None,
    }
}

fn is_parquet_left_out(issue: &Issue) -> bool {
    cfg!(not(feature = "parquet")) && issue.parameter == "format" && issue.given == "parquet"
}

fn is_unknown_format(issue: &Issue) -> bool {
    issue.parameter == "format" && issue.allowed.starts_with("one of json")
}

/// Prints help and version to standard output, and errors to standard error in the form of the other messages.
fn report_command_line(error: &clap::Error) -> ExitCode {
    let code = u8::try_from(error.exit_code()).unwrap_or(USAGE);
    if error.use_stderr() {
        let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
        let text = without_passwords(&error.render().to_string(), arguments);
        let text = text.lines().map(without_control_characters).collect::<Vec<_>>().join("\n");
        match text.strip_prefix("error: ") {
            Some(message) => print_message(message.trim_end()),
            None => print_line(text.trim_end()),
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

/// Converts the error of a write to `name`.
pub(crate) fn write_error(error: io::Error, name: &str) -> io::Error {
    match error.kind() {
        // `write_all` tries again after this kind of error.
        io::ErrorKind::Interrupted => error,
        io::ErrorKind::BrokenPipe => io::Error::new(io::ErrorKind::BrokenPipe, ReaderGone),
        _ => Error::with_source(ErrorKind::Io, format!("cannot write {name}"), error).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_broken_pipe_of_the_output_is_not_an_error() {
        let ours = io::Error::new(io::ErrorKind::BrokenPipe, ReaderGone);
        assert!(matches!(Failure::from(ours), Failure::ReaderGone));
        let foreign = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(matches!(Failure::from(foreign), Failure::Error { code: FAILED, .. }));
    }

    #[test]
    fn the_option_that_reads_a_text_is_one_that_helps() {
        let option = |text: &str| option_that_reads(&format!("a.csv, line 2: \"{text}\" is not a number"));
        assert_eq!(option("1,5").as_deref(), Some("--decimal-comma reads numbers such as 1,5; "));
        assert_eq!(option("n/a").as_deref(), Some("--missing 'n/a' reads this text as a missing value; "));
        assert_eq!(option("a,'b'"), None);
        assert_eq!(option_that_reads("the row has 3 fields"), None);
    }

    #[test]
    fn a_message_cannot_control_the_terminal() {
        assert_eq!(without_control_characters("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\u{fffd}c");
    }

    #[test]
    fn several_issues_have_a_line_each() {
        let pairs = [("limit", "0"), ("from", "x")];
        let error = airq_core::Query::from_pairs(airq_core::Query::PARAMETERS, pairs).unwrap_err();
        let Failure::Error { code, message, .. } = Failure::from(error) else { panic!("an error") };
        assert_eq!(code, USAGE);
        assert_eq!(message.lines().count(), 3, "{message}");
    }
}

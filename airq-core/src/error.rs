//! The error type of the crate.

use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::Arc;

/// A result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of airq.
///
/// The cause can be tested with [`is_invalid_input`](Error::is_invalid_input), [`is_not_found`](Error::is_not_found),
/// [`is_unavailable`](Error::is_unavailable) and [`is_timeout`](Error::is_timeout), or by [`kind`](Error::kind). `Display`
/// writes a sentence for people, without the errors that caused this error: [`source`](std::error::Error::source) returns them, and
/// `{error:#}` writes all of them. Clones are cheap, because they share the contents.
///
/// ```
/// let error = airq_core::Query::builder().limit(0).build().unwrap_err();
/// assert!(error.is_invalid_input());
/// assert_eq!(error.issues()[0].parameter, "limit");
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    detail: String,
    position: Option<Position>,
    issues: Vec<Issue>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter of a query is unknown, repeated, malformed or out of range.
    InvalidParameter,
    /// A setting, such as the URL of a source or a cache, is invalid.
    InvalidSetting,
    /// The query names a city that the data set does not have.
    UnknownCity,
    /// The query names a station that the data set does not have.
    UnknownStation,
    /// The data of a file or of a repository are invalid. [`Error::position`] has the file and line, if known.
    InvalidData,
    /// The repository cannot answer now: it is down, unreachable or overloaded. The same call may succeed later.
    Unavailable,
    /// The repository refuses this program: a user lacks a privilege, or is not let in. Only an operator can change that.
    Forbidden,
    /// The repository exceeded its time limit.
    Timeout,
    /// The answers that are being loaded and sent need more memory than they may use. The same call may succeed later.
    Overloaded,
    /// Reading or writing failed. [`Error::io_kind`] has the kind of the I/O error.
    Io,
    /// A bug in this crate or in an implementation of one of its traits.
    Internal,
}

/// The position of an error in the data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The file, if the data came from one.
    pub file: Option<String>,
    /// The line on which the record starts, from 1.
    pub line: u64,
    /// The name of the column as in the header, if the error is in one field.
    pub column: Option<String>,
}

/// An invalid parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issue {
    /// The name of the parameter.
    pub parameter: String,
    /// The invalid value, cut to 100 characters; empty if there is no value.
    pub given: String,
    /// The allowed values, as a phrase after "expected"; empty for an unknown name.
    pub allowed: String,
    /// The most similar existing names, the best first. Only for an unknown city or station.
    pub nearest: Vec<String>,
}

impl Issue {
    /// Returns an issue with a value and the allowed values, as a phrase after "expected".
    pub fn new(parameter: &str, given: &str, allowed: impl Into<String>) -> Self {
        Issue { parameter: cut(parameter), given: cut(given), allowed: allowed.into(), nearest: Vec::new() }
    }

    /// Returns an issue with a name that does not exist, and the most similar existing names.
    pub fn unknown(parameter: &str, given: &str, nearest: Vec<String>) -> Self {
        Issue { parameter: cut(parameter), given: cut(given), allowed: String::new(), nearest }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.given.is_empty() && !self.allowed.is_empty() {
            return write!(f, "no value for {}: expected {}", self.parameter, self.allowed);
        }
        if !self.allowed.is_empty() {
            let given = self.given.escape_debug();
            return write!(f, "invalid value '{given}' for {}: expected {}", self.parameter, self.allowed);
        }
        write!(f, "no {} named {:?}", self.parameter, self.given)?;
        match self.nearest.as_slice() {
            [] => Ok(()),
            names => write!(f, "; nearest: {}", names.join(", ")),
        }
    }
}

impl Issue {
    /// Parses the value of a parameter.
    pub(crate) fn parse<T: FromStr<Err = ParseError>>(parameter: &str, value: &str) -> Result<T, Issue> {
        value.parse().map_err(|error: ParseError| Issue::new(parameter, value, error.expected))
    }
}

/// The error of a text that is not one of the texts of a type.
///
/// ```
/// let error = "Madrid".parse::<airq_core::Zone>().unwrap_err();
/// assert_eq!(error.to_string(), "invalid value 'Madrid': expected an IANA time zone, such as Europe/Madrid or UTC");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    given: String,
    expected: String,
}

impl ParseError {
    /// Returns the error of this text. `expected` is a phrase after "expected".
    pub(crate) fn new(given: &str, expected: impl Into<String>) -> Self {
        ParseError { given: cut(given), expected: expected.into() }
    }

    /// Returns the error of a text that is not one of these names.
    pub(crate) fn not_one_of(given: &str, names: impl Iterator<Item = &'static str>) -> Self {
        ParseError::new(given, format!("one of {}", names.collect::<Vec<_>>().join(", ")))
    }

    /// Returns the expected texts, as a phrase after "expected".
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid value '{}': expected {}", self.given.escape_debug(), self.expected)
    }
}

impl std::error::Error for ParseError {}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        Error::new(ErrorKind::InvalidParameter, error.to_string())
    }
}

impl Error {
    /// Returns an error with a message for people.
    ///
    /// This is also for implementations of [`Repository`](crate::Repository) and [`Cache`](crate::Cache).
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Error(Arc::new(Inner {
            kind,
            detail: bounded(detail.into()),
            position: None,
            issues: Vec::new(),
            source: None,
        }))
    }

    /// Returns an error that was caused by another error.
    pub fn with_source(
        kind: ErrorKind,
        detail: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Error::new(kind, detail).edit(|inner| inner.source = Some(source.into()))
    }

    /// Returns an error about invalid parameters. `kind` is the kind of the first issue.
    pub fn parameters(kind: ErrorKind, issues: Vec<Issue>) -> Self {
        let detail = issues.iter().map(Issue::to_string).collect::<Vec<_>>().join("; ");
        Error::new(kind, detail).edit(|inner| inner.issues = issues)
    }

    /// Returns an error at a position in the data.
    pub(crate) fn at(mut position: Position, detail: impl Into<String>) -> Self {
        position.column = position.column.map(|column| cut(&column));
        Error::new(ErrorKind::InvalidData, detail).edit(|inner| inner.position = Some(position))
    }

    /// Adds the name of the file to the error.
    pub fn in_file(self, file: &str) -> Self {
        self.edit(|inner| {
            if let Some(position) = &mut inner.position {
                position.file = Some(file.to_owned());
            } else {
                inner.detail = bounded(format!("{file}: {}", inner.detail));
            }
        })
    }

    /// Changes the error. An error with clones is not changed.
    fn edit(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            change(inner);
        }
        self
    }

    /// Returns the message without the position.
    #[cfg(feature = "formats")]
    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether the query or a setting is invalid.
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind(), ErrorKind::InvalidParameter | ErrorKind::InvalidSetting)
    }

    /// Returns whether the query names a city or a station that does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind(), ErrorKind::UnknownCity | ErrorKind::UnknownStation)
    }

    /// Returns whether the data are invalid. [`position`](Error::position) has the file and line, if known.
    pub fn is_invalid_data(&self) -> bool {
        self.kind() == ErrorKind::InvalidData
    }

    /// Returns whether the repository cannot answer now. The same call may succeed later.
    pub fn is_unavailable(&self) -> bool {
        self.kind() == ErrorKind::Unavailable
    }

    /// Returns whether the repository refuses this program, because a right is missing.
    pub fn is_forbidden(&self) -> bool {
        self.kind() == ErrorKind::Forbidden
    }

    /// Returns whether the repository exceeded its time limit.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Returns the position in the data, if the data are invalid.
    pub fn position(&self) -> Option<&Position> {
        self.0.position.as_ref()
    }

    /// Returns the invalid parameters. Empty unless the error is about parameters.
    pub fn issues(&self) -> &[Issue] {
        &self.0.issues
    }

    /// Returns the kind of the I/O error that caused this error, if there is one.
    ///
    /// The kind does not distinguish input from output. A broken pipe, for example, may be either.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        let source = self.0.source.as_deref()?;
        source.downcast_ref::<io::Error>().map(io::Error::kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = &self.0.position {
            write!(f, "{position}: ")?;
        }
        f.write_str(&self.0.detail)?;
        if !f.alternate() {
            return Ok(());
        }
        let mut written = String::new();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let text = bounded(cause.to_string());
            // Errors of other crates may write their causes themselves.
            if !written.contains(&text) {
                write!(f, ": {text}")?;
                written.push_str(&text);
            }
            source = cause.source();
        }
        Ok(())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file}, ")?;
        }
        write!(f, "line {}", self.line)?;
        match &self.column {
            Some(column) => write!(f, ", column {column:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("detail", &self.0.detail)
            .field("position", &self.0.position)
            .field("issues", &self.0.issues)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Converts an I/O error. An airq error within the I/O error is returned unchanged.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Error>() {
            Ok(own) => own,
            Err(error) => Error::with_source(ErrorKind::Io, "reading or writing failed", error),
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        io::Error::other(error)
    }
}

/// Cuts a text to 100 characters, so that a hostile value does not fill logs and answers.
pub(crate) fn cut(text: &str) -> String {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Cuts the text of an error to 2000 characters. Single values are [cut](cut) before, so only texts with a long list of values are longer.
fn bounded(mut text: String) -> String {
    const LONGEST: usize = 2000;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// Converts bytes to text and [cuts](cut) it.
pub(crate) fn cut_bytes(bytes: &[u8]) -> String {
    const ENOUGH: usize = 400;
    cut(&String::from_utf8_lossy(&bytes[..bytes.len().min(ENOUGH)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_unchanged_after_a_conversion_to_an_io_error_and_back() {
        let own = Error::new(ErrorKind::Timeout, "too slow");
        let back = Error::from(io::Error::from(own));
        assert!(back.is_timeout());
        assert_eq!(back.to_string(), "too slow");
    }

    #[test]
    fn a_foreign_io_error_keeps_its_kind() {
        let error = Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(error.io_kind(), Some(io::ErrorKind::BrokenPipe));
    }

    #[test]
    fn an_issue_names_the_value_the_parameter_and_what_is_expected() {
        let of = |given: &str, allowed: &str| Issue::new("limit", given, allowed).to_string();
        assert_eq!(of("0", "a whole number"), "invalid value '0' for limit: expected a whole number");
        assert_eq!(of("a\n'", "a whole number"), "invalid value 'a\\n\\'' for limit: expected a whole number");
        assert_eq!(of("", "a whole number"), "no value for limit: expected a whole number");
    }

    #[test]
    fn a_long_value_is_cut_at_a_character() {
        assert_eq!(cut(&"é".repeat(101)), format!("{}…", "é".repeat(100)));
    }

    #[test]
    fn the_text_of_an_error_is_bounded() {
        let long = "é".repeat(100_000);
        let position = Position { column: Some(long.clone()), ..Position::default() };
        let source = Error::new(ErrorKind::Internal, long.clone());
        for error in [
            Error::new(ErrorKind::InvalidData, long.clone()),
            Error::at(position, long.clone()).in_file("a.csv"),
            Error::with_source(ErrorKind::Io, long.clone(), long.clone()),
            Error::with_source(ErrorKind::Io, "", source),
            Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new(&long, &long, ""); 1000]),
        ] {
            assert!(error.to_string().chars().count() < 5000, "{}", error.to_string().len());
        }
    }

    #[test]
    fn the_alternate_form_writes_each_cause_once() {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused");
        let busy = Error::with_source(ErrorKind::Unavailable, "no connection", refused);
        let failed = Error::with_source(ErrorKind::Unavailable, "the city cannot be read", busy);
        assert_eq!(failed.to_string(), "the city cannot be read");
        assert_eq!(format!("{failed:#}"), "the city cannot be read: no connection: connection refused");
        // This error writes its cause itself.
        let telling = Error::with_source(ErrorKind::Io, "reading failed", io::Error::from(failed));
        assert_eq!(format!("{telling:#}").matches("no connection").count(), 1);
    }

    #[test]
    fn the_message_starts_with_the_position() {
        let position = Position { file: None, line: 3, column: Some("no2".into()) };
        let error = Error::at(position, "\"x\" is not a number").in_file("a.csv");
        assert_eq!(error.to_string(), "a.csv, line 3, column \"no2\": \"x\" is not a number");
    }
}

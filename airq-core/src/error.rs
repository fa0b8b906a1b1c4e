//! The one error of the crate: asked by predicate, carrying what a person needs to mend what went wrong.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Shorthand for a result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Anything that can go wrong in airq.
///
/// Ask it by predicate ([`is_invalid_input`](Error::is_invalid_input), [`is_not_found`](Error::is_not_found),
/// [`is_unavailable`](Error::is_unavailable), [`is_timeout`](Error::is_timeout)) or by [`kind`](Error::kind);
/// its `Display` is a sentence for people. Cloning is cheap: callers that waited for the same load share one error.
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

/// What sort of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A parameter of a query is unknown, repeated, malformed or out of range.
    InvalidParameter,
    /// A setting (a source or cache URL, an option) cannot be used.
    InvalidSetting,
    /// The query names a city that the data set does not have.
    UnknownCity,
    /// The query names a station that the data set does not have.
    UnknownStation,
    /// A file or an answer of a repository is not the data it should be; [`Error::position`] says where.
    InvalidData,
    /// The repository cannot answer now (down, unreachable, pool exhausted); the same call may succeed later.
    Unavailable,
    /// The repository gave up after its time limit.
    Timeout,
    /// Reading or writing failed; [`Error::io_kind`] says how.
    Io,
    /// A fault of this crate or of an implementation of one of its traits.
    Internal,
}

/// Where in the data an error stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The file, if the data came from one.
    pub file: Option<String>,
    /// The line on which the record begins, counted from 1.
    pub line: u64,
    /// The column's name as the header writes it, if the fault lies in one field.
    pub column: Option<String>,
}

/// One parameter that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Issue {
    /// The parameter's name.
    pub parameter: String,
    /// What was given, cut to 100 characters.
    pub given: String,
    /// What would be allowed, for people; empty for an unknown name.
    pub allowed: String,
    /// The nearest existing names, best first; only for an unknown city or station.
    pub nearest: Vec<String>,
}

impl Issue {
    /// A parameter with what was given for it and what is allowed.
    pub fn new(parameter: &str, given: &str, allowed: impl Into<String>) -> Self {
        Issue { parameter: cut(parameter), given: cut(given), allowed: allowed.into(), nearest: Vec::new() }
    }

    /// A name that does not exist, with the existing names nearest to it.
    pub fn unknown(parameter: &str, given: &str, nearest: Vec<String>) -> Self {
        Issue { parameter: cut(parameter), given: cut(given), allowed: String::new(), nearest }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.allowed.is_empty() {
            return write!(f, "{}: {:?} is not allowed; {}", self.parameter, self.given, self.allowed);
        }
        write!(f, "no {} named {:?}", self.parameter, self.given)?;
        match self.nearest.as_slice() {
            [] => Ok(()),
            names => write!(f, "; nearest: {}", names.join(", ")),
        }
    }
}

impl Error {
    /// An error of this kind with a sentence for people.
    ///
    /// Implementations of [`Repository`](crate::Repository) and [`Cache`](crate::Cache) make theirs with it.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Error(Arc::new(Inner { kind, detail: detail.into(), position: None, issues: Vec::new(), source: None }))
    }

    /// An error of this kind that was caused by another.
    pub fn with_source(
        kind: ErrorKind,
        detail: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Error::new(kind, detail).edit(|inner| inner.source = Some(source.into()))
    }

    /// An error about parameters; its kind is that of what is wrong with the first.
    pub(crate) fn parameters(kind: ErrorKind, issues: Vec<Issue>) -> Self {
        let detail = issues.iter().map(Issue::to_string).collect::<Vec<_>>().join("; ");
        Error::new(kind, detail).edit(|inner| inner.issues = issues)
    }

    /// An error in the data, at this place.
    pub(crate) fn at(position: Position, detail: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidData, detail).edit(|inner| inner.position = Some(position))
    }

    /// The same error, naming the file that its data came from.
    pub fn in_file(self, file: &str) -> Self {
        self.edit(|inner| {
            if let Some(position) = &mut inner.position {
                position.file = Some(file.to_owned());
            } else {
                inner.detail = format!("{file}: {}", inner.detail);
            }
        })
    }

    /// Changes an error that nobody else holds yet; a shared one stays as it is.
    fn edit(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            change(inner);
        }
        self
    }

    /// The sentence without the place.
    #[cfg(feature = "formats")]
    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What sort of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the caller asked for something that cannot be: mend the query or the setting.
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind(), ErrorKind::InvalidParameter | ErrorKind::InvalidSetting)
    }

    /// Whether the query names a city or a station that is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind(), ErrorKind::UnknownCity | ErrorKind::UnknownStation)
    }

    /// Whether the data themselves are at fault; [`position`](Error::position) says where.
    pub fn is_invalid_data(&self) -> bool {
        self.kind() == ErrorKind::InvalidData
    }

    /// Whether the repository cannot answer now, and may later.
    pub fn is_unavailable(&self) -> bool {
        self.kind() == ErrorKind::Unavailable
    }

    /// Whether the repository gave up after its time limit.
    pub fn is_timeout(&self) -> bool {
        self.kind() == ErrorKind::Timeout
    }

    /// Where in the data the fault lies, if it lies there.
    pub fn position(&self) -> Option<&Position> {
        self.0.position.as_ref()
    }

    /// The parameters at fault; empty unless the error is about parameters.
    pub fn issues(&self) -> &[Issue] {
        &self.0.issues
    }

    /// The kind of the I/O error behind this one, if there is one.
    ///
    /// It does not say which side failed: the source's pipe can break as the output's can.
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
        match &self.0.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
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

/// An airq error that travelled through an [`io::Write`] comes back as itself.
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

/// At most 100 characters of what was given, so that a hostile value fills no log and no answer.
pub(crate) fn cut(text: &str) -> String {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// [`cut`] for bytes that may not be text.
pub(crate) fn cut_bytes(bytes: &[u8]) -> String {
    const ENOUGH: usize = 400;
    cut(&String::from_utf8_lossy(&bytes[..bytes.len().min(ENOUGH)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_went_through_io_comes_back_as_itself() {
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
    fn a_long_value_is_cut_at_a_character() {
        assert_eq!(cut(&"é".repeat(101)), format!("{}…", "é".repeat(100)));
    }

    #[test]
    fn the_position_reads_as_a_place() {
        let position = Position { file: None, line: 3, column: Some("no2".into()) };
        let error = Error::at(position, "\"x\" is not a number").in_file("a.csv");
        assert_eq!(error.to_string(), "a.csv, line 3, column \"no2\": \"x\" is not a number");
    }
}

//! Calls a callback with each row of CSV.

use super::{MeasurementRef, RowSchema};
use crate::csv::{Layout, OnRejected, Row, RowFeed, RowSink};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Parameter;
use crate::query::Cursor;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

/// The end of a visit of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RowSummary {
    /// The number of rows that the callback was called with.
    pub rows: u64,
    /// The cursor of the rows that follow: of the next page, if the limit of the query ended this page; of the last row, if
    /// the callback stopped there.
    pub next: Option<Cursor>,
    pub(crate) schema: Arc<RowSchema>,
}

impl RowSummary {
    /// The columns of the rows, known also where there is no row.
    pub fn schema(&self) -> &RowSchema {
        &self.schema
    }
}

/// Calls `visit` with each row that `write` writes as CSV, at most `limit` of them.
///
/// # Errors
/// The error of `visit`, the error of `write`, or an error about invalid CSV, in this order.
pub(crate) fn visit_written(
    parameters: Vec<Parameter>,
    limit: Option<u64>,
    visit: impl FnMut(MeasurementRef<'_>) -> Result<ControlFlow<()>>,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<RowSummary> {
    let visitor = RowVisitor {
        visit,
        limit: limit.unwrap_or(u64::MAX),
        rows: 0,
        next: None,
        has_more: false,
        schema: None,
        end: None,
    };
    let mut feed = RowFeed::new(parameters, OnRejected::Fail, visitor);
    let mut written = write(&mut feed);
    if written.is_ok() {
        written = feed.finish();
    }
    feed.sink.finish(written)
}

/// Calls `visit` with each row of CSV that airq has written.
///
/// # Errors
/// The error of `visit`, or an error about invalid CSV.
pub(crate) fn visit_csv(
    csv: &[u8],
    visit: impl FnMut(MeasurementRef<'_>) -> Result<ControlFlow<()>>,
) -> Result<RowSummary> {
    visit_written(Vec::new(), None, visit, |out| Ok(out.write_all(csv)?))
}

struct RowVisitor<F> {
    visit: F,
    /// The page size. One more row is read to find out whether there is a next page.
    limit: u64,
    /// The number of rows visited.
    rows: u64,
    /// The cursor of the last row of a full page, and of the row at which the callback stopped.
    next: Option<Cursor>,
    /// True if there may be rows after `next`.
    has_more: bool,
    schema: Option<Arc<RowSchema>>,
    /// The reason to refuse further rows.
    end: Option<VisitEnd>,
}

enum VisitEnd {
    Stopped,
    Failed(Error),
}

impl<F: FnMut(MeasurementRef<'_>) -> Result<ControlFlow<()>>> RowSink for RowVisitor<F> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        self.schema = Some(Arc::new(RowSchema::new(layout)));
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        let Some(schema) = self.schema.as_ref().filter(|_| self.end.is_none()) else { return Err(refusal()) };
        if self.rows == self.limit {
            self.has_more = true;
            return Ok(());
        }
        self.rows += 1;
        let measurement = MeasurementRef::new(schema, row);
        let flow = (self.visit)(measurement);
        if self.rows == self.limit || matches!(flow, Ok(ControlFlow::Break(()))) {
            self.next = Some(Cursor::new(measurement.station(), measurement.time()));
        }
        match flow {
            Ok(ControlFlow::Continue(())) => return Ok(()),
            Ok(ControlFlow::Break(())) => {
                self.has_more = true;
                self.end = Some(VisitEnd::Stopped);
            }
            Err(error) => self.end = Some(VisitEnd::Failed(error)),
        }
        Err(refusal())
    }
}

impl<F> RowVisitor<F> {
    /// The summary, or the error: the callback's before the source's, because the source fails when rows are refused.
    fn finish(self, written: Result<()>) -> Result<RowSummary> {
        match self.end {
            Some(VisitEnd::Failed(error)) => return Err(error),
            Some(VisitEnd::Stopped) => {}
            None => written?,
        }
        let Some(schema) = self.schema else {
            return Err(Error::new(ErrorKind::Internal, "rows ended without a header"));
        };
        let next = self.next.filter(|_| self.has_more);
        Ok(RowSummary { rows: self.rows, next, schema })
    }
}

/// The error that makes a repository stop.
fn refusal() -> Error {
    Error::new(ErrorKind::Io, "the receiver of the rows has stopped")
}

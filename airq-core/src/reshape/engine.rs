//! One shape driven by one parser: rows counted, the page ended at its limit.

use super::fast::{FastPath, Progress, Template};
use super::header::Layout;
use super::parser::{Parser, RowSink};
use super::row::Row;
use super::shapes::{Context, Page, Shape};
use super::sheet::Sheet;
use crate::error::{Error, ErrorKind, Result};
use crate::query::Cursor;

/// A parser and a shape, the shape's type forgotten: one dynamic call a chunk, static ones a row.
pub(super) trait Engine: Send {
    /// Takes a chunk of CSV from this place on, until `out` is full, to which it appends what it makes. Tells up to where.
    fn feed(&mut self, chunk: &[u8], start: usize, out: &mut Sheet) -> Result<usize>;
    /// Takes the end of the CSV and appends the rest of the answer.
    fn finish(&mut self, out: &mut Sheet) -> Result<Ended>;
    /// Whether its rows can be turned by several engines, each some of them.
    fn branches(&self) -> bool;
    /// An engine for rows that go on from here. `None` if it does not [branch](Engine::branches), or not yet: before the first
    /// row, or within one.
    fn branch(&self) -> Option<Box<dyn Engine>>;
    /// What a branch took since this was last asked; `None` within a row.
    fn taken(&mut self) -> Option<Taken>;
    /// Goes on behind what branches took.
    fn pass_over(&mut self, taken: Taken);
}

impl dyn Engine {
    /// Takes all of this CSV; whenever `out` is full, `drain` empties it.
    pub(super) fn feed_all(
        &mut self,
        csv: &[u8],
        out: &mut Sheet,
        mut drain: impl FnMut(&mut Sheet) -> Result<()>,
    ) -> Result<()> {
        let mut at = 0;
        while at < csv.len() {
            at = self.feed(csv, at, out)?;
            if out.is_full() {
                drain(out)?;
            }
        }
        Ok(())
    }
}

/// Whether all input was taken so far. After a failure it is torn: going on would answer with a gap.
#[derive(Debug, Default)]
pub(super) struct Intact {
    failed: bool,
}

impl Intact {
    pub(super) fn check(&self) -> Result<()> {
        if self.failed {
            return Err(Error::new(ErrorKind::Internal, "written to or finished after it had failed"));
        }
        Ok(())
    }

    /// Notes what came of taking more.
    pub(super) fn note(&mut self, taken: Result<()>) -> Result<()> {
        self.failed = taken.is_err();
        taken
    }
}

/// What was in a piece of the input.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Taken {
    pub(super) rows: u64,
    pub(super) lines: u64,
}

impl Taken {
    pub(super) fn add(&mut self, more: Taken) {
        self.rows += more.rows;
        self.lines += more.lines;
    }
}

/// How it ended.
pub(super) struct Ended {
    pub(super) rows: u64,
    pub(super) rejected: u64,
    pub(super) next: Option<Cursor>,
}

pub(super) struct ShapeEngine<S> {
    parser: Parser,
    rows: Rows<S>,
}

struct Rows<S> {
    shape: S,
    context: Context,
    /// How the fast path writes rows; `None` if it cannot write this layout's.
    template: Option<Template>,
    /// Rows to write at most; the row after them only tells that there is a next page.
    limit: u64,
    written: u64,
    /// The last row of a full page.
    last: Option<Cursor>,
    more: bool,
}

impl<S: Shape> ShapeEngine<S> {
    pub(super) fn new(shape: S, parser: Parser, context: Context, limit: Option<u64>) -> Self {
        let limit = limit.unwrap_or(u64::MAX);
        ShapeEngine {
            parser,
            rows: Rows { shape, context, template: None, limit, written: 0, last: None, more: false },
        }
    }
}

impl<S: Shape + 'static> Engine for ShapeEngine<S> {
    fn feed(&mut self, chunk: &[u8], start: usize, out: &mut Sheet) -> Result<usize> {
        self.parser.feed_some(chunk, start, &mut Emit { rows: &mut self.rows, out })
    }

    fn finish(&mut self, out: &mut Sheet) -> Result<Ended> {
        self.parser.finish(&mut Emit { rows: &mut self.rows, out })?;
        Ok(self.rows.finish(self.parser.rejected(), out))
    }

    fn branches(&self) -> bool {
        self.parser.stops_at_rejects() && self.rows.branch().is_some()
    }

    fn branch(&self) -> Option<Box<dyn Engine>> {
        let (parser, rows) = (self.parser.branch()?, self.rows.branch()?);
        (self.branches() && self.rows.written > 0).then(|| Box::new(ShapeEngine { parser, rows }) as _)
    }

    fn taken(&mut self) -> Option<Taken> {
        let lines = self.parser.take_lines()?;
        Some(Taken { rows: std::mem::take(&mut self.rows.written), lines })
    }

    fn pass_over(&mut self, taken: Taken) {
        self.parser.pass_over(taken.lines);
        self.rows.written += taken.rows;
    }
}

struct Emit<'a, S> {
    rows: &'a mut Rows<S>,
    out: &'a mut Sheet,
}

impl<S: Shape> RowSink for Emit<'_, S> {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        self.rows.template = self.rows.shape.template(layout);
        self.rows.shape.begin(self.out, &self.rows.context, layout);
        Ok(())
    }

    fn fast(&mut self, input: &[u8], start: usize, path: &mut FastPath) -> Progress {
        self.rows.fast(input, start, path, self.out)
    }

    fn is_full(&self) -> bool {
        self.out.is_full()
    }

    fn row(&mut self, row: &Row<'_>) -> Result<()> {
        self.rows.row(row, self.out);
        Ok(())
    }
}

impl<S: Shape> Rows<S> {
    /// For rows behind these; `None` if rows depend on those before them, as they do where they are counted for a limit.
    fn branch(&self) -> Option<Self> {
        let shape = self.shape.branch().filter(|_| self.limit == u64::MAX)?;
        let (context, template) = (self.context.clone(), self.template.clone());
        Some(Rows { shape, context, template, limit: u64::MAX, written: 0, last: None, more: false })
    }

    fn row(&mut self, row: &Row<'_>, out: &mut Sheet) {
        if self.written == self.limit {
            self.more = true;
            return;
        }
        self.written += 1;
        if self.written == self.limit {
            self.last = Some(Cursor::new(String::from_utf8_lossy(row.station), row.time));
        }
        self.shape.row(out, &self.context, row);
    }

    /// Rows by the fast path, but for the last of a page, whose place [`row`](Rows::row) notes.
    fn fast(&mut self, input: &[u8], start: usize, path: &mut FastPath, out: &mut Sheet) -> Progress {
        let most = self.limit.saturating_sub(self.written).saturating_sub(1);
        let Some(template) = self.template.as_ref().filter(|_| most > 0) else { return Progress::default() };
        let mut emit = self.shape.emit(out, &self.context, template);
        let done = path.run(input, start, &template.cells, most, &mut emit);
        drop(emit);
        self.written += done.rows;
        done
    }

    fn finish(&mut self, rejected: u64, out: &mut Sheet) -> Ended {
        let next = self.last.take().filter(|_| self.more);
        let page = Page { count: self.written, next: next.as_ref().map(ToString::to_string) };
        self.shape.end(out, &self.context, &page);
        Ended { rows: self.written, rejected, next }
    }
}

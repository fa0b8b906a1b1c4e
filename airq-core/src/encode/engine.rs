//! The engine of an encoder: reads CSV and writes one output format. Engines of all formats have one dynamic type.

use super::{Context, Encode, OutputBuffer, PageInfo, Template, WriteRows};
use crate::csv::scan::{Dispatch, ProvenRows, Simd, Work};
use crate::csv::{Batch, Layout, Reader, Row};
use crate::error::Result;
use crate::model::{LastDate, Sentinels};
use crate::query::Cursor;

/// The counts of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The number of rows in the answer; for GeoJSON the number of rows that its features were chosen from.
    pub rows: u64,
    /// The number of invalid rows that were reported and left out.
    pub rejected: u64,
    /// The values that are sentinels, which mark missing values.
    pub sentinels: Sentinels,
    /// The cursor of the next page, if the limit ended this page.
    pub next: Option<Cursor>,
}

/// A reader and the encoder of some format. Chunks are passed by dynamic calls, rows by static calls.
pub(super) trait Engine: Send {
    /// Encodes the chunk from the offset `start` on, until `out` is full; returns the offset that was reached.
    fn feed(&mut self, chunk: &[u8], start: usize, out: &mut OutputBuffer) -> Result<usize>;
    /// Ends the CSV and appends the rest of the answer.
    fn finish(&mut self, out: &mut OutputBuffer) -> Result<Summary>;
    /// Returns whether rows can be encoded independently of each other, so that several engines can share the input.
    fn branches(&self) -> bool;
    /// Returns an engine for the rows that follow. Returns `None` if the engine does not [branch](Engine::branches), before its
    /// first row, and within a row.
    fn branch(&self) -> Option<Box<dyn Engine>>;
    /// Takes the rows that a branch has encoded. Returns `false` if their bytes are to be appended to the answer unchanged.
    fn join(&mut self, rows: &[u8], out: &mut OutputBuffer) -> bool;
    /// Returns the counts since the last call; `None` within a row.
    fn take_counts(&mut self) -> Option<Counts>;
    /// Adds the counts of a branch.
    fn add_counts(&mut self, counts: Counts);
}

impl dyn Engine {
    /// Encodes all of `csv`. `drain` empties `out` whenever `out` is full.
    pub(super) fn feed_all(
        &mut self,
        csv: &[u8],
        out: &mut OutputBuffer,
        mut drain: impl FnMut(&mut OutputBuffer) -> Result<()>,
    ) -> Result<()> {
        let mut position = 0;
        while position < csv.len() {
            position = self.feed(csv, position, out)?;
            if out.is_full() {
                drain(out)?;
            }
        }
        Ok(())
    }
}

/// The number of rows and lines of a chunk, and its sentinels.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    rows: u64,
    lines: u64,
    sentinels: Sentinels,
}

/// Returns an engine that writes `format`, up to `limit` rows.
pub(super) fn new_engine<E: Encode + 'static>(
    reader: Reader,
    format: E,
    context: Context,
    limit: Option<u64>,
) -> Box<dyn Engine> {
    let rows = RowEncoder {
        dispatch: reader.dispatch(),
        format,
        context,
        template: None,
        limit: limit.unwrap_or(u64::MAX),
        written: 0,
        last: None,
        has_more: false,
    };
    Box::new(FormatEngine { reader, rows, sentinels: Sentinels::default() })
}

struct FormatEngine<E> {
    reader: Reader,
    rows: RowEncoder<E>,
    /// The sentinels of branches.
    sentinels: Sentinels,
}

/// Encodes the rows of an answer up to the limit of a page.
struct RowEncoder<E> {
    dispatch: Dispatch,
    format: E,
    context: Context,
    /// The fixed texts of proven rows; `None` if all rows go through [`Encode::row`].
    template: Option<Template>,
    /// The page size. One more row is read to find out whether there is a next page.
    limit: u64,
    written: u64,
    /// The last row of a full page.
    last: Option<Cursor>,
    has_more: bool,
}

impl<E: Encode + 'static> Engine for FormatEngine<E> {
    fn feed(&mut self, chunk: &[u8], start: usize, out: &mut OutputBuffer) -> Result<usize> {
        let mut position = start;
        while !out.is_full() {
            let Some(batch) = self.reader.next(chunk, &mut position)? else { return Ok(chunk.len()) };
            self.rows.batch(&batch, out);
        }
        Ok(position)
    }

    fn finish(&mut self, out: &mut OutputBuffer) -> Result<Summary> {
        while let Some(batch) = self.reader.finish()? {
            self.rows.batch(&batch, out);
        }
        let summary = self.rows.finish(self.reader.rejected(), out);
        self.sentinels.add(&self.reader.take_sentinels());
        Ok(Summary { sentinels: std::mem::take(&mut self.sentinels), ..summary })
    }

    fn branches(&self) -> bool {
        self.reader.stops_at_rejected() && self.rows.branch().is_some()
    }

    fn branch(&self) -> Option<Box<dyn Engine>> {
        if !self.branches() || self.rows.written == 0 {
            return None;
        }
        let sentinels = Sentinels::default();
        Some(Box::new(FormatEngine { reader: self.reader.branch()?, rows: self.rows.branch()?, sentinels }))
    }

    fn join(&mut self, rows: &[u8], out: &mut OutputBuffer) -> bool {
        self.rows.format.join(rows, out)
    }

    fn take_counts(&mut self) -> Option<Counts> {
        let lines = self.reader.take_lines()?;
        let rows = std::mem::take(&mut self.rows.written);
        Some(Counts { rows, lines, sentinels: self.reader.take_sentinels() })
    }

    fn add_counts(&mut self, counts: Counts) {
        self.reader.skip_lines(counts.lines);
        self.rows.written += counts.rows;
        self.sentinels.add(&counts.sentinels);
    }
}

impl<E: Encode> RowEncoder<E> {
    /// Returns `None` if rows depend on earlier rows, as they do where a limit counts them.
    fn branch(&self) -> Option<Self> {
        let format = self.format.branch().filter(|_| self.limit == u64::MAX)?;
        Some(RowEncoder {
            dispatch: self.dispatch,
            format,
            context: self.context.clone(),
            template: self.template.clone(),
            limit: u64::MAX,
            written: 0,
            last: None,
            has_more: false,
        })
    }

    fn batch(&mut self, batch: &Batch<'_>, out: &mut OutputBuffer) {
        match batch {
            Batch::Header(layout) => {
                self.template = self.format.template(layout);
                self.format.begin(out, &self.context, layout);
            }
            Batch::Rows { layout, rows, .. } => self.proven(layout, rows, out),
            Batch::Row(row) => self.row(row, out),
        }
    }

    /// Counts the next `rows` rows, up to the limit; returns the number of rows that the page takes.
    fn admit(&mut self, rows: usize) -> usize {
        let room = usize::try_from(self.limit - self.written).unwrap_or(usize::MAX);
        let admitted = rows.min(room);
        self.has_more |= admitted < rows;
        self.written += admitted as u64;
        admitted
    }

    /// Keeps the cursor of the last row of a full page.
    fn note_last(&mut self, row: &Row<'_>) {
        if self.written == self.limit {
            self.last = Some(Cursor::new(String::from_utf8_lossy(row.station), row.time));
        }
    }

    fn row(&mut self, row: &Row<'_>, out: &mut OutputBuffer) {
        if self.admit(1) == 0 {
            return;
        }
        self.note_last(row);
        self.format.row(out, &self.context, row);
    }

    fn proven(&mut self, layout: &Layout, rows: &ProvenRows<'_>, out: &mut OutputBuffer) {
        let count = self.admit(rows.count);
        if count == 0 {
            return;
        }
        let rows = rows.first(count);
        if self.written == self.limit {
            self.note_last(&Row::proven(layout, rows.row(count - 1), 0, &mut LastDate::default()));
        }
        let mut date = LastDate::default();
        let mut done = 0;
        while done < count {
            if let Some(template) = &self.template {
                let mut writer = self.format.writer(out, template);
                let work = WriteProven { rows: rows.after(done), writer: &mut writer };
                done += self.dispatch.run(work).unwrap_or(0);
            }
            if done < count {
                self.format.row(out, &self.context, &Row::proven(layout, rows.row(done), 0, &mut date));
                done += 1;
            }
        }
    }

    fn finish(&mut self, rejected: u64, out: &mut OutputBuffer) -> Summary {
        let next = self.last.take().filter(|_| self.has_more);
        let page = PageInfo {
            count: self.written,
            next: next.as_ref().map(ToString::to_string),
            stations_left: next.as_ref().map_or(0, |next| self.context.stations_after(&next.station)),
        };
        self.format.end(out, &self.context, &page);
        Summary { rows: self.written, rejected, sentinels: Sentinels::default(), next }
    }
}

struct WriteUniform<'a, W> {
    rows: ProvenRows<'a>,
    writer: &'a mut W,
}

impl<W: WriteRows> Work for WriteUniform<'_, W> {
    /// The number of rows written.
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        self.writer.uniform(simd, &self.rows)
    }
}

struct WriteProven<'a, W> {
    rows: ProvenRows<'a>,
    writer: &'a mut W,
}

impl<W: WriteRows> Work for WriteProven<'_, W> {
    /// The number of rows written.
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> usize {
        let WriteProven { rows, writer } = self;
        let mut done = 0;
        while done < rows.count {
            let rest = rows.after(done);
            let uniform = rest.first_uniform();
            if uniform.count > 0 {
                // A separate function, so that the compiler keeps more of the loop in registers.
                done += simd.enter(WriteUniform { rows: uniform, writer: &mut *writer });
            }
            if done == rows.count {
                break;
            }
            if !writer.row(simd, &rows.row(done)) {
                break;
            }
            done += 1;
        }
        done
    }
}

//! The encoding of uniform rows: fixed texts and cells alternate, and one wide store writes each of them.

use super::output_buffer::OutputBuffer;
use super::row_writer::RowWriter;
use super::template::{RowText, Template};
use super::write::{SEPARATOR, write_rows};
use crate::csv::scan::{COLUMNS, ProvenRow, ProvenRows, Simd, UNIFORM_TIME, WideText};
use crate::csv::{Kind, Layout, WIDE};
use std::ops::Range;

/// The fixed texts of uniform rows. No cell is empty, so the text between two cells is the same in all rows.
#[derive(Clone, Debug)]
pub(crate) struct UniformTemplate {
    /// `None` in formats that do not write the station in each row.
    pub(crate) station: Option<Segment>,
    pub(crate) time: Segment,
    pub(crate) runs: Vec<UniformRun>,
    /// The text after the last cell.
    pub(crate) end: WideText,
}

/// The segments of adjacent columns.
#[derive(Clone, Debug)]
pub(crate) struct UniformRun {
    pub(crate) columns: Range<usize>,
    pub(crate) segments: Vec<Segment>,
    /// The distance that the last cell moves: its [`Segment::cell_at`].
    pub(crate) last_at: u32,
}

/// A text and the cell that follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) text: [u8; WIDE],
    /// The position of the text, relative to the cell's position in a plain copy of the whole run. Such a copy starts where
    /// the run starts in the output.
    pub(crate) text_at: u32,
    /// The position of the cell, relative to its position in the same copy.
    pub(crate) cell_at: u32,
}

impl UniformTemplate {
    /// Returns `None` if a text between two cells is longer than a wide store.
    pub(crate) fn new<'a>(
        layout: &Layout,
        text_of_row: &RowText<'_>,
        keys: impl Iterator<Item = &'a [u8]>,
        missing: &[u8],
        text_quote: &[u8],
    ) -> Option<UniformTemplate> {
        let mut text = [text_of_row.between, text_of_row.open].concat();
        let mut station = None;
        if let Some(after_station) = text_of_row.after_station {
            station = Some(Segment::new(&text, 0)?);
            text = after_station.to_vec();
        }
        let time = Segment::new(&text, 0)?;
        text = [b"Z", text_of_row.after_time].concat();
        let mut runs = Vec::new();
        for (field, key) in layout.fields.iter().zip(keys) {
            text.extend_from_slice(key);
            let quote = if field.kind == Kind::Text { text_quote } else { b"" };
            match field.column {
                Some(column) => {
                    text.extend_from_slice(quote);
                    UniformRun::push(&mut runs, column, &text)?;
                    text = quote.to_vec();
                }
                None => text.extend_from_slice(missing),
            }
        }
        text.extend_from_slice(text_of_row.close);
        Some(UniformTemplate { station, time, runs, end: WideText::new(&text)? })
    }
}

impl UniformRun {
    /// Adds the segment of a column and the text before it.
    fn push(runs: &mut Vec<UniformRun>, column: usize, text: &[u8]) -> Option<()> {
        if let Some(run) = runs.last_mut().filter(|run| run.columns.end == column) {
            // The separator before the cell is not copied.
            let segment = Segment::new(text, run.last_at - 1)?;
            run.columns.end += 1;
            run.last_at = segment.cell_at;
            run.segments.push(segment);
        } else {
            let segment = Segment::new(text, 0)?;
            runs.push(UniformRun { columns: column..column + 1, segments: vec![segment], last_at: segment.cell_at });
        }
        Some(())
    }
}

impl Segment {
    fn new(text: &[u8], text_at: u32) -> Option<Segment> {
        let WideText { bytes, length } = WideText::new(text)?;
        Some(Segment { text: bytes, text_at, cell_at: text_at + length })
    }
}

/// Writes uniform rows and returns the number of rows written. The first row of the answer must not be among them.
#[inline(always)]
pub(crate) fn write_uniform<S: Simd>(
    simd: S,
    template: &Template,
    rows: &ProvenRows<'_>,
    out: &mut OutputBuffer,
) -> usize {
    let Some(uniform) = &template.uniform else { return write_rows(simd, template, rows, out) };
    out.make_room();
    for index in 0..rows.count {
        let row = rows.row(index);
        let Some(room) = out.remaining_room() else { return index };
        let mut writer = RowWriter::new(room);
        row.write_uniform(simd, uniform, &mut writer);
        let written = writer.written();
        out.count(written);
    }
    rows.count
}

impl ProvenRow<'_> {
    /// Writes a uniform row. No cell needs a branch.
    #[inline(always)]
    fn write_uniform<S: Simd>(&self, simd: S, template: &UniformTemplate, writer: &mut RowWriter<'_>) {
        if let Some(station) = &template.station {
            let cell = self.station();
            self.write_segment(simd, station, cell.start, 0, writer);
            writer.go_to(station.cell_at + cell.length);
        }
        let time = writer.at() + template.time.cell_at;
        self.write_segment(simd, &template.time, self.time_start(), writer.at(), writer);
        writer.put_at(*b"T", time + SEPARATOR);
        writer.go_to(time + u32::from(UNIFORM_TIME));
        for run in &template.runs {
            self.write_run(simd, run, writer);
        }
        writer.literal(simd, &template.end);
    }

    /// Writes the cells of adjacent columns. Each cell moves by the same distance in all rows: by the length of the texts
    /// before it, less the separators that they replace.
    #[inline(always)]
    fn write_run<S: Simd>(&self, simd: S, run: &UniformRun, writer: &mut RowWriter<'_>) {
        let shift = writer.at().wrapping_sub(self.start(run.columns.start));
        let starts = &self.starts[run.columns.start % COLUMNS..];
        for (segment, start) in run.segments.iter().zip(starts) {
            self.write_segment(simd, segment, u32::from(*start), shift.wrapping_add(u32::from(*start)), writer);
        }
        writer.go_to(shift.wrapping_add(self.end(run.columns.end - 1)).wrapping_add(run.last_at));
    }

    /// Writes the text of a segment and the cell at `start` of the window. Their positions are relative to `at`.
    #[inline(always)]
    fn write_segment<S: Simd>(&self, simd: S, segment: &Segment, start: u32, at: u32, writer: &mut RowWriter<'_>) {
        writer.wide_at(simd, simd.load(&segment.text), at.wrapping_add(segment.text_at));
        writer.wide_at(simd, simd.load(self.window.wide(start)), at.wrapping_add(segment.cell_at));
    }
}

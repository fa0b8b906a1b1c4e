//! The bands of an air quality index over time, below the panels: a line of coloured bars for each station, and a legend of the
//! levels.

use super::draw::{Area, DrawResult, LABELS_LEFT, LETTER, RIGHT, point, text};
use super::series::SeriesTable;
use super::style::StyleRole;
use crate::aqi::{AirQualityIndex, Band};
use crate::model::Timestamp;
use plotters::element::{Rectangle, Text};
use plotters::style::text_anchor::VPos;
use plotters::style::{Color, TextStyle};
use std::collections::BTreeSet;
use std::fmt::Write;

const TITLE: u32 = 22;
const LEGEND_ROW: u32 = 22;
const CHIP: u32 = 18;
const LABEL: u32 = 16;
/// The heights of the worst band and of the best. A bar that is too narrow for its level is recognisable by its height.
const BAR: u32 = 24;
const LOWEST_BAR: u32 = 11;
const GAP: u32 = 6;

/// The bands of stations over time.
#[derive(Debug)]
pub(super) struct BandLines {
    index: AirQualityIndex,
    lines: Vec<BandLine>,
}

/// The bands of a station over time.
#[derive(Clone, Debug)]
pub struct BandLine {
    label: String,
    runs: Vec<BandRun>,
    /// The number of periods of each level, by the level less one.
    periods: Vec<usize>,
}

/// Consecutive periods of one band.
#[derive(Clone, Copy, Debug)]
struct BandRun {
    from: i64,
    to: i64,
    level: usize,
}

impl BandLine {
    /// The name of the station.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The start, the end and the level of each band in time order. Levels count from 1, the best, in the order of
    /// [`AirQualityIndex::bands`]. Periods without a rating are gaps.
    pub fn levels(&self) -> impl Iterator<Item = (Timestamp, Timestamp, usize)> {
        let time = Timestamp::from_microseconds;
        self.runs.iter().filter_map(move |run| Some((time(run.from)?, time(run.to)?, run.level)))
    }
}

impl BandLines {
    /// The bands of a table with periods of `period` microseconds.
    pub(super) fn new(table: &SeriesTable, index: AirQualityIndex, period: i64, labels: Vec<String>) -> BandLines {
        let mut lines = Vec::new();
        for (station, label) in table.stations.iter().zip(labels) {
            let rated = station.levels().filter_map(|(time, level)| Some((time, level?)));
            lines.push(BandLine::new(label, rated, period, index.bands().len()));
        }
        BandLines { index, lines }
    }

    /// The lines.
    pub(super) fn into_lines(self) -> Vec<BandLine> {
        self.lines
    }

    /// The bands of the index.
    pub(super) fn bands(&self) -> &'static [Band] {
        self.index.bands()
    }

    /// The height of the legend and all lines in a chart of this width, in pixels.
    pub(super) fn height(&self, width: u32) -> u32 {
        let lines = u32::try_from(self.lines.len()).unwrap_or_default();
        TITLE + LEGEND_ROW * rows(&self.legend(width)) + lines * (self.label_height() + BAR + GAP) + GAP
    }

    /// Draws into an area of the width of the panels.
    pub(super) fn draw(&self, area: &Area<'_>, span: (Timestamp, Timestamp)) -> DrawResult {
        let (width, _) = area.dim_in_pixel();
        let title = format!("Air quality: {}", self.index.name());
        area.draw(&Text::new(title, point(LABELS_LEFT, 3), text(StyleRole::Text, VPos::Top)))?;
        let legend = self.legend(width);
        for (level, name, x, row) in &legend {
            let y = TITLE + row * LEGEND_ROW;
            chip(area, *level, (*x, x + CHIP), (y, y + CHIP - 2))?;
            let middle = point(x + CHIP + 5, y + CHIP / 2 - 1);
            area.draw(&Text::new((*name).to_owned(), middle, text(StyleRole::Text, VPos::Center)))?;
        }
        let mut y = TITLE + LEGEND_ROW * rows(&legend);
        for line in &self.lines {
            if self.label_height() > 0 {
                area.draw(&Text::new(line.label.clone(), point(LABELS_LEFT, y), text(StyleRole::Small, VPos::Top)))?;
            }
            y += self.label_height();
            y += BAR;
            line.draw(area, span, y)?;
            y += GAP;
        }
        Ok(())
    }

    /// The bands in words, for screen readers.
    pub(super) fn words(&self) -> String {
        let mut words = String::new();
        for line in &self.lines {
            // Writing to a string cannot fail.
            let _ = write!(words, " {} at {}:", self.index.name(), line.label);
            let counts = self.index.bands().iter().zip(&line.periods).filter(|(_, periods)| **periods > 0);
            let counts: Vec<String> = counts.map(|(band, periods)| format!(" {} {periods} times", band.name)).collect();
            words += if counts.is_empty() { " no values" } else { "" };
            words += &(counts.join(",") + ".");
        }
        words
    }

    /// The height of a label. The only station needs none, because the title of the chart names it.
    fn label_height(&self) -> u32 {
        if self.lines.len() > 1 { LABEL } else { 0 }
    }

    /// The levels that occur, each with its name and the pixel and row at which its entry starts.
    fn legend(&self, width: u32) -> Vec<(usize, &'static str, u32, u32)> {
        let levels: BTreeSet<usize> = self.lines.iter().flat_map(|line| &line.runs).map(|run| run.level).collect();
        let mut x = LABELS_LEFT;
        let mut row = 0;
        let mut legend = Vec::new();
        for level in levels {
            let name = self.index.bands().get(level - 1).map_or("", |band| band.name);
            let wide = CHIP + 5 + LETTER * u32::try_from(name.chars().count()).unwrap_or_default() + 14;
            if x + wide > width && x > LABELS_LEFT {
                (x, row) = (LABELS_LEFT, row + 1);
            }
            legend.push((level, name, x, row));
            x += wide;
        }
        legend
    }
}

fn rows(legend: &[(usize, &str, u32, u32)]) -> u32 {
    match legend.last() {
        Some((_, _, _, row)) => row + 1,
        None => 0,
    }
}

impl BandLine {
    fn new(label: String, rated: impl Iterator<Item = (Timestamp, usize)>, period: i64, levels: usize) -> BandLine {
        let mut runs: Vec<BandRun> = Vec::new();
        let mut periods = vec![0; levels];
        for (time, level) in rated {
            let from = time.as_microseconds();
            if let Some(periods) = periods.get_mut(level.wrapping_sub(1)) {
                *periods += 1;
            }
            // A day may have 25 hours.
            let tolerance = period / 8;
            match runs.last_mut() {
                Some(run) if run.level == level && from - run.to <= tolerance => run.to = from + period,
                _ => runs.push(BandRun { from, to: from + period, level }),
            }
        }
        BandLine { label, runs, periods }
    }

    fn draw(&self, area: &Area<'_>, span: (Timestamp, Timestamp), bottom: u32) -> DrawResult {
        let (width, _) = area.dim_in_pixel();
        let wide = width.saturating_sub(LABELS_LEFT + RIGHT);
        for run in &self.runs {
            let left = pixel(run.from, span, wide);
            let right = pixel(run.to, span, wide);
            let top = bottom - height(run.level, self.periods.len());
            chip(area, run.level, (left, right), (top, bottom))?;
        }
        Ok(())
    }
}

/// Returns the pixel of a time in microseconds. The span is `wide` pixels wide.
fn pixel(time: i64, (from, to): (Timestamp, Timestamp), wide: u32) -> u32 {
    let from = from.as_microseconds();
    let to = to.as_microseconds();
    let part = i128::from(time.clamp(from, to) - from) * i128::from(wide) / i128::from((to - from).max(1));
    LABELS_LEFT + u32::try_from(part).unwrap_or_default()
}

fn height(level: usize, levels: usize) -> u32 {
    LOWEST_BAR + (BAR - LOWEST_BAR) * steps(level.min(levels)) / steps(levels).max(1)
}

/// Returns the number of steps from the first of `count` levels to the last.
fn steps(count: usize) -> u32 {
    u32::try_from(count.saturating_sub(1)).unwrap_or_default()
}

/// Draws the rectangle of a band, with the level inside if there is room.
fn chip(area: &Area<'_>, level: usize, (left, right): (u32, u32), (top, bottom): (u32, u32)) -> DrawResult {
    const DIGIT: u32 = 12;
    if right <= left {
        return Ok(());
    }
    area.draw(&Rectangle::new([point(left, top), point(right, bottom)], StyleRole::Band(level).colour().filled()))?;
    if right - left >= DIGIT {
        let middle = point(left.midpoint(right), top.midpoint(bottom));
        area.draw(&Text::new(level.to_string(), middle, digit(level)))?;
    }
    Ok(())
}

fn digit(level: usize) -> TextStyle<'static> {
    use plotters::style::text_anchor::{HPos, Pos};
    text(StyleRole::Ink(level), VPos::Center).pos(Pos::new(HPos::Center, VPos::Center))
}

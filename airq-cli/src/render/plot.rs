//! A chart on the terminal: a strip of braille dots for each line, the strips of a panel on one scale, so that lines are
//! distinguishable without colours.
//!
//! The crates that draw in braille have neither gaps nor strips.

use super::look::terminal_width;
use crate::failure::{Failure, without_control_characters};
use airq_core::Timestamp;
use airq_core::aqi::AirQualityIndex;
use airq_core::chart::{BandLine, Chart, ChartOptions, Line, Panel, TimeLabels};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// The height of a strip in rows of characters, and the height of an only strip.
const ROWS: usize = 4;
const ROWS_ALONE: usize = 12;
/// The width of the scale to the left of a strip.
const SCALE: usize = 9;
const WIDEST: usize = 160;

/// Draws a chart as text, as wide as the terminal.
///
/// # Errors
/// If there are more stations than a chart can have.
pub(crate) fn plot(chart: &Chart, options: &ChartOptions) -> Result<String, Failure> {
    let panels = chart.panels()?;
    let Some(span) = chart.span(&panels) else { return Ok(String::new()) };
    let width = width();
    let labels = chart.time_labels(options);
    let mut text = drawn(&chart.title()?, &panels, span, &labels, width);
    if let Some(index) = chart.index() {
        push_bands(&mut text, index, &chart.bands()?, span, width - SCALE - 2);
        push_times(&mut text, span, &labels, width - SCALE - 2);
    }
    Ok(text)
}

fn width() -> usize {
    const USUAL: usize = 80;
    terminal_width().unwrap_or(USUAL).clamp(40, WIDEST)
}

fn drawn(title: &str, panels: &[Panel], span: (Timestamp, Timestamp), labels: &TimeLabels, width: usize) -> String {
    let columns = width - SCALE - 2;
    let mut text = format!("{}\n", without_control_characters(title));
    let alone = panels.iter().map(|panel| panel.lines.len()).sum::<usize>() == 1;
    for panel in panels {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}, {}", panel.title, panel.unit);
        let scale = scale(panel);
        for line in &panel.lines {
            let strip = BrailleStrip::of(line, span, scale, columns, if alone { ROWS_ALONE } else { ROWS });
            push_strip(&mut text, &strip, scale, if alone { "" } else { &line.label });
        }
        push_times(&mut text, span, labels, columns);
    }
    text
}

/// The range of the values, which includes zero.
fn scale(panel: &Panel) -> (f64, f64) {
    let mut low = 0.0_f64;
    let mut high = f64::NEG_INFINITY;
    for (_, value) in panel.lines.iter().flat_map(Line::values) {
        low = low.min(value);
        high = high.max(value);
    }
    (low, if high > low { high } else { low + 1.0 })
}

fn push_strip(text: &mut String, strip: &BrailleStrip, (low, high): (f64, f64), label: &str) {
    if !label.is_empty() {
        let _ = writeln!(text, "{:SCALE$}  {}", "", without_control_characters(label));
    }
    for (row, dots) in strip.rows.iter().enumerate() {
        let mark = match row {
            0 => number(high),
            last if last + 1 == strip.rows.len() => number(low),
            _ => String::new(),
        };
        let edge = if mark.is_empty() { '│' } else { '┤' };
        let line: String = dots.iter().map(|dots| braille(*dots)).collect();
        let _ = writeln!(text, "{mark:>SCALE$} {edge}{}", line.trim_end_matches(' '));
    }
}

/// Appends the names of the levels, and for each station a line with the level of the worst band at each time.
fn push_bands(
    text: &mut String,
    index: AirQualityIndex,
    lines: &[BandLine],
    span: (Timestamp, Timestamp),
    columns: usize,
) {
    let names: Vec<String> =
        index.bands().iter().zip(1..).map(|(band, level)| format!("{level} {}", band.name)).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\nAir quality: {}\n{}", index.name(), names.join(", "));
    for line in lines {
        let mut worst = vec![0; columns];
        for (from, to, level) in line.levels() {
            let from = column(from, span, columns);
            let to = column(to, span, columns).max(1);
            let until = to.max(from + 1).min(columns);
            worst[from.min(until)..until].iter_mut().for_each(|worst| *worst = level.max(*worst));
        }
        let levels: String = worst.iter().filter_map(|level| level_sign(*level)).collect();
        if lines.len() > 1 {
            let _ = writeln!(text, "{:SCALE$}  {}", "", without_control_characters(line.label()));
        }
        let _ = writeln!(text, "{:SCALE$} │{}", "", levels.trim_end_matches(' '));
    }
}

/// The column of a time in a line with `columns` columns.
fn column(time: Timestamp, span: (Timestamp, Timestamp), columns: usize) -> usize {
    let length = i128::from(span.1.as_microseconds() - span.0.as_microseconds()).max(1);
    let since = i128::from(time.as_microseconds() - span.0.as_microseconds()).clamp(0, length);
    usize::try_from(since * columns as i128 / length).unwrap_or(columns)
}

/// A level as a digit; a blank for 0.
fn level_sign(level: usize) -> Option<char> {
    if level == 0 { Some(' ') } else { char::from_digit(u32::try_from(level).ok()?, 10) }
}

fn push_times(text: &mut String, span: (Timestamp, Timestamp), labels: &TimeLabels, columns: usize) {
    let from = labels.minute(span.0);
    let to = format!("{} {}", labels.minute(span.1), labels.zone_name());
    let between = columns.saturating_sub(from.width() + to.width()).max(1);
    let _ = writeln!(text, "{:SCALE$} └{}\n{:SCALE$}  {from}{:between$}{to}", "", "─".repeat(columns), "", "");
}

fn number(value: f64) -> String {
    if value.abs() < 1e6 { format!("{value:.1}") } else { format!("{value:.1e}") }
}

/// A character of two by four dots. A character without dots is a blank, so that text can be copied and searched.
fn braille(dots: u8) -> char {
    match char::from_u32(0x2800 + u32::from(dots)) {
        Some(character) if dots != 0 => character,
        _ => ' ',
    }
}

/// The dots of a strip, a byte for each character.
#[derive(Debug)]
struct BrailleStrip {
    rows: Vec<Vec<u8>>,
}

impl BrailleStrip {
    fn of(
        line: &Line,
        span: (Timestamp, Timestamp),
        (low, high): (f64, f64),
        columns: usize,
        rows: usize,
    ) -> BrailleStrip {
        let mut strip = BrailleStrip { rows: vec![vec![0; columns]; rows] };
        let wide = columns * 2 - 1;
        let tall = rows * 4 - 1;
        let length = (span.1.as_microseconds() - span.0.as_microseconds()).max(1);
        for run in &line.runs {
            let mut points = Vec::with_capacity(run.len());
            for (time, value) in run {
                let since = time.as_microseconds() - span.0.as_microseconds();
                let right = part(since, length) * whole(wide);
                // Halves, because the length of the range may exceed the range of `f64`.
                let down = (high / 2.0 - value / 2.0) / (high / 2.0 - low / 2.0) * whole(tall);
                points.push((right, down));
            }
            strip.dot(points[0]);
            points.windows(2).for_each(|pair| strip.stroke(pair[0], pair[1]));
        }
        strip
    }

    /// Draws dots from one point to another without a gap.
    fn stroke(&mut self, (x, y): (f64, f64), (to_x, to_y): (f64, f64)) {
        let steps = (to_x - x).abs().max((to_y - y).abs()).ceil().max(1.0);
        let mut step = 0.0;
        while step <= steps {
            let part = step / steps;
            self.dot((x + (to_x - x) * part, y + (to_y - y) * part));
            step += 1.0;
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and dots outside of the strip are left out"
    )]
    fn dot(&mut self, (x, y): (f64, f64)) {
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let x = x.round() as usize;
        let y = y.round() as usize;
        if let Some(cell) = self.rows.get_mut(y / 4).and_then(|row| row.get_mut(x / 2)) {
            *cell |= BITS[x % 2][y % 4];
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a dot is coarser")]
fn part(of: i64, whole: i64) -> f64 {
    of as f64 / whole as f64
}

fn whole(dots: usize) -> f64 {
    u32::try_from(dots).map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use airq_core::repository::CsvRepository;
    use airq_core::{Airq, Query};

    fn shown(csv: &str) -> String {
        let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
        let airq = Airq::builder().repository(repository).build().unwrap();
        let chart = airq.chart(&Query::all()).unwrap();
        let panels = chart.panels().unwrap();
        let span = chart.span(&panels).unwrap();
        drawn(&chart.title().unwrap(), &panels, span, &chart.time_labels(&ChartOptions::default()), 60)
    }

    #[test]
    fn a_rising_line_rises_and_a_gap_is_blank() {
        let hours = [0, 1, 2, 3, 4, 12, 13, 14, 15, 16];
        let rows = hours.map(|hour| format!("a,2016-10-01 {hour:02}:00,{hour}\n")).concat();
        let text = shown(&format!("station,time,no2\n{rows}"));
        let strip: Vec<&str> = text.lines().filter(|line| line.contains(['│', '┤'])).collect();
        assert_eq!(strip.len(), ROWS_ALONE);
        let first_dot = |line: &str| line.chars().skip(SCALE + 2).position(|c| c != ' ');
        assert!(first_dot(strip[0]) > first_dot(strip[ROWS_ALONE - 1]), "{text}");
        assert!(strip[ROWS_ALONE / 2].trim_end().ends_with('│'), "nothing at half height, where the gap is:\n{text}");
        assert!(text.contains("16.0 ┤") && text.contains("0.0 ┤") && text.contains("NO₂, µg/m³"), "{text}");
        assert!(text.lines().all(|line| line.width() <= 60), "{text}");
    }

    #[test]
    fn an_index_has_a_line_of_levels_with_gaps_and_the_names_of_levels() {
        let hours =
            |from: u32, to: u32, value: u32| (from..to).map(move |hour| format!("a,2016-10-01 {hour:02}:00,{value}\n"));
        let rows: Vec<String> = hours(0, 12, 1).chain(hours(12, 24, 200)).collect();
        let csv = format!("station,time,no2\n{}a,2016-10-02 12:00,1\n", rows.concat());
        let repository = CsvRepository::from_bytes("x.csv", csv.as_bytes()).unwrap();
        let airq = Airq::builder().repository(repository).build().unwrap();
        let (query, options) = ChartOptions::from_pairs([("index", "eaqi-2024")]).unwrap();
        let text = plot(&airq.chart(&query).unwrap(), &options).unwrap();
        let at = text.find("Air quality: European Air Quality Index (2024)").unwrap();
        let line = text[at..].lines().nth(2).unwrap();
        let levels = line.trim_start().trim_start_matches('│');
        assert_eq!(levels.chars().collect::<String>().split_whitespace().collect::<Vec<_>>().len(), 2, "{text}");
        assert!(levels.starts_with("111111") && levels.contains("1666666") && levels.ends_with("   11"), "{text}");
        assert!(text.contains("1 Good, 2 Fair, 3 Moderate"), "{text}");
    }

    #[test]
    fn each_of_several_lines_has_a_strip_and_a_name_without_control_characters() {
        let text = shown("station,time,no2\na,2016-10-01,1\n\u{1b}[2J,2016-10-01,1e308\n");
        assert_eq!(text.lines().filter(|line| line.contains(['│', '┤'])).count(), 2 * ROWS);
        assert!(!text.contains('\u{1b}'));
    }
}

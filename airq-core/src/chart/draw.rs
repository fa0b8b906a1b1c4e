//! Drawing: the title, the legend, and the panels below each other.

use super::axis::{self, TimeAxis, ValueAxis};
use super::bands::BandLines;
use super::calendar::DayCalendar;
use super::downsample::downsampled;
use super::labels;
use super::options::ChartOptions;
use super::panels::{Line, Panel};
use super::style::{self, StyleRole};
use super::svg::{Svg, escaped};
use super::time_labels::TimeLabels;
use crate::error::{Error, ErrorKind, Result};
use crate::model::Timestamp;
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, ShapeStyle, TextStyle};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::Range;

pub(super) type Area<'a> = DrawingArea<Svg<'a>, Shift>;
type Axes<'a, 'b> = ChartContext<'a, Svg<'b>, Cartesian2d<TimeAxis, ValueAxis>>;
pub(super) type DrawResult = std::result::Result<(), DrawingAreaErrorKind<Infallible>>;

const MARGIN: u32 = 14;
const HEAD: u32 = 52;
/// The margin for the part of the last time label that extends beyond the axis.
pub(super) const RIGHT: u32 = 22;
const LEFT: u32 = 6;
const LEGEND_ROW: u32 = 20;
const SWATCH: u32 = 26;
/// The estimated width of a letter of the legend. The real width depends on the font of the viewer.
pub(super) const LETTER: u32 = 7;
pub(super) const LABELS_LEFT: u32 = 58;
const LABELS_BELOW: u32 = 24;
const PANEL_TITLE: u32 = 20;
const LOWEST_PANEL: u32 = 90;
const USUAL_PANEL: u32 = 190;
const ONLY_PANEL: u32 = 300;
/// The approximate limit of the number of points of all lines, which bounds the size of the document.
const POINTS: usize = 20_000;

/// Draws the panels.
pub(super) fn svg(
    title: &str,
    panels: &[Panel],
    bands: Option<&BandLines>,
    span: Option<(Timestamp, Timestamp)>,
    time_labels: &TimeLabels,
    options: &ChartOptions,
) -> Result<String> {
    let legend = legend(panels, options.width);
    let head = HEAD + LEGEND_ROW * u32::try_from(legend.len()).unwrap_or_default();
    let foot = match bands {
        Some(bands) => bands.height(options.width - LEFT),
        None => 0,
    };
    let size = (options.width, height(panels.len(), head + foot, options.height));
    let time = match span {
        Some(span) => time(span, time_labels),
        None => "no measurements match".to_owned(),
    };
    let mut body = String::new();
    {
        let root = Svg::new(&mut body, size).into_drawing_area();
        draw_head(&root, title, &time, &legend).map_err(|error| not_drawn(&error))?;
        if let Some(span) = span {
            let area = root.margin(head + MARGIN / 2, foot + MARGIN / 2, LEFT, 0);
            draw_panels(&area, panels, span, time_labels).map_err(|error| not_drawn(&error))?;
            if let Some(bands) = bands {
                let area = root.margin(size.1 - foot, 0, LEFT, 0);
                bands.draw(&area, span).map_err(|error| not_drawn(&error))?;
            }
        }
    }
    let sheet =
        style::sheet(styles(panels).into_keys()) + &bands.map(|bands| style::bands(bands.bands())).unwrap_or_default();
    let description = labels::description(panels, &time) + &bands.map(BandLines::words).unwrap_or_default();
    let plot = span.map(|span| plot_attributes(size.0, span)).unwrap_or_default();
    Ok(document(size, title, &description, &plot, &sheet, &body))
}

/// Returns attributes for programs that show values at the pointer: the left and the right pixel of the panels, and the instants at
/// these pixels in milliseconds since 1970.
fn plot_attributes(width: u32, span: (Timestamp, Timestamp)) -> String {
    let Range { start, end } = axis::range(span);
    let (left, right) = (LEFT + LABELS_LEFT, width - RIGHT);
    format!(" data-plot=\"{left} {right}\" data-time=\"{} {}\"", start / 1000, end / 1000)
}

/// Draws a calendar of days.
pub(super) fn calendar(title: &str, zone: &str, calendar: &DayCalendar<'_>, width: u32) -> Result<String> {
    let size = (width, HEAD + calendar.height() + MARGIN);
    let time = format!("Days of {zone}");
    let mut body = String::new();
    {
        let root = Svg::new(&mut body, size).into_drawing_area();
        draw_head(&root, title, &time, &[]).map_err(|error| not_drawn(&error))?;
        calendar.draw(&root.margin(HEAD, 0, LEFT, 0)).map_err(|error| not_drawn(&error))?;
    }
    Ok(document(size, title, &calendar.words(), "", &style::calendar(), &body))
}

fn not_drawn(error: &DrawingAreaErrorKind<Infallible>) -> Error {
    Error::new(ErrorKind::Internal, format!("a chart could not be drawn: {error}"))
}

fn document(
    (width, height): (u32, u32),
    title: &str,
    description: &str,
    attributes: &str,
    sheet: &str,
    body: &str,
) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"title description\"{attributes}>\n\
         <title id=\"title\">{}</title>\n<desc id=\"description\">{}</desc>\n<style>{sheet}</style>\n{body}</svg>\n",
        escaped(title),
        escaped(description)
    )
}

fn height(panels: usize, head: u32, asked: Option<u32>) -> u32 {
    let panels = u32::try_from(panels).unwrap_or(u32::MAX).clamp(1, 16);
    let usual = if panels == 1 { ONLY_PANEL } else { USUAL_PANEL };
    let lowest = head + panels * LOWEST_PANEL + MARGIN;
    asked.unwrap_or(head + panels * usual + MARGIN).max(lowest)
}

fn time((from, to): (Timestamp, Timestamp), time_labels: &TimeLabels) -> String {
    format!("{} to {}, {}", time_labels.minute(from), time_labels.minute(to), time_labels.zone_name())
}

/// The number of points that each line may have.
fn budget(panels: &[Panel]) -> usize {
    POINTS / panels.iter().map(|panel| panel.lines.len()).sum::<usize>().max(1)
}

/// The labels of the lines by style. Lines of one style have the same label in every panel.
fn styles(panels: &[Panel]) -> BTreeMap<usize, &str> {
    panels.iter().flat_map(|panel| &panel.lines).map(|line| (line.style, line.label.as_str())).collect()
}

/// The legend, row by row: the style, the label, and the pixel at which the entry starts.
fn legend(panels: &[Panel], width: u32) -> Vec<Vec<(usize, &str, u32)>> {
    let mut rows: Vec<Vec<(usize, &str, u32)>> = Vec::new();
    let mut next = u32::MAX;
    for (style, label) in styles(panels) {
        let wide = SWATCH + 6 + LETTER * u32::try_from(label.chars().count()).unwrap_or_default() + 14;
        if next.saturating_add(wide) > width {
            rows.push(Vec::new());
            next = MARGIN;
        }
        rows.last_mut().into_iter().for_each(|row| row.push((style, label, next)));
        next += wide;
    }
    rows
}

fn draw_head(root: &Area<'_>, title: &str, time: &str, legend: &[Vec<(usize, &str, u32)>]) -> DrawResult {
    root.fill(&StyleRole::Background.colour())?;
    let width = root.dim_in_pixel().0 - 2 * MARGIN;
    root.draw(&Text::new(shortened(title, width / 9), point(MARGIN, 10), text(StyleRole::Title, VPos::Top)))?;
    root.draw(&Text::new(shortened(time, width / 6), point(MARGIN, 32), text(StyleRole::Small, VPos::Top)))?;
    for (row, entries) in (0..).zip(legend) {
        let middle = HEAD + LEGEND_ROW * row + LEGEND_ROW / 2;
        for (style, label, x) in entries {
            let swatch = vec![point(*x, middle), point(x + SWATCH, middle)];
            root.draw(&PathElement::new(swatch, stroke(StyleRole::Line(*style))))?;
            root.draw(&Text::new(
                (*label).to_owned(),
                point(x + SWATCH + 6, middle),
                text(StyleRole::Text, VPos::Center),
            ))?;
        }
    }
    Ok(())
}

/// Returns the text, cut to at most `most` characters.
fn shortened(text: &str, most: u32) -> String {
    let most = usize::try_from(most).unwrap_or_default();
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// Draws the panels one below the other, in equal parts of the area.
fn draw_panels(
    area: &Area<'_>,
    panels: &[Panel],
    span: (Timestamp, Timestamp),
    time_labels: &TimeLabels,
) -> DrawResult {
    let areas = area.split_evenly((panels.len().max(1), 1));
    for (panel, area) in panels.iter().zip(&areas) {
        draw(area, panel, span, budget(panels), time_labels)?;
    }
    Ok(())
}

fn draw(
    area: &Area<'_>,
    panel: &Panel,
    span: (Timestamp, Timestamp),
    budget: usize,
    time_labels: &TimeLabels,
) -> DrawResult {
    let (width, height) = area.dim_in_pixel();
    area.draw(&Text::new(panel.title.clone(), point(LABELS_LEFT, 3), text(StyleRole::Text, VPos::Top)))?;
    let plot = (width - LABELS_LEFT - RIGHT, height.saturating_sub(LABELS_BELOW + PANEL_TITLE));
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    for (_, value) in panel.lines.iter().flat_map(Line::values) {
        low = low.min(value);
        high = high.max(value);
    }
    let mut axes = ChartBuilder::on(area)
        .margin_top(PANEL_TITLE)
        .margin_right(RIGHT)
        .x_label_area_size(LABELS_BELOW)
        .y_label_area_size(LABELS_LEFT)
        .build_cartesian_2d(
            TimeAxis::new(span, time_labels, usize::try_from(plot.0 / 74).unwrap_or_default().max(2)),
            ValueAxis::new(low, high, f64::from((plot.1 / 32).clamp(2, 8))),
        )?;
    mesh(&mut axes, panel.unit)?;
    let columns = usize::try_from(plot.0).unwrap_or_default().min(budget / 4).max(8);
    panel.lines.iter().try_for_each(|line| draw_line(&mut axes, line, span, columns))
}

fn mesh(axes: &mut Axes<'_, '_>, unit: &str) -> DrawResult {
    axes.configure_mesh()
        .bold_line_style(stroke(StyleRole::Grid))
        .axis_style(stroke(StyleRole::Axis))
        .set_all_tick_mark_size(4)
        .x_label_style(text(StyleRole::Small, VPos::Top).pos(Pos::new(HPos::Center, VPos::Top)))
        .y_label_style(text(StyleRole::Small, VPos::Center))
        .axis_desc_style(text(StyleRole::Small, VPos::Top))
        .y_desc(unit)
        .draw()
}

fn draw_line(axes: &mut Axes<'_, '_>, line: &Line, span: (Timestamp, Timestamp), columns: usize) -> DrawResult {
    let role = StyleRole::Line(line.style);
    for run in &line.runs {
        match run.as_slice() {
            // A value between two gaps is a dot.
            [alone] => axes.draw_series([Circle::new(coordinates(alone), 2, role.colour().filled())])?,
            run => {
                let points: Vec<_> = downsampled(run, span, columns).iter().map(coordinates).collect();
                axes.draw_series([PathElement::new(points, stroke(role))])?
            }
        };
    }
    Ok(())
}

fn coordinates((time, value): &(Timestamp, f64)) -> (i64, f64) {
    (time.as_microseconds(), *value)
}

fn stroke(role: StyleRole) -> ShapeStyle {
    role.colour().stroke_width(1)
}

/// The size is for the layout by plotters. The style sheet sets the size that is visible.
pub(super) fn text(role: StyleRole, vertical: VPos) -> TextStyle<'static> {
    let size = if role == StyleRole::Title { 16 } else { 12 };
    ("sans-serif", size).into_font().color(&role.colour()).pos(Pos::new(HPos::Left, vertical))
}

pub(super) fn point(x: u32, y: u32) -> (i32, i32) {
    (i32::try_from(x).unwrap_or_default(), i32::try_from(y).unwrap_or_default())
}

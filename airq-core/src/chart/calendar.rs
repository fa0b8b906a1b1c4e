//! A calendar of days: for each line and year, a grid with a column for each week and a row for each weekday, coloured by value.

use super::draw::{Area, DrawResult, LABELS_LEFT, LETTER, RIGHT, point, text};
use super::panels::{Line, Panel};
use super::style::{HEAT_ABOVE, HEAT_STEPS, StyleRole};
use super::ticks;
use crate::model::Timestamp;
use crate::text::counted;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use plotters::element::{Rectangle, Text};
use plotters::style::Color;
use plotters::style::text_anchor::VPos;
use std::collections::BTreeMap;
use std::fmt::Write;

const WEEKS: u32 = 54;
const LABEL: u32 = 20;
const MONTHS: u32 = 15;
const BLOCK_GAP: u32 = 16;
const LEGEND: u32 = 26;
const CHIP: u32 = 14;

/// The days of all lines, year by year.
#[derive(Debug)]
pub(super) struct DayCalendar<'a> {
    blocks: Vec<Block<'a>>,
    classes: Classes,
    unit: &'a str,
    width: u32,
}

/// The days of a line in a year.
#[derive(Debug)]
struct Block<'a> {
    label: &'a str,
    year: i16,
    days: Vec<(Date, f64)>,
}

/// The ranges of values that have a colour each.
#[derive(Debug)]
struct Classes {
    /// The inclusive ends, ascending.
    ends: Vec<f64>,
    level: Option<f64>,
}

impl<'a> DayCalendar<'a> {
    /// The calendar of the lines of a panel in a chart of this width. Days start at midnight in the zone.
    pub(super) fn new(panel: &'a Panel, zone: &TimeZone, level: Option<f64>, width: u32) -> Self {
        let blocks: Vec<Block<'_>> = panel.lines.iter().flat_map(|line| Block::years(line, zone)).collect();
        let highest = blocks.iter().flat_map(|block| &block.days).map(|(_, value)| *value).fold(0.0, f64::max);
        DayCalendar { blocks, classes: Classes::new(level, highest), unit: panel.unit, width }
    }

    /// The number of grids.
    pub(super) fn grids(&self) -> usize {
        self.blocks.len()
    }

    /// The height of the legend and all grids, in pixels.
    pub(super) fn height(&self) -> u32 {
        let blocks = u32::try_from(self.blocks.len()).unwrap_or_default();
        LEGEND + blocks * (LABEL + MONTHS + 7 * self.cell() + BLOCK_GAP)
    }

    fn cell(&self) -> u32 {
        (self.width.saturating_sub(LABELS_LEFT + RIGHT) / WEEKS).max(4)
    }

    /// Draws into an area of the width and the height of the calendar.
    pub(super) fn draw(&self, area: &Area<'_>) -> DrawResult {
        self.draw_legend(area)?;
        let mut top = LEGEND;
        for block in &self.blocks {
            let title = format!("{}, {}{}", block.label, block.year, self.exceedances(block));
            area.draw(&Text::new(title, point(LABELS_LEFT, top), text(StyleRole::Text, VPos::Top)))?;
            self.draw_grid(area, block, top + LABEL)?;
            top += LABEL + MONTHS + 7 * self.cell() + BLOCK_GAP;
        }
        Ok(())
    }

    fn draw_legend(&self, area: &Area<'_>) -> DrawResult {
        let mut left = LABELS_LEFT;
        for (class, name) in self.classes.names(self.unit) {
            draw_day(area, class, (left, 2), CHIP)?;
            area.draw(&Text::new(
                name.clone(),
                point(left + CHIP + 5, 2 + CHIP / 2),
                text(StyleRole::Small, VPos::Center),
            ))?;
            left += CHIP + 5 + LETTER * u32::try_from(name.chars().count()).unwrap_or_default() + 10;
        }
        Ok(())
    }

    fn draw_grid(&self, area: &Area<'_>, block: &Block<'_>, top: u32) -> DrawResult {
        let cell = self.cell();
        let days = top + MONTHS;
        for (row, weekday) in [(0, "Mon"), (2, "Wed"), (4, "Fri"), (6, "Sun")] {
            let middle = point(LABELS_LEFT - 32, days + row * cell + cell / 2);
            area.draw(&Text::new(weekday, middle, text(StyleRole::Small, VPos::Center)))?;
        }
        for month in 1..=12 {
            let Ok(first) = Date::new(block.year, month, 1) else { continue };
            let (week, _) = place(first);
            let name = first.strftime("%b").to_string();
            area.draw(&Text::new(name, point(LABELS_LEFT + week * cell, top), text(StyleRole::Small, VPos::Top)))?;
        }
        for (date, value) in &block.days {
            let (week, weekday) = place(*date);
            let corner = (LABELS_LEFT + week * cell, days + weekday * cell);
            draw_day(area, self.classes.of(*value), corner, cell - 1)?;
        }
        Ok(())
    }

    /// Returns `: 12 days above 50 µg/m³`, if there is a level.
    fn exceedances(&self, block: &Block<'_>) -> String {
        let Some(level) = self.classes.level else { return String::new() };
        let above = block.days.iter().filter(|(_, value)| *value > level).count();
        format!(": {above} of {} above {level} {}", counted(block.days.len() as u64, "day"), self.unit)
    }

    /// The calendar in words, for screen readers.
    pub(super) fn words(&self) -> String {
        let mut words = "Calendar of days.".to_owned();
        for block in &self.blocks {
            let highest = block.days.iter().max_by(|one, other| one.1.total_cmp(&other.1));
            let Some((date, value)) = highest else { continue };
            let (label, year, days) = (block.label, block.year, counted(block.days.len() as u64, "day"));
            // Writing to a string cannot fail.
            let _ = write!(
                words,
                " {label}, {year}: {days} with a value, the highest {value:.1} {} on {date}{}.",
                self.unit,
                self.exceedances(block)
            );
        }
        words
    }
}

impl<'a> Block<'a> {
    /// The days of a line, year by year.
    fn years(line: &'a Line, zone: &TimeZone) -> impl Iterator<Item = Block<'a>> {
        let mut years: BTreeMap<i16, Vec<(Date, f64)>> = BTreeMap::new();
        for (time, value) in line.values() {
            if let Some(date) = date(time, zone) {
                years.entry(date.year()).or_default().push((date, value));
            }
        }
        years.into_iter().map(|(year, days)| Block { label: &line.label, year, days })
    }
}

impl Classes {
    /// Quarters of the level and everything above, or round steps up to the highest value.
    fn new(level: Option<f64>, highest: f64) -> Classes {
        let ends = match level {
            Some(level) => [0.25, 0.5, 0.75, 1.0].map(|part| part * level).to_vec(),
            None => round_ends(highest),
        };
        Classes { ends: ends.into_iter().map(without_noise).collect(), level }
    }

    /// The colour of a value.
    fn of(&self, value: f64) -> usize {
        match self.ends.iter().position(|end| value <= *end) {
            Some(class) => self.colour(class),
            None if self.level.is_some() => HEAT_ABOVE,
            None => HEAT_STEPS - 1,
        }
    }

    /// The colour of a class. The classes are spread over all colours.
    fn colour(&self, class: usize) -> usize {
        let last = (self.ends.len() - 1).max(1);
        class * (HEAT_STEPS - 1) / last
    }

    /// The classes with their ranges, such as `≤ 25` and `> 50 µg/m³`.
    fn names(&self, unit: &str) -> Vec<(usize, String)> {
        let mut names = Vec::new();
        for (class, end) in self.ends.iter().enumerate() {
            names.push((self.colour(class), format!("≤ {end}")));
        }
        if let Some(level) = self.level {
            names.push((HEAT_ABOVE, format!("> {level}")));
        }
        if let Some((_, last)) = names.last_mut() {
            *last = format!("{last} {unit}");
        }
        names
    }
}

/// The ends of as many round steps up to the highest value as there are colours, or of fewer.
fn round_ends(highest: f64) -> Vec<f64> {
    let mut steps: f64 = 12.0;
    loop {
        let ends: Vec<f64> = ticks::of_values(0.0, highest, steps).into_iter().skip(1).collect();
        if ends.len() <= HEAT_STEPS {
            return ends;
        }
        steps -= 1.0;
    }
}

/// Rounds to six decimals, because the third multiple of 0.05 is 0.15000000000000002 in binary. Such an end would be a long label.
fn without_noise(end: f64) -> f64 {
    const LARGE: f64 = 1e9;
    if end < LARGE { (end * 1e6).round() / 1e6 } else { end }
}

/// Draws a square. Above the level it has a hole, so that the difference is not one of colour alone.
fn draw_day(area: &Area<'_>, class: usize, (left, top): (u32, u32), size: u32) -> DrawResult {
    let square = [point(left, top), point(left + size, top + size)];
    area.draw(&Rectangle::new(square, StyleRole::Heat(class).colour().filled()))?;
    let edge = size / 3;
    if class != HEAT_ABOVE || edge == 0 {
        return Ok(());
    }
    let hole = [point(left + edge, top + edge), point(left + size - edge, top + size - edge)];
    area.draw(&Rectangle::new(hole, StyleRole::Background.colour().filled()))
}

fn date(time: Timestamp, zone: &TimeZone) -> Option<Date> {
    Some(zone.to_datetime(jiff::Timestamp::from_microsecond(time.as_microseconds()).ok()?).date())
}

/// The week of the year and the weekday of a date, both from 0. Weeks start on Monday, and the first may be short.
fn place(date: Date) -> (u32, u32) {
    let day = u32::try_from(date.day_of_year() - 1).unwrap_or_default();
    ((day + weekday(date.first_of_year())) / 7, weekday(date))
}

/// Returns the number of days since Monday.
fn weekday(date: Date) -> u32 {
    u32::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stands_in_its_week_and_weekday() {
        let at = |text: &str| place(text.parse().unwrap());
        // 2016 began on a Friday.
        assert_eq!((at("2016-01-01"), at("2016-01-03"), at("2016-01-04")), ((0, 4), (0, 6), (1, 0)));
        assert_eq!(at("2016-12-31"), (52, 5));
        // A leap year that begins on a Sunday has days in 54 weeks.
        assert_eq!((at("2012-01-01"), at("2012-12-31")), ((0, 6), (53, 0)));
    }

    #[test]
    fn a_value_is_above_its_level_only_if_it_is_greater() {
        let classes = Classes::new(Some(50.0), 80.0);
        assert_eq!([0.0, 12.5, 12.6, 50.0, 50.000_001].map(|value| classes.of(value)), [0, 0, 2, 7, HEAT_ABOVE]);
        let steps = Classes::new(None, 150.0);
        assert_eq!(steps.ends, [20.0, 40.0, 60.0, 80.0, 100.0, 120.0, 140.0, 160.0]);
        assert_eq!([-1.0, 20.0, 20.1, 150.0].map(|value| steps.of(value)), [0, 0, 1, 7]);
        assert_eq!(Classes::new(None, 0.39).names("mg/m³")[2].1, "≤ 0.15");
        for highest in [0.0, 1e-300, 1e300, f64::MAX] {
            assert!((1..=HEAT_STEPS).contains(&Classes::new(None, highest).ends.len()), "{highest}");
        }
    }
}

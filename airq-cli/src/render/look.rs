//! The look of text on standard output: its width, and its colours.

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Color, RgbColor, Style};
use std::io::{self, IsTerminal};

/// The look of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// The width in columns of characters, if the table must fit a terminal.
    pub(crate) width: Option<usize>,
    pub(crate) has_colours: bool,
}

impl Look {
    /// Returns the look of standard output: as wide as the terminal, with colours as `--color`, `NO_COLOR` and the terminal demand.
    pub(crate) fn of_stdout() -> Look {
        Look { width: terminal_width(), has_colours: AutoStream::choice(&io::stdout()) != ColorChoice::Never }
    }
}

/// Returns the width of standard output in columns of characters, if it is a terminal.
pub(crate) fn terminal_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size()?;
    Some(usize::from(columns))
}

fn channel(colour: &str, start: usize) -> u8 {
    let digits = colour.get(start..start + 2).unwrap_or_default();
    u8::from_str_radix(digits, 16).unwrap_or_default()
}

/// The style of headings.
pub(crate) const HEADING: Style = Style::new().bold();

/// Returns the style of text on a colour `#rrggbb`: black or white, whichever has the higher contrast.
pub(crate) fn on_colour(colour: &str) -> Style {
    let [red, green, blue] = [1, 3, 5].map(|start| channel(colour, start));
    let luma = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    let ink = if luma > 128_000 { AnsiColor::Black } else { AnsiColor::BrightWhite };
    Style::new().bg_color(Some(Color::Rgb(RgbColor(red, green, blue)))).fg_color(Some(Color::Ansi(ink)))
}

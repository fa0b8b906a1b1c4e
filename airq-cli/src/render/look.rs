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
        let out = io::stdout();
        let terminal = out.is_terminal().then(terminal_size::terminal_size).flatten();
        Look {
            width: terminal.map(|(terminal_size::Width(columns), _)| usize::from(columns)),
            has_colours: AutoStream::choice(&out) != ColorChoice::Never,
        }
    }
}

/// The style of headings.
pub(crate) const HEADING: Style = Style::new().bold();

/// Returns the style of text on a colour `#rrggbb`: black or white, whichever has the higher contrast.
pub(crate) fn on_colour(colour: &str) -> Style {
    let channel = |index: usize| {
        let digits = colour.get(index..index + 2);
        digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or_default()
    };
    let [red, green, blue] = [1, 3, 5].map(channel);
    let luma = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    let ink = if luma > 128_000 { AnsiColor::Black } else { AnsiColor::BrightWhite };
    Style::new().bg_color(Some(Color::Rgb(RgbColor(red, green, blue)))).fg_color(Some(Color::Ansi(ink)))
}

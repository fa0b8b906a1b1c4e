//! `plot`: draws measurements on the terminal or as a picture.

use super::{measurements, pairs};
use crate::args::{PlotArgs, QueryOption};
use crate::failure::{Failure, print_message};
use crate::output::{self, NewFile};
use crate::render;
use crate::source::Source;
use airq_core::chart::{Chart, ChartOptions};
use airq_core::{Error, ErrorKind};
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

/// The type of a picture, by the extension of the file.
#[derive(Clone, Copy, Debug)]
enum Picture {
    Svg,
    Png,
}

/// # Errors
/// If a parameter is invalid, a name is unknown, there are too many measurements, the source fails or the output cannot be
/// written.
pub(super) fn run(source: &Source<'_>, args: &PlotArgs) -> Result<(), Failure> {
    let picture = &args.picture;
    let own: [QueryOption<'_>; 4] =
        [("view", &picture.view), ("level", &picture.level), ("width", &picture.width), ("height", &picture.height)];
    let pairs = pairs(
        &[&args.filters.query_options()[..], &args.range.query_options(), &args.averaging.query_options(), &own]
            .concat(),
    );
    let (query, options) = ChartOptions::from_pairs(pairs)?;
    let target = picture.output.as_deref().map(|path| Ok::<_, Failure>((path, kind_of(path)?))).transpose()?;
    if target.is_none() && options.is_calendar() {
        let why = "--view calendar: a calendar is a picture; write it with --output FILE.svg or FILE.png";
        return Err(Error::new(ErrorKind::InvalidParameter, why).into());
    }
    source.ask(|airq| {
        let chart = airq.chart(&query)?;
        match target {
            Some((path, picture)) => save(&chart, &options, path, picture)?,
            None => show(&chart, &options)?,
        }
        if chart.answer().row_count() == 0 {
            measurements::report_nothing_found(airq, &query);
        } else if chart.panels()?.is_empty() {
            print_message("none of the measurements that match has a value");
        }
        Ok(())
    })
}

fn show(chart: &Chart, options: &ChartOptions) -> Result<(), Failure> {
    let mut out = output::stdout();
    out.write_all(render::plot(chart, options)?.as_bytes())?;
    Ok(out.flush()?)
}

fn save(chart: &Chart, options: &ChartOptions, path: &Path, picture: Picture) -> Result<(), Failure> {
    let svg = chart.svg(options)?;
    let bytes = match picture {
        Picture::Svg => svg.into_bytes(),
        #[cfg(feature = "png")]
        Picture::Png => render::png(&svg)?,
        #[cfg(not(feature = "png"))]
        Picture::Png => return Err(Failure::not_built_in("png")),
    };
    let file = NewFile::create(path)?;
    file.writer().write_all(&bytes)?;
    file.finish()
}

fn kind_of(path: &Path) -> Result<Picture, Failure> {
    match path.extension().and_then(OsStr::to_str) {
        Some(ending) if ending.eq_ignore_ascii_case("svg") => Ok(Picture::Svg),
        Some(ending) if ending.eq_ignore_ascii_case("png") => Ok(Picture::Png),
        _ => {
            let why = format!("--output {}: a picture's name ends in .svg or .png", path.display());
            Err(Error::new(ErrorKind::InvalidParameter, why).into())
        }
    }
}

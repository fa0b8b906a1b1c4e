//! A chart as PNG: its SVG, drawn with a built-in font, so that no font needs to be installed.

use crate::failure::Failure;
use airq_core::{Error, ErrorKind};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Two dots for each pixel, for sharp text on high-density screens.
const SCALE: f32 = 2.0;

/// Draws an SVG as PNG, in the colours for a light background.
///
/// # Errors
/// If the SVG cannot be drawn, which is a bug.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>, Failure> {
    let mut options = Options::default();
    let fonts = options.fontdb_mut();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let tree = Tree::from_str(svg, &options).map_err(|error| fault(error.to_string()))?;
    let size = tree.size().to_int_size().scale_by(SCALE).ok_or_else(|| fault("no size"))?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or_else(|| fault("no size"))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| fault(error.to_string()))
}

fn fault(why: impl Into<String>) -> Failure {
    Error::new(ErrorKind::Internal, format!("the picture could not be drawn: {}", why.into())).into()
}

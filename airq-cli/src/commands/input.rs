//! The settings of how files are read, as the core knows them.

use crate::args::InputArgs;
use airq_core::{InputOptions, Result};

/// # Errors
/// If a value cannot be used.
pub(super) fn options(args: &InputArgs) -> Result<InputOptions> {
    let comma = args.decimal_comma.then(|| "true".to_owned());
    let given = [
        ("format", &args.format_in),
        ("map", &args.map),
        ("time-format", &args.time_format),
        ("delimiter", &args.delimiter),
        ("decimal-comma", &comma),
        ("missing", &args.missing),
        ("time-zone", &args.time_zone),
        ("temperature", &args.temperature),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    given.into_iter().try_fold(InputOptions::default(), |options, (name, value)| options.set(name, value))
}

//! Converts the options for reading files to the options of airq-core.

use crate::args::InputArgs;
use airq_core::{InputOptions, Result};

/// # Errors
/// If a value is invalid.
pub(super) fn options(args: &InputArgs) -> Result<InputOptions> {
    let comma = args.decimal_comma.then(|| "true".to_owned());
    let sentinels = args.keep_sentinels.then(|| "true".to_owned());
    let given = [
        ("format", &args.format_in),
        ("map", &args.map),
        ("time-format", &args.time_format),
        ("delimiter", &args.delimiter),
        ("decimal-comma", &comma),
        ("missing", &args.missing),
        ("time-zone", &args.time_zone),
        ("temperature", &args.temperature),
        ("on-conflict", &args.on_conflict),
        ("keep-sentinels", &sentinels),
        ("period", &args.period),
        ("station-columns", &args.station_columns),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let options = InputOptions::default().keep_all_examples(args.report.is_some());
    given.into_iter().try_fold(options, |options, (name, value)| options.set(name, value))
}

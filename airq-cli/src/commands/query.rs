//! `query`: measurements by city, station, parameter and time.

use super::{measurements, pairs};
use crate::args::{QueryArgs, QueryOption};
use crate::failure::Failure;
use crate::source::Source;
use airq_core::Query;

/// # Errors
/// If a parameter is invalid, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &QueryArgs) -> Result<(), Failure> {
    let own: [QueryOption<'_>; 2] = [("cursor", &args.cursor), ("format", &args.format.format)];
    let pairs = pairs(
        &[&args.filters.query_options()[..], &args.range.query_options(), &args.averaging.query_options(), &own]
            .concat(),
    );
    let (query, shown) = measurements::parse(Query::PARAMETERS, pairs, args.format.output.as_deref())?;
    measurements::show(source, &query, shown, args.format.output.as_deref())
}

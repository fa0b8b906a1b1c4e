//! `query`: measurements by city, station, parameter and time.

use super::{measurements, pairs};
use crate::args::{QueryArgs, QueryOption};
use crate::failure::Failure;
use crate::source::Source;
use airq_core::Query;

/// # Errors
/// If a parameter is invalid, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &QueryArgs) -> Result<(), Failure> {
    let own: [QueryOption<'_>; 2] = [("order", &args.order), ("cursor", &args.cursor)];
    let filters = [&args.filters.query_options()[..], &args.range.query_options()].concat();
    let averages = args.averaging.query_options();
    let pairs = pairs(&[&filters[..], &averages, &args.format.query_options(), &own].concat());
    let (query, shown) = measurements::parse(Query::PARAMETERS, pairs, args.format.output.as_deref())?;
    measurements::show(source, &query, shown, args.format.output.as_deref())
}

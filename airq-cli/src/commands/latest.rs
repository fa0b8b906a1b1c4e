//! `latest`: the newest values of each station.

use super::{measurements, pairs};
use crate::args::{LatestArgs, QueryOption};
use crate::failure::Failure;
use crate::source::Source;
use airq_core::Query;

/// # Errors
/// If a parameter is invalid, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &LatestArgs) -> Result<(), Failure> {
    let own: [QueryOption<'_>; 1] = [args.age.query_option()];
    let averages = args.averaging.query_options();
    let pairs = pairs(&[&args.filters.query_options()[..], &averages, &args.format.query_options(), &own].concat());
    let (query, shown) = measurements::parse(Query::LATEST_PARAMETERS, pairs, args.format.output.as_deref())?;
    measurements::show(source, &query.latest(), shown, args.format.output.as_deref())
}

//! `latest`: the newest measurement of each station.

use super::{measurements, pairs};
use crate::args::{LatestArgs, Parameter};
use crate::failure::Failure;
use crate::source::Source;
use airq_core::Query;

/// # Errors
/// If a parameter cannot be used, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &LatestArgs) -> Result<(), Failure> {
    let own: [Parameter<'_>; 1] = [("format", &args.format)];
    let pairs = pairs(&[&args.filters.parameters()[..], &args.averaging.parameters(), &own].concat());
    let (query, shown) = measurements::parse(Query::LATEST_PARAMETERS, pairs)?;
    measurements::show(&source.open()?, &query.latest(), shown)
}

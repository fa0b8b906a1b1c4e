//! `query`: measurements by city, station, pollutant and time.

use super::{measurements, pairs};
use crate::args::{Parameter, QueryArgs};
use crate::failure::Failure;
use crate::source::Source;
use airq_core::Query;

/// # Errors
/// If a parameter cannot be used, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &QueryArgs) -> Result<(), Failure> {
    let own: [Parameter<'_>; 3] = [("limit", &args.limit), ("cursor", &args.cursor), ("format", &args.format)];
    let pairs =
        pairs(&[&args.filters.parameters()[..], &args.range.parameters(), &args.averaging.parameters(), &own].concat());
    let (query, shown) = measurements::parse(Query::PARAMETERS, pairs)?;
    measurements::show(&source.open()?, &query, shown)
}

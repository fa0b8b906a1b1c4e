//! `query`: measurements by city, station, pollutant and time.

use super::{measurements, pairs};
use crate::args::QueryArgs;
use crate::failure::Failure;
use crate::source::Source;
use airq_core::Query;

/// # Errors
/// If a parameter cannot be used, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &QueryArgs) -> Result<(), Failure> {
    let filters = &args.filters;
    let pairs = pairs(&[
        ("city", &filters.city),
        ("station", &filters.station),
        ("bbox", &filters.place.bbox),
        ("near", &filters.place.near),
        ("radius", &filters.place.radius),
        ("pollutant", &filters.pollutant),
        ("from", &args.from),
        ("to", &args.to),
        ("limit", &args.limit),
        ("cursor", &args.cursor),
        ("format", &args.format),
    ]);
    let (query, shown) = measurements::parse(Query::PARAMETERS, pairs)?;
    measurements::show(&source.open()?, &query, shown)
}

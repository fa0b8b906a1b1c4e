//! `latest`: the newest measurement of each station.

use super::{measurements, pairs};
use crate::args::LatestArgs;
use crate::failure::Failure;
use crate::source::Source;
use airq_core::Query;

/// # Errors
/// If a parameter cannot be used, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &LatestArgs) -> Result<(), Failure> {
    let filters = &args.filters;
    let own = [
        ("city", filters.city.as_slice()),
        ("station", filters.station.as_slice()),
        ("bbox", filters.place.bbox.as_slice()),
        ("near", filters.place.near.as_slice()),
        ("radius", filters.place.radius.as_slice()),
        ("pollutant", filters.pollutant.as_slice()),
        ("index", args.index.as_slice()),
        ("format", args.format.as_slice()),
    ];
    let pairs = pairs(&[&own[..], &args.averaging.parameters()].concat());
    let (query, shown) = measurements::parse(Query::LATEST_PARAMETERS, pairs)?;
    measurements::show(&source.open()?, &query.latest(), shown)
}

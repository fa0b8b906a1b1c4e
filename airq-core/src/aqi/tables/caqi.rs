//! `caqi`: the Common Air Quality Index of the CITEAIR projects, hourly, for background stations. In µg/m³.
//!
//! The index itself shows ">100" for all values above 100. Here, numbers above 100 are extrapolated from the band before, so
//! that they can be compared.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, IndexTable, Interpolation, Numbers, Scale};
use crate::model::Parameter;

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const HOURS_8: &[AveragingPeriod] = &[AveragingPeriod::Hours8];

const BANDS: &[Band] = &[
    band("Very low", "#79bc6a"),
    band("Low", "#bbcf4c"),
    band("Medium", "#eec20b"),
    band("High", "#f29305"),
    band("Very high", "#e8416f"),
];

pub(super) const TABLE: IndexTable = IndexTable {
    id: "caqi",
    name: "Common Air Quality Index (hourly, background)",
    source: "CITEAIR II, Common Air Quality Index, updated version, 2012",
    bands: BANDS,
    numbers: Numbers::Interpolated(Interpolation::shared(&[25, 50, 75, 100])),
    scales: &[
        Scale::new(Parameter::NO2, HOUR, &[50.0, 100.0, 200.0, 400.0]),
        Scale::new(Parameter::PM10, HOUR, &[25.0, 50.0, 90.0, 180.0]),
        Scale::new(Parameter::O3, HOUR, &[60.0, 120.0, 180.0, 240.0]),
        Scale::new(Parameter::PM2_5, HOUR, &[15.0, 30.0, 55.0, 110.0]),
        Scale::new(Parameter::SO2, HOUR, &[50.0, 100.0, 350.0, 500.0]),
        Scale::new(Parameter::CO, HOURS_8, &[5000.0, 7500.0, 10_000.0, 20_000.0]),
    ],
    ..IndexTable::USUAL
};

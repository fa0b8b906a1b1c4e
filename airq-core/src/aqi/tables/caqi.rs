//! `caqi`: the Common Air Quality Index of the projects CITEAIR, hourly, for background stations. In µg/m³.
//!
//! Above 100 it is printed as ">100". Here the number goes on as in the band before, so that it can be compared.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, Numbers, Scale, Table};
use crate::model::Pollutant;

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const HOURS_8: &[AveragingPeriod] = &[AveragingPeriod::Hours8];

const BANDS: &[Band] = &[
    band("Very low", "#79bc6a"),
    band("Low", "#bbcf4c"),
    band("Medium", "#eec20b"),
    band("High", "#f29305"),
    band("Very high", "#e8416f"),
];

pub(super) const TABLE: Table = Table {
    id: "caqi",
    name: "Common Air Quality Index (hourly, background)",
    source: "CITEAIR II, Common Air Quality Index, updated version, 2012",
    bands: BANDS,
    numbers: Numbers::Shared(&[25, 50, 75, 100]),
    scales: &[
        Scale::new(Pollutant::No2, HOUR, &[50.0, 100.0, 200.0, 400.0]),
        Scale::new(Pollutant::Pm10, HOUR, &[25.0, 50.0, 90.0, 180.0]),
        Scale::new(Pollutant::O3, HOUR, &[60.0, 120.0, 180.0, 240.0]),
        Scale::new(Pollutant::Pm2_5, HOUR, &[15.0, 30.0, 55.0, 110.0]),
        Scale::new(Pollutant::So2, HOUR, &[50.0, 100.0, 350.0, 500.0]),
        Scale::new(Pollutant::Co, HOURS_8, &[5000.0, 7500.0, 10_000.0, 20_000.0]),
    ],
};

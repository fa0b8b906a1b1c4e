//! `us-2024`: the Air Quality Index of the United States since 6 May 2024.
//!
//! Two pollutants have two scales:
//!
//! - ozone: the mean of 8 hours up to 0.200 ppm, and the mean of the hour from 0.125 ppm on. If both rate ozone, the higher
//!   rating counts.
//! - sulphur dioxide: the mean of the hour up to 304 ppb, and the mean of 24 hours from 305 ppb on.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, IndexTable, Interpolation, Numbers, Scale};
use crate::model::{Parameter, Unit};

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const HOURS_8: &[AveragingPeriod] = &[AveragingPeriod::Hours8];
const HOURS_24: &[AveragingPeriod] = &[AveragingPeriod::Hours24];
/// Hours are rated by the NowCast, days by their mean.
const PARTICLES: &[AveragingPeriod] = &[AveragingPeriod::NowCast, AveragingPeriod::Hours24];

const BANDS: &[Band] = &[
    band("Good", "#00e400"),
    band("Moderate", "#ffff00"),
    band("Unhealthy for Sensitive Groups", "#ff7e00"),
    band("Unhealthy", "#ff0000"),
    band("Very Unhealthy", "#8f3f97"),
    band("Hazardous", "#7e0023"),
];

pub(super) const TABLE: IndexTable = IndexTable {
    id: "us-2024",
    name: "US Air Quality Index (2024)",
    source: "US EPA, EPA-454/B-24-002 (May 2024); 40 CFR part 58, appendix G",
    bands: BANDS,
    numbers: Numbers::Interpolated(Interpolation::apart(&[50, 100, 150, 200, 300, 500])),
    scales: &[
        Scale::new(Parameter::PM2_5, PARTICLES, &[9.0, 35.4, 55.4, 125.4, 225.4, 325.4]).truncated_to(1),
        Scale::new(Parameter::PM10, PARTICLES, &[54.0, 154.0, 254.0, 354.0, 424.0, 604.0]).truncated_to(0),
        Scale::new(Parameter::O3, HOURS_8, &[0.054, 0.070, 0.085, 0.105, 0.200])
            .unit(Unit::PartPerMillion)
            .truncated_to(3),
        Scale::new(Parameter::O3, HOUR, &[0.164, 0.204, 0.404, 0.604])
            .unit(Unit::PartPerMillion)
            .truncated_to(3)
            .starting_at(2, 0.125),
        Scale::new(Parameter::CO, HOURS_8, &[4.4, 9.4, 12.4, 15.4, 30.4, 50.4])
            .unit(Unit::PartPerMillion)
            .truncated_to(1),
        Scale::new(Parameter::SO2, HOUR, &[35.0, 75.0, 185.0, 304.0]).unit(Unit::PartPerBillion).truncated_to(0),
        Scale::new(Parameter::SO2, HOURS_24, &[604.0, 1004.0])
            .unit(Unit::PartPerBillion)
            .truncated_to(0)
            .starting_at(4, 305.0),
        Scale::new(Parameter::NO2, HOUR, &[53.0, 100.0, 360.0, 649.0, 1249.0, 2049.0])
            .unit(Unit::PartPerBillion)
            .truncated_to(0),
    ],
    ..IndexTable::USUAL
};

//! `us-2024`: the Air Quality Index of the United States since 6 May 2024.
//!
//! Two pollutants have two scales. Ozone: the mean of 8 hours up to 0.200 ppm, the hour from 0.125 ppm on; where both rate
//! it, the higher counts. Sulphur dioxide: the hour up to 304 ppb, the mean of 24 hours from 305 ppb on.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, Numbers, Scale, Table};
use crate::model::{Pollutant, Unit};

const HOUR: &[AveragingPeriod] = &[AveragingPeriod::Hour];
const HOURS_8: &[AveragingPeriod] = &[AveragingPeriod::Hours8];
const HOURS_24: &[AveragingPeriod] = &[AveragingPeriod::Hours24];
/// By the hour the NowCast, by the day its mean.
const PARTICLES: &[AveragingPeriod] = &[AveragingPeriod::NowCast, AveragingPeriod::Hours24];

const BANDS: &[Band] = &[
    band("Good", "#00e400"),
    band("Moderate", "#ffff00"),
    band("Unhealthy for Sensitive Groups", "#ff7e00"),
    band("Unhealthy", "#ff0000"),
    band("Very Unhealthy", "#8f3f97"),
    band("Hazardous", "#7e0023"),
];

pub(super) const TABLE: Table = Table {
    id: "us-2024",
    name: "US Air Quality Index (2024)",
    source: "US EPA, EPA-454/B-24-002 (May 2024); 40 CFR part 58, appendix G",
    bands: BANDS,
    numbers: Numbers::Apart(&[50, 100, 150, 200, 300, 500]),
    scales: &[
        Scale::new(Pollutant::Pm2_5, PARTICLES, &[9.0, 35.4, 55.4, 125.4, 225.4, 325.4]).cut_to(1),
        Scale::new(Pollutant::Pm10, PARTICLES, &[54.0, 154.0, 254.0, 354.0, 424.0, 604.0]).cut_to(0),
        Scale::new(Pollutant::O3, HOURS_8, &[0.054, 0.070, 0.085, 0.105, 0.200]).unit(Unit::PartPerMillion).cut_to(3),
        Scale::new(Pollutant::O3, HOUR, &[0.164, 0.204, 0.404, 0.604])
            .unit(Unit::PartPerMillion)
            .cut_to(3)
            .beginning(2, 0.125),
        Scale::new(Pollutant::Co, HOURS_8, &[4.4, 9.4, 12.4, 15.4, 30.4, 50.4]).unit(Unit::PartPerMillion).cut_to(1),
        Scale::new(Pollutant::So2, HOUR, &[35.0, 75.0, 185.0, 304.0]).unit(Unit::PartPerBillion).cut_to(0),
        Scale::new(Pollutant::So2, HOURS_24, &[604.0, 1004.0]).unit(Unit::PartPerBillion).cut_to(0).beginning(4, 305.0),
        Scale::new(Pollutant::No2, HOUR, &[53.0, 100.0, 360.0, 649.0, 1249.0, 2049.0])
            .unit(Unit::PartPerBillion)
            .cut_to(0),
    ],
};

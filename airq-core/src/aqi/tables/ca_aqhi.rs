//! `ca-aqhi`: the Air Quality Health Index of Canada.
//!
//! Rates ozone, nitrogen dioxide and PM2.5 together, by their means of three hours, two of which are needed. The formula was read
//! in the abstract of a study (Szyszkowicz, 2017), which states it as that of Stieb and others (2008); rounding, the two hours
//! and the bands are second-hand. The rule for smoke (an hour of PM2.5 alone, if that is higher) is not applied, because its
//! formula is not verified. Québec publishes another index.

use super::band;
use crate::aqi::table::{AveragingPeriod, Band, Formula, IndexTable, Term};
use crate::model::{Parameter, Unit};

const BANDS: &[Band] = &[
    band("Low", "#02cbff"),
    band("Low", "#0099ca"),
    band("Low", "#01649b"),
    band("Moderate", "#fffe02"),
    band("Moderate", "#ffcb00"),
    band("Moderate", "#fe9933"),
    band("High", "#fd6765"),
    band("High", "#fc0100"),
    band("High", "#cb0003"),
    band("High", "#9a0000"),
    band("Very High", "#650100"),
];

pub(super) const TABLE: IndexTable = IndexTable {
    id: "ca-aqhi",
    name: "Canadian Air Quality Health Index",
    source: "Stieb and others, 2008, after Szyszkowicz, 2017; rounding, completeness and bands second-hand",
    bands: BANDS,
    formula: Some(&Formula {
        averaging: AveragingPeriod::Hours3,
        factor: 1000.0 / 10.4,
        terms: &[
            Term { pollutant: Parameter::O3, unit: Unit::PartPerBillion, coefficient: 0.000_537 },
            Term { pollutant: Parameter::NO2, unit: Unit::PartPerBillion, coefficient: 0.000_871 },
            Term { pollutant: Parameter::PM2_5, unit: Unit::MicrogramPerCubicMetre, coefficient: 0.000_487 },
        ],
    }),
    // Two of three hours.
    capture: 66,
    ..IndexTable::USUAL
};

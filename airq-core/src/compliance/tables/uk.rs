//! `uk`: the air quality objectives of the United Kingdom.
//!
//! Objectives of quarter hours (SO₂), of 1,3-butadiene and of population exposure are not part of the table. The share of three
//! quarters of the year is a choice of airq; for PM2.5 in England 85 % is second-hand.

use crate::compliance::table::{
    CoverageRule, Form, Mark, Objective, ObjectiveKind, Series, StandardTable, WHOLE, YearStatistic, units,
};
use crate::model::Parameter;

const STRATEGY: &str = "Air Quality Strategy 2000, as amended";

const fn objective(id: &'static str, parameter: Parameter, level: i64, form: Form) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Limit, level, form, STRATEGY)
}

const fn above(series: Series, allowed: u32) -> Form {
    Form::new(series, YearStatistic::Above { allowed }).compared(WHOLE)
}

const YEAR: Form = Form::new(Series::Hours, YearStatistic::Mean).compared(WHOLE);

const OBJECTIVES: &[Objective] = &[
    objective("no2-1h", Parameter::NO2, units(200), above(Series::Hours, 18)),
    objective("no2-1y", Parameter::NO2, units(40), YEAR),
    objective("pm10-1d", Parameter::PM10, units(50), above(Series::DayMeans, 35)),
    objective("pm10-1y", Parameter::PM10, units(40), YEAR),
    objective("so2-1h", Parameter::SO2, units(350), above(Series::Hours, 24)),
    objective("so2-1d", Parameter::SO2, units(125), above(Series::DayMeans, 3)),
    objective("o3-8h", Parameter::O3, units(100), above(Series::DayMaximum8Hours, 10)),
    objective("co-8h", Parameter::CO, units(10), above(Series::DayMaximum8Hours, 0)).mark(Mark::SecondHand),
    objective("c6h6-1y", Parameter::C6H6, units(5), YEAR),
    Objective::new(
        "pm2_5-1y-2040",
        Parameter::PM2_5,
        ObjectiveKind::Target,
        units(10),
        YEAR.coverage(CoverageRule::share(85)),
        "SI 2023/96 (England)",
    )
    .attain_by("2040-12-31"),
];

pub(super) const TABLE: StandardTable = StandardTable {
    id: "uk",
    name: "United Kingdom, air quality objectives",
    source: "Air Quality Strategy 2000, as amended; SI 2023/96",
    zone: "UTC",
    objectives: OBJECTIVES,
};

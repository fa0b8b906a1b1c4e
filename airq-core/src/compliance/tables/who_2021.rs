//! `who-2021`: the global air quality guidelines of the World Health Organization, and their interim targets.
//!
//! A level of days is a 99th percentile: three or four days of a year may be above it. The rank of the percentile, the coverage of
//! three quarters, and that the peak season lies within a calendar year are choices of airq. The guideline for SO₂ is second-hand.

use crate::compliance::table::{
    Form, Mark, Objective, ObjectiveKind, PercentileMethod, Rounding, Series, StandardTable, TENTH, WHOLE,
    YearStatistic, tenths, units,
};
use crate::model::Parameter;

const SOURCE: &str = "WHO global air quality guidelines 2021";

const fn guideline(id: &'static str, parameter: Parameter, level: i64, form: Form) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Guideline, level, form, SOURCE)
}

const fn interim(id: &'static str, parameter: Parameter, level: i64, form: Form) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Interim, level, form, SOURCE)
}

const fn days(series: Series, compared: Rounding) -> Form {
    Form::new(series, YearStatistic::Percentile(99_000, PercentileMethod::NearestRank)).compared(compared)
}

const YEAR: Form = Form::new(Series::Hours, YearStatistic::Mean).compared(WHOLE);
const DAYS: Form = days(Series::DayMeans, WHOLE);
const OZONE_DAYS: Form = days(Series::DayMaximum8Hours, WHOLE);
const PEAK: Form = Form::new(Series::DayMaximum8Hours, YearStatistic::PeakSeason).compared(WHOLE);

const OBJECTIVES: &[Objective] = &[
    guideline("pm2_5-1y", Parameter::PM2_5, units(5), YEAR),
    interim("pm2_5-1y-interim-4", Parameter::PM2_5, units(10), YEAR),
    interim("pm2_5-1y-interim-3", Parameter::PM2_5, units(15), YEAR),
    interim("pm2_5-1y-interim-2", Parameter::PM2_5, units(25), YEAR),
    interim("pm2_5-1y-interim-1", Parameter::PM2_5, units(35), YEAR),
    guideline("pm2_5-1d", Parameter::PM2_5, units(15), DAYS),
    interim("pm2_5-1d-interim-4", Parameter::PM2_5, units(25), DAYS),
    interim("pm2_5-1d-interim-3", Parameter::PM2_5, tenths(375), days(Series::DayMeans, TENTH)),
    interim("pm2_5-1d-interim-2", Parameter::PM2_5, units(50), DAYS),
    interim("pm2_5-1d-interim-1", Parameter::PM2_5, units(75), DAYS),
    guideline("pm10-1y", Parameter::PM10, units(15), YEAR),
    interim("pm10-1y-interim-4", Parameter::PM10, units(20), YEAR),
    interim("pm10-1y-interim-3", Parameter::PM10, units(30), YEAR),
    interim("pm10-1y-interim-2", Parameter::PM10, units(50), YEAR),
    interim("pm10-1y-interim-1", Parameter::PM10, units(70), YEAR),
    guideline("pm10-1d", Parameter::PM10, units(45), DAYS),
    interim("pm10-1d-interim-4", Parameter::PM10, units(50), DAYS),
    interim("pm10-1d-interim-3", Parameter::PM10, units(75), DAYS),
    interim("pm10-1d-interim-2", Parameter::PM10, units(100), DAYS),
    interim("pm10-1d-interim-1", Parameter::PM10, units(150), DAYS),
    guideline("o3-peak-season", Parameter::O3, units(60), PEAK),
    interim("o3-peak-season-interim-2", Parameter::O3, units(70), PEAK),
    interim("o3-peak-season-interim-1", Parameter::O3, units(100), PEAK),
    guideline("o3-8h", Parameter::O3, units(100), OZONE_DAYS),
    interim("o3-8h-interim-2", Parameter::O3, units(120), OZONE_DAYS),
    interim("o3-8h-interim-1", Parameter::O3, units(160), OZONE_DAYS),
    guideline("no2-1y", Parameter::NO2, units(10), YEAR),
    interim("no2-1y-interim-3", Parameter::NO2, units(20), YEAR),
    interim("no2-1y-interim-2", Parameter::NO2, units(30), YEAR),
    interim("no2-1y-interim-1", Parameter::NO2, units(40), YEAR),
    guideline("no2-1d", Parameter::NO2, units(25), DAYS),
    interim("no2-1d-interim-2", Parameter::NO2, units(50), DAYS),
    interim("no2-1d-interim-1", Parameter::NO2, units(120), DAYS),
    // One page prints 50.
    guideline("so2-1d", Parameter::SO2, units(40), DAYS).mark(Mark::SecondHand),
    interim("so2-1d-interim-2", Parameter::SO2, units(50), DAYS),
    interim("so2-1d-interim-1", Parameter::SO2, units(125), DAYS),
    guideline("co-1d", Parameter::CO, units(4), DAYS),
    interim("co-1d-interim-1", Parameter::CO, units(7), DAYS),
];

pub(super) const TABLE: StandardTable = StandardTable {
    id: "who-2021",
    name: "WHO global air quality guidelines 2021",
    source: "World Health Organization, 2021",
    zone: "UTC",
    objectives: OBJECTIVES,
};

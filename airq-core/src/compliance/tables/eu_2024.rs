//! `eu-2024`: Directive (EU) 2024/2881, which replaces 2008/50/EC on 12 December 2026.
//!
//! Annex I has the limit values of table 2, to be attained by 11 December 2026, and the limit values of table 1, to be attained by 1 January
//! 2030. Their ids end in `-2026` and `-2030`. The numbers of the annexes are second-hand: they come from a transcription by Italian
//! agencies. The line of NO₂ in table 1 and the coverage of 85 % were also read as quotations of the law. The average exposure
//! obligations are computed from several stations and are not part of the table.

use super::european::{AOT40_UNIT, above, aot40, ozone_days, year_mean};
use crate::compliance::table::{
    Form, Mark, Objective, ObjectiveKind, PercentileMethod, Season, Series, StandardTable, TENTH, WHOLE, YearStatistic,
    tenths, units,
};
use crate::model::Parameter;

/// Annex V: the share of the year that fixed measurements must cover, in percent.
const COVERAGE: u8 = 85;
/// Annex V: the share of the year that measurements of metals must cover, in percent.
const COVERAGE_OF_METALS: u8 = 45;
/// Annex V: the share of the year that measurements of benzo(a)pyrene must cover, in percent.
const COVERAGE_OF_BAP: u8 = 30;

/// A limit value to be attained by 2030.
const fn limit(id: &'static str, parameter: Parameter, level: i64, form: Form) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Limit, level, form, "(EU) 2024/2881, annex I, table 1")
        .attain_by("2030-01-01")
        .mark(Mark::SecondHand)
}

/// A limit value to be attained by 2026.
const fn earlier(id: &'static str, parameter: Parameter, level: i64, form: Form) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Limit, level, form, "(EU) 2024/2881, annex I, table 2")
        .attain_by("2026-12-11")
        .mark(Mark::SecondHand)
}

const fn ozone(id: &'static str, kind: ObjectiveKind, level: i64, form: Form) -> Objective {
    Objective::new(id, Parameter::O3, kind, level, form, "(EU) 2024/2881, annex I, section 2").mark(Mark::SecondHand)
}

/// A threshold that no value may be above.
const fn threshold(
    id: &'static str,
    parameter: Parameter,
    kind: ObjectiveKind,
    level: i64,
    series: Series,
) -> Objective {
    Objective::new(id, parameter, kind, level, above(series, 0, COVERAGE), "(EU) 2024/2881, annex I, section 4")
        .mark(Mark::SecondHand)
}

const fn vegetation(id: &'static str, parameter: Parameter, level: i64, season: Season) -> Objective {
    let form = year_mean(COVERAGE, WHOLE).season(season);
    Objective::new(id, parameter, ObjectiveKind::CriticalLevel, level, form, "(EU) 2024/2881, annex I, section 3")
        .mark(Mark::SecondHand)
}

/// The 99th percentile of the daily maximum 8-hour means. The rank is a choice of airq.
const fn ozone_percentile() -> Form {
    let form = ozone_days(0);
    Form { statistic: YearStatistic::Percentile(99_000, PercentileMethod::NearestRank), ..form }
}

const OBJECTIVES: &[Objective] = &[
    limit("pm2_5-1d-2030", Parameter::PM2_5, units(25), above(Series::DayMeans, 18, COVERAGE)),
    limit("pm2_5-1y-2030", Parameter::PM2_5, units(10), year_mean(COVERAGE, WHOLE)),
    limit("pm10-1d-2030", Parameter::PM10, units(45), above(Series::DayMeans, 18, COVERAGE)),
    limit("pm10-1y-2030", Parameter::PM10, units(20), year_mean(COVERAGE, WHOLE)),
    limit("no2-1h-2030", Parameter::NO2, units(200), above(Series::Hours, 3, COVERAGE)).mark(Mark::Verified),
    limit("no2-1d-2030", Parameter::NO2, units(50), above(Series::DayMeans, 18, COVERAGE)).mark(Mark::Verified),
    limit("no2-1y-2030", Parameter::NO2, units(20), year_mean(COVERAGE, WHOLE)).mark(Mark::Verified),
    limit("so2-1h-2030", Parameter::SO2, units(350), above(Series::Hours, 3, COVERAGE)),
    limit("so2-1d-2030", Parameter::SO2, units(50), above(Series::DayMeans, 18, COVERAGE)),
    limit("so2-1y-2030", Parameter::SO2, units(20), year_mean(COVERAGE, WHOLE)),
    limit("co-8h-2030", Parameter::CO, units(10), above(Series::DayMaximum8Hours, 0, COVERAGE)),
    limit("co-1d-2030", Parameter::CO, units(4), above(Series::DayMeans, 18, COVERAGE)),
    limit("c6h6-1y-2030", Parameter::C6H6, tenths(34), year_mean(COVERAGE, TENTH)),
    limit("pb_pm10-1y-2030", Parameter::PB_PM10, tenths(5), year_mean(COVERAGE_OF_METALS, TENTH)),
    limit("as_pm10-1y-2030", Parameter::AS_PM10, units(6), year_mean(COVERAGE_OF_METALS, TENTH)),
    limit("cd_pm10-1y-2030", Parameter::CD_PM10, units(5), year_mean(COVERAGE_OF_METALS, TENTH)),
    limit("ni_pm10-1y-2030", Parameter::NI_PM10, units(20), year_mean(COVERAGE_OF_METALS, WHOLE)),
    limit("bap_pm10-1y-2030", Parameter::BAP_PM10, units(1), year_mean(COVERAGE_OF_BAP, TENTH)),
    earlier("pm2_5-1y-2026", Parameter::PM2_5, units(25), year_mean(COVERAGE, WHOLE)),
    earlier("pm10-1d-2026", Parameter::PM10, units(50), above(Series::DayMeans, 35, COVERAGE)),
    earlier("pm10-1y-2026", Parameter::PM10, units(40), year_mean(COVERAGE, WHOLE)),
    earlier("no2-1h-2026", Parameter::NO2, units(200), above(Series::Hours, 18, COVERAGE)),
    earlier("no2-1y-2026", Parameter::NO2, units(40), year_mean(COVERAGE, WHOLE)),
    earlier("so2-1h-2026", Parameter::SO2, units(350), above(Series::Hours, 24, COVERAGE)),
    earlier("so2-1d-2026", Parameter::SO2, units(125), above(Series::DayMeans, 3, COVERAGE)),
    earlier("co-8h-2026", Parameter::CO, units(10), above(Series::DayMaximum8Hours, 0, COVERAGE)),
    earlier("c6h6-1y-2026", Parameter::C6H6, units(5), year_mean(COVERAGE, WHOLE)),
    earlier("pb_pm10-1y-2026", Parameter::PB_PM10, tenths(5), year_mean(COVERAGE_OF_METALS, TENTH)),
    ozone("o3-8h-2030", ObjectiveKind::Target, units(120), ozone_days(18).years(3, 1)).attain_by("2030-01-01"),
    ozone("o3-8h-2026", ObjectiveKind::Target, units(120), ozone_days(25).years(3, 1)),
    ozone("o3-aot40", ObjectiveKind::Target, units(18_000), aot40().years(5, 3)).unit(AOT40_UNIT),
    ozone("o3-8h-long-term", ObjectiveKind::LongTerm, units(100), ozone_percentile()).attain_by("2050-01-01"),
    ozone("o3-aot40-long-term", ObjectiveKind::LongTerm, units(6_000), aot40())
        .unit(AOT40_UNIT)
        .attain_by("2050-01-01"),
    threshold("so2-information", Parameter::SO2, ObjectiveKind::Information, units(275), Series::Hours),
    threshold("so2-alert", Parameter::SO2, ObjectiveKind::Alert, units(350), Series::ThreeHours),
    threshold("no2-information", Parameter::NO2, ObjectiveKind::Information, units(150), Series::Hours),
    threshold("no2-alert", Parameter::NO2, ObjectiveKind::Alert, units(200), Series::ThreeHours),
    threshold("o3-information", Parameter::O3, ObjectiveKind::Information, units(180), Series::Hours),
    threshold("o3-alert", Parameter::O3, ObjectiveKind::Alert, units(240), Series::Hours),
    // Information and alert thresholds of particles have the same levels, and the alert needs "three consecutive days or fewer".
    threshold("pm2_5-alert", Parameter::PM2_5, ObjectiveKind::Alert, units(50), Series::DayMeans),
    threshold("pm10-alert", Parameter::PM10, ObjectiveKind::Alert, units(90), Series::DayMeans),
    vegetation("so2-vegetation-1y", Parameter::SO2, units(20), Season::Year),
    vegetation("so2-vegetation-winter", Parameter::SO2, units(20), Season::Winter),
    vegetation("nox-vegetation-1y", Parameter::NOX, units(30), Season::Year),
];

pub(super) const TABLE: StandardTable = StandardTable {
    id: "eu-2024",
    name: "European Union, air quality directive of 2024",
    source: "Directive (EU) 2024/2881",
    zone: "Etc/GMT-1",
    objectives: OBJECTIVES,
};

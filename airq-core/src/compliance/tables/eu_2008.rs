//! `eu-2008`: Directives 2008/50/EC and 2004/107/EC, in force until 11 December 2026.
//!
//! Lead and benzo(a)pyrene are measured in PM10. The limit of 25 µg/m³ of PM2.5 applies since 2015; the average exposure indicator is
//! computed from several stations and is not part of the table.

use super::european::{AOT40_UNIT, above, aot40, ozone_days, year_mean};
use crate::compliance::table::{
    Form, Mark, Objective, ObjectiveKind, Season, Series, StandardTable, TENTH, WHOLE, tenths, units,
};
use crate::model::Parameter;

/// Annex I: the share of the year that fixed measurements must cover, in percent.
const COVERAGE: u8 = 90;

const fn limit(id: &'static str, parameter: Parameter, level: i64, form: Form) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Limit, level, form, "2008/50/EC, annex XI")
}

const fn metal(id: &'static str, parameter: Parameter, level: i64) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Target, level, year_mean(COVERAGE, WHOLE), "2004/107/EC, annex I")
}

const fn ozone(id: &'static str, kind: ObjectiveKind, level: i64, form: Form) -> Objective {
    Objective::new(id, Parameter::O3, kind, level, form, "2008/50/EC, annex VII")
}

/// A threshold that no value may be above.
const fn threshold(
    id: &'static str,
    parameter: Parameter,
    kind: ObjectiveKind,
    level: i64,
    series: Series,
) -> Objective {
    Objective::new(id, parameter, kind, level, above(series, 0, COVERAGE), "2008/50/EC, annex XII")
}

const fn vegetation(id: &'static str, parameter: Parameter, level: i64, season: Season) -> Objective {
    let form = year_mean(COVERAGE, WHOLE).season(season);
    Objective::new(id, parameter, ObjectiveKind::CriticalLevel, level, form, "2008/50/EC, annex XIII")
}

const OBJECTIVES: &[Objective] = &[
    limit("so2-1h", Parameter::SO2, units(350), above(Series::Hours, 24, COVERAGE)),
    limit("so2-1d", Parameter::SO2, units(125), above(Series::DayMeans, 3, COVERAGE)),
    limit("no2-1h", Parameter::NO2, units(200), above(Series::Hours, 18, COVERAGE)),
    limit("no2-1y", Parameter::NO2, units(40), year_mean(COVERAGE, WHOLE)),
    limit("co-8h", Parameter::CO, units(10), above(Series::DayMaximum8Hours, 0, COVERAGE)),
    limit("pm10-1d", Parameter::PM10, units(50), above(Series::DayMeans, 35, COVERAGE)),
    limit("pm10-1y", Parameter::PM10, units(40), year_mean(COVERAGE, WHOLE)),
    limit("pm2_5-1y", Parameter::PM2_5, units(25), year_mean(COVERAGE, WHOLE)),
    limit("c6h6-1y", Parameter::C6H6, units(5), year_mean(COVERAGE, WHOLE)),
    limit("pb_pm10-1y", Parameter::PB_PM10, tenths(5), year_mean(COVERAGE, TENTH)),
    metal("as_pm10-1y", Parameter::AS_PM10, units(6)),
    metal("cd_pm10-1y", Parameter::CD_PM10, units(5)),
    metal("ni_pm10-1y", Parameter::NI_PM10, units(20)),
    metal("bap_pm10-1y", Parameter::BAP_PM10, units(1)),
    // The text does not say that the mean number of days is rounded to a whole number.
    ozone("o3-8h", ObjectiveKind::Target, units(120), ozone_days(25).years(3, 1)).mark(Mark::Own),
    ozone("o3-8h-long-term", ObjectiveKind::LongTerm, units(120), ozone_days(0)),
    ozone("o3-aot40", ObjectiveKind::Target, units(18_000), aot40().years(5, 3)).unit(AOT40_UNIT),
    ozone("o3-aot40-long-term", ObjectiveKind::LongTerm, units(6_000), aot40()).unit(AOT40_UNIT),
    threshold("o3-information", Parameter::O3, ObjectiveKind::Information, units(180), Series::Hours),
    threshold("o3-alert", Parameter::O3, ObjectiveKind::Alert, units(240), Series::Hours),
    threshold("so2-alert", Parameter::SO2, ObjectiveKind::Alert, units(500), Series::ThreeHours),
    threshold("no2-alert", Parameter::NO2, ObjectiveKind::Alert, units(400), Series::ThreeHours),
    vegetation("so2-vegetation-1y", Parameter::SO2, units(20), Season::Year),
    vegetation("so2-vegetation-winter", Parameter::SO2, units(20), Season::Winter),
    vegetation("nox-vegetation-1y", Parameter::NOX, units(30), Season::Year),
];

pub(super) const TABLE: StandardTable = StandardTable {
    id: "eu-2008",
    name: "European Union, air quality directives of 2008 and 2004",
    source: "Directives 2008/50/EC and 2004/107/EC",
    zone: "Etc/GMT-1",
    objectives: OBJECTIVES,
};

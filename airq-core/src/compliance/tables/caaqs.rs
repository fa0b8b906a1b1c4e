//! `caaqs-2020` and `caaqs-2025`: the Canadian Ambient Air Quality Standards, which differ in their levels only.
//!
//! The forms and the levels of 2020 come from the program of the province of British Columbia (`bcgov/rcaaqs`). The levels of 2025
//! are second-hand, from general knowledge. Days go by local standard time, so a query should set `tz` to a zone without summer
//! time, such as `Etc/GMT+8`. Gases are converted at 20 °C, the condition of airq's values.

use crate::compliance::table::{
    CoverageRule, Form, Incomplete, Mark, Objective, ObjectiveKind, PercentileMethod, QUARTERS, Rounding, Series,
    StandardTable, TENTH, WHOLE, YearStatistic, tenths, units,
};
use crate::model::{Parameter, Unit};

const SUMMER: &[&[u8]] = &[&[4, 5, 6, 7, 8, 9]];
/// Three quarters of the days of the year, and six tenths of each quarter.
const YEAR_AND_QUARTERS: CoverageRule = CoverageRule::parts(QUARTERS, 60, 4).and_share(75);

const fn metric(series: Series, statistic: YearStatistic) -> Form {
    Form::new(series, statistic).rounded(TENTH, TENTH).coverage(YEAR_AND_QUARTERS)
}

const fn percentile(series: Series, percent: u32, compared: Rounding) -> Form {
    metric(series, YearStatistic::Percentile(percent, PercentileMethod::FloorPlusOne)).compared(compared).years(3, 2)
}

const OZONE: Form = metric(Series::DayMaximum8Hours, YearStatistic::NthHighest(4))
    .compared(WHOLE)
    .incomplete(Incomplete::IfAbove)
    .coverage(CoverageRule::parts(SUMMER, 75, 1))
    .years(3, 2);
const FINE_YEAR: Form = metric(Series::DayMeans, YearStatistic::Mean).compared(TENTH).years(3, 2);
const FINE_DAY: Form = percentile(Series::DayMeans, 98_000, WHOLE);
const NO2_HOUR: Form = percentile(Series::DayMaximumHours, 98_000, TENTH);
const SO2_HOUR: Form = percentile(Series::DayMaximumHours, 99_000, TENTH).incomplete(Incomplete::IfAbove);
const YEAR: Form = Form::new(Series::Hours, YearStatistic::Mean)
    .rounded(Rounding::None, TENTH)
    .compared(TENTH)
    .coverage(YEAR_AND_QUARTERS);

/// The levels of a version: ozone in ppb, PM2.5 of days and of years, NO₂ and SO₂ of hours and of years in ppb.
struct Levels {
    o3: i64,
    pm2_5: [i64; 2],
    no2: [i64; 2],
    so2: [i64; 2],
}

const fn objectives(levels: &Levels, mark: Mark) -> [Objective; 7] {
    [
        gas("o3-8h", Parameter::O3, levels.o3, OZONE, mark),
        objective("pm2_5-1d", Parameter::PM2_5, levels.pm2_5[0], FINE_DAY, mark),
        objective("pm2_5-1y", Parameter::PM2_5, levels.pm2_5[1], FINE_YEAR, mark),
        gas("no2-1h", Parameter::NO2, levels.no2[0], NO2_HOUR, mark),
        gas("no2-1y", Parameter::NO2, levels.no2[1], YEAR, mark),
        gas("so2-1h", Parameter::SO2, levels.so2[0], SO2_HOUR, mark),
        gas("so2-1y", Parameter::SO2, levels.so2[1], YEAR, mark),
    ]
}

const fn objective(id: &'static str, parameter: Parameter, level: i64, form: Form, mark: Mark) -> Objective {
    Objective::new(id, parameter, ObjectiveKind::Limit, level, form, "CAAQS").mark(mark)
}

const fn gas(id: &'static str, parameter: Parameter, level: i64, form: Form, mark: Mark) -> Objective {
    objective(id, parameter, level, form, mark).unit(Unit::PartPerBillion)
}

const LEVELS_2020: Levels =
    Levels { o3: units(62), pm2_5: [units(27), tenths(88)], no2: [units(60), units(17)], so2: [units(70), units(5)] };

const LEVELS_2025: Levels =
    Levels { o3: units(60), pm2_5: [units(27), tenths(88)], no2: [units(42), units(12)], so2: [units(65), units(4)] };

pub(super) const TABLE_2020: StandardTable = StandardTable {
    id: "caaqs-2020",
    name: "Canadian Ambient Air Quality Standards, 2020",
    source: "Canadian Council of Ministers of the Environment, as programmed in bcgov/rcaaqs",
    zone: "UTC",
    objectives: &objectives(&LEVELS_2020, Mark::Verified),
};

pub(super) const TABLE_2025: StandardTable = StandardTable {
    id: "caaqs-2025",
    name: "Canadian Ambient Air Quality Standards, 2025",
    source: "Canadian Council of Ministers of the Environment; levels second-hand",
    zone: "UTC",
    objectives: &objectives(&LEVELS_2025, Mark::SecondHand),
};

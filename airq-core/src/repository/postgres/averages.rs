//! Averages by SQL, equal to the averages of `crate::aggregate`: computed in the same whole numbers and with the same offsets of a zone.

use super::sql::quoted;
use crate::aggregate::Calendar;
use crate::model::{Parameter, Timestamp, Zone};
use crate::query::{Averages, Every, Interval, Percentile, Rows, Selection, Statistic};
use postgres::types::{ToSql, Type};
use std::fmt::Write as _;

/// Sets the settings of the transaction that only averages need.
const OPENING: &str = "\
select set_config('airq.periods_from', $1, true),
       set_config('airq.periods_to', $2, true),
       set_config('airq.periods_after', $3, true),
       set_config('airq.stretches', $4::text, true),
       set_config('airq.offsets', $5::text, true),
       set_config('airq.clock_ends', $6::text, true)";

const STRETCHES: &str = "(select current_setting('airq.stretches')::timestamptz[])";
const OFFSETS: &str = "(select current_setting('airq.offsets')::interval[])";
const CLOCK_ENDS: &str = "(select current_setting('airq.clock_ends')::timestamp[])";

/// Returns whether the database computes these averages. Other averages are computed from its rows.
pub(super) fn are_by_sql(averages: &Averages) -> bool {
    averages.profile().is_none() && !averages.statistic().is_of_eight_hours()
}

/// The periods of a query for averages.
#[derive(Debug)]
pub(super) struct Periods {
    averages: Averages,
    rows: Rows,
    /// The first start of the selected periods, the end of their starts, and the start of the cursor.
    from: Option<String>,
    to: Option<String>,
    after: Option<String>,
    stretches: Vec<String>,
    offsets: Vec<String>,
    clock_ends: Vec<String>,
}

impl Periods {
    pub(super) fn new(selection: &Selection, averages: &Averages) -> Self {
        let calendar = Calendar::new(averages);
        let mut periods = Periods {
            averages: averages.clone(),
            rows: selection.rows,
            from: selection.from.map(|time| time.to_string()),
            to: selection.to.map(|time| time.to_string()),
            after: selection.after.as_ref().map(|cursor| cursor.time.to_string()),
            stretches: Vec::new(),
            offsets: Vec::new(),
            clock_ends: Vec::new(),
        };
        for stretch in calendar.stretches() {
            periods.stretches.extend(instant(stretch.start));
            periods.offsets.push(format!("{} seconds", stretch.offset / 1_000_000));
            // The last offset has no end.
            if let Some(end) = instant(stretch.clock_end) {
                periods.clock_ends.push(end.trim_end_matches('Z').to_owned());
            }
        }
        periods
    }

    /// Runs the first statement, with its parameters.
    pub(super) fn open<T>(&self, run: impl FnOnce(&str, &[(&(dyn ToSql + Sync), Type)]) -> T) -> T {
        run(
            OPENING,
            &[
                (&self.from, Type::TEXT),
                (&self.to, Type::TEXT),
                (&self.after, Type::TEXT),
                (&self.stretches, Type::TEXT_ARRAY),
                (&self.offsets, Type::TEXT_ARRAY),
                (&self.clock_ends, Type::TEXT_ARRAY),
            ],
        )
    }

    /// Returns the query, which processes one station after another.
    pub(super) fn select(&self, stations: &str, parameters: &[Parameter], filter: &str, limit: &str) -> String {
        let columns = aliases(parameters, |alias| format!(", a.{alias}, a.{alias}_capture"));
        let (newest, order) = match self.rows {
            Rows::Latest => (newest(filter), " order by p.start desc limit 1"),
            Rows::All => (String::new(), ""),
        };
        let (periods, wanted) = (self.periods(parameters, filter), self.wanted());
        format!(
            "select s.id as station, a.start at time zone 'UTC' as time{columns} \
             from (select id collate \"C\" as id from {stations}) s{newest} \
             cross join lateral (select p.* from ({periods}) p where true{wanted}{order}) a \
             order by s.id, a.start{limit}"
        )
    }

    fn wanted(&self) -> String {
        let mut conditions = Vec::new();
        if self.from.is_some() {
            conditions.push(format!(" and p.start >= {}", time_setting("periods_from")));
        }
        if self.to.is_some() {
            conditions.push(format!(" and p.start < {}", time_setting("periods_to")));
        }
        if self.after.is_some() {
            let after = time_setting("periods_after");
            conditions.push(format!(" and (s.id, p.start) > (current_setting('airq.after_station'), {after})"));
        }
        conditions.concat()
    }

    /// The start, and the value and the capture of each parameter, as text without trailing zeros.
    fn periods(&self, parameters: &[Parameter], filter: &str) -> String {
        let hours_or_periods = self.closed(parameters, filter);
        let Some(running) = self.averages.running() else {
            return shown(parameters, "q.slots", &hours_or_periods);
        };
        let hours = running.hours();
        let sums = aliases(parameters, |alias| {
            format!(", sum(h.{alias}) over w as {alias}_sum, count(h.{alias}) over w as {alias}_n")
        });
        let windows = format!(
            "select h.start{sums} from ({hours_or_periods}) h window w as \
             (order by h.start range between interval '{} hours' preceding and current row)",
            hours - 1
        );
        let means = aliases(parameters, |alias| {
            let is_enough = self.is_enough(&format!("w.{alias}_n"), &hours.to_string());
            let mean = mean(&format!("w.{alias}_sum"), &format!("w.{alias}_n"));
            format!(
                ", case when w.{alias}_n > 0 and {is_enough} then {mean} end as {alias}, \
                 least(w.{alias}_n, {hours}) as {alias}_captured"
            )
        });
        shown(parameters, &hours.to_string(), &format!("select w.start{means} from ({windows}) w"))
    }

    /// The start and the number of expected values of each period; for each parameter, the value in millionths and the number of
    /// values that are present.
    fn closed(&self, parameters: &[Parameter], filter: &str) -> String {
        let columns = aliases(parameters, |alias| {
            let value = self.value(alias);
            format!(", {value} as {alias}, least(c.{alias}_captured, c.slots) as {alias}_captured")
        });
        let spans = self.spans(&self.gathered(parameters, filter));
        let slots = self.slots();
        format!(
            "select c.start, c.slots{columns} from (select b.*, {slots} as slots from ({spans} offset 0) b offset 0) c"
        )
    }

    fn value(&self, alias: &str) -> String {
        let count = format!("c.{alias}_n");
        let value = match self.averages.statistic() {
            Statistic::Count => return format!("{count} * 1000000"),
            // Statistics of 8-hour means are computed from the rows: see `are_by_sql`.
            Statistic::Mean | Statistic::MaxEightHours | Statistic::Somo35 => mean(&format!("c.{alias}_sum"), &count),
            Statistic::Min | Statistic::Max => format!("c.{alias}_extreme"),
            Statistic::Percentile(percentile) => interpolated(percentile, &format!("c.{alias}_all"), &count),
        };
        let is_enough = self.is_enough(&format!("least(c.{alias}_captured, c.slots)"), "c.slots");
        format!("case when {count} > 0 and {is_enough} then {value} end")
    }

    fn is_enough(&self, captured: &str, slots: &str) -> String {
        format!("{captured} * 100 >= {slots} * {}", self.averages.capture())
    }

    fn slots(&self) -> String {
        let interval = self.averages.interval();
        if interval == Interval::DAY {
            return format!("(b.period + {})::date - b.period::date", self.step());
        }
        format!("ceil(extract(epoch from b.stop - b.start) / {})::bigint", u32::from(interval.minutes()) * 60)
    }

    /// The start and the end of each period, as in `Calendar::period`. Times are UTC; `period` is local time, except for hours,
    /// because clocks may show an hour twice.
    fn spans(&self, gathered: &str) -> String {
        let step = self.step();
        if *self.averages.zone() == Zone::default() {
            return format!("select a.*, a.period as start, a.period + {step} as stop from ({gathered}) a");
        }
        if self.averages.every() == Every::Hour {
            return format!(
                "select a.*, greatest({STRETCHES}[a.stretch] at time zone 'UTC', a.period) as start, \
                 least({STRETCHES}[a.stretch + 1] at time zone 'UTC', a.period + {step}) as stop \
                 from (select g.*, width_bucket(g.first, {STRETCHES}) as stretch from ({gathered}) g offset 0) a"
            );
        }
        let begins = instant_of_clock("a.period", "a.first_in");
        let ends = instant_of_clock("a.next", "a.next_in");
        format!(
            "select a.*, {begins} as start, {ends} as stop from \
             (select g.*, g.period + {step} as next, width_bucket(g.period, {CLOCK_ENDS}) + 1 as first_in, \
              width_bucket(g.period + {step}, {CLOCK_ENDS}) + 1 as next_in from ({gathered}) g offset 0) a"
        )
    }

    /// The sums of each period for each parameter.
    fn gathered(&self, parameters: &[Parameter], filter: &str) -> String {
        let columns = aliases(parameters, |alias| {
            let what = match self.averages.statistic() {
                Statistic::Count => String::new(),
                Statistic::Mean | Statistic::MaxEightHours | Statistic::Somo35 => {
                    format!(", sum(v.{alias}) as {alias}_sum")
                }
                Statistic::Min => format!(", min(v.{alias}) as {alias}_extreme"),
                Statistic::Max => format!(", max(v.{alias}) as {alias}_extreme"),
                Statistic::Percentile(_) => format!(
                    ", array_agg(v.{alias} order by v.{alias}) filter (where v.{alias} is not null) as {alias}_all"
                ),
            };
            let captured = format!("count(distinct v.slot) filter (where v.{alias} is not null)");
            format!("{what}, count(v.{alias}) as {alias}_n, {captured} as {alias}_captured")
        });
        let values = self.values(parameters, filter);
        format!("select v.period, min(v.time) as first{columns} from ({values}) v group by v.period")
    }

    /// Each measurement in millionths, with its period and the position of the expected value.
    fn values(&self, parameters: &[Parameter], filter: &str) -> String {
        let mut columns = String::new();
        for (number, parameter) in parameters.iter().enumerate() {
            let value = format!("m.{}", quoted(*parameter));
            // NaN is greater than any number to PostgreSQL. Writing into a String cannot fail.
            let _ = write!(
                columns,
                ", case when {value} between -1e9 and 1e9 then round({value} * 1e6)::bigint end as p{number}"
            );
        }
        let names = aliases(parameters, |alias| format!(", r.{alias}"));
        let offset = if *self.averages.zone() == Zone::default() {
            "interval '0'".to_owned()
        } else {
            format!("{OFFSETS}[width_bucket(m.time, {STRETCHES})]")
        };
        let newest = match self.rows {
            Rows::Latest => format!(" and m.time >= n.newest - interval '{}'", self.reach()),
            Rows::All => String::new(),
        };
        let (period, slot) = (self.period(), self.slot());
        format!(
            "select r.time, {period} as period, {slot} as slot{names} from (select r.*, r.time at time zone 'UTC' + r.ahead as clock \
             from (select m.time, {offset} as ahead{columns} from measurements m where m.station_id = s.id{filter}{newest} offset 0) r) r"
        )
    }

    fn period(&self) -> &'static str {
        match self.averages.every() {
            Every::Hour => "date_trunc('hour', r.clock) - r.ahead",
            Every::EightHours => {
                "date_trunc('day', r.clock) + interval '8 hours' * floor(extract(hour from r.clock)::float8 / 8)"
            }
            Every::Day => "date_trunc('day', r.clock)",
            Every::Month => "date_trunc('month', r.clock)",
            Every::Year => "date_trunc('year', r.clock)",
        }
    }

    fn slot(&self) -> String {
        let interval = self.averages.interval();
        if interval == Interval::DAY {
            return "date_trunc('day', r.clock)".to_owned();
        }
        let minutes = interval.minutes();
        if interval == Interval::HOUR {
            return "date_trunc('hour', r.clock) - r.ahead".to_owned();
        }
        format!(
            "date_trunc('hour', r.clock) - r.ahead \
             + interval '{minutes} minutes' * floor(extract(minute from r.clock)::float8 / {minutes})"
        )
    }

    fn step(&self) -> &'static str {
        match self.averages.every() {
            Every::Hour => "interval '1 hour'",
            Every::EightHours => "interval '8 hours'",
            Every::Day => "interval '1 day'",
            Every::Month => "interval '1 month'",
            Every::Year => "interval '1 year'",
        }
    }

    /// The longest time from the start of a period, including the hours of running means before it, to its newest row.
    fn reach(&self) -> &'static str {
        match self.averages.every() {
            _ if self.averages.running().is_some() => "25 hours",
            Every::Hour => "1 hour",
            // Clock changes make a period longer.
            Every::EightHours => "12 hours",
            Every::Day => "2 days",
            Every::Month => "33 days",
            Every::Year => "368 days",
        }
    }
}

/// Returns the time as PostgreSQL reads it; `None` beyond the range of times.
fn instant(microseconds: i64) -> Option<String> {
    Timestamp::from_microseconds(microseconds).map(|time| time.to_string())
}

/// SQL: the time in a setting of the transaction.
fn time_setting(name: &str) -> String {
    format!("(current_setting('airq.{name}')::timestamptz at time zone 'UTC')")
}

/// SQL: the instant of a local time within a stretch of one offset.
fn instant_of_clock(clock: &str, stretch: &str) -> String {
    format!("greatest({STRETCHES}[{stretch}] at time zone 'UTC', {clock} - {OFFSETS}[{stretch}])")
}

fn newest(filter: &str) -> String {
    format!(
        " cross join lateral (select m.time as newest from measurements m where m.station_id = s.id{filter} \
         order by m.time desc limit 1) n"
    )
}

/// Rounds to a whole number, half away from zero, exactly.
fn mean(sum: &str, count: &str) -> String {
    format!("div(2 * {sum} + sign({sum}) * {count}, 2 * {count})")
}

/// Interpolates between the two sorted values next to the position of the percentile.
fn interpolated(percentile: Percentile, all: &str, count: &str) -> String {
    let position = format!("({} * ({count} - 1))", percentile.tenths());
    format!(
        "round(({all}[{position} / 1000 + 1] * (1000 - {position} % 1000) \
         + {all}[least({position} / 1000 + 2, {count})] * ({position} % 1000)) / 1000.0)"
    )
}

/// Millionths as numbers, and captures truncated to thousandths.
fn shown(parameters: &[Parameter], slots: &str, periods: &str) -> String {
    let columns = aliases(parameters, |alias| {
        format!(
            ", trim_scale(q.{alias} * 0.000001) as {alias}, \
             trim_scale(q.{alias}_captured::bigint * 1000 / {slots} * 0.001) as {alias}_capture"
        )
    });
    format!("select q.start{columns} from ({periods}) q")
}

/// Returns a text for each parameter, made from the name of the parameter's columns in the statement. The name is not the code,
/// because a code with a suffix could be another code, or be longer than a name may be.
fn aliases(parameters: &[Parameter], text: impl Fn(&str) -> String) -> String {
    (0..parameters.len()).map(|number| text(&format!("p{number}"))).collect()
}

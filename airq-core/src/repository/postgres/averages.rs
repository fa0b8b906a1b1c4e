//! Averages by SQL: the same as `crate::aggregate` makes, by the same whole numbers and the same stretches of a zone.

use crate::aggregate::Calendar;
use crate::model::{Pollutant, Timestamp, Zone};
use crate::query::{Averages, Every, Interval, Rows, Selection, Statistic};
use postgres::types::{ToSql, Type};

/// Puts what only averages need into settings of the transaction.
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

/// What averages ask of the database.
#[derive(Debug)]
pub(super) struct Periods {
    averages: Averages,
    rows: Rows,
    /// Of the periods that are wanted: the first start, the end of starts, the start to go on behind.
    from: Option<String>,
    to: Option<String>,
    after: Option<String>,
    stretches: Vec<String>,
    offsets: Vec<String>,
    clock_ends: Vec<String>,
}

impl Periods {
    pub(super) fn new(selection: &Selection, averages: &Averages) -> Self {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let calendar = Calendar::new(averages);
        let all = calendar.stretches();
        let instant = |time| Timestamp::from_microseconds(time).map(|time| time.to_string());
        let clock = |time| instant(time).map(|time| time.trim_end_matches('Z').to_owned());
        Periods {
            averages: averages.clone(),
            rows: selection.rows,
            from: text(selection.from),
            to: text(selection.to),
            after: text(selection.after.as_ref().map(|cursor| cursor.time)),
            stretches: all.iter().filter_map(|stretch| instant(stretch.start)).collect(),
            offsets: all.iter().map(|stretch| format!("{} seconds", stretch.offset / 1_000_000)).collect(),
            // The last one has no end.
            clock_ends: all.iter().filter_map(|stretch| clock(stretch.clock_end)).collect(),
        }
    }

    /// Runs the statement that opens, with its parameters.
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

    /// Station by station.
    pub(super) fn select(&self, stations: &str, pollutants: &[Pollutant], filter: &str, limit: &str) -> String {
        let columns = pollutants.iter().fold(String::new(), |columns, pollutant| {
            columns + &format!(", a.{pollutant}, a.{}", pollutant.capture_name())
        });
        let (newest, order) = match self.rows {
            Rows::Latest => (newest(filter), " order by p.start desc limit 1"),
            Rows::All => (String::new(), ""),
        };
        let (periods, wanted) = (self.periods(pollutants, filter), self.wanted());
        format!(
            "select s.id as station, a.start at time zone 'UTC' as time{columns} \
             from (select id collate \"C\" as id from {stations}) s{newest} \
             cross join lateral (select p.* from ({periods}) p where true{wanted}{order}) a \
             order by s.id, a.start{limit}"
        )
    }

    fn wanted(&self) -> String {
        let at = |name: &str| format!("(current_setting('airq.{name}')::timestamptz at time zone 'UTC')");
        let behind = "(s.id, p.start) > (current_setting('airq.after_station'), ";
        let from = self.from.as_ref().map(|_| format!(" and p.start >= {}", at("periods_from")));
        let to = self.to.as_ref().map(|_| format!(" and p.start < {}", at("periods_to")));
        let after = self.after.as_ref().map(|_| format!(" and {behind}{})", at("periods_after")));
        [from, to, after].into_iter().flatten().collect()
    }

    /// Start, and value and capture of each pollutant, as text with no idle zeros.
    fn periods(&self, pollutants: &[Pollutant], filter: &str) -> String {
        let hours_or_periods = self.closed(pollutants, filter);
        let Some(running) = self.averages.window() else {
            return shown(pollutants, "q.slots", &hours_or_periods);
        };
        let hours = running.hours();
        let sums = pollutants.iter().fold(String::new(), |sums, pollutant| {
            sums + &format!(
                ", sum(h.{pollutant}) over w as {pollutant}_sum, count(h.{pollutant}) over w as {pollutant}_n"
            )
        });
        let windows = format!(
            "select h.start{sums} from ({hours_or_periods}) h window w as \
             (order by h.start range between interval '{} hours' preceding and current row)",
            hours - 1
        );
        let means = pollutants.iter().fold(String::new(), |means, pollutant| {
            let is_enough = self.is_enough(&format!("w.{pollutant}_n"), &hours.to_string());
            let mean = mean(&format!("w.{pollutant}_sum"), &format!("w.{pollutant}_n"));
            means
                + &format!(
                    ", case when w.{pollutant}_n > 0 and {is_enough} then {mean} end as {pollutant}, \
                     least(w.{pollutant}_n, {hours}) as {pollutant}_captured"
                )
        });
        shown(pollutants, &hours.to_string(), &format!("select w.start{means} from ({windows}) w"))
    }

    /// Start and expected values of each period; of each pollutant the value in millionths, and how many of the expected
    /// values are there.
    fn closed(&self, pollutants: &[Pollutant], filter: &str) -> String {
        let columns = pollutants.iter().fold(String::new(), |columns, pollutant| {
            let value = self.value(*pollutant);
            columns
                + &format!(", {value} as {pollutant}, least(c.{pollutant}_captured, c.slots) as {pollutant}_captured")
        });
        let spans = self.spans(&self.gathered(pollutants, filter));
        let slots = self.slots();
        format!(
            "select c.start, c.slots{columns} from (select b.*, {slots} as slots from ({spans} offset 0) b offset 0) c"
        )
    }

    fn value(&self, pollutant: Pollutant) -> String {
        let name = |what: &str| format!("c.{pollutant}_{what}");
        let value = match self.averages.kind() {
            Statistic::Count => return format!("{} * 1000000", name("n")),
            Statistic::Mean => mean(&name("sum"), &name("n")),
            Statistic::Min | Statistic::Max => name("extreme"),
            Statistic::Median => percentile(50, &name("all"), &name("n")),
            Statistic::P98 => percentile(98, &name("all"), &name("n")),
        };
        let is_enough = self.is_enough(&format!("least({}, c.slots)", name("captured")), "c.slots");
        format!("case when {} > 0 and {is_enough} then {value} end", name("n"))
    }

    fn is_enough(&self, captured: &str, slots: &str) -> String {
        format!("{captured} * 100 >= {slots} * {}", self.averages.least_capture())
    }

    fn slots(&self) -> String {
        let interval = self.averages.expected();
        if interval == Interval::DAY {
            return format!("(b.period + {})::date - b.period::date", self.step());
        }
        format!("ceil(extract(epoch from b.stop - b.start) / {})::bigint", u32::from(interval.minutes()) * 60)
    }

    /// Each period's start and stop, as `Calendar::period` has them. Times are of UTC, `period` is of the clocks (but for
    /// hours, which clocks may show twice).
    fn spans(&self, gathered: &str) -> String {
        let step = self.step();
        if *self.averages.clocks() == Zone::default() {
            return format!("select a.*, a.period as start, a.period + {step} as stop from ({gathered}) a");
        }
        if self.averages.periods() == Every::Hour {
            return format!(
                "select a.*, greatest({STRETCHES}[a.stretch] at time zone 'UTC', a.period) as start, \
                 least({STRETCHES}[a.stretch + 1] at time zone 'UTC', a.period + {step}) as stop \
                 from (select g.*, width_bucket(g.first, {STRETCHES}) as stretch from ({gathered}) g offset 0) a"
            );
        }
        let instant = |clock: &str, stretch: &str| {
            format!("greatest({STRETCHES}[{stretch}] at time zone 'UTC', {clock} - {OFFSETS}[{stretch}])")
        };
        let (begins, ends) = (instant("a.period", "a.first_in"), instant("a.next", "a.next_in"));
        format!(
            "select a.*, {begins} as start, {ends} as stop from \
             (select g.*, g.period + {step} as next, width_bucket(g.period, {CLOCK_ENDS}) + 1 as first_in, \
              width_bucket(g.period + {step}, {CLOCK_ENDS}) + 1 as next_in from ({gathered}) g offset 0) a"
        )
    }

    /// What each period has of each pollutant.
    fn gathered(&self, pollutants: &[Pollutant], filter: &str) -> String {
        let columns = pollutants.iter().fold(String::new(), |columns, pollutant| {
            let what = match self.averages.kind() {
                Statistic::Count => String::new(),
                Statistic::Mean => format!(", sum(v.{pollutant}) as {pollutant}_sum"),
                Statistic::Min => format!(", min(v.{pollutant}) as {pollutant}_extreme"),
                Statistic::Max => format!(", max(v.{pollutant}) as {pollutant}_extreme"),
                Statistic::Median | Statistic::P98 => format!(
                    ", array_agg(v.{pollutant} order by v.{pollutant}) filter (where v.{pollutant} is not null) \
                     as {pollutant}_all"
                ),
            };
            let captured = format!("count(distinct v.slot) filter (where v.{pollutant} is not null)");
            columns + &format!("{what}, count(v.{pollutant}) as {pollutant}_n, {captured} as {pollutant}_captured")
        });
        let values = self.values(pollutants, filter);
        format!("select v.period, min(v.time) as first{columns} from ({values}) v group by v.period")
    }

    /// Each measurement in millionths, with its period and which of the expected values it is.
    fn values(&self, pollutants: &[Pollutant], filter: &str) -> String {
        let columns = pollutants.iter().fold(String::new(), |columns, pollutant| {
            columns
                + &format!(", case when m.{pollutant} between -1e9 and 1e9 then round(m.{pollutant} * 1e6)::bigint end as {pollutant}")
        });
        let names = pollutants.iter().fold(String::new(), |names, pollutant| names + ", r." + pollutant.name());
        let offset = if *self.averages.clocks() == Zone::default() {
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
        match self.averages.periods() {
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
        let interval = self.averages.expected();
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
        match self.averages.periods() {
            Every::Hour => "interval '1 hour'",
            Every::EightHours => "interval '8 hours'",
            Every::Day => "interval '1 day'",
            Every::Month => "interval '1 month'",
            Every::Year => "interval '1 year'",
        }
    }

    /// As far as a period, with the hours before it that its mean runs over, may reach back from its newest row.
    fn reach(&self) -> &'static str {
        match self.averages.periods() {
            _ if self.averages.window().is_some() => "25 hours",
            Every::Hour => "1 hour",
            // Clocks change.
            Every::EightHours => "12 hours",
            Every::Day => "2 days",
            Every::Month => "33 days",
            Every::Year => "368 days",
        }
    }
}

fn newest(filter: &str) -> String {
    format!(
        " cross join lateral (select m.time as newest from measurements m where m.station_id = s.id{filter} \
         order by m.time desc limit 1) n"
    )
}

/// Rounded to a whole number, halves away from zero, exactly.
fn mean(sum: &str, count: &str) -> String {
    format!("div(2 * {sum} + sign({sum}) * {count}, 2 * {count})")
}

/// Between the two of the sorted values that are next to the percentile's place, in proportion.
fn percentile(percent: u8, all: &str, count: &str) -> String {
    let place = format!("({percent} * ({count} - 1))");
    format!(
        "round(({all}[{place} / 100 + 1] * (100 - {place} % 100) \
         + {all}[least({place} / 100 + 2, {count})] * ({place} % 100)) / 100.0)"
    )
}

/// Millionths as numbers, and captures in thousandths, cut.
fn shown(pollutants: &[Pollutant], slots: &str, periods: &str) -> String {
    let columns = pollutants.iter().fold(String::new(), |columns, pollutant| {
        columns
            + &format!(
                ", trim_scale(q.{pollutant} * 0.000001) as {pollutant}, \
                 trim_scale(q.{pollutant}_captured::bigint * 1000 / {slots} * 0.001) as {}",
                pollutant.capture_name()
            )
    });
    format!("select q.start{columns} from ({periods}) q")
}

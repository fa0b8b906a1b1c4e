//! The SQL of each query. No value of a query is part of the SQL: values are parameters of the first statement of a transaction,
//! which stores them in settings, because a `COPY` has no parameters.

use super::averages::Periods;
use crate::aggregate;
use crate::csv::header_of;
use crate::model::{Parameter, Unit};
use crate::query::{Averages, Rows, Selection};
use postgres::types::{ToSql, Type};
use std::fmt::Write as _;

/// Returns the version of the data set and the codes and units of its parameters, and stores the values of the selection in settings of
/// the transaction.
pub(super) const OPENING: &str = "\
select coalesce((select format('%s-%s', id, (extract(epoch from finished_at) * 1000000)::bigint)
                 from loads where changed > 0 order by id desc limit 1), '0'),
       array(select code from parameters order by code),
       array(select unit from parameters order by code),
       set_config('airq.stations', $1::text, true),
       set_config('airq.from', $2, true),
       set_config('airq.to', $3, true),
       set_config('airq.after_station', $4, true),
       set_config('airq.after_time', $5, true)";

/// Returns the version.
pub(super) const VERSION: &str = "\
select coalesce((select format('%s-%s', id, (extract(epoch from finished_at) * 1000000)::bigint)
                 from loads where changed > 0 order by id desc limit 1), '0')";

/// The codes and units of the parameters.
pub(super) const PARAMETERS: &str =
    "select array(select code from parameters order by code), array(select unit from parameters order by code)";

pub(super) const STATIONS: &str = "\
select id, name, city, country, latitude, longitude, measured.codes, measured.units, (select count(*) from parameters)
from stations left join (
    select station_id, array_agg(code) as codes, array_agg(unit) as units
    from station_parameters join parameters using (code) group by station_id
) as measured on measured.station_id = id";

/// Returns counts, and times in microseconds since 1970. The first and the last row of each station are index look-ups; the number of rows
/// is the sum of the loads.
pub(super) const DATA_SET: &str = "\
select (select (extract(epoch from finished_at) * 1000000)::bigint from loads where changed > 0 order by id desc limit 1),
       (select count(*) from stations),
       (select coalesce(sum(inserted), 0)::bigint from loads),
       (select (extract(epoch from min(x.time)) * 1000000)::bigint from stations s cross join lateral
           (select m.time from measurements m where m.station_id = s.id order by m.time limit 1) x),
       (select (extract(epoch from max(x.time)) * 1000000)::bigint from stations s cross join lateral
           (select m.time from measurements m where m.station_id = s.id order by m.time desc limit 1) x)";

/// A query of a selection.
#[derive(Debug)]
pub(super) struct Ask {
    /// The stations of the selection, without ids that a database cannot store because they have a NUL character.
    stations: Option<Vec<String>>,
    parameters: Vec<Parameter>,
    from: Option<String>,
    to: Option<String>,
    after: Option<(String, String)>,
    limit: Option<u64>,
    rows: Rows,
    /// The periods of averages; `None` for measurements.
    periods: Option<Periods>,
}

impl Ask {
    pub(super) fn new(selection: &Selection) -> Self {
        let after = selection.after.as_ref().map(|cursor| (until_nul(&cursor.station), cursor.time.to_string()));
        Ask {
            stations: selection.stations.as_deref().map(storable),
            parameters: selection.parameters.clone(),
            from: selection.from.map(|time| time.to_string()),
            to: selection.to.map(|time| time.to_string()),
            after,
            limit: selection.limit,
            rows: selection.rows,
            periods: None,
        }
    }

    /// Returns the query for averages of a selection.
    pub(super) fn averages(selection: &Selection, averages: &Averages) -> Self {
        let needed = Ask::new(&aggregate::needed(selection, averages));
        Ask { limit: selection.limit, periods: Some(Periods::new(selection, averages)), ..needed }
    }

    pub(super) fn periods(&self) -> Option<&Periods> {
        self.periods.as_ref()
    }

    /// The parameters of [`OPENING`].
    pub(super) fn bind<T>(&self, run: impl FnOnce(&[(&(dyn ToSql + Sync), Type)]) -> T) -> T {
        let (after_station, after_time) = self.after.as_ref().map(|(id, time)| (id, time)).unzip();
        run(&[
            (&self.stations, Type::TEXT_ARRAY),
            (&self.from, Type::TEXT),
            (&self.to, Type::TEXT),
            (&after_station, Type::TEXT),
            (&after_time, Type::TEXT),
        ])
    }

    /// Returns the `COPY` statement and the header of its rows, for a data set with these parameters.
    pub(super) fn copy(&self, parameters: &[Parameter]) -> (String, Vec<u8>) {
        let wanted = self.wanted(parameters);
        let (select, header) = match (&self.periods, self.rows) {
            (Some(periods), _) => (self.select_averages(periods, &wanted), aggregate::header(None, &wanted)),
            (None, Rows::All) => (self.select_all(&wanted), header_of(&wanted)),
            (None, Rows::Latest) => (self.select_latest(&wanted), header_of(&wanted)),
        };
        // The header is not written by PostgreSQL: its names have at most 63 bytes, and units may be longer.
        (format!("copy ({select}) to stdout (format csv, null '')"), header)
    }

    /// Reads along the primary key, one station after another, so that rows come in order.
    fn select_all(&self, parameters: &[Parameter]) -> String {
        let stations = match (&self.stations, &self.after) {
            (Some(_), _) => "current_setting('airq.stations')::text[]",
            (None, Some(_)) => "array(select id from stations where id >= current_setting('airq.after_station'))",
            (None, None) => "array(select id from stations)",
        };
        let (columns, filter, limit) = (columns(parameters), self.filter(), self.limit());
        format!(
            "select {columns} from measurements m where m.station_id = any({stations}){filter} \
             order by m.station_id, m.time{limit}"
        )
    }

    fn select_averages(&self, periods: &Periods, parameters: &[Parameter]) -> String {
        let stations = match (&self.stations, &self.after) {
            (Some(_), _) => "unnest(current_setting('airq.stations')::text[]) s (id)",
            (None, Some(_)) => "stations where id >= current_setting('airq.after_station')",
            (None, None) => "stations",
        };
        periods.select(stations, parameters, &self.filter(), &self.limit())
    }

    /// Reads along the primary key from the newest row of each station to the newest value, and from there to the newest value of each
    /// parameter that the station measures.
    fn select_latest(&self, parameters: &[Parameter]) -> String {
        let stations = match self.stations {
            Some(_) => "unnest(current_setting('airq.stations')::text[]) s (id)",
            None => "stations s",
        };
        let (columns, filter, limit) = (columns(parameters), self.filter(), self.limit());
        let codes: Vec<String> = parameters.iter().map(|parameter| format!("'{}'", parameter.code())).collect();
        let codes = codes.join(", ");
        let measured = format!("p.station_id = s.id and p.code = any(array[{codes}]::text[])");
        let newest = |has_value: &str| {
            format!(
                "select m.time from measurements m where m.station_id = s.id{filter} and {has_value} \
                 order by m.time desc limit 1"
            )
        };
        let any = newest(&has_any_value(parameters));
        let one = newest(&format!("m.time >= s.newest - interval '{REACH}' and {}", has_value_of_code(parameters)));
        format!(
            "select {columns} from (\
                 select s.id, n.time as newest from (\
                     select s.id from {stations} where exists (select from station_parameters p where {measured}) offset 0\
                 ) s cross join lateral ({any}) n order by s.id collate \"C\"{limit}\
             ) s cross join lateral (\
                 select distinct v.time from station_parameters p cross join lateral ({one}) v where {measured}\
             ) t join measurements m on m.station_id = s.id and m.time = t.time order by m.station_id, m.time"
        )
    }

    /// Returns the parameters of the answer that the data set has. Answers of averages have only parameters with averages.
    fn wanted(&self, parameters: &[Parameter]) -> Vec<Parameter> {
        let mut wanted = parameters.to_vec();
        wanted.retain(|parameter| self.parameters.is_empty() || self.parameters.contains(parameter));
        wanted.retain(|parameter| self.periods.is_none() || parameter.has_mean());
        wanted
    }

    fn filter(&self) -> String {
        let mut filter = String::new();
        for (is_given, condition) in [
            (self.from.is_some(), " and m.time >= current_setting('airq.from')::timestamptz"),
            (self.to.is_some(), " and m.time < current_setting('airq.to')::timestamptz"),
            (
                self.after.is_some(),
                " and (m.station_id, m.time) > \
                 (current_setting('airq.after_station'), current_setting('airq.after_time')::timestamptz)",
            ),
        ] {
            filter += if is_given { condition } else { "" };
        }
        filter
    }

    /// The limit as a number in the SQL, so that the planner knows it.
    fn limit(&self) -> String {
        let mut limit = String::new();
        if let Some(rows) = self.limit {
            // Writing into a String cannot fail.
            let _ = write!(limit, " limit {}", rows.min(i64::MAX.unsigned_abs()));
        }
        limit
    }
}

/// [`Rows::REACH`] as an interval. Days would depend on the time zone of the session.
const REACH: &str = "168 hours";

/// The condition that a row has a value of any parameter. `NaN` and infinities are not values.
fn has_any_value(parameters: &[Parameter]) -> String {
    let has_value = |parameter: &Parameter| format!("abs(m.{}) < 'infinity'", quoted(*parameter));
    let conditions: Vec<String> = parameters.iter().map(has_value).collect();
    if conditions.is_empty() { "false".to_owned() } else { format!("({})", conditions.join(" or ")) }
}

/// The condition that a row has a value of the parameter with the code `p.code`.
fn has_value_of_code(parameters: &[Parameter]) -> String {
    let branch = |parameter: &Parameter| format!(" when '{}' then m.{}", parameter.code(), quoted(*parameter));
    let branches: String = parameters.iter().map(branch).collect();
    if branches.is_empty() { "false".to_owned() } else { format!("abs(case p.code{branches} end) < 'infinity'") }
}

/// The columns of an answer.
fn columns(parameters: &[Parameter]) -> String {
    let mut columns = "m.station_id as station, m.time as time".to_owned();
    for parameter in parameters {
        columns = columns + ", m." + &quoted(*parameter);
    }
    columns
}

/// The name of a parameter's column: a code such as `user` or `order` is also a word of SQL.
pub(crate) fn quoted(parameter: Parameter) -> String {
    format!("\"{}\"", parameter.code())
}

/// The parameters of these codes, with these units, in the order of columns.
pub(super) fn parameters(codes: &[String], units: &[String]) -> Vec<Parameter> {
    let mut parameters = Vec::new();
    for (code, unit) in codes.iter().zip(units) {
        parameters.extend(Parameter::open(code, Unit::stated(unit)));
    }
    parameters.sort_unstable();
    parameters
}

/// Returns the ids without a NUL, which a database cannot store.
fn storable(ids: &[String]) -> Vec<String> {
    ids.iter().filter(|id| !id.contains('\0')).cloned().collect()
}

/// Returns the text up to its first NUL. As a cursor it is equivalent, because no stored id lies between the two texts.
fn until_nul(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

//! The SQL of each question. No value of a question is ever part of it: values are parameters of the first statement of a
//! transaction, which puts them where the `COPY`, which takes none, finds them.

use super::averages::Periods;
use crate::aggregate;
use crate::model::{Pollutant, Timestamp};
use crate::query::{Averages, Rows, Selection};
use postgres::types::{ToSql, Type};
use std::fmt::Write as _;

/// The version of the data set and the pollutants beyond its six; puts the parameters into settings of the transaction.
pub(super) const OPENING: &str = "\
select coalesce((select format('%s-%s', id, (extract(epoch from finished_at) * 1000000)::bigint)
                 from loads where changed > 0 order by id desc limit 1), '0'),
       array(select name from optional_pollutants order by place),
       set_config('airq.stations', $1::text, true),
       set_config('airq.from', $2, true),
       set_config('airq.to', $3, true),
       set_config('airq.after_station', $4, true),
       set_config('airq.after_time', $5, true)";

/// The version alone.
pub(super) const VERSION: &str = "\
select coalesce((select format('%s-%s', id, (extract(epoch from finished_at) * 1000000)::bigint)
                 from loads where changed > 0 order by id desc limit 1), '0')";

pub(super) const STATIONS: &str = "select id, name, city, country, latitude, longitude from stations";

/// Counts and times; microseconds since 1970. Each station's first and last row are an index look-up; the rows are counted
/// by the loads that inserted them.
pub(super) const DATA_SET: &str = "\
select (select (extract(epoch from finished_at) * 1000000)::bigint from loads where changed > 0 order by id desc limit 1),
       (select count(*) from stations),
       (select coalesce(sum(inserted), 0)::bigint from loads),
       (select (extract(epoch from min(x.time)) * 1000000)::bigint from stations s cross join lateral
           (select m.time from measurements m where m.station_id = s.id order by m.time limit 1) x),
       (select (extract(epoch from max(x.time)) * 1000000)::bigint from stations s cross join lateral
           (select m.time from measurements m where m.station_id = s.id order by m.time desc limit 1) x)";

/// What a selection asks of the database.
#[derive(Debug)]
pub(super) struct Ask {
    /// The selection's stations that a database can hold: a text there has no NUL.
    stations: Option<Vec<String>>,
    pollutants: Vec<Pollutant>,
    from: Option<String>,
    to: Option<String>,
    after: Option<(String, String)>,
    limit: Option<u64>,
    rows: Rows,
    /// Averages of the measurements instead of them.
    periods: Option<Periods>,
}

impl Ask {
    pub(super) fn new(selection: &Selection) -> Self {
        let storable = |ids: &Vec<String>| ids.iter().filter(|id| !id.contains('\0')).cloned().collect();
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let after = selection.after.as_ref().map(|cursor| (until_nul(&cursor.station), cursor.time.to_string()));
        Ask {
            stations: selection.stations.as_ref().map(storable),
            pollutants: selection.pollutants.clone(),
            from: text(selection.from),
            to: text(selection.to),
            after,
            limit: selection.limit,
            rows: selection.rows,
            periods: None,
        }
    }

    /// The selection's averages: the measurements are those that they are made of.
    pub(super) fn averages(selection: &Selection, averages: &Averages) -> Self {
        let needed = Ask::new(&aggregate::needed(selection, averages));
        Ask { limit: selection.limit, periods: Some(Periods::new(selection, averages)), ..needed }
    }

    pub(super) fn periods(&self) -> Option<&Periods> {
        self.periods.as_ref()
    }

    /// The parameters of [`OPENING`].
    pub(super) fn parameters<T>(&self, run: impl FnOnce(&[(&(dyn ToSql + Sync), Type)]) -> T) -> T {
        let (after_station, after_time) = self.after.as_ref().map(|(id, time)| (id, time)).unzip();
        run(&[
            (&self.stations, Type::TEXT_ARRAY),
            (&self.from, Type::TEXT),
            (&self.to, Type::TEXT),
            (&after_station, Type::TEXT),
            (&after_time, Type::TEXT),
        ])
    }

    /// The `COPY`, for a data set that has these pollutants beyond the six.
    pub(super) fn copy(&self, optional: &[Pollutant]) -> String {
        let select = match (&self.periods, self.rows) {
            (Some(periods), _) => self.select_averages(periods, optional),
            (None, Rows::All) => self.select_all(optional),
            (None, Rows::Latest) => self.select_latest(optional),
        };
        format!("copy ({select}) to stdout (format csv, header, null '')")
    }

    /// Along the primary key, station by station: rows come in order, as they are read.
    fn select_all(&self, optional: &[Pollutant]) -> String {
        let stations = match (&self.stations, &self.after) {
            (Some(_), _) => "current_setting('airq.stations')::text[]",
            (None, Some(_)) => "array(select id from stations where id >= current_setting('airq.after_station'))",
            (None, None) => "array(select id from stations)",
        };
        let (columns, filter, limit) = (self.columns(optional), self.filter(), self.limit());
        format!(
            "select {columns} from measurements m where m.station_id = any({stations}){filter} \
             order by m.station_id, m.time{limit}"
        )
    }

    fn select_averages(&self, periods: &Periods, optional: &[Pollutant]) -> String {
        let stations = match (&self.stations, &self.after) {
            (Some(_), _) => "unnest(current_setting('airq.stations')::text[]) s (id)",
            (None, Some(_)) => "stations where id >= current_setting('airq.after_station')",
            (None, None) => "stations",
        };
        periods.select(stations, &self.wanted(optional), &self.filter(), &self.limit())
    }

    /// One look-up in the primary key for each station.
    fn select_latest(&self, optional: &[Pollutant]) -> String {
        let stations = match self.stations {
            Some(_) => "unnest(current_setting('airq.stations')::text[]) s (id)",
            None => "stations s",
        };
        let (columns, filter, limit) = (self.columns(optional), self.filter(), self.limit());
        format!(
            "select {columns} from {stations} cross join lateral (select m.* from measurements m \
             where m.station_id = s.id{filter} order by m.time desc limit 1) m order by m.station_id{limit}"
        )
    }

    fn columns(&self, optional: &[Pollutant]) -> String {
        self.wanted(optional).iter().fold("m.station_id as station, m.time as time".to_owned(), |columns, pollutant| {
            columns + ", m." + pollutant.name()
        })
    }

    /// The pollutants of the answer that there are.
    fn wanted(&self, optional: &[Pollutant]) -> Vec<Pollutant> {
        let all = Pollutant::DATA_SET.iter().chain(optional);
        all.filter(|pollutant| self.pollutants.is_empty() || self.pollutants.contains(pollutant)).copied().collect()
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

    /// A number, so that the planner knows it.
    fn limit(&self) -> String {
        let mut limit = String::new();
        if let Some(rows) = self.limit {
            // Writing into a String cannot fail.
            let _ = write!(limit, " limit {}", rows.min(i64::MAX.unsigned_abs()));
        }
        limit
    }
}

/// The text up to its first NUL. As the place to go on behind it is the same: no station that is stored lies between.
fn until_nul(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

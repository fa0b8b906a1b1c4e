//! The data nearest to a query that selects no rows.

use super::Airq;
use crate::error::Result;
use crate::model::{Station, Timestamp};
use crate::query::Query;
use std::ops::ControlFlow;

/// The data nearest to a query that selects no rows. [`Airq::nearby`] returns them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Nearby {
    /// The nearest station and its distance in metres, if the query names a place without a station.
    pub station: Option<(Station, f64)>,
    /// The first and the last time of the data set, if the data come from files. A database would have to read all rows.
    pub range: Option<(Timestamp, Timestamp)>,
    /// The measurement of the selected stations nearest to the time range: the station and the time.
    pub measurement: Option<(String, Timestamp)>,
}

impl Airq {
    /// Returns the data nearest to a query that selects no rows, for a message that helps.
    ///
    /// # Errors
    /// As [`write`](Airq::write).
    pub fn nearby(&self, query: &Query) -> Result<Nearby> {
        let mut nearby = Nearby::default();
        if query.needs_stations() && self.named_stations(query)?.is_some_and(|ids| ids.is_empty()) {
            nearby.station = nearest_station(query, self.stations()?.iter());
            return Ok(nearby);
        }
        let is_of_files = self.account().is_some();
        if is_of_files {
            let data = self.data_set()?;
            nearby.range = data.first.zip(data.last);
        }
        nearby.measurement = match query.before() {
            Some(before) => self.outermost(&before, |time, best| time > best)?,
            None => None,
        };
        // The first row after the range needs a pass over all rows after the range.
        if let Some(after) = query.behind().filter(|_| nearby.measurement.is_none() && is_of_files) {
            nearby.measurement = self.outermost(&after, |time, best| time < best)?;
        }
        Ok(nearby)
    }

    /// Returns the station and the time of the row of a query that is better than all others.
    fn outermost(
        &self,
        query: &Query,
        is_better: fn(Timestamp, Timestamp) -> bool,
    ) -> Result<Option<(String, Timestamp)>> {
        let mut best: Option<(String, Timestamp)> = None;
        self.for_each_row(query, |row| {
            let is_best = match &best {
                Some((_, time)) => is_better(row.time(), *time),
                None => true,
            };
            if is_best {
                best = Some((row.station().to_owned(), row.time()));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(best)
    }
}

fn nearest_station<'a>(query: &Query, stations: impl Iterator<Item = &'a Station>) -> Option<(Station, f64)> {
    let placed = stations.filter_map(|station| Some((station, query.distance_to(station)?)));
    let (station, distance) = placed.min_by(|one, other| one.1.total_cmp(&other.1))?;
    Some((station.clone(), distance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repository::CsvRepository;

    const CSV: &str = "time,station,city,latitude,longitude,no2\n\
                       2016-10-01T00:00:00Z,a,Madrid,40.4,-3.7,1\n\
                       2016-10-01T01:00:00Z,a,Madrid,40.4,-3.7,1\n\
                       2016-10-03T00:00:00Z,b,Madrid,41.4,-3.7,1\n";

    fn nearby(pairs: &[(&str, &str)]) -> Nearby {
        let repository = CsvRepository::from_bytes("a.csv", CSV.as_bytes()).unwrap();
        let airq = Airq::builder().repository(repository).build().unwrap();
        let (query, _) = Query::from_pairs(Query::PARAMETERS, pairs.iter().copied()).unwrap();
        airq.nearby(&query).unwrap()
    }

    #[test]
    fn the_nearest_time_is_before_the_range_or_else_after() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let found = |pairs: &[(&str, &str)]| nearby(pairs).measurement;
        assert_eq!(found(&[("from", "2020-01-01")]), Some(("b".to_owned(), time("2016-10-03T00:00:00Z"))));
        let of_a = [("from", "2020-01-01"), ("station", "a")];
        assert_eq!(found(&of_a), Some(("a".to_owned(), time("2016-10-01T01:00:00Z"))));
        let early = [("from", "2010-01-01"), ("to", "2010-01-02"), ("every", "1d"), ("limit", "1")];
        assert_eq!(found(&early), Some(("a".to_owned(), time("2016-10-01T00:00:00Z"))));
        let range = Some((time("2016-10-01T00:00:00Z"), time("2016-10-03T00:00:00Z")));
        assert_eq!(nearby(&early).range, range);
    }

    #[test]
    fn a_place_without_a_station_has_the_nearest_station() {
        let (station, metres) = nearby(&[("near", "41.5,-3.7")]).station.unwrap();
        assert_eq!(station.id, "b");
        assert!((11_000.0..11_300.0).contains(&metres), "{metres}");
        let (station, metres) = nearby(&[("bbox", "-4,39,-3,40")]).station.unwrap();
        assert_eq!(station.id, "a");
        assert!((44_000.0..45_000.0).contains(&metres), "{metres}");
    }
}

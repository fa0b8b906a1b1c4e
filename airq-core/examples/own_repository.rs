//! A repository of your own: anything that can write CSV rows in order gets JSON, shapes, paging and the cache for it.
//!
//! `cargo run -p airq-engine --example own_repository`

use airq_core::repository::DataSet;
use airq_core::{Airq, Format, Query, Repository, Result, Rows, Selection, Station, Stations, Timestamp};
use std::io::Write;

/// One sensor on a balcony, read straight from memory.
#[derive(Debug)]
struct Balcony {
    readings: Vec<(Timestamp, f64)>,
}

const STATION: &str = "balcony";

impl Repository for Balcony {
    fn version(&self) -> Result<String> {
        Ok(self.readings.len().to_string())
    }

    fn stations(&self) -> Result<Stations> {
        let station = Station { city: Some("Madrid".to_owned()), ..Station::new(STATION) };
        Ok(Stations::from_iter([station]))
    }

    fn data_set(&self) -> Result<DataSet> {
        let mut data = DataSet::new(self.version()?);
        data.stations = 1;
        data.measurements = self.readings.len() as u64;
        Ok(data)
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        writeln!(out, "station,time,so2,no2,co,o3,pm10,pm2_5")?;
        let after = selection.after.as_ref().filter(|cursor| cursor.station == STATION);
        let wanted = |time: Timestamp| {
            selection.from.is_none_or(|from| time >= from)
                && selection.to.is_none_or(|to| time < to)
                && after.is_none_or(|cursor| time > cursor.time)
        };
        let is_selected = selection.stations.as_ref().is_none_or(|ids| ids.iter().any(|id| id == STATION));
        let mut rows: Vec<_> = self.readings.iter().filter(|(time, _)| is_selected && wanted(*time)).collect();
        if selection.rows == Rows::Latest {
            rows.drain(..rows.len().saturating_sub(1));
        }
        let limit = usize::try_from(selection.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        for (time, pm2_5) in rows.into_iter().take(limit) {
            writeln!(out, "{STATION},{time},,,,,,{pm2_5}")?;
        }
        self.version()
    }
}

fn balcony() -> Balcony {
    let times = ["2016-10-01T10:00:00Z", "2016-10-01T11:00:00Z", "2016-10-01T12:00:00Z"];
    Balcony { readings: times.iter().filter_map(|time| time.parse::<Timestamp>().ok()).zip([8.5, 9.25, 7.0]).collect() }
}

fn main() -> Result<()> {
    let airq = Airq::builder().repository(balcony()).build()?;
    let query = Query::builder().city("madrid").from("2016-10-01T11:00:00Z").build()?;
    airq.write(&query, Format::Json, std::io::stdout())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_keeps_to_what_a_query_selects() -> Result<()> {
        let airq = Airq::builder().repository(balcony()).build()?;
        let rows = |query: &Query| airq.answer(query, Format::Records).map(|answer| answer.row_count());
        assert_eq!(rows(&Query::all())?, 3);
        assert_eq!(rows(&Query::all().latest())?, 1);
        assert_eq!(rows(&Query::builder().bbox(0.0, 0.0, 1.0, 1.0).build()?)?, 0);
        assert_eq!(rows(&Query::builder().from("2016-10-01T11:00:00Z").limit(1).build()?)?, 1);
        Ok(())
    }
}

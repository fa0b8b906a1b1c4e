//! A repository of your own: anything that can write CSV rows in order gets JSON, shapes, paging and the cache for it.
//!
//! `cargo run -p airq-core --example own_repository`

use airq_core::{Airq, DataSet, Format, Query, Repository, Result, Selection, Station, Stations, Timestamp};
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
        Ok(Stations::new([station]))
    }

    fn data_set(&self) -> Result<DataSet> {
        let mut data = DataSet::default();
        data.version = self.version()?;
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
        let rows = self.readings.iter().filter(|(time, _)| wanted(*time));
        let limit = usize::try_from(selection.limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        for (time, pm2_5) in rows.take(limit) {
            writeln!(out, "{STATION},{time},,,,,,{pm2_5}")?;
        }
        self.version()
    }
}

fn main() -> Result<()> {
    let times = ["2016-10-01T10:00:00Z", "2016-10-01T11:00:00Z", "2016-10-01T12:00:00Z"];
    let readings = times.iter().filter_map(|time| Timestamp::parse(time)).zip([8.5, 9.25, 7.0]).collect();
    let airq = Airq::builder().repository(Balcony { readings }).build()?;
    let query = Query::builder().city("madrid").from("2016-10-01T11:00:00Z")?.build()?;
    airq.write(&query, Format::Json, std::io::stdout().lock())?;
    Ok(())
}

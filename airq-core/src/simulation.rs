//! Simulated measurements with the columns of the data set. A seed gives the same rows on every machine.

#![expect(clippy::expect_used, reason = "simulated times are in range")]
#![cfg_attr(
    not(feature = "testing"),
    expect(dead_code, unreachable_pub, reason = "public with the feature `testing`; the sample is only a clean day")
)]

use crate::model::Timestamp;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The simulated stations: id, name, city, latitude, longitude.
const STATIONS: [(&str, &str, &str, f64, f64); 12] = [
    ("aq_alhambra", "Alhambra", "Granada", 37.176, -3.588),
    ("aq_castellana", "Castellana", "Madrid", 40.439, -3.690),
    ("aq_gracia", "Gràcia", "Barcelona", 41.398, 2.153),
    ("aq_malagueta", "La Malagueta", "Málaga", 36.721, -4.412),
    ("aq_montjuic", "Montjuïc", "Barcelona", 41.364, 2.158),
    ("aq_pilar", "El Pilar", "Zaragoza", 41.657, -0.878),
    ("aq_retiro", "Retiro", "Madrid", 40.414, -3.682),
    ("aq_rivas", "Rivas", "Rivas-Vaciamadrid", 40.353, -3.538),
    ("aq_salvia", "Salvia", "Madrid", 40.530, -3.640),
    ("aq_triana", "Triana", "Sevilla", 37.384, -6.003),
    ("aq_turia", "Turia", "València", 39.474, -0.386),
    ("aq_zabalburu", "Zabálburu", "Bilbao", 43.260, -2.934),
];
/// 2016-10-01T00:00:00Z.
const START: i64 = 1_475_280_000_000_000;
const QUARTER_HOUR: i64 = 15 * 60 * 1_000_000;
/// The columns of the data set, with the usual level of each parameter.
const LEVELS: [(&str, f64); 6] =
    [("so2", 7.0), ("no2", 48.0), ("co", 0.7), ("o3", 52.0), ("pm10", 19.0), ("pm2_5", 10.0)];

/// A generator of simulated rows: 12 stations with a row every 15 minutes from 2016-10-01 on.
///
/// ```
/// use airq_core::testing::Simulation;
/// let mut csv = Vec::new();
/// Simulation::new(1).rows(24).write_csv(&mut csv)?;
/// assert_eq!(csv.iter().filter(|byte| **byte == b'\n').count(), 25);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Simulation {
    seed: u64,
    rows: u64,
    by_station: bool,
    dirt: Dirt,
}

/// A property that makes a file harder to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dirt {
    /// No such property.
    #[default]
    Clean,
    /// 10 % of the rows have a station id that is not ASCII.
    Utf8,
    /// 5 % of the values are missing.
    Empty,
    /// 25 % of the values are negative.
    Negative,
    /// 1 % of the rows have a quoted station id.
    Quoted,
    /// Lines end with CRLF.
    Crlf,
    /// The delimiter is a semicolon.
    Semicolon,
    /// Every field is quoted, and every station id contains an escaped quote.
    Everything,
}

impl Dirt {
    /// All properties.
    pub const ALL: [Dirt; 8] = [
        Dirt::Clean,
        Dirt::Utf8,
        Dirt::Empty,
        Dirt::Negative,
        Dirt::Quoted,
        Dirt::Crlf,
        Dirt::Semicolon,
        Dirt::Everything,
    ];
}

impl Simulation {
    /// The seed of the day in `fixtures`, which is also the built-in sample.
    pub const SAMPLE: u64 = 2016;

    /// Returns a simulation of one day of all stations (1,152 rows), clean and ordered by time.
    pub fn new(seed: u64) -> Self {
        Simulation { seed, rows: 96 * STATIONS.len() as u64, by_station: false, dirt: Dirt::Clean }
    }

    /// Sets the number of rows.
    pub fn rows(mut self, rows: u64) -> Self {
        self.rows = rows;
        self
    }

    /// Orders rows by station, then time, as repositories do.
    pub fn by_station(mut self) -> Self {
        self.by_station = true;
        self
    }

    /// Sets the property that makes the file harder to read.
    pub fn dirt(mut self, dirt: Dirt) -> Self {
        self.dirt = dirt;
        self
    }

    /// Writes the header and the rows.
    ///
    /// # Errors
    /// The error of `out`.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let header = LEVELS.iter().fold("TimeInstant,id_entity".to_owned(), |header, (name, _)| header + "," + name);
        let mut line = String::new();
        self.push_line(&mut line, &header.split(',').map(str::to_owned).collect::<Vec<_>>(), false);
        let stations = STATIONS.len() as u64;
        let steps = self.rows.div_ceil(stations);
        for row in 0..self.rows {
            let (station, step) =
                if self.by_station { (row / steps, row % steps) } else { (row % stations, row / stations) };
            let random = Random(self.seed ^ (step * stations + station).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            self.push_row(&mut line, station, step, random);
            if line.len() > 1 << 16 {
                out.write_all(line.as_bytes())?;
                line.clear();
            }
        }
        out.write_all(line.as_bytes())
    }

    /// Writes the descriptions of the stations: `id,name,city,country,latitude,longitude`.
    ///
    /// # Errors
    /// The error of `out`.
    pub fn write_stations(out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "id,name,city,country,latitude,longitude")?;
        for (id, name, city, latitude, longitude) in STATIONS {
            writeln!(out, "{id},{name},{city},ES,{latitude},{longitude}")?;
        }
        Ok(())
    }

    fn push_row(&self, line: &mut String, station: u64, step: u64, mut random: Random) {
        let index = usize::try_from(station).unwrap_or(0) % STATIONS.len();
        let step = i64::try_from(step).unwrap_or(0);
        // Stations report some milliseconds apart, as real stations do.
        let late = 4_000 + i64::try_from(index).unwrap_or(0) * 3_000;
        let time =
            Timestamp::from_microseconds(START + step * QUARTER_HOUR + late).expect("a simulated time is in range");
        let time = time.to_string().replace('T', " ").replace('Z', "");
        let mut fields = vec![time, self.station(index, &mut random)];
        fields.extend(LEVELS.iter().map(|(_, level)| self.value(*level, step, &mut random)));
        let quoted = self.dirt == Dirt::Quoted && random.below(100) == 0;
        self.push_line(line, &fields, quoted);
    }

    fn station(&self, index: usize, random: &mut Random) -> String {
        let id = STATIONS[index].0;
        match self.dirt {
            Dirt::Utf8 if random.below(10) == 0 => id.replace("aq_", "aq_peñón_"),
            Dirt::Everything => id.replace('_', "\"_"),
            _ => id.to_owned(),
        }
    }

    /// Returns a value near the level, higher by day, with noise.
    fn value(&self, level: f64, step: i64, random: &mut Random) -> String {
        if self.dirt == Dirt::Empty && random.below(20) == 0 {
            return String::new();
        }
        #[expect(clippy::cast_precision_loss, reason = "a quarter hour of a day is a small number")]
        let noon = (step.rem_euclid(96) - 48).abs() as f64 / 48.0;
        let value = level * (0.6 + 0.5 * (1.0 - noon * noon) + 0.4 * random.share());
        let negative = self.dirt == Dirt::Negative && random.below(4) == 0;
        let sign = if negative { "-" } else { "" };
        format!("{sign}{value}")
    }

    fn push_line(&self, line: &mut String, fields: &[String], quote_station: bool) {
        let delimiter = if self.dirt == Dirt::Semicolon { ';' } else { ',' };
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                line.push(delimiter);
            }
            if self.dirt == Dirt::Everything || (quote_station && index == 1) {
                // Writing into a String cannot fail.
                let _ = write!(line, "\"{}\"", field.replace('"', "\"\""));
            } else {
                line.push_str(field);
            }
        }
        line.push_str(if self.dirt == Dirt::Crlf { "\r\n" } else { "\n" });
    }
}

/// The generator `SplitMix64`, which gives the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Returns a number from 0 to 1.
    fn share(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }
}

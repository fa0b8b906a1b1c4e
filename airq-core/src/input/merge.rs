//! Values that come one by one, merged into one row a station and time. It holds every value of a file: 24 bytes and its
//! digits each.

use super::records::Fault;
use super::rows::Values;
use crate::model::{Pollutant, Station, Timestamp};
use std::borrow::Cow;

/// A file with more is refused: it would need more than about a gigabyte.
const MOST_VALUES: usize = 1 << 25;

/// The values so far, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Merge {
    values: Vec<Value>,
    /// The digits of each, one behind the other.
    digits: Vec<u8>,
}

/// One value of a station.
#[derive(Clone, Copy, Debug)]
struct Value {
    /// Microseconds since 1970.
    time: i64,
    station: u32,
    /// Where its digits begin: also the order in which values came.
    start: u32,
    pollutant: Pollutant,
    length: u16,
}

impl Merge {
    pub(super) fn push(
        &mut self,
        station: u32,
        time: Timestamp,
        pollutant: Pollutant,
        digits: &[u8],
    ) -> Result<(), Fault> {
        let too_many = || Fault::record("there are more than 33 million values before it: split the file");
        let start = u32::try_from(self.digits.len()).map_err(|_| too_many())?;
        if self.values.len() >= MOST_VALUES {
            return Err(too_many());
        }
        let length = u16::try_from(digits.len()).map_err(|_| Fault::record("a number of more than 65,535 digits"))?;
        self.digits.extend_from_slice(digits);
        self.values.push(Value { time: time.as_microseconds(), station, start, pollutant, length });
        Ok(())
    }

    /// The pollutants that there are, in the order of their columns.
    pub(super) fn pollutants(&self) -> Vec<Pollutant> {
        let mut there = [false; Pollutant::ALL.len()];
        for value in &self.values {
            there[value.pollutant as usize] = true;
        }
        Pollutant::ALL.into_iter().filter(|pollutant| there[*pollutant as usize]).collect()
    }

    /// Puts the values in order: by the ids of stations, time, pollutant, and as they came. How many a later one replaces.
    pub(super) fn sort(&mut self, stations: &[Station]) -> u64 {
        let mut order: Vec<usize> = (0..stations.len()).collect();
        order.sort_unstable_by_key(|number| &stations[*number].id);
        let mut ranks = vec![0; stations.len()];
        for (rank, number) in order.into_iter().enumerate() {
            ranks[number] = rank;
        }
        self.values
            .sort_unstable_by_key(|value| (ranks[value.station as usize], value.time, value.pollutant, value.start));
        self.values.windows(2).filter(|pair| pair[0].is_replaced_by(&pair[1])).count() as u64
    }

    /// The rows, once the values are in order.
    pub(super) fn rows(&self) -> MergedRows<'_> {
        MergedRows { merge: self, at: 0 }
    }
}

impl Value {
    fn is_of_row(&self, other: &Value) -> bool {
        self.station == other.station && self.time == other.time
    }

    fn is_replaced_by(&self, next: &Value) -> bool {
        self.is_of_row(next) && self.pollutant == next.pollutant
    }
}

/// Walks through the rows.
#[derive(Debug)]
pub(super) struct MergedRows<'a> {
    merge: &'a Merge,
    at: usize,
}

impl<'a> MergedRows<'a> {
    pub(super) fn next_row(&mut self) -> Option<(u32, Timestamp, Values<'a>)> {
        let first = *self.merge.values.get(self.at)?;
        let mut values: Values<'a> = Default::default();
        while let Some(value) = self.merge.values.get(self.at).filter(|value| value.is_of_row(&first)) {
            let start = value.start as usize;
            let digits = self.merge.digits.get(start..start + usize::from(value.length)).unwrap_or_default();
            values[value.pollutant as usize] = Cow::Borrowed(digits);
            self.at += 1;
        }
        Some((first.station, Timestamp::from_microseconds(first.time)?, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_rows_in_order_and_the_later_of_two_stays() {
        let stations = [Station::new("b"), Station::new("a")];
        let (early, late) = (Timestamp::parse("2016-10-01").unwrap(), Timestamp::parse("2016-10-02").unwrap());
        let mut merge = Merge::default();
        for (station, time, pollutant, digits) in [
            (0, late, Pollutant::No2, "1"),
            (1, late, Pollutant::O3, "2"),
            (1, late, Pollutant::No2, "3"),
            (1, early, Pollutant::O3, "4"),
            (1, late, Pollutant::O3, "5"),
        ] {
            merge.push(station, time, pollutant, digits.as_bytes()).unwrap();
        }
        assert_eq!(merge.pollutants(), [Pollutant::No2, Pollutant::O3]);
        assert_eq!(merge.sort(&stations), 1);
        let mut rows = merge.rows();
        let mut seen = Vec::new();
        while let Some((station, time, values)) = rows.next_row() {
            let value = |pollutant: Pollutant| String::from_utf8_lossy(&values[pollutant as usize]).into_owned();
            seen.push((station, time, value(Pollutant::No2), value(Pollutant::O3)));
        }
        let row = |station, time, no2: &str, o3: &str| (station, time, no2.to_owned(), o3.to_owned());
        assert_eq!(seen, [row(1, early, "", "4"), row(1, late, "3", "5"), row(0, late, "1", "")]);
    }
}

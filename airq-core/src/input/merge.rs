//! Values that come one by one, merged into one row for each station and time.
//!
//! Every value of the file is held: 18 bytes and its digits, and 8 bytes more while the values are sorted.

use super::records::Fault;
use super::rows::Values;
use crate::model::{Pollutant, Station, Timestamp};
use std::borrow::Cow;

/// A file with more values is refused: it would need more than about a gigabyte.
const MOST_VALUES: usize = 1 << 25;
/// The first microsecond of the year 1.
const FIRST_TIME: i64 = -62_135_596_800_000_000;
/// The number of bits of each part of a [`Value`], from the lowest.
const START_BITS: u32 = 32;
const POLLUTANT_BITS: u32 = 12;
const TIME_BITS: u32 = 59;
const STATION_BITS: u32 = 25;
/// The length of a value's digits stands before the digits.
const LENGTH_BYTES: usize = 2;

/// The values so far, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Merge {
    values: Vec<Value>,
    /// The digits of each value, after their length.
    digits: Vec<u8>,
    /// The number of each station in the order of ids, once the values are sorted.
    order: Vec<u32>,
    has_pollutant: [bool; Pollutant::ALL.len()],
}

/// A value as one number, so that values are sorted fast: station, time, pollutant, and where the digits start, which is
/// also the order in which values came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Value(u128);

impl Value {
    fn new(station: u32, time: Timestamp, pollutant: Pollutant, start: u32) -> Self {
        let time = time.as_microseconds().wrapping_sub(FIRST_TIME).unsigned_abs();
        let row = u128::from(station) << TIME_BITS | u128::from(time);
        Value((row << POLLUTANT_BITS | pollutant as u128) << START_BITS | u128::from(start))
    }

    /// The same value of another station.
    fn with_station(self, station: u32) -> Self {
        const SHIFT: u32 = TIME_BITS + POLLUTANT_BITS + START_BITS;
        Value(self.0 & !(u128::MAX << SHIFT) | u128::from(station) << SHIFT)
    }

    /// The station and the time.
    fn row(self) -> u128 {
        self.0 >> (POLLUTANT_BITS + START_BITS)
    }

    /// The station, the time and the pollutant.
    fn cell(self) -> u128 {
        self.0 >> START_BITS
    }

    fn station(self) -> usize {
        (self.row() >> TIME_BITS) as usize
    }

    fn time(self) -> Option<Timestamp> {
        let time = i64::try_from(self.row() & !(u128::MAX << TIME_BITS)).ok()?;
        Timestamp::from_microseconds(time + FIRST_TIME)
    }

    fn pollutant(self) -> usize {
        (self.cell() & !(u128::MAX << POLLUTANT_BITS)) as usize
    }

    fn start(self) -> usize {
        (self.0 & !(u128::MAX << START_BITS)) as usize
    }
}

impl Merge {
    pub(super) fn push(
        &mut self,
        station: u32,
        time: Timestamp,
        pollutant: Pollutant,
        digits: &[u8],
    ) -> Result<(), Fault> {
        let start = u32::try_from(self.digits.len()).ok();
        let (Some(start), true, true) = (start, self.values.len() < MOST_VALUES, station < 1 << STATION_BITS) else {
            return Err(Fault::record("there are more than 33 million values before it: split the file"));
        };
        let length = u16::try_from(digits.len()).map_err(|_| Fault::record("a number of more than 65,535 digits"))?;
        self.digits.extend_from_slice(&length.to_le_bytes());
        self.digits.extend_from_slice(digits);
        self.values.push(Value::new(station, time, pollutant, start));
        self.has_pollutant[pollutant as usize] = true;
        Ok(())
    }

    /// The pollutants of the values, in the order of their columns.
    pub(super) fn pollutants(&self) -> Vec<Pollutant> {
        Pollutant::ALL.iter().copied().filter(|pollutant| self.has_pollutant[*pollutant as usize]).collect()
    }

    /// Sorts the values by the ids of stations, time, pollutant, and as they came. Returns the number of values that a later
    /// value replaces.
    pub(super) fn sort(&mut self, stations: &[Station]) -> u64 {
        self.order = (0..).take(stations.len()).collect();
        self.order.sort_unstable_by_key(|number| &stations[*number as usize].id);
        let mut ranks = vec![0; stations.len()];
        for (rank, number) in (0..).zip(&self.order) {
            ranks[*number as usize] = rank;
        }
        for value in &mut self.values {
            *value = value.with_station(ranks[value.station()]);
        }
        // The stable sort is fast where files have long runs in order.
        self.values.sort();
        self.values.windows(2).filter(|pair| pair[0].cell() == pair[1].cell()).count() as u64
    }

    /// The rows, once the values are sorted.
    pub(super) fn rows(&self) -> MergedRows<'_> {
        MergedRows { merge: self, position: 0 }
    }

    fn digits(&self, value: Value) -> &[u8] {
        let rest = &self.digits[value.start()..];
        let (length, rest) = rest.split_at(LENGTH_BYTES);
        &rest[..usize::from(u16::from_le_bytes([length[0], length[1]]))]
    }
}

/// Walks through the rows.
#[derive(Debug)]
pub(super) struct MergedRows<'a> {
    merge: &'a Merge,
    position: usize,
}

impl<'a> MergedRows<'a> {
    pub(super) fn next_row(&mut self) -> Option<(u32, Timestamp, Values<'a>)> {
        let merge = self.merge;
        let first = *merge.values.get(self.position)?;
        let mut values: Values<'a> = Default::default();
        while let Some(value) = merge.values.get(self.position).filter(|value| value.row() == first.row()) {
            values[value.pollutant()] = Cow::Borrowed(merge.digits(*value));
            self.position += 1;
        }
        Some((merge.order[first.station()], first.time()?, values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_parts_at_the_ends_of_their_ranges() {
        let last_pollutant = Pollutant::ALL[Pollutant::ALL.len() - 1];
        for text in ["0001-01-01", "1970-01-01", "9999-12-31 23:59:59.999999"] {
            let time = Timestamp::parse(text).unwrap();
            let value = Value::new((1 << STATION_BITS) - 1, time, last_pollutant, u32::MAX);
            assert_eq!((value.station(), value.time()), ((1 << STATION_BITS) - 1, Some(time)));
            assert_eq!((value.pollutant(), value.start()), (last_pollutant as usize, u32::MAX as usize));
            let moved = value.with_station(3);
            assert_eq!((moved.station(), moved.time(), moved.start()), (3, Some(time), u32::MAX as usize));
        }
    }

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

//! Values that come one by one, merged into one row for each station and time.
//!
//! Every value of the file is held: 18 bytes and its digits, and 8 bytes more while the values are sorted.

use super::records::RecordError;
use crate::error::Result;
use crate::model::{Conflict, Conflicts, OnConflict, Parameter, Station, Timestamp, is_same_value};
use std::collections::{BTreeMap, HashMap};

/// A file with more values is refused: it would need more than about a gigabyte.
const MOST_VALUES: usize = 1 << 25;
/// The first microsecond of the year 1.
const FIRST_TIME: i64 = -62_135_596_800_000_000;
/// The number of bits of each part of a [`Value`], from the lowest.
const START_BITS: u32 = 32;
const PARAMETER_BITS: u32 = 12;
const TIME_BITS: u32 = 59;
const STATION_BITS: u32 = 25;
/// The microseconds of a minute and of an hour.
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
/// The length of a value's digits precedes the digits.
const LENGTH_BYTES: usize = 2;

/// The values up to now, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Merge {
    values: Vec<Value>,
    /// The digits of each value, after their length.
    digits: Vec<u8>,
    /// The number of each station in the order of ids, once the values are sorted.
    order: Vec<u32>,
    /// The parameters: in the order of their first values, and in the order of columns once the values are sorted.
    parameters: Vec<Parameter>,
    /// The last parameter and its number, for most files are sorted by parameter.
    recent: Option<(Parameter, u32)>,
}

/// A value as one number, so that values are sorted fast: station, time, parameter, and where the digits start, which is
/// also the order in which values came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Value(u128);

impl Value {
    fn new(station: u32, time: Timestamp, parameter: u32, start: u32) -> Self {
        let time = time.as_microseconds().wrapping_sub(FIRST_TIME).unsigned_abs();
        let row = u128::from(station) << TIME_BITS | u128::from(time);
        Value((row << PARAMETER_BITS | u128::from(parameter)) << START_BITS | u128::from(start))
    }

    /// The same value with another number of its station and of its parameter.
    fn renumbered(self, station: u32, parameter: u32) -> Self {
        const STATION: u32 = TIME_BITS + PARAMETER_BITS + START_BITS;
        const PARAMETER_MASK: u128 = ((1 << PARAMETER_BITS) - 1) << START_BITS;
        let rest = self.0 & !(u128::MAX << STATION) & !PARAMETER_MASK;
        Value(rest | u128::from(station) << STATION | u128::from(parameter) << START_BITS)
    }

    /// The same value at another time.
    fn at(self, time: Timestamp) -> Self {
        const TIME: u32 = PARAMETER_BITS + START_BITS;
        const TIME_MASK: u128 = ((1 << TIME_BITS) - 1) << TIME;
        let time = time.as_microseconds().wrapping_sub(FIRST_TIME).unsigned_abs();
        Value(self.0 & !TIME_MASK | u128::from(time) << TIME)
    }

    /// The station and the time.
    fn row(self) -> u128 {
        self.0 >> (PARAMETER_BITS + START_BITS)
    }

    /// The station, the time and the parameter.
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

    fn parameter(self) -> usize {
        (self.cell() & !(u128::MAX << PARAMETER_BITS)) as usize
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
        parameter: Parameter,
        digits: &[u8],
    ) -> std::result::Result<(), RecordError> {
        let parameter = self.number(parameter)?;
        let start = u32::try_from(self.digits.len()).ok();
        let (Some(start), true, true) = (start, self.values.len() < MOST_VALUES, station < 1 << STATION_BITS) else {
            return Err(RecordError::record("there are more than 33 million values before it: split the file"));
        };
        let length =
            u16::try_from(digits.len()).map_err(|_| RecordError::record("a number of more than 65,535 digits"))?;
        self.digits.extend_from_slice(&length.to_le_bytes());
        self.digits.extend_from_slice(digits);
        self.values.push(Value::new(station, time, parameter, start));
        Ok(())
    }

    /// The number of a parameter of this file.
    fn number(&mut self, parameter: Parameter) -> std::result::Result<u32, RecordError> {
        if let Some((_, number)) = self.recent.filter(|(recent, _)| *recent == parameter) {
            return Ok(number);
        }
        let position = self.parameters.iter().position(|known| *known == parameter).unwrap_or(self.parameters.len());
        let number = u32::try_from(position).ok().filter(|number| *number < 1 << PARAMETER_BITS);
        let number = number
            .ok_or_else(|| RecordError::record("there are more than 4,096 parameters before it: split the file"))?;
        if position == self.parameters.len() {
            self.parameters.push(parameter);
        }
        self.recent = Some((parameter, number));
        Ok(number)
    }

    /// The parameters, in the order of their columns once the values are sorted.
    pub(super) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Moves each value from the end to the begin of its period. The period is as long as the most frequent step between the times of
    /// the station and the parameter, at most an hour.
    pub(super) fn begin_steps(&mut self) {
        let mut series: HashMap<(usize, usize), Vec<Timestamp>> = HashMap::new();
        for value in &self.values {
            let times = series.entry((value.station(), value.parameter())).or_default();
            times.extend(value.time());
        }
        let steps: HashMap<_, _> = series.into_iter().map(|(key, times)| (key, step_of(times))).collect();
        for value in &mut self.values {
            let step = steps.get(&(value.station(), value.parameter())).copied().unwrap_or(HOUR);
            if let Some(end) = value.time()
                && let Some(begin) = Timestamp::from_microseconds(end.as_microseconds() - step)
            {
                *value = value.at(begin);
            }
        }
    }

    /// Sorts the values by the ids of stations, time, parameter, and as they came.
    pub(super) fn sort(&mut self, stations: &[Station]) {
        self.order = (0..).take(stations.len()).collect();
        self.order.sort_unstable_by_key(|number| &stations[*number as usize].id);
        let mut ranks = vec![0; stations.len()];
        for (rank, number) in (0..).zip(&self.order) {
            ranks[*number as usize] = rank;
        }
        let columns = self.sort_parameters();
        for value in &mut self.values {
            *value = value.renumbered(ranks[value.station()], columns[value.parameter()]);
        }
        // The stable sort is fast where files have long runs in order.
        self.values.sort();
    }

    /// Keeps one value of those for the same station, time and parameter; returns the number of equal values that are removed.
    /// Must be called once the values are sorted.
    ///
    /// # Errors
    /// A conflict, if conflicts are errors.
    pub(super) fn merge(
        &mut self,
        on_conflict: OnConflict,
        stations: &[Station],
        conflicts: &mut Conflicts,
    ) -> Result<u64> {
        // Most files repeat nothing.
        if !self.values.windows(2).any(|pair| pair[0].cell() == pair[1].cell()) {
            return Ok(0);
        }
        let values = std::mem::take(&mut self.values);
        let mut winners: Vec<Value> = Vec::new();
        for same in values.chunk_by(|one, next| one.cell() == next.cell()) {
            let winner = if on_conflict == OnConflict::First { same[0] } else { same[same.len() - 1] };
            winners.push(winner);
            for loser in same.iter().filter(|value| !is_same_value(self.digits(**value), self.digits(winner))) {
                if on_conflict == OnConflict::Error {
                    return Err(self.conflict(winner, *loser, stations).into());
                }
                conflicts.note(|| self.conflict(winner, *loser, stations));
            }
        }
        let repeated = values.len() - winners.len();
        self.values = winners;
        Ok(repeated as u64)
    }

    fn conflict(&self, winner: Value, loser: Value, stations: &[Station]) -> Conflict {
        Conflict {
            station: stations[self.order[winner.station()] as usize].id.clone(),
            time: winner.time().map(|time| time.to_string()).unwrap_or_default(),
            parameter: self.parameters[winner.parameter()],
            kept: String::from_utf8_lossy(self.digits(winner)).into_owned(),
            left_out: String::from_utf8_lossy(self.digits(loser)).into_owned(),
        }
    }

    /// Sorts the parameters; returns the new number of each.
    fn sort_parameters(&mut self) -> Vec<u32> {
        let unsorted = self.parameters.clone();
        self.parameters.sort_unstable();
        let mut columns = Vec::with_capacity(unsorted.len());
        for parameter in &unsorted {
            let column = (0..).zip(&self.parameters).find(|(_, sorted)| *sorted == parameter);
            columns.push(column.map_or(0, |(column, _)| column));
        }
        columns
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

/// The most frequent step between times in microseconds, at most an hour; the shortest of several, and an hour without a step. Steps of
/// a minute or more are rounded to minutes.
fn step_of(mut times: Vec<Timestamp>) -> i64 {
    times.sort_unstable();
    times.dedup();
    let mut counts: BTreeMap<i64, u32> = BTreeMap::new();
    for pair in times.windows(2) {
        let step = pair[1].as_microseconds() - pair[0].as_microseconds();
        let rounded = if step < MINUTE { step } else { (step + MINUTE / 2) / MINUTE * MINUTE };
        *counts.entry(rounded.min(HOUR)).or_default() += 1;
    }
    let mut most = (HOUR, 0);
    for (step, count) in counts {
        if count > most.1 {
            most = (step, count);
        }
    }
    most.0
}

/// Walks through the rows.
#[derive(Debug)]
pub(super) struct MergedRows<'a> {
    merge: &'a Merge,
    position: usize,
}

impl<'a> MergedRows<'a> {
    /// Reads the next row: its station and time, and into `values` the digits of each parameter, empty where there is no value.
    pub(super) fn next_row(&mut self, values: &mut Vec<&'a [u8]>) -> Option<(u32, Timestamp)> {
        let merge = self.merge;
        let first = *merge.values.get(self.position)?;
        values.clear();
        values.resize(merge.parameters.len(), &[]);
        while let Some(value) = merge.values.get(self.position).filter(|value| value.row() == first.row()) {
            values[value.parameter()] = merge.digits(*value);
            self.position += 1;
        }
        Some((merge.order[first.station()], first.time()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_parts_at_the_ends_of_their_ranges() {
        let last_parameter = (1 << PARAMETER_BITS) - 1;
        for text in ["0001-01-01", "1970-01-01", "9999-12-31 23:59:59.999999"] {
            let time = text.parse::<Timestamp>().unwrap();
            let value = Value::new((1 << STATION_BITS) - 1, time, last_parameter, u32::MAX);
            assert_eq!((value.station(), value.time()), ((1 << STATION_BITS) - 1, Some(time)));
            assert_eq!((value.parameter(), value.start()), (last_parameter as usize, u32::MAX as usize));
            let moved = value.renumbered(3, 5);
            assert_eq!((moved.station(), moved.time(), moved.start()), (3, Some(time), u32::MAX as usize));
            assert_eq!(moved.parameter(), 5);
        }
    }

    #[test]
    fn the_step_of_a_series_is_the_most_frequent_and_at_most_an_hour() {
        let step = |texts: &[&str]| {
            let times = texts.iter().map(|text| format!("2024-01-01 {text}").parse::<Timestamp>().unwrap());
            step_of(times.collect()) / MINUTE
        };
        assert_eq!(step(&[]), 60);
        assert_eq!(step(&["10:00"]), 60);
        assert_eq!(step(&["10:15", "10:00", "10:30", "12:30", "12:45", "10:15"]), 15);
        assert_eq!(step(&["10:00:03", "10:05:01", "10:10:04"]), 5);
        assert_eq!(step(&["08:00", "16:00", "23:00"]), 60);
        assert_eq!(
            step_of(vec![Timestamp::from_microseconds(0).unwrap(), Timestamp::from_microseconds(20_000_000).unwrap()]),
            20_000_000
        );
        let value = Value::new(7, "2024-01-01 10:00".parse::<Timestamp>().unwrap(), 3, 9);
        let moved = value.at("2024-01-01 09:45".parse::<Timestamp>().unwrap());
        assert_eq!(moved, Value::new(7, "2024-01-01 09:45".parse::<Timestamp>().unwrap(), 3, 9));
    }

    #[test]
    fn values_become_rows_in_order_and_the_later_of_two_stays() {
        let stations = [Station::new("b"), Station::new("a")];
        let (early, late) = ("2016-10-01".parse::<Timestamp>().unwrap(), "2016-10-02".parse::<Timestamp>().unwrap());
        let mut merge = Merge::default();
        for (station, time, parameter, digits) in [
            (0, late, Parameter::NO2, "1"),
            (1, late, Parameter::O3, "2"),
            (1, late, Parameter::NO2, "3"),
            (1, early, Parameter::O3, "4"),
            (1, late, Parameter::O3, "5"),
        ] {
            merge.push(station, time, parameter, digits.as_bytes()).unwrap();
        }
        merge.sort(&stations);
        let mut conflicts = Conflicts::default();
        assert_eq!(merge.merge(OnConflict::Last, &stations, &mut conflicts).unwrap(), 1);
        assert_eq!((conflicts.count, conflicts.first[0].kept.as_str()), (1, "5"));
        assert_eq!(merge.parameters(), [Parameter::NO2, Parameter::O3]);
        let mut rows = merge.rows();
        let mut seen = Vec::new();
        let mut values = Vec::new();
        while let Some((station, time)) = rows.next_row(&mut values) {
            let value = |column: usize| String::from_utf8_lossy(values[column]).into_owned();
            seen.push((station, time, value(0), value(1)));
        }
        let row = |station, time, no2: &str, o3: &str| (station, time, no2.to_owned(), o3.to_owned());
        assert_eq!(seen, [row(1, early, "", "4"), row(1, late, "3", "5"), row(0, late, "1", "")]);
    }
}

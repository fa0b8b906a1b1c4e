//! The values of one parameter in a period, and their average.

use super::millionths::divided;
use crate::query::{Averages, Percentile, Statistic};

/// The values of one parameter in an open period.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    count: u64,
    sum: i128,
    least: i64,
    greatest: i64,
    /// All values, for statistics that sort them.
    values: Vec<i64>,
    captured: u32,
    first_slot: Option<i64>,
    last_slot: Option<i64>,
}

/// The average of one parameter in a period, in millionths of the parameter's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Average {
    /// `None` if too few of the expected values are present.
    pub(crate) value: Option<i64>,
    /// The number of expected values that are present.
    pub(crate) captured: u32,
    /// The number of expected values.
    pub(crate) slots: u32,
}

impl Gathered {
    /// Adds a value of this slot. Values must be in the order of time.
    #[inline]
    pub(super) fn take(&mut self, value: i64, slot: i64, statistic: Statistic) {
        if self.last_slot != Some(slot) {
            self.first_slot = self.first_slot.or(Some(slot));
            self.last_slot = Some(slot);
            self.captured += 1;
        }
        match statistic {
            Statistic::Mean | Statistic::MaxEightHours | Statistic::Somo35 => self.sum += i128::from(value),
            Statistic::Min => self.least = if self.count == 0 { value } else { self.least.min(value) },
            Statistic::Max => self.greatest = if self.count == 0 { value } else { self.greatest.max(value) },
            Statistic::Percentile(_) => self.values.push(value),
            Statistic::Count => {}
        }
        self.count += 1;
    }

    /// Adds the values of `next`, which are later.
    pub(super) fn merge(&mut self, next: &mut Gathered) {
        if next.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = std::mem::take(next);
            return;
        }
        let shares_slot = self.last_slot == next.first_slot;
        self.captured += next.captured - u32::from(shares_slot);
        self.last_slot = next.last_slot;
        self.least = self.least.min(next.least);
        self.greatest = self.greatest.max(next.greatest);
        self.count += next.count;
        self.sum += next.sum;
        self.values.append(&mut next.values);
    }

    /// Returns the average of a period with this number of expected values, and removes the values.
    pub(super) fn close(&mut self, averaging: &Averages, slots: u32) -> Average {
        let captured = self.captured.min(slots);
        let is_enough = self.count > 0 && is_captured(captured, slots, averaging.capture());
        let value = match averaging.statistic() {
            Statistic::Count => Some(i64::try_from(self.count).unwrap_or(i64::MAX).saturating_mul(1_000_000)),
            _ if !is_enough => None,
            Statistic::Mean | Statistic::MaxEightHours | Statistic::Somo35 => {
                Some(divided(self.sum, i128::from(self.count)))
            }
            Statistic::Min => Some(self.least),
            Statistic::Max => Some(self.greatest),
            Statistic::Percentile(percentile) => self.percentile(percentile),
        };
        // The memory for values is reused.
        let mut values = std::mem::take(&mut self.values);
        values.clear();
        *self = Gathered { values, ..Gathered::default() };
        Average { value, captured, slots }
    }

    /// Interpolates between the two values next to the position of the percentile.
    fn percentile(&mut self, percentile: Percentile) -> Option<i64> {
        const WHOLE: usize = 1000;
        self.values.sort_unstable();
        let position = usize::from(percentile.tenths()) * (self.values.len() - 1);
        let (below, part) = (self.values.get(position / WHOLE)?, position % WHOLE);
        let above = self.values.get(position / WHOLE + 1).unwrap_or(below);
        let (whole, part) = (i128::try_from(WHOLE).ok()?, i128::try_from(part).ok()?);
        Some(divided(i128::from(*below) * (whole - part) + i128::from(*above) * part, whole))
    }
}

impl Average {
    /// Returns the capture in thousandths, rounded down.
    pub(super) fn capture(self) -> u32 {
        let thousandths = u64::from(self.captured) * 1000 / u64::from(self.slots.max(1));
        u32::try_from(thousandths).unwrap_or(1000)
    }
}

/// Returns whether the captured values are at least this share of the expected values, in percent.
pub(crate) fn is_captured(captured: u32, slots: u32, percent: u8) -> bool {
    u64::from(captured) * 100 >= u64::from(slots) * u64::from(percent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Every;

    fn of(statistic: Statistic, values: &[i64]) -> Option<i64> {
        let mut gathered = Gathered::default();
        for (slot, value) in values.iter().enumerate() {
            gathered.take(*value, i64::try_from(slot).unwrap(), statistic);
        }
        let averaging = Averages::new(Every::Day).with_statistic(statistic);
        gathered.close(&averaging, u32::try_from(values.len()).unwrap()).value
    }

    #[test]
    fn statistics_are_what_their_names_say() {
        let values = [5, -1, 10, 3];
        assert_eq!(of(Statistic::Mean, &values), Some(4));
        assert_eq!(of(Statistic::Min, &values), Some(-1));
        assert_eq!(of(Statistic::Max, &values), Some(10));
        assert_eq!(of(Statistic::MEDIAN, &values), Some(4));
        assert_eq!(of(Statistic::MEDIAN, &[3, 1, 2]), Some(2));
        assert_eq!(of(Statistic::Count, &values), Some(4_000_000));
        assert_eq!(of(Statistic::Min, &[7, 9]), Some(7), "the first value is not compared with nothing");
        assert_eq!(of(Statistic::Max, &[-7, -9]), Some(-7));
    }

    #[test]
    fn a_percentile_lies_between_two_values_in_proportion() {
        let percentile = |name: &str, values: &[i64]| of(name.parse::<Statistic>().unwrap(), values);
        let hundred_and_one: Vec<i64> = (0..=100).map(|value| value * 1000).collect();
        assert_eq!(percentile("p98", &hundred_and_one), Some(98_000));
        assert_eq!(percentile("p99.8", &hundred_and_one), Some(99_800));
        assert_eq!(percentile("p90.4", &[0, 1000]), Some(904));
        assert_eq!(percentile("p0.1", &[0, 1000]), Some(1));
        assert_eq!(percentile("p98", &[7]), Some(7));
    }

    #[test]
    fn below_the_capture_there_is_no_value_but_a_count() {
        let close = |taken: i64, statistic| {
            let mut gathered = Gathered::default();
            (0..taken).for_each(|slot| gathered.take(1, slot, statistic));
            gathered.close(&Averages::new(Every::Day).with_statistic(statistic), 24)
        };
        assert_eq!(close(18, Statistic::Mean), Average { value: Some(1), captured: 18, slots: 24 });
        assert_eq!(close(17, Statistic::Mean), Average { value: None, captured: 17, slots: 24 });
        assert_eq!(close(17, Statistic::Mean).capture(), 708);
        assert_eq!(close(0, Statistic::Count).value, Some(0));
        assert_eq!(close(17, Statistic::Count).value, Some(17_000_000));
    }
}

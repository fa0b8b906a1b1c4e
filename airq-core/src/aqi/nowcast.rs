//! The NowCast, an estimate of the current concentration of particles from the last hours.

/// Returns the NowCast of particles: the weighted mean of the last 12 hours.
///
/// The weight of an hour is w times the weight of the hour after it, where w is the smallest value divided by the largest value,
/// but at least one half. The newest hour comes first. Hours after the twelfth are ignored. The result has the unit of the
/// values.
///
/// Returns `None` unless two of the newest three hours have a value.
///
/// Source: US EPA, EPA-454/B-24-002 (May 2024).
///
/// ```
/// use airq_core::aqi::nowcast;
/// assert_eq!(nowcast(&[Some(10.0), Some(20.0)]), Some(20.0 / 1.5));
/// assert_eq!(nowcast(&[Some(10.0), None, None, Some(10.0)]), None);
/// ```
pub fn nowcast(hours: &[Option<f64>]) -> Option<f64> {
    const NEWEST: usize = 3;
    const ENOUGH: usize = 2;
    const LONGEST: usize = 12;
    if hours.iter().take(NEWEST).flatten().count() < ENOUGH {
        return None;
    }
    let hours = &hours[..hours.len().min(LONGEST)];
    let weight = weight(hours.iter().flatten().copied());
    let mut weighted = 0.0;
    let mut weights = 0.0;
    for (value, age) in hours.iter().zip(0_i32..) {
        if let Some(value) = value {
            weighted += weight.powi(age) * value;
            weights += weight.powi(age);
        }
    }
    Some(weighted / weights)
}

/// Returns 1 − (max − min) ÷ max, but at least one half. Returns 1 if no value is greater than zero.
fn weight(values: impl Iterator<Item = f64>) -> f64 {
    let (least, most) = values.fold((f64::INFINITY, 0.0), |(least, most), value| (value.min(least), value.max(most)));
    if most > 0.0 { (least / most).max(0.5) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nowcast_of_equal_hours_is_their_value() {
        let nowcast = nowcast(&[Some(35.4); 12]).unwrap();
        assert!((nowcast - 35.4).abs() < 1e-12, "{nowcast}");
    }

    #[test]
    fn a_steep_change_halves_the_weight_per_hour_and_missing_hours_have_no_weight() {
        let hours = [Some(8.0), None, Some(2.0), Some(100.0)];
        let expected = (8.0 + 2.0 / 4.0 + 100.0 / 8.0) / (1.0 + 1.0 / 4.0 + 1.0 / 8.0);
        assert!((nowcast(&hours).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_slow_change_weighs_by_the_range() {
        let expected = (80.0 + 0.8 * 100.0) / 1.8;
        assert!((nowcast(&[Some(80.0), Some(100.0)]).unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn two_of_the_newest_three_hours_are_needed() {
        let old = [Some(1.0); 12];
        let with = |newest: [Option<f64>; 3]| nowcast(&[newest.as_slice(), &old[3..]].concat());
        assert_eq!(with([None, None, Some(1.0)]), None);
        assert_eq!(with([None, None, None]), None);
        for newest in [[None, Some(1.0), Some(1.0)], [Some(1.0), None, Some(1.0)], [Some(1.0), Some(1.0), None]] {
            assert_eq!(with(newest), Some(1.0));
        }
    }

    #[test]
    fn the_thirteenth_hour_is_ignored() {
        let mut hours = vec![Some(10.0); 12];
        hours.push(Some(1e6));
        assert_eq!(nowcast(&hours), Some(10.0));
    }

    #[test]
    fn zeros_and_negative_noise_have_a_nowcast() {
        assert_eq!(nowcast(&[Some(0.0), Some(0.0)]), Some(0.0));
        assert_eq!(nowcast(&[Some(-1.0), Some(-1.0)]), Some(-1.0));
    }
}

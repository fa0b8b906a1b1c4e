//! Random numbers for names that must differ and for spreading load. They do not resist an attacker.

use std::hash::{BuildHasher, RandomState};

/// Returns a random number. The operating system seeds each thread, so the numbers of two processes differ.
pub fn random() -> u64 {
    // A new RandomState has keys of its own, and the hash of nothing depends on the keys alone.
    RandomState::new().hash_one(())
}

/// Returns a random number from 0 to 1.
pub(crate) fn random_share() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a random share needs no precision")]
    let share = random() as f64 / u64::MAX as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_numbers_are_all_different() {
        let numbers: std::collections::HashSet<u64> = (0..100).map(|_| random()).collect();
        assert_eq!(numbers.len(), 100);
    }

    #[test]
    fn shares_are_spread_from_0_to_1() {
        let shares: Vec<f64> = (0..1000).map(|_| random_share()).collect();
        assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        assert!(shares.iter().any(|share| *share < 0.1) && shares.iter().any(|share| *share > 0.9));
    }
}

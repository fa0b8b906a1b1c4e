//! The results of a function for recent arguments.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

/// The maximum number of results.
const CAPACITY: usize = 64;

/// The results of a function for recent arguments. A full memo drops all results before it takes the next result, which costs less
/// than recording each use.
#[derive(Debug)]
pub struct Memo<K, V>(RwLock<HashMap<K, Arc<V>>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Memo(RwLock::default())
    }
}

impl<K: Eq + Hash, V> Memo<K, V> {
    /// Returns the result for an argument, if the memo has it.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, argument: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(argument).cloned()
    }

    /// Keeps the result for an argument.
    pub fn insert(&self, argument: K, result: Arc<V>) {
        let mut results = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if results.len() >= CAPACITY {
            results.clear();
        }
        results.insert(argument, result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_has_the_results_that_it_was_given_up_to_its_capacity() {
        let memo = Memo::default();
        for number in 0..=CAPACITY {
            assert_eq!(memo.get(&number), None);
            memo.insert(number, Arc::new(number + 1));
            assert_eq!(memo.get(&number).as_deref(), Some(&(number + 1)));
            assert_eq!(memo.get(&0).is_some(), number < CAPACITY, "{number}");
        }
    }
}

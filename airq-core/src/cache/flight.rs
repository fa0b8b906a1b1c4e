//! Single flight: of the threads that want the same thing at once, one makes it and the others wait for it.

use crate::error::Result;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What is being made now, by key.
#[derive(Debug)]
pub(crate) struct SingleFlight<K, T> {
    flights: Mutex<HashMap<K, Arc<Flight<T>>>>,
}

#[derive(Debug)]
struct Flight<T> {
    state: Mutex<State<T>>,
    ended: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Flying,
    Landed(Result<T>),
    /// The leader panicked.
    Lost,
}

/// A thread's part in a flight.
pub(crate) enum Role<'a, K: Eq + Hash, T: Clone> {
    /// Make it, then [`land`](Leader::land).
    Leader(Leader<'a, K, T>),
    /// Somebody makes it.
    Follower(Follower<T>),
}

/// The right and the duty to make something. Dropped without landing, it frees the followers.
pub(crate) struct Leader<'a, K: Eq + Hash, T> {
    flights: &'a SingleFlight<K, T>,
    key: K,
    flight: Arc<Flight<T>>,
}

/// A place among those who wait.
pub(crate) struct Follower<T>(Arc<Flight<T>>);

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        SingleFlight { flights: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash, T: Clone> SingleFlight<K, T> {
    /// Leads if nobody makes this yet, follows otherwise.
    pub(crate) fn join(&self, key: &K) -> Role<'_, K, T> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key) {
            return Role::Follower(Follower(flight.clone()));
        }
        let flight = Arc::new(Flight { state: Mutex::new(State::Flying), ended: Condvar::new() });
        flights.insert(key.clone(), flight.clone());
        Role::Leader(Leader { flights: self, key: key.clone(), flight })
    }
}

impl<K: Eq + Hash, T: Clone> Leader<'_, K, T> {
    /// Hands the outcome to all who wait, an error too.
    pub(crate) fn land(self, outcome: Result<T>) -> Result<T> {
        self.flight.end(State::Landed(outcome.clone()));
        outcome
    }
}

impl<K: Eq + Hash, T> Drop for Leader<'_, K, T> {
    fn drop(&mut self) {
        self.flights.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.flight.end(State::Lost);
    }
}

impl<T> Flight<T> {
    /// Only the first end counts.
    fn end(&self, end: State<T>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Flying) {
            *state = end;
            self.ended.notify_all();
        }
    }
}

impl<T: Clone> Follower<T> {
    /// The leader's outcome; `None` if it was lost, and somebody should lead anew.
    pub(crate) fn wait(self) -> Option<Result<T>> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*state {
                State::Landed(outcome) => return Some(outcome.clone()),
                State::Lost => return None,
                State::Flying => state = self.0.ended.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

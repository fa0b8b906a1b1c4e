//! Single flight: of several threads that need the same value at the same time, one computes it and the others wait.

use crate::error::Result;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The computations that are running, by key.
#[derive(Debug)]
pub(crate) struct SingleFlight<K, T> {
    flights: Mutex<HashMap<K, Arc<Flight<T>>>>,
}

#[derive(Debug)]
struct Flight<T> {
    state: Mutex<FlightState<T>>,
    ended: Condvar,
}

#[derive(Debug)]
enum FlightState<T> {
    Running,
    Finished(Result<T>),
    /// The leader was dropped without a result, for example by a panic.
    Abandoned,
}

/// The role of a thread in a flight.
pub(crate) enum FlightRole<'a, K: Eq + Hash, T: Clone> {
    /// This thread computes the value and calls [`finish`](FlightLeader::finish).
    Leader(FlightLeader<'a, K, T>),
    /// Another thread computes the value.
    Follower(FlightFollower<T>),
}

/// The obligation to compute a value. If a leader is dropped without a result, a follower can become the next leader.
pub(crate) struct FlightLeader<'a, K: Eq + Hash, T> {
    flights: &'a SingleFlight<K, T>,
    key: K,
    flight: Arc<Flight<T>>,
}

/// A handle to wait for the leader's result.
pub(crate) struct FlightFollower<T>(Arc<Flight<T>>);

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        SingleFlight { flights: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash, T: Clone> SingleFlight<K, T> {
    /// Becomes the leader if no thread computes the value of this key, and a follower otherwise.
    pub(crate) fn join(&self, key: &K) -> FlightRole<'_, K, T> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(key) {
            return FlightRole::Follower(FlightFollower(flight.clone()));
        }
        let flight = Arc::new(Flight { state: Mutex::new(FlightState::Running), ended: Condvar::new() });
        flights.insert(key.clone(), flight.clone());
        FlightRole::Leader(FlightLeader { flights: self, key: key.clone(), flight })
    }
}

impl<K: Eq + Hash, T: Clone> FlightLeader<'_, K, T> {
    /// Passes the outcome, also an error, to all followers and returns it.
    pub(crate) fn finish(self, outcome: Result<T>) -> Result<T> {
        self.flight.end(FlightState::Finished(outcome.clone()));
        outcome
    }
}

impl<K: Eq + Hash, T> Drop for FlightLeader<'_, K, T> {
    fn drop(&mut self) {
        self.flights.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        self.flight.end(FlightState::Abandoned);
    }
}

impl<T> Flight<T> {
    /// Ends the flight. Later calls have no effect.
    fn end(&self, end: FlightState<T>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, FlightState::Running) {
            *state = end;
            self.ended.notify_all();
        }
    }
}

impl<T: Clone> FlightFollower<T> {
    /// Waits for the leader's outcome. Returns `None` if the leader has abandoned the flight: join again.
    pub(crate) fn wait(self) -> Option<Result<T>> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*state {
                FlightState::Finished(outcome) => return Some(outcome.clone()),
                FlightState::Abandoned => return None,
                FlightState::Running => state = self.0.ended.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

//! The memory of answers that are being loaded or sent.

use super::Entry;
use crate::deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::format::Format;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// The maximum time that a load waits for memory.
const WAIT: Duration = Duration::from_secs(1);
/// The length from which an answer is counted. The number of threads bounds the memory of shorter answers, which must not wait
/// for longer ones.
const COUNTED_FROM: usize = 256 * 1024;

/// The length of a usual row: six pollutants in the format `records`, with a margin.
const ROW_LENGTH: usize = 180;
const MANY_ROWS: usize = 100;

/// A limit on the bytes of all answers that are being loaded or sent.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    limit: usize,
    state: Mutex<BudgetState>,
    released: Condvar,
}

#[derive(Debug, Default)]
struct BudgetState {
    used: usize,
    /// The lengths of the longest rows up to now.
    row_lengths: HashMap<Format, usize>,
    /// The entries that are being sent, by their addresses. Several answers may share an entry.
    held: HashMap<usize, Weak<HeldEntry>>,
}

/// A part of the budget, which is released when it is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Arc<MemoryBudget>,
    bytes: usize,
}

/// An entry that is counted as long as an answer uses it.
#[derive(Debug)]
pub(crate) struct HeldEntry {
    /// The address identifies the entry, so the entry must not be dropped before.
    entry: Arc<Entry>,
    reservation: Reservation,
}

impl MemoryBudget {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(MemoryBudget { limit, state: Mutex::default(), released: Condvar::new() })
    }

    /// Reserves memory for an answer with this number of rows that is about to be loaded. The memory is reserved before the load, so
    /// that loads that started together do not all wait for more memory in the middle.
    ///
    /// # Errors
    /// As [`reserve`](MemoryBudget::reserve).
    pub(crate) fn reserve_rows(self: &Arc<Self>, format: Format, rows: u64) -> Result<Reservation> {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let row_length = self.state().row_lengths.get(&format).copied().unwrap_or(ROW_LENGTH);
        self.reserve(rows.saturating_mul(row_length))
    }

    /// Notes the size of an answer, for later expectations.
    pub(crate) fn note_rows(&self, format: Format, rows: u64, bytes: usize) {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        // The text around few rows would count as rows.
        if rows >= MANY_ROWS {
            let mut state = self.state();
            let longest = state.row_lengths.entry(format).or_insert(ROW_LENGTH);
            *longest = (bytes / rows + ROW_LENGTH / 10).max(*longest);
        }
    }

    /// Reserves memory for an answer that is about to be loaded, at most all of the budget.
    ///
    /// # Errors
    /// [`ErrorKind::Overloaded`] if the memory is not available within a second or within the deadline of the work.
    pub(crate) fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Reservation> {
        let mut reservation = Reservation { budget: self.clone(), bytes: 0 };
        reservation.grow_to(bytes.min(self.limit))?;
        Ok(reservation)
    }

    /// Counts an entry that is being sent until the last handle to it is dropped. The bytes are counted even if they exceed the
    /// budget, because the entry exists already. A packed entry is not counted: see [`unpack`](MemoryBudget::unpack).
    pub(crate) fn hold(self: &Arc<Self>, entry: &Arc<Entry>) -> Option<Arc<HeldEntry>> {
        if entry.length() < COUNTED_FROM || self.limit == usize::MAX {
            return None;
        }
        let mut state = self.state();
        if let Some(held) = state.held.get(&address(entry)).and_then(Weak::upgrade) {
            return Some(held);
        }
        if entry.is_packed() {
            return None;
        }
        state.used += entry.length();
        let reservation = Reservation { budget: self.clone(), bytes: entry.length() };
        Some(state.hold(entry.clone(), reservation))
    }

    /// Decompresses a packed entry into memory that is reserved before, and counts the entry as [`hold`](MemoryBudget::hold) does.
    ///
    /// # Errors
    /// As [`reserve`](MemoryBudget::reserve).
    pub(crate) fn unpack(self: &Arc<Self>, entry: &Arc<Entry>) -> Result<Option<Arc<HeldEntry>>> {
        if !entry.is_packed() {
            return Ok(self.hold(entry));
        }
        let held = self.reserve(entry.length())?.hold(entry);
        entry.body();
        Ok(held)
    }

    fn state(&self) -> MutexGuard<'_, BudgetState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BudgetState {
    fn hold(&mut self, entry: Arc<Entry>, reservation: Reservation) -> Arc<HeldEntry> {
        let address = address(&entry);
        let held = Arc::new(HeldEntry { entry, reservation });
        self.held.insert(address, Arc::downgrade(&held));
        held
    }
}

/// Returns the number that identifies an entry while the entry exists.
fn address(entry: &Arc<Entry>) -> usize {
    Arc::as_ptr(entry) as usize
}

impl Reservation {
    /// Holds the entry whose body was loaded into the reserved memory, as [`MemoryBudget::hold`].
    pub(crate) fn hold(self, entry: &Arc<Entry>) -> Option<Arc<HeldEntry>> {
        if entry.length() < COUNTED_FROM {
            return None;
        }
        let budget = self.budget.clone();
        let mut state = budget.state();
        Some(state.hold(entry.clone(), self))
    }

    /// Reserves more memory, so that the reservation has at least this number of bytes.
    fn grow_to(&mut self, bytes: usize) -> Result<()> {
        if bytes < COUNTED_FROM {
            return Ok(());
        }
        let Some(more) = bytes.checked_sub(self.bytes).filter(|more| *more > 0) else { return Ok(()) };
        let limit = self.budget.limit;
        let state = self.budget.state();
        let (mut state, wait) = self
            .budget
            .released
            .wait_timeout_while(state, deadline::at_most(WAIT), |state| state.used.saturating_add(more) > limit)
            .unwrap_or_else(PoisonError::into_inner);
        if wait.timed_out() {
            let why = format!("the answer needs {more} more bytes, and {} of {limit} are in use", state.used);
            return Err(Error::new(ErrorKind::Overloaded, why));
        }
        state.used += more;
        drop(state);
        self.bytes = bytes;
        Ok(())
    }

    fn shrink_to(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes);
        self.bytes -= less;
        self.budget.state().used -= less;
        self.budget.released.notify_all();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

impl Drop for HeldEntry {
    fn drop(&mut self) {
        let address = address(&self.entry);
        let mut state = self.reservation.budget.state();
        // Another thread may have held the entry anew since the last handle was dropped.
        if let Some(held) = state.held.get(&address)
            && held.strong_count() == 0
        {
            state.held.remove(&address);
        }
    }
}

/// A buffer for an answer, which reserves its memory before it grows.
#[derive(Debug)]
pub(crate) struct AnswerBuffer {
    bytes: Vec<u8>,
    reservation: Reservation,
}

impl AnswerBuffer {
    /// Returns a buffer with room for the reserved bytes, because a buffer that grows leaves its former memory to the allocator.
    pub(crate) fn new(reservation: Reservation) -> Self {
        AnswerBuffer { bytes: Vec::with_capacity(reservation.bytes), reservation }
    }

    /// Returns the bytes, and the reservation of their memory.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Reservation) {
        self.bytes.shrink_to_fit();
        self.reservation.shrink_to(self.bytes.len());
        (self.bytes, self.reservation)
    }
}

impl Write for AnswerBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let needed = self.bytes.len() + bytes.len();
        if needed > self.bytes.capacity() {
            let limit = self.reservation.budget.limit;
            let capacity = (needed + needed / 4).min(limit).max(needed);
            self.reservation.grow_to(capacity)?;
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(budget: &MemoryBudget) -> usize {
        budget.state().used
    }

    fn entry(length: usize) -> Arc<Entry> {
        let hour = Duration::from_secs(3600);
        Arc::new(Entry::new(vec![b'x'; length], "e", hour, hour))
    }

    const UNIT: usize = COUNTED_FROM;

    #[test]
    fn a_reservation_beyond_the_budget_waits_for_memory_and_then_fails() {
        let budget = MemoryBudget::new(10 * UNIT);
        let first = budget.reserve(6 * UNIT).unwrap();
        let start = std::time::Instant::now();
        assert_eq!(budget.reserve(6 * UNIT).unwrap_err().kind(), ErrorKind::Overloaded);
        assert!(start.elapsed() >= WAIT);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.reserve(100 * UNIT).map(|reservation| reservation.bytes));
            std::thread::sleep(WAIT / 10);
            drop(first);
            assert_eq!(waiting.join().unwrap().unwrap(), 10 * UNIT, "one answer may use all of the budget");
        });
        assert_eq!(used(&budget), 0);
    }

    #[test]
    fn a_packed_answer_waits_for_the_memory_of_its_body() {
        let body = vec![b'x'; 6 * UNIT];
        let packed = crate::gzip::gzip(&body).unwrap();
        let entry = || Arc::new(Entry::compressed(packed.clone(), body.len(), "e", WAIT, WAIT).unwrap());
        let budget = MemoryBudget::new(10 * UNIT);
        let (first, second) = (entry(), entry());
        assert!(budget.hold(&first).is_none(), "nothing is decompressed yet");
        let held = budget.unpack(&first).unwrap();
        assert_eq!((used(&budget), first.body().len()), (6 * UNIT, 6 * UNIT));
        assert_eq!(budget.unpack(&second).unwrap_err().kind(), ErrorKind::Overloaded);
        assert!(second.is_packed());
        drop(held);
        assert!(budget.unpack(&second).unwrap().is_some());
        assert_eq!(used(&budget), 0, "the handle is dropped");
    }

    #[test]
    fn a_short_answer_does_not_wait() {
        let budget = MemoryBudget::new(UNIT);
        let _all = budget.reserve(UNIT).unwrap();
        let mut buffer = AnswerBuffer::new(budget.reserve(1000).unwrap());
        buffer.write_all(&vec![b'x'; UNIT / 2 - 1]).unwrap();
        assert!(buffer.write_all(&vec![b'x'; UNIT]).is_err());
    }

    #[test]
    fn an_answer_as_large_as_the_budget_is_loaded() {
        let budget = MemoryBudget::new(10 * UNIT);
        let mut buffer = AnswerBuffer::new(budget.reserve(0).unwrap());
        for _ in 0..100 {
            buffer.write_all(&vec![b'x'; UNIT / 10]).unwrap();
        }
        assert_eq!(buffer.finish().0.len(), 100 * (UNIT / 10));
    }

    #[test]
    fn the_long_rows_of_one_format_are_not_expected_of_another() {
        let budget = MemoryBudget::new(UNIT);
        budget.note_rows(Format::NgsiLd, 1000, 2 * UNIT);
        assert_eq!(budget.reserve_rows(Format::NgsiLd, 1000).unwrap().bytes, UNIT);
        assert_eq!(budget.reserve_rows(Format::Json, 1000).unwrap().bytes, 0, "short, so not counted");
    }

    #[test]
    fn a_load_with_a_deadline_does_not_wait_longer() {
        let budget = MemoryBudget::new(UNIT);
        let _all = budget.reserve(UNIT).unwrap();
        let start = std::time::Instant::now();
        assert!(deadline::within(WAIT / 10, || budget.reserve(UNIT)).is_err());
        assert!(start.elapsed() < WAIT / 2);
    }

    #[test]
    fn a_buffer_reserves_what_it_allocates_and_its_entry_what_it_needs() {
        let budget = MemoryBudget::new(10 * UNIT);
        let mut buffer = AnswerBuffer::new(budget.reserve(UNIT).unwrap());
        for _ in 0..50 {
            buffer.write_all(&vec![b'x'; UNIT / 10]).unwrap();
            assert!(used(&budget) >= buffer.bytes.capacity());
        }
        let (bytes, reservation) = buffer.finish();
        let length = bytes.len();
        assert_eq!((length, used(&budget)), (50 * (UNIT / 10), length));
        let entry = entry(length);
        let held = reservation.hold(&entry);
        assert_eq!(used(&budget), length);
        drop(held);
        assert_eq!(used(&budget), 0);
    }

    #[test]
    fn an_entry_that_several_answers_use_is_counted_once() {
        let budget = MemoryBudget::new(UNIT);
        let large = entry(2 * UNIT);
        let held = [budget.hold(&large), budget.hold(&large), budget.hold(&entry(10))];
        assert_eq!(used(&budget), 2 * UNIT, "also beyond the budget");
        assert!(held[0].is_some() && held[2].is_none());
        drop(held);
        assert_eq!(used(&budget), 0);
        assert!(budget.state().held.is_empty());
    }
}

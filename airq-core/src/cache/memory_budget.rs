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
    /// The count of the packed body, if the entry was unpacked.
    _packed: Option<Arc<HeldEntry>>,
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

    /// Counts an entry that is being sent until the last handle to it is dropped. A plain body is counted even if it exceeds the
    /// budget, because the answers of a cache in this process share it. A packed body comes from another process for each answer, so it
    /// waits for its memory.
    ///
    /// # Errors
    /// As [`reserve`](MemoryBudget::reserve), for a packed body.
    pub(crate) fn hold(self: &Arc<Self>, entry: &Arc<Entry>) -> Result<Option<Arc<HeldEntry>>> {
        let packed = if entry.is_packed() { entry.gzip() } else { None };
        let length = packed.map_or(entry.length(), <[u8]>::len);
        if length < COUNTED_FROM || self.limit == usize::MAX {
            return Ok(None);
        }
        let mut state = self.state();
        if let Some(held) = state.held.get(&address(entry)).and_then(Weak::upgrade) {
            return Ok(Some(held));
        }
        if packed.is_some() {
            drop(state);
            return Ok(self.reserve(length)?.hold(entry));
        }
        state.used += length;
        let reservation = Reservation { budget: self.clone(), bytes: length };
        Ok(Some(state.hold(entry.clone(), reservation, None)))
    }

    /// Decompresses a packed entry into memory that is reserved before, and counts the body in addition to what `held` counts.
    ///
    /// # Errors
    /// As [`reserve`](MemoryBudget::reserve).
    pub(crate) fn unpack(self: &Arc<Self>, entry: &Arc<Entry>, held: &mut Option<Arc<HeldEntry>>) -> Result<()> {
        if entry.is_packed() {
            let packed = held.as_ref().map_or(0, |held| held.reservation.bytes);
            let reservation = self.reserve(entry.length().min(self.limit - packed))?;
            *held = reservation.hold_unpacked(entry, held.take());
            entry.body();
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, BudgetState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BudgetState {
    fn hold(&mut self, entry: Arc<Entry>, reservation: Reservation, packed: Option<Arc<HeldEntry>>) -> Arc<HeldEntry> {
        let address = address(&entry);
        let held = Arc::new(HeldEntry { entry, reservation, _packed: packed });
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
        self.hold_unpacked(entry, None)
    }

    fn hold_unpacked(self, entry: &Arc<Entry>, packed: Option<Arc<HeldEntry>>) -> Option<Arc<HeldEntry>> {
        if entry.length() < COUNTED_FROM {
            return packed;
        }
        let budget = self.budget.clone();
        let mut state = budget.state();
        Some(state.hold(entry.clone(), self, packed))
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

    /// Bytes that gzip does not make smaller by much.
    fn noise(length: usize) -> Vec<u8> {
        let hash = |number: usize| crate::hash::StableHasher::default().with(&number.to_be_bytes()).finish();
        (0..length).map(|number| hash(number).to_be_bytes()[7] / 4).collect()
    }

    #[test]
    fn a_packed_answer_waits_for_its_memory_and_then_for_that_of_its_body() {
        let body = noise(4 * UNIT);
        let gzip = crate::gzip::gzip(&body).unwrap();
        let packed = gzip.len();
        assert!((2 * UNIT..4 * UNIT).contains(&packed), "{packed}");
        let entry = || Arc::new(Entry::compressed(gzip.clone(), body.len(), "e", WAIT, WAIT).unwrap());
        let budget = MemoryBudget::new(3 * packed - 1);
        let (first, second, third) = (entry(), entry(), entry());
        let mut held = budget.hold(&first).unwrap();
        let other = budget.hold(&second).unwrap();
        assert_eq!(used(&budget), 2 * packed);
        assert_eq!(budget.hold(&third).unwrap_err().kind(), ErrorKind::Overloaded);
        assert_eq!(budget.unpack(&first, &mut held).unwrap_err().kind(), ErrorKind::Overloaded);
        assert!(first.is_packed());
        drop(other);
        budget.unpack(&first, &mut held).unwrap();
        assert_eq!((used(&budget), first.body().len()), (packed + body.len(), body.len()));
        let same = budget.hold(&first).unwrap();
        assert_eq!(used(&budget), packed + body.len(), "an entry is counted once");
        drop((held, same));
        assert_eq!(used(&budget), 0);
        assert!(budget.state().held.is_empty());
    }

    #[test]
    fn a_packed_answer_as_large_as_the_budget_is_unpacked() {
        let gzip = crate::gzip::gzip(&noise(4 * UNIT)).unwrap();
        let entry = Arc::new(Entry::compressed(gzip, 4 * UNIT, "e", WAIT, WAIT).unwrap());
        let budget = MemoryBudget::new(4 * UNIT);
        let mut held = budget.hold(&entry).unwrap();
        budget.unpack(&entry, &mut held).unwrap();
        assert_eq!(used(&budget), 4 * UNIT);
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
        let held = [&large, &large, &entry(10)].map(|entry| budget.hold(entry).unwrap());
        assert_eq!(used(&budget), 2 * UNIT, "also beyond the budget");
        assert!(held[0].is_some() && held[2].is_none());
        drop(held);
        assert_eq!(used(&budget), 0);
        assert!(budget.state().held.is_empty());
    }
}

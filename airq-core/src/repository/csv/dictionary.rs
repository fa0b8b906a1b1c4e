//! Numbers of stations, which threads share.

use crate::error::{Error, ErrorKind, Result};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// The stations of a source, numbered in the order of their first rows in any thread.
#[derive(Debug, Default)]
pub(super) struct Dictionary(RwLock<Entries>);

#[derive(Debug, Default)]
struct Entries {
    ids: Vec<Vec<u8>>,
    numbers: HashMap<Vec<u8>, u32>,
}

impl Dictionary {
    /// The ids by number.
    pub(super) fn into_ids(self) -> Vec<String> {
        let entries = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        entries.ids.into_iter().map(|id| String::from_utf8_lossy(&id).into_owned()).collect()
    }

    /// A dictionary of these ids.
    pub(super) fn of<'a>(ids: impl Iterator<Item = &'a String>) -> Self {
        let ids: Vec<Vec<u8>> = ids.map(|id| id.as_bytes().to_vec()).collect();
        let numbers = ids.iter().cloned().zip(0..).collect();
        Dictionary(RwLock::new(Entries { ids, numbers }))
    }

    fn number(&self, id: &[u8]) -> Result<u32> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).numbers.get(id).copied();
        if let Some(number) = known {
            return Ok(number);
        }
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = entries.numbers.get(id) {
            return Ok(*number);
        }
        let number = u32::try_from(entries.ids.len())
            .map_err(|_| Error::new(ErrorKind::InvalidData, "more stations than can be numbered"))?;
        entries.ids.push(id.to_vec());
        entries.numbers.insert(id.to_vec(), number);
        Ok(number)
    }
}

/// One thread's view of a [`Dictionary`]. In files ordered by time, a station is mostly followed by the same station as before,
/// so the last successor of each station is looked at first.
#[derive(Debug)]
pub(super) struct StationNumbers<'a> {
    dictionary: &'a Dictionary,
    numbers: HashMap<Vec<u8>, u32>,
    /// By number: the id, and the number of the station that followed last. Empty for numbers that this thread has not met.
    met: Vec<(Vec<u8>, u32)>,
    last: u32,
}

impl<'a> StationNumbers<'a> {
    pub(super) fn new(dictionary: &'a Dictionary) -> Self {
        StationNumbers { dictionary, numbers: HashMap::new(), met: Vec::new(), last: 0 }
    }

    /// The number of a station; a station that is not known is added to the dictionary.
    ///
    /// # Errors
    /// If there are more stations than numbers.
    #[inline]
    pub(super) fn number(&mut self, id: &[u8]) -> Result<u32> {
        if let Some((last_id, successor)) = self.met.get(self.last as usize) {
            if last_id == id {
                return Ok(self.last);
            }
            let successor = *successor;
            if self.met.get(successor as usize).is_some_and(|(next_id, _)| next_id == id) {
                self.last = successor;
                return Ok(successor);
            }
        }
        self.look_up(id)
    }

    fn look_up(&mut self, id: &[u8]) -> Result<u32> {
        let number = if let Some(number) = self.numbers.get(id) {
            *number
        } else {
            let number = self.dictionary.number(id)?;
            self.numbers.insert(id.to_vec(), number);
            number
        };
        let position = number as usize;
        if self.met.len() <= position {
            self.met.resize_with(position + 1, Default::default);
        }
        if self.met[position].0.is_empty() {
            self.met[position].0 = id.to_vec();
        }
        if let Some((_, successor)) = self.met.get_mut(self.last as usize) {
            *successor = number;
        }
        self.last = number;
        Ok(number)
    }
}

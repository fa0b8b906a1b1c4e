//! The number of things of one kind in a source, and the first of them.

/// The number of things of one kind in a source, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Examples<T> {
    /// The number of things.
    pub count: u64,
    /// The first things: at most five, or all of them in an account that keeps all.
    pub first: Vec<T>,
    /// The greatest number of things in `first`.
    most: usize,
}

impl<T> Default for Examples<T> {
    fn default() -> Self {
        Examples::keeping(false)
    }
}

impl<T> Examples<T> {
    const MOST: usize = 5;

    /// Returns no examples, to which the first things or all things are added.
    pub(crate) fn keeping(all: bool) -> Self {
        Examples { count: 0, first: Vec::new(), most: if all { usize::MAX } else { Self::MOST } }
    }

    /// Returns examples with this number and these first things.
    #[cfg(feature = "postgres")]
    pub(crate) fn counted(count: u64, first: Vec<T>, keeps_all: bool) -> Self {
        Examples { count, first, ..Examples::keeping(keeps_all) }
    }

    /// Counts a thing. `describe` is called only if the thing is kept.
    pub(crate) fn note(&mut self, describe: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < self.most {
            self.first.push(describe());
        }
    }
}

impl<T: Clone> Examples<T> {
    /// Adds the things of another part of the source.
    pub(crate) fn add(&mut self, other: &Examples<T>) {
        self.count += other.count;
        let room = self.most.saturating_sub(self.first.len());
        self.first.extend(other.first.iter().take(room).cloned());
    }
}

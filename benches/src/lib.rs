//! Benchmarks of airq: their input, their peers, and how they are measured.

mod input;
mod measure;
pub mod peers;
mod published;

pub use input::{DAY, Discard, clean, dirty, reshape};
pub use measure::{Contender, Race, Spread, sure};
pub use published::Published;

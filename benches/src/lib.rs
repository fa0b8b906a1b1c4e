//! Benchmarks of airq: the input, the peers, and the measurement.

mod input;
mod measure;
pub mod peers;
mod published;

pub use input::{DAY, Discard, clean, dirty, reshape};
pub use measure::{Contender, Race, Spread, sure};
pub use published::Published;

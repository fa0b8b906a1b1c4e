//! Benchmarks of airq.

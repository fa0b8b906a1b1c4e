//! Fuzzes the encoder with arbitrary bytes as CSV.
#![no_main]

mod job;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((job, csv)) = data.split_first_chunk() else { return };
    job::Job::new(*job).check(csv);
});

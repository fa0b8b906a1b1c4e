//! Fuzzes the recognition of files and every built-in format with arbitrary bytes.
#![no_main]

mod conversion;

use airq_core::input::{InputFormat, InputOptions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&[format, cut], file)) = data.split_first_chunk() else { return };
    let formats: Vec<InputFormat> = InputFormat::built_in().collect();
    // Half of the inputs are recognised by their header.
    let named = formats.get(usize::from(format)).map_or("auto", |format| format.name());
    let options = InputOptions::default().set("format", named).unwrap();
    conversion::check(&options, file, usize::from(cut) * 7);
});

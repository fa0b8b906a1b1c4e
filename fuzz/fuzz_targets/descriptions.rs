//! Fuzzes descriptions: a TOML text, a NUL character, and a file that is read by it.
#![no_main]

mod conversion;

use airq_core::input::InputOptions;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == 0) else { return };
    let path = std::env::temp_dir().join(format!("airq-fuzz-{}.toml", std::process::id()));
    std::fs::write(&path, &data[..end]).unwrap();
    // A description that is invalid is an error.
    if let Ok(options) = InputOptions::default().set("format", path.to_str().unwrap()) {
        conversion::check(&options, &data[end + 1..], 100);
    }
});

// The check of both targets: no input panics, every row is accounted for, and the result does not depend on how the input is cut.

use airq_core::csv::RejectedRow;
use airq_core::input::{Converted, Converter, InputOptions};
use airq_core::Account;
use std::io::Write;

/// Converts a file in one chunk and in two, and compares the results.
pub fn check(options: &InputOptions, file: &[u8], cut: usize) {
    let whole = convert(options, [file, &[]]);
    let (first, second) = file.split_at(cut.min(file.len()));
    let in_chunks = convert(options, [first, second]);
    if let (Ok((csv, converted)), Ok((other_csv, other))) = (&whole, &in_chunks) {
        let Account { read, duplicates, rejected, ignored, .. } = &converted.account;
        assert!(duplicates + rejected + ignored.total() <= *read, "{:?}", converted.account);
        assert_eq!(String::from_utf8_lossy(csv), String::from_utf8_lossy(other_csv));
        assert_eq!(converted.account.read, other.account.read);
    }
}

fn convert(options: &InputOptions, chunks: [&[u8]; 2]) -> airq_core::Result<(Vec<u8>, Converted)> {
    let leave_out = |_: &RejectedRow| {};
    let mut converter = Converter::new(options.clone(), Vec::new()).path("no2_station.csv").on_rejected(leave_out);
    for chunk in chunks {
        converter.write_all(chunk)?;
    }
    converter.finish()
}

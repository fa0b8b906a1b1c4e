//! Fuzzes the encoder with rows that are valid except for some cells, so that the fast path processes most rows.
#![no_main]

mod job;

use libfuzzer_sys::fuzz_target;

/// The alphabet of cells: mostly the characters of numbers, times and text.
const LETTERS: &[u8; 32] = b"0123456789.-09.-5:T Z+e\"\\a\xc3\xa9\r\n,;";

fuzz_target!(|data: &[u8]| {
    let Some((job, rest)) = data.split_first_chunk() else { return };
    let Some((&how, rest)) = rest.split_first() else { return };
    let delimiter = [b',', b';', b'\t', b','][usize::from(how & 3)];
    let end: &[u8] = if how & 4 == 0 { b"\n" } else { b"\r\n" };
    let mut csv =
        ["time", "station", "no2", "co", "remark", "so2"].join(&char::from(delimiter).to_string()).into_bytes();
    csv.extend_from_slice(end);
    // The first byte is the number of valid rows before a mutated cell, the next byte selects the cell and its length, and the bytes
    // of the cell follow.
    let mut rest = rest.iter().copied();
    while let (Some(right), Some(fault)) = (rest.next(), rest.next()) {
        for row in 0..right % 48 {
            push_row(&mut csv, delimiter, end, row, 6, &[]);
        }
        let cell: Vec<u8> =
            (0..fault >> 3).filter_map(|_| rest.next()).map(|byte| LETTERS[usize::from(byte & 31)]).collect();
        push_row(&mut csv, delimiter, end, right, fault & 7, &cell);
    }
    job::Job::new(*job).check(&csv);
});

fn push_row(csv: &mut Vec<u8>, delimiter: u8, end: &[u8], row: u8, at_fault: u8, fault: &[u8]) {
    let time = format!("2016-1{}-{:02} {:02}:15:00.{:03}", row % 3, row % 31 + 1, row % 24, row);
    let cells = [&time, "aq_málaga", "48.398337879833704", "-0.5", "", &format!("{row}")];
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            csv.push(delimiter);
        }
        csv.extend_from_slice(if index == usize::from(at_fault) { fault } else { cell.as_bytes() });
    }
    csv.extend_from_slice(end);
}

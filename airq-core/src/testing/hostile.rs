//! Hostile names, such as SQL, format strings and unbalanced quotes, for tests that they are treated as plain names.

use std::fmt::Write as _;

/// Names of stations and cities that an attacker would try. Each name is valid in a query.
pub const HOSTILE_NAMES: [&str; 20] = [
    "' or 1=1 --",
    "'; drop table measurements; --",
    "\"; drop table stations; --",
    "\\'; drop table loads; --",
    "$$; drop table loads; $$",
    "$tag$ x $tag$",
    "{a,b}",
    "{\"a\",NULL}",
    "NULL",
    "\\N",
    "\\.",
    "\\x41",
    "E'\\047'",
    "%s%n%x",
    "$1",
    "\"quoted\" \"\"twice\"\"",
    "ñandú — 測站 🌫️",
    "e\u{301}\u{200d}\u{202e}x",
    "two  blanks within",
    "current_setting('airq.from')",
];

/// Returns CSV with one measurement of each of these stations. The city of a station has the same name.
#[must_use]
pub fn csv_of_stations(names: &[&str]) -> String {
    let mut csv = "time,station,city,no2\n".to_owned();
    for (number, name) in names.iter().enumerate() {
        let field = name.replace('"', "\"\"");
        let _infallible = writeln!(csv, "2016-10-01 00:{number:02},\"{field}\",\"{field}\",{number}");
    }
    csv
}

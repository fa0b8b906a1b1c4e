//! Names that would like to be SQL, a format or the end of a string, for whoever shows that they stay names.

use std::fmt::Write as _;

/// Names of stations and cities that an attacker would try; each is one that a query may ask for.
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
    " blank ends ",
    "current_setting('airq.from')",
];

/// CSV with one measurement of each of these stations, each in a city of its own name.
#[must_use]
pub fn csv_of_stations(names: &[&str]) -> String {
    let mut csv = "time,station,city,no2\n".to_owned();
    for (number, name) in names.iter().enumerate() {
        let field = name.replace('"', "\"\"");
        let _infallible = writeln!(csv, "2016-10-01 00:{number:02},\"{field}\",\"{field}\",{number}");
    }
    csv
}

//! A first hour with the program on a terminal of 80 columns.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::{folder, on_a_terminal};

#[test]
fn no_table_of_the_sample_is_wider_than_the_terminal() {
    let program = env!("CARGO_BIN_EXE_airq-cli");
    for command in [
        "latest",
        "latest --city Madrid",
        "query --city Madrid -n 3",
        "query --city Madrid --every 1d",
        "query --city Madrid --every 1h --index eaqi-2024 -n 3",
        "query --city Madrid --every weekday",
        "compliance --city Madrid --year 2016",
        "stations",
        "cities",
        "parameters",
        "dataset",
    ] {
        let Some(shown) = on_a_terminal(&format!("NO_COLOR=1 '{program}' {command} 2>/dev/null")) else { return };
        assert!(shown.lines().count() > 2, "{command}: {shown}");
        for line in shown.lines() {
            assert!(line.chars().count() <= 80, "{command}: {line:?}");
        }
    }
    let newest = on_a_terminal(&format!("NO_COLOR=1 '{program}' latest")).unwrap_or_default();
    assert!(newest.contains("aq_castellana "), "an id is whole: {newest}");
    assert!(newest.contains("left out to fit the terminal: name, city; --format json has them"), "{newest}");
}

#[test]
fn the_help_fits_the_terminal_and_the_source_is_an_argument() {
    let program = env!("CARGO_BIN_EXE_airq-cli");
    let Some(help) = on_a_terminal(&format!("NO_COLOR=1 '{program}' query -h")) else { return };
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
    let arguments = help.split("Arguments:\n").nth(1).expect("a section of arguments");
    assert!(arguments.trim_start().starts_with("[SOURCE]"), "{help}");
}

#[test]
fn the_command_for_an_unknown_table_is_a_line_of_its_own() {
    let program = env!("CARGO_BIN_EXE_airq-cli");
    let folder = folder("first_hour");
    std::fs::write(folder.join("datos.csv"), "fecha;estacion;NO2\n01/10/2016 13:00;Centro;12,5\n").unwrap();
    let line = format!("cd '{}'; '{program}' query datos.csv; true", folder.display());
    let Some(shown) = on_a_terminal(&line) else { return };
    let command = "  this command reads it: airq-cli query datos.csv --map 'time=fecha,station=estacion,no2=NO2' \
                   --time-format '%d/%m/%Y %H:%M' --time-zone UTC --decimal-comma";
    assert!(shown.lines().any(|line| line == command), "{shown}");
}

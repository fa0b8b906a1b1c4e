//! Plain exports in other languages: read at once, or read by the command that the message prints.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use common::{folder, run};
use std::process::Command;

/// The name of a file, its text, and the values of NO₂ in it.
const EXPORTS: [(&str, &str, [&str; 2]); 8] = [
    ("spanish", "fecha;estacion;NO2\n01/10/2016 13:00;Centro;12,5\n01/10/2016 14:00;Centro;13,25\n", ["12.5", "13.25"]),
    (
        "spanish_day_and_hour",
        "Fecha;Hora;Estación;NO2 (µg/m³);O3 (µg/m³)\n2016-10-01;01:00;Centro;12,5;\n2016-10-01;02:00;Centro;13,25;7,5\n",
        ["12.5", "13.25"],
    ),
    ("german", "Datum;Messstelle;NO2\n01.10.2016 13:00;Mitte;12,5\n01.10.2016 14:00;Mitte;13,25\n", ["12.5", "13.25"]),
    (
        "german_long",
        "Zeit;Standort;Komponente;Wert\n01.10.2016 13:00;Mitte;NO2;12,5\n01.10.2016 14:00;Mitte;NO2;13,25\n",
        ["12.5", "13.25"],
    ),
    (
        "french",
        "Date;Station;NO2;PM10\n01/10/2016 13:00;Halles;12,5;n.d.\n01/10/2016 14:00;Halles;13,25;8,5\n",
        ["12.5", "13.25"],
    ),
    (
        "italian",
        "Data;Ora;Stazione;NO2\n13/10/2016;13:00;Verziere;12,5\n13/10/2016;14:00;Verziere;13,25\n",
        ["12.5", "13.25"],
    ),
    (
        "portuguese",
        "Data;Estação;NO2\n2016-10-01 13:00;Entrecampos;12,5\n2016-10-01 14:00;Entrecampos;13,25\n",
        ["12.5", "13.25"],
    ),
    (
        "polish",
        "Czas;Stacja;NO2\n2016-10-01 13:00;Marszałkowska;12,5\n2016-10-01 14:00;Marszałkowska;13,25\n",
        ["12.5", "13.25"],
    ),
];

#[test]
fn plain_exports_are_read_at_once_or_by_the_command_that_is_printed() {
    let folder = folder("languages");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_airq-cli"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    for (name, text, values) in EXPORTS {
        let file = folder.join(format!("{name}.csv"));
        std::fs::write(&file, text).unwrap();
        let file = file.to_str().unwrap();
        let first = run(&["query", file, "--format", "csv", "--parameter", "no2"]);
        let csv = if first.code == Some(0) {
            first.text().to_owned()
        } else {
            let (_, command) =
                first.err.split_once("this command reads it: ").unwrap_or_else(|| panic!("{name}: {first:?}"));
            let command = command.lines().next().unwrap();
            assert!(command.starts_with("airq-cli query "), "{command}");
            let line = format!("{command} --format csv --parameter no2");
            let output = Command::new("sh").args(["-c", &line]).env("PATH", &path).output().unwrap();
            assert!(output.status.success(), "{name}: {line}: {output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        let found: Vec<&str> = csv.lines().skip(1).filter_map(|row| row.rsplit(',').next()).collect();
        assert_eq!(found, values, "{name}: {csv}");
        assert!(csv.lines().skip(1).all(|row| !row.starts_with("NAME,")), "{name}: the station is found: {csv}");
    }
}

//! The command in the message about a table of no known format: it reads the table, and doubts are questions.

use crate::convert;

/// The message about a table.
fn message(table: &str) -> String {
    convert(table.as_bytes(), &[]).unwrap_err().to_string()
}

/// The settings of the command in a message.
fn settings(message: &str) -> Vec<(String, String)> {
    let command = message.split("this command reads it: airq-cli convert FILE ").nth(1).unwrap();
    let command = command.split("; to be decided").next().unwrap();
    // Words in quotes may have blanks.
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in command.chars() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(letter),
        }
    }
    let mut words = words.into_iter().peekable();
    let mut settings = Vec::new();
    while let Some(option) = words.next() {
        let value = words.next_if(|next| !next.starts_with("--")).unwrap_or_else(|| "true".to_owned());
        settings.push((option.strip_prefix("--").unwrap().to_owned(), value));
    }
    settings
}

/// The rows that the suggested command reads.
fn suggested(table: &str) -> (String, String) {
    let message = message(table);
    let settings = settings(&message);
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (csv, converted) = convert(table.as_bytes(), &settings).unwrap_or_else(|error| panic!("{message}: {error}"));
    assert_eq!(converted.account.rejected, 0);
    (csv, message)
}

#[test]
fn the_command_reads_the_table() {
    let (csv, message) = suggested(
        "Código;Fecha;Hora;NO2 (µg/m³);Ozono;Nota\nA1;24/12/2024;23:00;10,5;n/d;x\nA1;24/12/2024;24:00;11,5;33;y\n",
    );
    assert_eq!(csv, "station,time,no2,o3\nA1,2024-12-24T23:00:00.000Z,10.5,\nA1,2024-12-25T00:00:00.000Z,11.5,33\n");
    assert!(message.contains("whether n/d are missing values") && message.contains("o3 in µg/m³?"), "{message}");
    assert!(!message.contains("is the first number"), "24 is no month: {message}");

    let (csv, message) =
        suggested("When,Place Code,Pollutant,Result mean\n01/02/2020 01:00,S1,ozone,5\n01/02/2020 02:00,S1,PM2.5,6\n");
    assert_eq!(csv, "station,time,o3,pm2_5\nS1,2020-02-01T01:00:00.000Z,5,\nS1,2020-02-01T02:00:00.000Z,,6\n");
    assert!(message.contains("is the first number of \"01/02/2020 01:00\" the day, or the month"), "{message}");
    assert!(message.contains("the units: those of airq are taken"), "{message}");

    let (csv, message) = suggested("unix;lat;lon;pm10\n1577836800;48.5;9.25;5\n1577840400;48.5;9.25;6\n");
    assert_eq!(csv, "station,time,pm10\nNAME,2020-01-01T00:00:00.000Z,5\nNAME,2020-01-01T01:00:00.000Z,6\n");
    assert!(message.contains("the name of the station in place of NAME"), "{message}");
}

#[test]
fn the_command_reads_a_table_with_blanks_between_its_columns() {
    let table = "date        time   site   NO2\n2024-01-01  01:00  A01    12.5\n2024-01-01  02:00  A01    13.5\n";
    let (csv, message) = suggested(table);
    assert_eq!(csv, "station,time,no2\nA01,2024-01-01T01:00:00.000Z,12.5\nA01,2024-01-01T02:00:00.000Z,13.5\n");
    assert!(message.contains("--delimiter blanks"), "{message}");
    let told = convert(table.as_bytes(), &[("delimiter", "blanks")]).unwrap_err().to_string();
    assert!(told.contains("--delimiter blanks"), "the command repeats the option: {told}");
}

#[test]
fn a_name_alone_makes_no_parameter_of_a_column() {
    let message = message("fecha,CE,NE,NO,NTE,SE,SO,SO2\n2020-01-01 00:00,1,2,3,4,5,6,7\n");
    assert!(message.contains("no column is surely one of a parameter") && message.contains("or stations"), "{message}");
    assert!(!message.contains("no=NO") && !message.contains("so2=SO2"), "{message}");
}

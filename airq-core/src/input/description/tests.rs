use super::*;
use crate::input::columns::Columns;
use std::fmt::Write;

const VALID: &str = r#"
name = "mine"
header = [["When", "Site", "NO2"]]
[time]
column = "When"
[station]
id = "Site"
[parameter.names]
NO2 = "no2 [ppb]"
"#;

fn parse(text: &str) -> Result<FormatDescription> {
    FormatDescription::parse(text, "mine.toml")
}

#[test]
fn an_error_names_the_line_and_the_key() {
    for (from, to, expected) in [
        ("column = \"When\"", "colum = \"When\"", "line 5: unknown field `colum`, expected one of `column`"),
        ("no2 [ppb]", "no9", "line 9: \"no9\" is no parameter"),
        ("no2 [ppb]", "pm10 [ppb]", "line 9: \"pm10 [ppb]\": ppb is no unit of pm10, which is in µg/m³"),
        ("\"When\"\n[station]", "\"When\"\nzone = \"Mars\"\n[station]", "line 6: time zone \"Mars\" cannot be used"),
        ("\"When\"\n[station]", "\"When\"\nperiod = \"soon\"\n[station]", "expected a period such as 1h, 1d"),
        ("\"When\"\n[station]", "\"When\"\nformat = \"%Q\"\n[station]", "line 6: time format \"%Q\" cannot be used"),
        ("id = \"Site\"", "id = 5", "line 7: invalid type: integer `5`, expected a text or a table in braces"),
        ("id = \"Site\"", "id = { colums = \"Site\" }", "line 7: unknown field `colums`"),
        ("id = \"Site\"", "", "[station] needs an id"),
        ("NO2 = \"no2 [ppb]\"", "", "[parameter.names] needs the columns of parameters"),
        ("[station]", "[station", "line 6: "),
    ] {
        let error = parse(&VALID.replacen(from, to, 1)).unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(expected), "{to}: {error}");
        assert!(error.to_string().starts_with("description mine.toml: "), "{error}");
    }
    assert_eq!(parse(VALID).unwrap().name, "mine");
}

#[test]
fn a_format_is_taken_only_by_its_whole_header() {
    let description = parse(VALID).unwrap();
    let fit = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        description.fit(&Columns::named(&names))
    };
    assert_eq!(fit(&["site", "WHEN", "no2", ""]), Fit::Whole);
    let resembles = |lacking: &[&str], more: &[&str]| Fit::Resembles {
        lacking: lacking.iter().map(ToString::to_string).collect(),
        more: more.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(fit(&["When", "Site", "NO2", "Hour"]), resembles(&[], &["Hour"]));
    assert_eq!(fit(&["When", "Site"]), Fit::Other);
    assert_eq!(fit(&["a", "b"]), Fit::Other);
}

#[test]
fn fixed_offsets_and_counted_columns_are_parsed() {
    for (text, minutes) in [
        ("UTC", Some(0)),
        ("UTC+8", Some(480)),
        ("UTC-03:30", Some(-210)),
        ("UTC+5:30", Some(330)),
        ("UTC+15", None),
        ("+8", None),
    ] {
        assert_eq!(values::fixed_offset(text), minutes, "{text}");
    }
    let cells: List<CellColumns> =
        toml::from_str::<std::collections::BTreeMap<String, List<CellColumns>>>("x = \"h{09-11}m\"")
            .unwrap()
            .remove("x")
            .unwrap();
    assert_eq!(cells[0].0, ["h09m", "h10m", "h11m"]);
}

/// The table of formats in the documentation.
fn documented() -> String {
    let mut table =
        "| `--format-in` | files | a value's time | not a measurement | not verified |\n|---|---|---|---|---|\n"
            .to_owned();
    for description in built_in() {
        let flag = description.value.flag.as_ref();
        let mut not_a_value = vec!["empty".to_owned()];
        not_a_value.extend(description.table.missing.iter().map(|text| format!("`{text}`")));
        if let Some(flag) = flag {
            let what = match (&flag.at_least, flag.invalid.is_empty()) {
                (Some(least), _) => format!("flag below {least}"),
                (None, true) => format!("flag other than {}", flag.valid.join(", ")),
                (None, false) => format!("flag {}", flag.invalid.join(", ")),
            };
            not_a_value.push(what);
        }
        if !description.value.invalid_suffixes.is_empty() {
            let suffixes: Vec<String> =
                description.value.invalid_suffixes.chars().map(|suffix| format!("`{suffix}`")).collect();
            not_a_value.push(format!("a value that ends in {}", suffixes.join(", ")));
        }
        let FormatDescription { name, title, notes, .. } = &**description;
        let time = description.assumptions(None);
        let notes = if notes.is_empty() { "–".to_owned() } else { notes.join("; ") };
        let not_a_value = not_a_value.join(", ");
        writeln!(table, "| `{name}` | {title} | {time} | {not_a_value} | {notes} |").unwrap();
    }
    table
}

#[test]
fn the_table_in_the_documentation_is_that_of_the_descriptions() {
    const START: &str = "<!-- formats: written by a test, AIRQ_BLESS=1 -->\n";
    const END: &str = "<!-- end of formats -->";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/importers.md");
    let text = std::fs::read_to_string(path).unwrap();
    let start = text.find(START).unwrap() + START.len();
    let end = text.find(END).unwrap();
    if std::env::var_os("AIRQ_BLESS").is_some() {
        let written = [&text[..start], documented().as_str(), &text[end..]].concat();
        std::fs::write(path, written).unwrap();
        return;
    }
    assert_eq!(
        &text[start..end],
        documented(),
        "AIRQ_BLESS=1 cargo test -p airq-engine --features formats --lib writes the table"
    );
}

//! The message about a table that is of no known format: a command that reads the table, made from its header and first rows, and what
//! a person has to decide.

use super::clock::{Clock, Spelling, Times};
use super::recognise::{Candidate, resembling};
use crate::csv::Splitter;
use crate::csv::spelling::canonical_with_comma;
use crate::error::Error;
use crate::model::{Recognized, Unit};
use std::sync::LazyLock;

/// Columns of tables that hold no measurements, with descriptions of such tables.
const NO_MEASUREMENTS: [(&str, &str); 9] = [
    ("Max AQI", "annual statistics of an air quality index"),
    ("Median AQI", "annual statistics of an air quality index"),
    ("Days with AQI", "annual statistics of an air quality index"),
    ("AQI Value", "a table of an air quality index"),
    ("AQI", "a table of an air quality index"),
    ("AggregationType", "annual statistics of the EEA"),
    ("Data Aggregation Process", "annual statistics of the EEA"),
    ("Arithmetic Mean", "annual statistics of the US EPA"),
    ("CODIGO_CORTO", "Madrid's description of its stations, to be given as the stations' file"),
];

/// The number of rows that are looked at.
const MOST_ROWS: usize = 1000;
/// The number of columns among which the time is searched.
const MOST_TIME_COLUMNS: usize = 100;

/// Spellings of times, the usual ones first.
const SPELLINGS: [&str; 22] = [
    "iso",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d/%m/%y %H:%M",
    "%m/%d/%y %H:%M",
    "%Y%m%d %H:%M",
    "%Y%m%d%H",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "epoch",
];

const STATION_WORDS: [&str; 20] = [
    "station",
    "site",
    "location",
    "sensor",
    "estacion",
    "estación",
    "estacao",
    "estação",
    "stazione",
    "stacja",
    "meetpunt",
    "locatie",
    "punto",
    "standort",
    "messstelle",
    "device",
    "monitor",
    "city",
    "code",
    "cód",
];
const VALUE_WORDS: [&str; 9] =
    ["value", "concentration", "measurement", "average", "mean", "valor", "valore", "valeur", "wert"];

/// The error about an unknown header, with a command that reads the table.
pub(super) fn unknown(candidate: &Candidate<'_>, as_airq: &Error) -> Error {
    let columns = &candidate.columns;
    if let Some((name, what)) = NO_MEASUREMENTS.iter().find(|(name, _)| columns.index_of(name).is_some()) {
        return columns.fault(&format!("this is {what}: no measurements, but {name:?}"));
    }
    let what_lacks = as_airq.detail().split(" in the header").next().unwrap_or_default();
    let resembling = match resembling(columns) {
        Some(resembling) => format!("{resembling}; "),
        None => String::new(),
    };
    let text = String::from_utf8_lossy(candidate.text);
    let is_of_words = columns.names.len() == 1 && has_blanks_between_columns(&text);
    let sample = if is_of_words { Sample::of_words(&text) } else { Sample::read(candidate) };
    let has_blanks = is_of_words || candidate.delimiter == b' ';
    columns.fault_with(what_lacks, &format!("{resembling}{}", sample.suggestion(candidate, has_blanks)))
}

/// Returns whether the first two lines have the same number of words, at least three.
fn has_blanks_between_columns(text: &str) -> bool {
    let mut counts = text.lines().map(|line| line.split_whitespace().count());
    let header = counts.next().unwrap_or(0);
    header >= 3 && counts.next() == Some(header)
}

/// The first rows of a table, by column.
struct Sample {
    columns: Vec<SampleColumn>,
}

struct SampleColumn {
    name: String,
    /// The texts that are not empty.
    texts: Vec<String>,
    /// Texts that are no numbers, in a column of numbers.
    missing: Vec<String>,
    is_number: bool,
    has_comma: bool,
}

/// The parts of a suggestion: roles, options, and questions for the user.
#[derive(Default)]
struct Suggestion {
    roles: Vec<String>,
    options: Vec<String>,
    questions: Vec<String>,
    /// Columns that have a role.
    taken: Vec<usize>,
}

impl SampleColumn {
    fn new(name: &str, texts: Vec<String>) -> Self {
        const MOST_TOKENS: usize = 3;
        let (numbers, others): (Vec<&String>, Vec<&String>) =
            texts.iter().partition(|text| canonical_with_comma(text.as_bytes()).is_some());
        let mut missing: Vec<String> = Vec::new();
        for text in others {
            if !missing.contains(text) && missing.len() <= MOST_TOKENS {
                missing.push(text.clone());
            }
        }
        let is_number = missing.len() <= MOST_TOKENS && !numbers.is_empty() && numbers.len() * 2 >= texts.len();
        let has_comma = is_number && numbers.iter().any(|text| text.contains(','));
        SampleColumn { name: name.to_owned(), missing, is_number, has_comma, texts }
    }

    fn has_word(&self, words: &[&str]) -> bool {
        let name = self.name.to_lowercase();
        words.iter().any(|word| name.contains(word))
    }

    /// Returns whether most of the different texts have the property.
    fn mostly(&self, is: impl Fn(&str) -> bool) -> bool {
        let mut texts: Vec<&String> = self.texts.iter().collect();
        texts.sort_unstable();
        texts.dedup();
        !texts.is_empty() && texts.iter().filter(|text| is(text)).count() * 2 > texts.len()
    }
}

impl Sample {
    fn read(candidate: &Candidate<'_>) -> Self {
        let names = &candidate.columns.names;
        let mut texts: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        let mut splitter = Splitter::new(candidate.delimiter);
        let mut rest = candidate.text;
        // The first record is the header.
        let mut rows = 0;
        while rows <= MOST_ROWS
            && let Ok(Some(record)) = splitter.next(&mut rest)
        {
            for (index, text) in record.fields().enumerate().take(names.len()).filter(|_| rows > 0) {
                let text = String::from_utf8_lossy(text).trim().to_owned();
                if !text.is_empty() {
                    texts[index].push(text);
                }
            }
            rows += 1;
        }
        let columns = names.iter().zip(texts).map(|(name, texts)| SampleColumn::new(name, texts));
        Sample { columns: columns.collect() }
    }

    /// Returns the sample of a table with blanks between its columns.
    fn of_words(text: &str) -> Self {
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().unwrap_or_default().split_whitespace().collect();
        let mut texts: Vec<Vec<String>> = vec![Vec::new(); names.len()];
        for line in lines.take(MOST_ROWS) {
            for (index, word) in line.split_whitespace().enumerate().take(names.len()) {
                texts[index].push(word.to_owned());
            }
        }
        let columns = names.iter().zip(texts).map(|(name, texts)| SampleColumn::new(name, texts));
        Sample { columns: columns.collect() }
    }

    /// Returns a command that reads the table, and what has to be decided.
    fn suggestion(&self, candidate: &Candidate<'_>, has_blanks: bool) -> String {
        let mut suggestion = Suggestion::default();
        self.add_time(&mut suggestion);
        self.add_place(&mut suggestion);
        let is_long = self.add_long(&mut suggestion);
        self.add_station(&mut suggestion);
        if !is_long && !self.add_wide(&mut suggestion) {
            return self.without_parameters(&suggestion);
        }
        self.add_spelling(&mut suggestion);
        if has_blanks {
            suggestion.options.push("--delimiter blanks".to_owned());
        }
        let file = match &candidate.context.path {
            Some(path) => quoted(&path.display().to_string()),
            None => "FILE".to_owned(),
        };
        let map = quoted(&suggestion.roles.join(","));
        let mut command = format!("airq-cli convert {file} --map {map}");
        for option in &suggestion.options {
            command.push(' ');
            command.push_str(option);
        }
        let questions = if suggestion.questions.is_empty() {
            String::new()
        } else {
            format!("; to be decided: {}", suggestion.questions.join("; "))
        };
        format!("it is of no known format; this command reads it: {command}{questions}")
    }

    /// The message about a table without a column that is certainly a parameter.
    fn without_parameters(&self, suggestion: &Suggestion) -> String {
        let numbers = self.free_numbers(suggestion);
        let names: Vec<&str> = numbers.iter().map(|index| self.columns[*index].name.as_str()).collect();
        let columns = if names.is_empty() {
            "no column has numbers".to_owned()
        } else {
            format!("columns of numbers: {}", names.join(", "))
        };
        format!(
            "it is of no known format, and no column is surely one of a parameter ({}); are these columns parameters \
             (--map '{},no2=COLUMN'), or stations (a description with stations = true, docs/descriptions.md)?",
            crate::error::cut(&columns),
            suggestion.roles.join(",")
        )
    }

    fn add_time(&self, suggestion: &mut Suggestion) {
        for (index, column) in self.columns.iter().enumerate().take(MOST_TIME_COLUMNS) {
            if self.add_time_of(&[index], &column.texts, suggestion) {
                return;
            }
            let Some(next) = self.columns.get(index + 1) else { break };
            if column.texts.len() == next.texts.len()
                && self.add_time_of(&[index, index + 1], &joined(&column.texts, &next.texts), suggestion)
            {
                return;
            }
        }
        let named = self.columns.iter().position(|column| column.has_word(&["date", "time", "fecha", "data", "datum"]));
        let name = match named {
            Some(index) => self.name(index),
            None => "COLUMN".to_owned(),
        };
        suggestion.taken.extend(named);
        suggestion.roles.push(format!("time={name}"));
        suggestion.questions.push("how times are written: --time-format '%d/%m/%Y %H:%M'".to_owned());
    }

    /// Takes the columns as the time, if every text has one spelling.
    fn add_time_of(&self, indices: &[usize], texts: &[String], suggestion: &mut Suggestion) -> bool {
        let fitting: Vec<&str> = SPELLINGS.into_iter().filter(|spelling| all_are(spelling, texts)).collect();
        let Some(spelling) = fitting.first() else { return false };
        let has_clock = spelling.contains("%H") || *spelling == "epoch" || texts.iter().any(|text| text.contains(':'));
        // A column of days may have its time of day in the next column.
        if indices.len() == 1 && !has_clock && self.next_is_clock(indices[0], texts) {
            return false;
        }
        match indices {
            [date, clock] => suggestion.roles.push(format!("date={},time={}", self.name(*date), self.name(*clock))),
            _ => suggestion.roles.push(format!("time={}", self.name(indices[0]))),
        }
        suggestion.taken.extend(indices);
        if *spelling != "iso" {
            suggestion.options.push(format!("--time-format {}", quoted(spelling)));
        }
        if spelling.starts_with("%d/%m") && fitting.iter().any(|other| other.starts_with("%m/%d")) {
            suggestion.questions.push(format!(
                "is the first number of {:?} the day, or the month ({})?",
                texts[0],
                spelling.replace("%d/%m", "%m/%d")
            ));
        }
        let has_offset = *spelling == "epoch" || matches!(Spelling::Iso.read(texts[0].as_bytes()), Some((_, true)));
        if !has_offset {
            suggestion.options.push("--time-zone UTC".to_owned());
            suggestion.questions.push("which clock: --time-zone Europe/London and the like in place of UTC".to_owned());
        }
        suggestion.questions.push("whether a time begins or ends its period (a description has end-of)".to_owned());
        true
    }

    /// Returns whether the days and the texts of the next column are times together.
    fn next_is_clock(&self, index: usize, days: &[String]) -> bool {
        let Some(next) = self.columns.get(index + 1).filter(|next| next.texts.len() == days.len()) else {
            return false;
        };
        let is_named = next.has_word(&["hour", "time", "hora", "zeit", "heure"]);
        if !is_named && !next.texts.iter().all(|text| text.contains(':')) {
            return false;
        }
        let joined = joined(days, &next.texts);
        SPELLINGS.into_iter().any(|spelling| all_are(spelling, &joined))
    }

    fn add_place(&self, suggestion: &mut Suggestion) {
        for (role, words) in [("latitude", ["lat", "latitude", "latitud"]), ("longitude", ["lon", "longitude", "lng"])]
        {
            let named = self
                .columns
                .iter()
                .position(|column| column.is_number && words.iter().any(|word| column.name.eq_ignore_ascii_case(word)));
            if let Some(index) = named {
                suggestion.taken.push(index);
                suggestion.roles.push(format!("{role}={}", self.name(index)));
            }
        }
    }

    /// Adds the roles of a table with a row a value: a column has the names of parameters.
    fn add_long(&self, suggestion: &mut Suggestion) -> bool {
        let mut texts = self.free(suggestion);
        texts.retain(|index| !self.columns[*index].is_number);
        let parameter =
            texts.iter().find(|index| self.columns[**index].mostly(|text| Recognized::parse(text).is_some()));
        let Some(parameter) = parameter else { return false };
        let numbers = self.free_numbers(suggestion);
        let named = numbers.iter().find(|index| self.columns[**index].has_word(&VALUE_WORDS));
        let Some(value) = named.or(numbers.last()) else { return false };
        let unit = texts.iter().find(|index| self.columns[**index].mostly(|text| Unit::lookup(text).is_some()));
        suggestion.taken.extend([parameter, value]);
        suggestion.roles.push(format!("parameter={},value={}", self.name(*parameter), self.name(*value)));
        match unit {
            Some(unit) => {
                suggestion.taken.push(*unit);
                suggestion.roles.push(format!("unit={}", self.name(*unit)));
            }
            None => suggestion
                .questions
                .push("the units: those of airq are taken (µg/m³, CO mg/m³); unit==ppb states another".to_owned()),
        }
        true
    }

    fn add_station(&self, suggestion: &mut Suggestion) {
        let free = self.free(suggestion);
        for word in STATION_WORDS {
            if let Some(index) = free.iter().find(|index| self.columns[**index].has_word(&[word])) {
                suggestion.taken.push(*index);
                suggestion.roles.push(format!("station={}", self.name(*index)));
                return;
            }
        }
        suggestion.roles.push("station==NAME".to_owned());
        suggestion.questions.push("the name of the station in place of NAME".to_owned());
    }

    /// Adds the columns of parameters, unless most columns of numbers are not parameters: a name alone, such as `NO` among `NE` and `SO`, may be
    /// one of a station.
    fn add_wide(&self, suggestion: &mut Suggestion) -> bool {
        let numbers = self.free_numbers(suggestion);
        let mut known: Vec<(usize, Recognized)> = Vec::new();
        for index in &numbers {
            let Some(found) = Recognized::parse(&self.columns[*index].name) else { continue };
            if known.iter().all(|(_, other)| other.parameter != found.parameter) {
                known.push((*index, found));
            }
        }
        if known.is_empty() || known.len() * 2 < numbers.len() {
            return false;
        }
        let mut without_unit = Vec::new();
        for (index, found) in known {
            suggestion.taken.push(index);
            suggestion.roles.push(format!("{}={}", found.parameter, self.name(index)));
            if found.unit.is_none() {
                without_unit.push(format!("{} in {}", found.parameter, found.parameter.unit()));
            }
        }
        if !without_unit.is_empty() {
            suggestion
                .questions
                .push(format!("the units, which the header does not state: {}?", without_unit.join(", ")));
        }
        true
    }

    /// The columns without a role.
    fn free(&self, suggestion: &Suggestion) -> Vec<usize> {
        (0..self.columns.len()).filter(|index| !suggestion.taken.contains(index)).collect()
    }

    /// The columns of numbers without a role.
    fn free_numbers(&self, suggestion: &Suggestion) -> Vec<usize> {
        let mut free = self.free(suggestion);
        free.retain(|index| self.columns[*index].is_number);
        free
    }

    /// The name of a column in a map.
    fn name(&self, index: usize) -> String {
        let name = &self.columns[index].name;
        if name.contains(',') { format!("\"{name}\"") } else { name.clone() }
    }

    /// Adds the spelling of numbers in the columns that have a role.
    fn add_spelling(&self, suggestion: &mut Suggestion) {
        let mut has_comma = false;
        let mut missing: Vec<String> = Vec::new();
        for index in &suggestion.taken {
            let column = &self.columns[*index];
            if column.is_number {
                has_comma |= column.has_comma;
                missing.extend_from_slice(&column.missing);
            }
        }
        missing.sort_unstable();
        missing.dedup();
        if has_comma {
            suggestion.options.push("--decimal-comma".to_owned());
        }
        if !missing.is_empty() {
            suggestion.options.push(format!("--missing {}", quoted(&missing.join(","))));
            suggestion.questions.push(format!("whether {} are missing values", missing.join(", ")));
        }
    }
}

/// Returns whether every text is a time of the spelling.
fn all_are(spelling: &str, texts: &[String]) -> bool {
    static PARSED: LazyLock<Vec<(&str, Spelling)>> = LazyLock::new(|| {
        let parsed = SPELLINGS.into_iter().map(|text| Spelling::parse(text).map(|spelling| (text, spelling)));
        parsed.flatten().collect()
    });
    let Some((_, parsed)) = PARSED.iter().find(|(text, _)| *text == spelling) else { return false };
    !texts.is_empty() && texts.iter().all(|text| is_likely(spelling, text) && is_time(parsed, text))
}

/// Returns whether digits alone are more likely a time than another number: they have ten digits or begin with a year.
fn is_likely(spelling: &str, text: &str) -> bool {
    match spelling {
        "epoch" => text.find('.').unwrap_or(text.len()) == 10,
        "%Y%m%d" | "%Y%m%d%H" => text.starts_with("19") || text.starts_with("20"),
        _ => true,
    }
}

fn is_time(spelling: &Spelling, text: &str) -> bool {
    Times::new(spelling.clone(), Clock::Utc).read(text.as_bytes(), 0, (0, None)).is_ok()
}

/// The days, each with its time of day after a blank.
fn joined(days: &[String], clocks: &[String]) -> Vec<String> {
    days.iter().zip(clocks).map(|(day, clock)| format!("{day} {clock}")).collect()
}

/// A word of a shell's command line.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-:".contains(letter));
    if is_plain && !text.is_empty() { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

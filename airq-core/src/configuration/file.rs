//! The configuration file: a key for each setting.

use super::{Configuration, FileValue};
use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::nearest;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

impl Configuration {
    /// Adds the keys of a file.
    pub(super) fn read_file(mut self, path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let what = format!("cannot read the configuration file {}", path.display());
            Error::with_source(ErrorKind::InvalidSetting, what, error)
        })?;
        // The message has no excerpt of the file, because a line may have a password.
        let table = DeTable::parse(&text)
            .map_err(|error| invalid(path, &text, error.span(), &error.message().replace('\n', ", ")))?;
        for (key, value) in table.into_inner() {
            let name = key.get_ref().as_ref();
            let Some(known) = Configuration::NAMES.into_iter().find(|known| *known == name) else {
                return Err(invalid(path, &text, Some(key.span()), &unknown(name)));
            };
            let Some(value) = text_of(value.get_ref()) else {
                let why = format!("{known}: a text, a number or true and false are values, not lists or tables");
                return Err(invalid(path, &text, Some(key.span()), &why));
            };
            self.keys.insert(known, FileValue { text: value, line: line_of(&text, &key.span()) });
        }
        self.path = Some(path.to_owned());
        Ok(self)
    }
}

/// Returns the text of a value, as written in the file.
fn text_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn unknown(name: &str) -> String {
    let given = name.replace('_', "-");
    let mut nearest = nearest(&given, Configuration::NAMES.into_iter());
    if nearest.is_empty() {
        let related = Configuration::NAMES.into_iter().filter(|key| have_common_word(key, &given));
        nearest.extend(related.map(str::to_owned));
    }
    let name = cut(name);
    match nearest.as_slice() {
        [] => format!("no setting named {name:?}; known are {}", Configuration::NAMES.join(", ")),
        [nearest, ..] => format!("no setting named {name:?}; nearest: {nearest}"),
    }
}

/// Returns whether a word of the key is also a word of the given name.
fn have_common_word(key: &str, given: &str) -> bool {
    key.split('-').any(|word| given.split('-').any(|given| given == word))
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text[..span.start.min(text.len())].matches('\n').count() + 1
}

fn invalid(path: &Path, text: &str, span: Option<Range<usize>>, why: &str) -> Error {
    let line = match span {
        Some(span) => format!(", line {}", line_of(text, &span)),
        None => String::new(),
    };
    Error::new(ErrorKind::InvalidSetting, format!("{}{line}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<Configuration> {
        let path = std::env::temp_dir().join(format!("airq-configuration-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        let read = Configuration::default().with_file(Some(&path));
        std::fs::remove_file(&path).unwrap();
        read
    }

    #[test]
    fn values_are_texts_or_numbers() {
        let text = "# comment\nsource = 'postgres://db/airq'\ncache-ttl = 60\ngrace = 1.5\nlisten = ''\n";
        let configuration = read("values", text).unwrap();
        assert_eq!(configuration.get("source"), Some("postgres://db/airq"));
        assert_eq!(configuration.get("cache-ttl"), Some("60"));
        assert_eq!(configuration.get("grace"), Some("1.5"));
        assert_eq!(configuration.get("listen"), None, "an empty text counts as not set");
        let origin = configuration.origin("cache-ttl").unwrap().to_string();
        assert!(origin.ends_with("values.toml, line 3: cache-ttl"), "{origin}");
    }

    #[test]
    fn errors_name_the_line_and_what_to_write() {
        for (name, text, expected) in [
            ("key", "log = 'json'\ncache_ttl = 5\n", "line 2: no setting named \"cache_ttl\"; nearest: cache-ttl"),
            ("typo", "\n\nlisten-adress = 'x'", "line 3: no setting named \"listen-adress\"; nearest: listen"),
            ("far", "colour = 'red'", "known are source, "),
            ("table", "[server]\nlisten = 'x'", "line 1: no setting named \"server\""),
            ("list", "source = ['a', 'b']", "line 1: source: a text, a number"),
            ("twice", "log = 'text'\nlog = 'json'", "line 2: duplicate key"),
            ("syntax", "source = postgres://airq:s3cret@db/airq", "line 1: "),
        ] {
            let error = read(name, text).unwrap_err();
            assert!(error.is_invalid_input(), "{error}");
            let message = format!("{error:#}");
            assert!(message.contains(expected) && !message.contains("s3cret"), "{name}: {message}");
        }
        let missing = Configuration::default().with_file(Some(Path::new("/no/such.toml"))).unwrap_err();
        let missing = format!("{missing:#}");
        assert!(missing.starts_with("cannot read the configuration file /no/such.toml: No such file"), "{missing}");
    }
}

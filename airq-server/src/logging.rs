//! Log lines on standard error: text for people, or JSON objects with the field names of the Elastic Common Schema.

use crate::config::LogFormat;
use env_logger::{Builder, Env};
use log::Record;
use log::kv::{self, Key, Value, VisitSource};
use serde_json::{Map, json};
use std::io::Write;

/// Starts the logger. `RUST_LOG` sets the levels; the default is `info`.
pub(crate) fn start(format: LogFormat) {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    builder.format(move |out, record| {
        let time = jiff::Timestamp::now();
        match format {
            LogFormat::Text => {
                writeln!(
                    out,
                    "{time:.3} {:5} {}",
                    record.level(),
                    without_control_characters(&record.args().to_string())
                )
            }
            LogFormat::Json => writeln!(out, "{}", ecs(&format!("{time:.3}"), record)),
        }
    });
    // This fails only if the logger was started before.
    let _ = builder.try_init();
}

/// Returns a record as an ECS document on one line. JSON escapes control characters.
fn ecs(time: &str, record: &Record<'_>) -> String {
    let mut fields = Fields(Map::from_iter([
        ("@timestamp".to_owned(), json!(time)),
        ("log.level".to_owned(), json!(record.level().as_str().to_ascii_lowercase())),
        ("log.logger".to_owned(), json!(record.target())),
        ("message".to_owned(), json!(record.args().to_string())),
        ("ecs.version".to_owned(), json!("8.11.0")),
        ("service.name".to_owned(), json!("airq-server")),
    ]));
    // The visitor returns no errors.
    let _ = record.key_values().visit(&mut fields);
    serde_json::Value::Object(fields.0).to_string()
}

/// Replaces the control characters of a text, which could break a line or control a terminal.
fn without_control_characters(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

struct Fields(Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        let value = match value.to_u64() {
            Some(number) => json!(number),
            None => json!(value.to_string()),
        };
        self.0.insert(key.to_string(), value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use log::Level;

    #[test]
    fn a_line_is_one_object_whatever_is_in_it() {
        let pairs: &[(&str, &str)] = &[("url.path", "/a\"b\nc")];
        let record =
            Record::builder().level(Level::Warn).args(format_args!("two\nlines \u{1b}[2J")).key_values(&pairs).build();
        let line = ecs("2016-10-01T00:00:00.000Z", &record);
        assert!(!line.contains(char::is_control), "{line}");
        let document: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&document["log.level"], &document["url.path"]), (&json!("warn"), &json!("/a\"b\nc")));
        assert_eq!(document["@timestamp"], "2016-10-01T00:00:00.000Z");
        assert_eq!(without_control_characters("a\r\n\u{1b}b"), "a\u{fffd}\u{fffd}\u{fffd}b");
    }
}

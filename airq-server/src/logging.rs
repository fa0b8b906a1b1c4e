//! Log lines on standard error: for people, or a JSON object each.

use crate::config::LogFormat;
use env_logger::{Builder, Env};
use std::io::Write;

/// Begins to log. Levels are by `RUST_LOG`; `info` without it.
pub(crate) fn start(format: LogFormat) {
    let mut builder = Builder::from_env(Env::default().default_filter_or("info"));
    if format == LogFormat::Json {
        builder.format(|out, record| {
            let line = serde_json::json!({
                "time": out.timestamp_millis().to_string(),
                "level": record.level().as_str(),
                "target": record.target(),
                "message": record.args().to_string(),
            });
            writeln!(out, "{line}")
        });
    }
    // A logger that is set already can only be this one.
    let _ = builder.try_init();
}

//! `--report FILE`: everything in the input that did not reach the output, a JSON object on each line.

use crate::failure::Failure;
use crate::output::NewFile;
use airq_core::csv::RejectedRow;
use airq_core::{Account, Mixture, Parameter};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The report. Its file is complete after [`finish`](Report::finish).
#[derive(Debug)]
pub(crate) struct Report {
    file: NewFile,
    lines: Mutex<Vec<u8>>,
}

impl Report {
    /// Creates the file.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Report { file: NewFile::create(path)?, lines: Mutex::default() })
    }

    /// Adds an invalid row.
    pub(crate) fn add_rejected(&self, row: &RejectedRow) {
        let position = &row.position;
        self.push(&json!({
            "kind": "rejected_row",
            "file": position.file,
            "line": position.line,
            "column": position.column,
            "value": row.value,
            "reason": row.reason,
        }));
    }

    /// Adds everything that the account counts as left out.
    pub(crate) fn add(&self, account: &Account) {
        for row in &account.rejects {
            self.add_rejected(row);
        }
        for conflict in &account.conflicts.first {
            self.push(&json!({
                "kind": "conflict",
                "station": conflict.station,
                "time": conflict.time,
                "parameter": conflict.parameter.code(),
                "kept": conflict.kept,
                "left_out": conflict.left_out,
            }));
        }
        for mixed in &account.mixed_stations.first {
            let (what, parameter) = match mixed.mixture {
                Mixture::Instruments(parameter) => ("instruments", parameter),
                _ => ("places", None),
            };
            self.push(&json!({
                "kind": "mixed_station",
                "station": mixed.station,
                "of": what,
                "parameter": parameter.map(Parameter::code),
                "one": mixed.one,
                "other": mixed.other,
            }));
        }
        for (name, count) in account.sentinels.iter() {
            let (parameter, value) = name.split_once(' ').unwrap_or((name, ""));
            self.push(&json!({"kind": "sentinel", "parameter": parameter, "value": value, "count": count}));
        }
        for (name, count) in &account.unused {
            self.push(&json!({"kind": "unused_column", "column": name, "count": count}));
        }
        let ignored = account.ignored;
        let reasons =
            [("invalid", ignored.invalid), ("other_period", ignored.other_period), ("unselected", ignored.unselected)];
        for (reason, count) in reasons {
            if count > 0 {
                self.push(&json!({"kind": "ignored", "reason": reason, "count": count}));
            }
        }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let lines = self.lines.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.file.writer().write_all(&lines)?;
        self.file.finish()
    }

    fn push(&self, line: &Value) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(line.to_string().as_bytes());
        lines.push(b'\n');
    }
}

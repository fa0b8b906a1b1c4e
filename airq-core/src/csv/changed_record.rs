//! Records whose numbers and times have another text than in the file.

use super::header::Layout;
use super::split::Record;
use super::{number, spelling};
use std::borrow::Cow;

/// A record with changed fields.
#[derive(Debug, Default)]
pub(super) struct ChangedRecord {
    bytes: Vec<u8>,
    /// The end of each field.
    ends: Vec<usize>,
}

impl ChangedRecord {
    /// Copies a record that was checked, with numbers in their [canonical text](number).
    pub(super) fn rewrite(&mut self, layout: &Layout, record: Record<'_>) {
        self.copy(layout, record, |number, out| match number::rewritten(number) {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => out.extend_from_slice(number),
        });
    }

    /// Copies a record with numbers in the [spelling](spelling) of JSON, without blanks around numbers and the time.
    pub(super) fn respell(&mut self, layout: &Layout, record: Record<'_>) {
        self.copy(layout, record, |number, out| {
            let number = number.trim_ascii();
            out.extend_from_slice(&spelling::canonical(number).unwrap_or(Cow::Borrowed(number)));
        });
    }

    fn copy(&mut self, layout: &Layout, record: Record<'_>, push_number: impl Fn(&[u8], &mut Vec<u8>)) {
        self.bytes.clear();
        self.ends.clear();
        for (column, (kind, field)) in layout.kinds.iter().zip(record.fields()).enumerate() {
            match kind {
                Some(kind) if kind.is_number() => push_number(field, &mut self.bytes),
                _ if column == layout.time => self.bytes.extend_from_slice(field.trim_ascii()),
                _ => self.bytes.extend_from_slice(field),
            }
            self.ends.push(self.bytes.len());
        }
    }

    pub(super) fn record(&self, line: u64) -> Record<'_> {
        Record::of_fields(line, &self.bytes, &self.ends)
    }
}

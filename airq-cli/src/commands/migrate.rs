//! `migrate`: a database's tables and roles.

use crate::failure::Failure;
use crate::output;
use crate::source::Source;
use std::io::Write;

/// # Errors
/// If the source is no database, cannot be reached or refuses.
pub(super) fn run(source: &Source<'_>) -> Result<(), Failure> {
    let migrated = source.database()?.migrate()?;
    let mut out = output::stdout();
    for name in &migrated.applied {
        writeln!(out, "applied {name}")?;
    }
    let already = if migrated.applied.is_empty() { " already" } else { "" };
    writeln!(out, "the database is at migration {}{already}", migrated.version)?;
    Ok(out.flush()?)
}

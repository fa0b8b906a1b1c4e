//! `migrate`: creates or updates the tables and roles of a database.

use crate::failure::Failure;
use crate::output;
use crate::source::Source;
use std::io::Write;

/// # Errors
/// If the source is not a database, cannot be reached or refuses a statement.
pub(super) fn run(source: &Source<'_>) -> Result<(), Failure> {
    let migrated = source.database()?.migrate()?;
    let mut out = output::stdout();
    for name in &migrated.applied {
        writeln!(out, "applied {name}")?;
    }
    let already = if migrated.applied.is_empty() { " already" } else { "" };
    writeln!(out, "the database is at migration {}{already}", migrated.version)?;
    writeln!(out, "committed {}", migrated.durability)?;
    Ok(out.flush()?)
}

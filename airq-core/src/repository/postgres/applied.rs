//! The migrations that a database has.

use super::schema::MIGRATIONS;
use super::session_error::SessionError;
use super::{one, value};
use crate::error::{Error, ErrorKind, Result};
use postgres::Client;

/// The command that applies missing migrations, for messages.
pub(super) const MIGRATE: &str = "run `airq-cli migrate` as the owner of the tables";

/// The query for two values: whether the database has a journal of migrations, and whether this user may read the journal.
const JOURNAL: &str = "\
    select to_regclass('airq_migrations') is not null,
           coalesce(has_table_privilege(to_regclass('airq_migrations'), 'select'), false)";

const APPLIED: &str = "select count(*) from airq_migrations";

/// The migrations of a database.
pub(super) enum Schema {
    /// The database was never migrated.
    Missing,
    /// This user may not read the journal of migrations.
    Hidden,
    /// The number of migrations.
    Applied(usize),
}

impl Schema {
    /// Reads the journal of migrations.
    pub(super) fn read(client: &mut Client) -> Result<Schema, SessionError> {
        let journal = one(client, JOURNAL)?;
        Ok(match (value(&journal, 0)?, value(&journal, 1)?) {
            (false, _) => Schema::Missing,
            (true, false) => Schema::Hidden,
            (true, true) => {
                let count: i64 = value(&one(client, APPLIED)?, 0)?;
                Schema::Applied(usize::try_from(count).unwrap_or(0))
            }
        })
    }

    /// Checks that the database has every migration that this version of airq knows. A newer database is fine, because an old
    /// server reads it while a rollout replaces the server. A hidden journal is not an error, because the migrations are unknown.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] if a migration is missing.
    pub(super) fn check(&self) -> Result<()> {
        let known = MIGRATIONS.len();
        let found = match *self {
            Schema::Missing => "the database has none of airq's tables".to_owned(),
            Schema::Applied(count) if count < known => format!("the database is at migration {count} of {known}"),
            Schema::Hidden | Schema::Applied(_) => return Ok(()),
        };
        Err(Error::new(ErrorKind::Unavailable, format!("{found}: {MIGRATE}")))
    }
}

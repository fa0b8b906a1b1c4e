//! The schema of a database, as migrations.

/// Every migration, in order. A released migration is never changed: a new migration changes its result.
pub(crate) const MIGRATIONS: [(&str, &str); 3] = [
    ("0001_tables", include_str!("../../../migrations/0001_tables.sql")),
    ("0002_roles", include_str!("../../../migrations/0002_roles.sql")),
    ("0003_journal", include_str!("../../../migrations/0003_journal.sql")),
];

//! The schema of a database, as migrations.

/// Every migration, in order. A released migration is never changed: a new migration changes its result.
pub(crate) const MIGRATIONS: [(&str, &str); 5] = [
    ("0001_tables", include_str!("../../../migrations/0001_tables.sql")),
    ("0002_roles", include_str!("../../../migrations/0002_roles.sql")),
    ("0003_journal", include_str!("../../../migrations/0003_journal.sql")),
    ("0004_parameters", include_str!("../../../migrations/0004_parameters.sql")),
    ("0005_stations_and_periods", include_str!("../../../migrations/0005_stations_and_periods.sql")),
];

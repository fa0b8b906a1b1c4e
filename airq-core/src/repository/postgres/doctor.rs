//! What is right and what is wrong with a database: its version, its tables, who may do what, its clock.

use super::fault::Fault;
use super::schema::MIGRATIONS;
use super::{PostgresRepository, one, value};
use crate::finding::{ClockReading, Finding};
use crate::model::Timestamp;
use postgres::{Client, Row};

const SERVER: &str = "\
    select current_setting('server_version'), pg_is_in_recovery(), current_user::text,
           (extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// Whether there is a journal of migrations, and whether this user may read it.
const JOURNAL: &str = "\
    select to_regclass('airq_migrations') is not null,
           coalesce(has_table_privilege(to_regclass('airq_migrations'), 'select'), false)";

const APPLIED: &str = "select count(*) from airq_migrations";

/// Of our two roles and this user: whether each reads all tables, writes any of them, and may do what an import does.
const PRIVILEGES: &str = "\
    select r.rolname::text, r.rolname = current_user,
           bool_and(has_table_privilege(r.oid, t.oid, 'select')),
           bool_or(has_table_privilege(r.oid, t.oid, 'insert, update, delete, truncate')),
           bool_and(has_table_privilege(r.oid, t.oid, 'insert')
                    and (t.name = 'loads' or has_table_privilege(r.oid, t.oid, 'update'))
                    and has_database_privilege(r.oid, current_database(), 'temporary'))
    from pg_roles r,
         lateral (select name, to_regclass(name) as oid
                  from unnest(array['stations', 'measurements', 'loads', 'optional_pollutants']) as name) t
    where r.rolname in ('airq_reader', 'airq_loader') or r.rolname = current_user
    group by r.rolname";

/// All there is to find out about the database.
pub(super) fn examine(repository: &PostgresRepository) -> Vec<Finding> {
    let clock = ClockReading::now();
    let server = match repository.ask(|client| Server::of(&one(client, SERVER)?)) {
        Ok(server) => server,
        Err(error) => return vec![Finding::of_error("source", &error)],
    };
    let clock = server.time.map(|time| clock.compare("the database's", time));
    let mut findings = vec![Finding::ok("source", server.told())];
    let schema = repository.ask(Schema::read);
    findings.push(schema.as_ref().map_or_else(|error| Finding::of_error("schema", error), Schema::told));
    if !matches!(schema, Ok(Schema::Missing)) {
        let roles = repository.ask(Role::all);
        findings
            .push(roles.map_or_else(|error| Finding::of_error("roles", &error), |all| roles_told(&server.user, &all)));
    }
    findings.extend(clock);
    findings
}

/// What answers.
struct Server {
    version: String,
    replica: bool,
    user: String,
    time: Option<Timestamp>,
}

impl Server {
    fn of(row: &Row) -> Result<Server, Fault> {
        let time = Timestamp::from_microseconds(value(row, 3)?);
        Ok(Server { version: value(row, 0)?, replica: value(row, 1)?, user: value(row, 2)?, time })
    }

    fn told(&self) -> String {
        let kind = if self.replica { "replica" } else { "primary" };
        format!("PostgreSQL {}, a {kind}, as the user {}", self.version, self.user)
    }
}

/// How far the migrations are.
enum Schema {
    /// Never migrated.
    Missing,
    /// This user may not see.
    Hidden,
    Applied(usize),
}

impl Schema {
    fn read(client: &mut Client) -> Result<Schema, Fault> {
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

    fn told(&self) -> Finding {
        const MIGRATE: &str = "run `airq-cli migrate` as the owner of the tables";
        let known = MIGRATIONS.len();
        match *self {
            Schema::Missing => Finding::failed("schema", "the database has none of airq's tables", MIGRATE),
            Schema::Hidden => Finding::warning("schema", "this user may not see how far the migrations are", MIGRATE),
            Schema::Applied(count) if count < known => {
                Finding::failed("schema", format!("at migration {count} of {known}"), MIGRATE)
            }
            Schema::Applied(count) if count > known => {
                let found = format!("at migration {count}, and this airq knows {known}");
                Finding::failed("schema", found, "use a newer airq")
            }
            Schema::Applied(count) => Finding::ok("schema", format!("at migration {count}, the newest")),
        }
    }
}

/// What a role may do with our tables.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
struct Role {
    name: String,
    is_own: bool,
    reads: bool,
    writes: bool,
    imports: bool,
}

impl Role {
    fn all(client: &mut Client) -> Result<Vec<Role>, Fault> {
        client.query_typed(PRIVILEGES, &[])?.iter().map(Role::of).collect()
    }

    fn of(row: &Row) -> Result<Role, Fault> {
        let may = |place| Ok::<_, Fault>(value::<Option<bool>>(row, place)?.unwrap_or(false));
        Ok(Role { name: value(row, 0)?, is_own: may(1)?, reads: may(2)?, writes: may(3)?, imports: may(4)? })
    }
}

/// The worst that is wrong with the roles.
fn roles_told(user: &str, roles: &[Role]) -> Finding {
    const MIGRATE: &str = "run `airq-cli migrate` as the owner of the tables";
    let failed = |found: String, fix: &str| Finding::failed("roles", found, fix);
    for name in ["airq_reader", "airq_loader"] {
        match roles.iter().find(|role| role.name == name) {
            None => return failed(format!("there is no role {name}"), MIGRATE),
            Some(role) if !role.reads => return failed(format!("{name} cannot read all tables"), MIGRATE),
            Some(role) if name == "airq_reader" && role.writes => {
                return failed(format!("{name} can write"), "revoke what it has beyond select on airq's tables");
            }
            Some(role) if name == "airq_loader" && !role.imports => {
                return failed(format!("{name} cannot import"), MIGRATE);
            }
            Some(_) => {}
        }
    }
    let both = "airq_reader only reads, airq_loader imports";
    match roles.iter().find(|role| role.is_own) {
        Some(own) if own.reads && !own.writes => Finding::ok("roles", format!("{both}; {user} only reads")),
        Some(own) if own.reads => {
            let fix = "right for imports; give airq-server a user that only has airq_reader";
            Finding::warning("roles", format!("{both}; {user} can write"), fix)
        }
        _ => failed(format!("{user} cannot read the tables"), &format!("grant airq_reader to {user}")),
    }
}

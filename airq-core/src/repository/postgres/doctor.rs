//! The examination of a database: its version, tables, roles, values and clock.

use super::applied::{MIGRATE, Schema};
use super::schema::MIGRATIONS;
use super::session_error::SessionError;
use super::{PostgresRepository, one, parameters, quoted, value};
use crate::finding::{ClockReading, Finding};
use crate::model::Timestamp;
use crate::repository::implausible;
use crate::text::counted;
use postgres::{Client, Row};

const SERVER: &str = "\
    select current_setting('server_version'), pg_is_in_recovery(), current_user::text,
           (extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// Returns for the two roles and the user whether each may read all tables, write any table, and import.
const PRIVILEGES: &str = "\
    select r.rolname::text, r.rolname = current_user,
           bool_and(has_table_privilege(r.oid, t.oid, 'select')),
           bool_or(has_table_privilege(r.oid, t.oid, 'insert, update, delete, truncate')),
           bool_and((t.name = 'parameters' or has_table_privilege(r.oid, t.oid, 'insert'))
                    and (t.name in ('loads', 'parameters') or has_table_privilege(r.oid, t.oid, 'update'))
                    and has_database_privilege(r.oid, current_database(), 'temporary')
                    and has_function_privilege(r.oid, to_regprocedure('airq_add_parameter(text, text)'), 'execute'))
    from pg_roles r,
         lateral (select name, to_regclass(name) as oid
                  from unnest(array['stations', 'measurements', 'loads', 'parameters', 'station_parameters']) as name) t
    where r.rolname in ('airq_reader', 'airq_loader') or r.rolname = current_user
    group by r.rolname";

/// Returns the findings about the database.
pub(super) fn examine(repository: &PostgresRepository) -> Vec<Finding> {
    let clock = ClockReading::now();
    let server = match repository.ask(|client| Server::of(&one(client, SERVER)?)) {
        Ok(server) => server,
        Err(error) => return vec![Finding::of_error("source", &error)],
    };
    let clock = server.time.map(|time| clock.compare("the database's", time));
    let mut findings = vec![Finding::ok("source", server.told())];
    let schema = repository.ask(Schema::read);
    findings.push(match &schema {
        Ok(schema) => schema.told(),
        Err(error) => Finding::of_error("schema", error),
    });
    if !matches!(schema, Ok(Schema::Missing)) {
        findings.push(match repository.ask(Role::all) {
            Ok(roles) => roles_told(&server.user, &roles),
            Err(error) => Finding::of_error("roles", &error),
        });
    }
    if matches!(schema, Ok(Schema::Applied(count)) if count == MIGRATIONS.len()) {
        findings.extend(non_finite_values(repository));
        findings.extend(implausible(repository));
    }
    findings.extend(clock);
    findings
}

/// The server that answers.
struct Server {
    version: String,
    replica: bool,
    user: String,
    time: Option<Timestamp>,
}

impl Server {
    fn of(row: &Row) -> Result<Server, SessionError> {
        let time = Timestamp::from_microseconds(value(row, 3)?);
        Ok(Server { version: value(row, 0)?, replica: value(row, 1)?, user: value(row, 2)?, time })
    }

    fn told(&self) -> String {
        let kind = if self.replica { "replica" } else { "primary" };
        format!("PostgreSQL {}, a {kind}, as the user {}", self.version, self.user)
    }
}

/// Describes the values outside the plausible ranges of their parameters. Reads all values.
pub(super) fn implausible_values(client: &mut Client) -> Result<Vec<String>, SessionError> {
    /// A result has at most 1664 columns.
    const MOST: usize = 500;
    let mut found = Vec::new();
    for parameters in parameters(client)?.chunks(MOST) {
        let extremes = parameters.iter().map(|parameter| {
            let name = quoted(*parameter);
            let is_finite = format!("{name} > '-Infinity' and {name} < 'Infinity'");
            format!("min({name}) filter (where {is_finite}), max({name}) filter (where {is_finite})")
        });
        let query = format!("select {} from measurements", extremes.collect::<Vec<_>>().join(", "));
        let row = one(client, &query)?;
        for (position, parameter) in parameters.iter().enumerate() {
            let (min, max) = (value(&row, 2 * position)?, value(&row, 2 * position + 1)?);
            if let (Some(min), Some(max)) = (min, max) {
                found.extend(parameter.implausible(min, max));
            }
        }
    }
    Ok(found)
}

/// Returns a finding about values that are NaN or infinite, which are missing in answers; `None` if there is no such value.
fn non_finite_values(repository: &PostgresRepository) -> Option<Finding> {
    match repository.ask(NonFinite::find) {
        Ok(found) => found.map(NonFinite::told),
        Err(error) => {
            let found = format!("values that are NaN or infinite were not counted: {error:#}");
            Some(Finding::warning("values", found, "examine with ?statement_timeout=0 in the URL of the source"))
        }
    }
}

/// Values that are NaN or infinite.
struct NonFinite {
    count: i64,
    station: String,
    time: Option<Timestamp>,
    code: String,
}

impl NonFinite {
    /// Finds the values. This reads all values.
    fn find(client: &mut Client) -> Result<Option<NonFinite>, SessionError> {
        let names: Vec<String> = parameters(client)?.into_iter().map(quoted).collect();
        if names.is_empty() {
            return Ok(None);
        }
        let any: Vec<String> = names.iter().map(|name| is_non_finite(name)).collect();
        let values: Vec<String> =
            names.iter().map(|name| format!("('{}', m.{name})", name.trim_matches('"'))).collect();
        let query = format!(
            "with cells as materialized (select m.station_id, m.time, v.code \
             from (select * from measurements where {} offset 0) m \
             cross join lateral (values {}) v (code, value) where {}) \
             select (select count(*) from cells), station_id, (extract(epoch from time) * 1000000)::bigint, code \
             from cells order by station_id, time, code limit 1",
            any.join(" or "),
            values.join(", "),
            is_non_finite("v.value")
        );
        let rows = client.query_typed(&query, &[])?;
        let Some(row) = rows.first() else { return Ok(None) };
        let time = Timestamp::from_microseconds(value(row, 2)?);
        Ok(Some(NonFinite { count: value(row, 0)?, station: value(row, 1)?, time, code: value(row, 3)? }))
    }

    fn told(self) -> Finding {
        let NonFinite { count, station, time, code } = self;
        let time = match time {
            Some(time) => format!(", {time}"),
            None => String::new(),
        };
        let found = format!(
            "NaN or infinite, and missing in answers: {}; the first is {code} of station {station:?}{time}",
            counted(count.unsigned_abs(), "value")
        );
        let fix = format!(
            "as the owner of the tables: update measurements set \"{code}\" = null \
             where \"{code}\" in ('NaN', 'Infinity', '-Infinity')"
        );
        Finding::warning("values", found, fix)
    }
}

fn is_non_finite(value: &str) -> String {
    // NaN is greater than any number to PostgreSQL.
    format!("not ({value} > '-Infinity' and {value} < 'Infinity')")
}

impl Schema {
    fn told(&self) -> Finding {
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

/// The privileges of a role on the tables.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
struct Role {
    name: String,
    is_own: bool,
    reads: bool,
    writes: bool,
    imports: bool,
}

impl Role {
    fn all(client: &mut Client) -> Result<Vec<Role>, SessionError> {
        client.query_typed(PRIVILEGES, &[])?.iter().map(Role::of).collect()
    }

    fn of(row: &Row) -> Result<Role, SessionError> {
        Ok(Role {
            name: value(row, 0)?,
            is_own: is_true(row, 1)?,
            reads: is_true(row, 2)?,
            writes: is_true(row, 3)?,
            imports: is_true(row, 4)?,
        })
    }
}

fn is_true(row: &Row, column: usize) -> Result<bool, SessionError> {
    let is_true: Option<bool> = value(row, column)?;
    Ok(is_true.unwrap_or(false))
}

/// Returns the finding about the roles: the worst problem, if there is one.
fn roles_told(user: &str, roles: &[Role]) -> Finding {
    for name in ["airq_reader", "airq_loader"] {
        match roles.iter().find(|role| role.name == name) {
            None => return Finding::failed("roles", format!("there is no role {name}"), MIGRATE),
            Some(role) if !role.reads => {
                return Finding::failed("roles", format!("{name} cannot read all tables"), MIGRATE);
            }
            Some(role) if name == "airq_reader" && role.writes => {
                let fix = "revoke what it has beyond select on airq's tables";
                return Finding::failed("roles", format!("{name} can write"), fix);
            }
            Some(role) if name == "airq_loader" && !role.imports => {
                return Finding::failed("roles", format!("{name} cannot import"), MIGRATE);
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
        _ => {
            let fix = format!("grant airq_reader to {user}");
            Finding::failed("roles", format!("{user} cannot read the tables"), fix)
        }
    }
}

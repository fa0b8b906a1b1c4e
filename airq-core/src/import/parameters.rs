//! The parameters of a database: their columns and their units.

use super::lock_retry;
use super::survey::Survey;
use crate::error::{Error, ErrorKind, Result, cut};
use crate::model::Parameter;
use crate::repository::postgres::{described, quoted};
use postgres::{Client, Transaction};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// The columns of values. A column of another type is not a parameter's.
const COLUMNS: &str = "\
    select array(select attname::text from pg_attribute
                 where attrelid = 'measurements'::regclass and attnum > 0 and not attisdropped
                 and atttypid = 'float8'::regtype)";
const UNITS: &str = "select code, unit from parameters";

/// The parameters that a database can store without a change of its tables.
#[derive(Debug, Default)]
pub(super) struct StoredParameters {
    columns: HashSet<String>,
    /// The unit of each parameter of the data set, by code.
    units: HashMap<String, String>,
}

impl StoredParameters {
    /// # Errors
    /// If the database fails.
    pub(super) fn read(transaction: &mut Transaction<'_>) -> Result<Self> {
        let row = transaction.query_one(COLUMNS, &[]).map_err(described)?;
        let columns: Vec<String> = row.try_get(0).map_err(described)?;
        let mut units = HashMap::new();
        for row in transaction.query(UNITS, &[]).map_err(described)? {
            units.insert(row.try_get(0).map_err(described)?, row.try_get(1).map_err(described)?);
        }
        Ok(StoredParameters { columns: columns.into_iter().collect(), units })
    }

    /// Returns whether measurements have a column of the parameter.
    pub(super) fn has_column(&self, parameter: Parameter) -> bool {
        self.columns.contains(parameter.code())
    }

    /// Checks that the unit of the parameter is the unit of its stored values.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`] if the units differ.
    pub(super) fn check_unit(&self, parameter: Parameter) -> Result<()> {
        match self.units.get(parameter.code()) {
            Some(stored) if stored != parameter.unit().symbol() => Err(two_units(parameter, stored, "in the database")),
            _ => Ok(()),
        }
    }
}

/// The error about a parameter with two units.
pub(super) fn two_units(parameter: Parameter, other: &str, whence: &str) -> Error {
    let (code, unit) = (parameter.code(), cut(parameter.unit().symbol()));
    let why = format!(
        "the unit of {code} is {:?} {whence} and {unit:?} here: values of two units cannot be in one column",
        cut(other)
    );
    Error::new(ErrorKind::InvalidData, why)
}

/// Adds the columns that measurements lack, in a short transaction of a connection of its own: the lock of the table must not
/// last as long as the import.
///
/// # Errors
/// If the database cannot be reached or fails, or the table is in use for too long.
pub(super) fn add_columns(
    connect: &dyn Fn() -> Result<Client>,
    stored: &mut StoredParameters,
    parameters: &[Parameter],
) -> Result<()> {
    let missing = parameters.iter().filter(|parameter| !stored.has_column(**parameter));
    let codes: Vec<String> = missing.map(|parameter| parameter.code().to_owned()).collect();
    if codes.is_empty() {
        return Ok(());
    }
    let mut client = connect()?;
    lock_retry::until_locked(|timeout| add_columns_within(&mut client, &codes, timeout))?;
    stored.columns.extend(codes);
    Ok(())
}

fn add_columns_within(client: &mut Client, codes: &[String], timeout: Duration) -> Result<()> {
    let mut transaction = client.transaction().map_err(described)?;
    transaction.batch_execute(&lock_retry::timeout_sql(timeout)).map_err(described)?;
    let add = "select airq_add_column(code) from unnest($1::text[]) as code";
    transaction.execute(add, &[&codes]).map_err(described)?;
    transaction.commit().map_err(described)
}

/// Adds the parameters of the files to the data set. Returns the number of new parameters.
///
/// # Errors
/// If the database fails.
pub(super) fn register(transaction: &mut Transaction<'_>, survey: &Survey) -> Result<u64> {
    let mut added = 0;
    for parameter in &survey.parameters {
        let (code, unit) = (parameter.code(), parameter.unit().symbol());
        let row = transaction.query_one("select airq_add_parameter($1, $2)", &[&code, &unit]).map_err(described)?;
        added += u64::from(row.try_get::<_, bool>(0).map_err(described)?);
    }
    Ok(added)
}

/// A comma-separated list with one item for each parameter, after another list: each item begins with a comma.
pub(super) fn list(parameters: &[Parameter], item: impl Fn(&str) -> String) -> String {
    parameters.iter().map(|parameter| ", ".to_owned() + &item(&quoted(*parameter))).collect()
}

/// The items as the elements of an array.
pub(super) fn array(parameters: &[Parameter], item: impl Fn(&str) -> String) -> String {
    let items = list(parameters, item);
    format!("array[{}]", items.trim_start_matches(", "))
}

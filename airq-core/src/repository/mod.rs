//! Sources of measurements: the trait [`Repository`] and its implementations.

pub(crate) mod csv;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod source;

use crate::account::Account;
use crate::aggregate::{self, AverageSinks};
use crate::csv::{Layout, OnRejected, Row, RowFeed, RowSink, Wanted};
use crate::error::Result;
use crate::finding::Finding;
use crate::model::{Parameter, Stations, Timestamp};
use crate::pool::PoolState;
use crate::query::{Averages, Selection};
use crate::text::counted;

pub use csv::{CsvOptions, CsvRepository};
#[cfg(feature = "http")]
pub use http::HttpRepository;
#[cfg(feature = "postgres")]
pub use postgres::PostgresRepository;
#[cfg(feature = "postgres")]
pub(crate) use source::is_postgres;
pub(crate) use source::open;
use std::fmt::Debug;
use std::io::Write;

/// A source of measurements that writes CSV.
///
/// # Contract
/// [`write_csv`](Repository::write_csv) writes, for a [`Selection`]:
/// - a header `station,time,` and the codes of parameters ([`Parameter::code`](crate::Parameter::code)): at least the
///   selection's that the repository has, and all [`parameters`](Repository::parameters) where it selects none;
/// - one row per measurement, with fields separated by commas and quoted as in RFC 4180; times as
///   [`Timestamp`] reads them; a missing value is an empty field;
/// - the rows ordered by station (by bytes), then time, no two with the same station and time;
/// - only rows with `from ≤ time < to`, of the selected stations, after the cursor `after`, and at most `limit` of them;
/// - for [`Rows::Latest`](crate::Rows::Latest), of each station at least the rows that have the newest value of a selected parameter,
///   unless the value is more than [`Rows::REACH`](crate::Rows::REACH) older than the newest of them; `limit` counts stations. Other
///   rows of the selection do no harm.
///
/// An answer comes from one state of the data, and its version is returned. A version is never used again after the data have
/// changed. Rows are written as they are read, so memory does not grow with the answer. An error of `out` ends the answer and is
/// returned.
///
/// `airq_core::testing::repository_contract` (feature `testing`) checks any implementation against this.
///
/// # Errors
/// [`Unavailable`](crate::ErrorKind::Unavailable) if the source cannot be reached, [`Forbidden`](crate::ErrorKind::Forbidden) if it
/// refuses this program, [`Timeout`](crate::ErrorKind::Timeout) after the time limit.
pub trait Repository: Debug + Send + Sync {
    /// Returns the current version of the data. This must be cheap, because it is called about once a second.
    ///
    /// # Errors
    /// See the trait.
    fn version(&self) -> Result<String>;

    /// Returns the stations of the data.
    ///
    /// # Errors
    /// See the trait.
    fn stations(&self) -> Result<Stations>;

    /// Returns the parameters of the data, in the order of columns. Answers have these columns unless a query names parameters.
    ///
    /// # Errors
    /// See the trait.
    fn parameters(&self) -> Result<Vec<Parameter>> {
        parameters_of_header(self)
    }

    /// Returns the stations and the parameters of the data, with a version of the data that is not newer than the stations and the
    /// parameters: the next check of the version notices newer data.
    ///
    /// # Errors
    /// See the trait.
    fn catalogue(&self) -> Result<Catalogue> {
        let version = self.version()?;
        Ok(Catalogue { version, stations: self.stations()?, parameters: self.parameters()? })
    }

    /// Returns counts and times of the data.
    ///
    /// # Errors
    /// See the trait.
    fn data_set(&self) -> Result<DataSet>;

    /// Writes the selected rows as CSV and returns the version of the data they are from.
    ///
    /// # Errors
    /// See the trait; whatever `out` returned comes back.
    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String>;

    /// Writes averages of the selected measurements as CSV and returns the version of the data they are from.
    ///
    /// The contract is that of [`write_csv`](Repository::write_csv), with these differences: a row is a period of a station, and its
    /// time is the start of the period. Each parameter with averages has two columns, `no2,no2_capture`: the value, and the capture,
    /// truncated to thousandths. Range, cursor and limit apply to these rows; a period that starts in the range is averaged whole.
    /// See [`Averages`].
    ///
    /// A [profile](Averages::profile) has the text column of the profile after the time.
    ///
    /// The default implementation averages the rows of `write_csv` and holds the values of one period of one station.
    ///
    /// # Errors
    /// See the trait; whatever `out` returned comes back.
    fn write_averages(&self, selection: &Selection, averaging: &Averages, out: &mut dyn Write) -> Result<String> {
        write_averages_of_rows(self, selection, averaging, out)
    }

    /// Writes the averages of the rows of a selection by `sinks`, station by station, and returns the version of the data.
    #[doc(hidden)]
    fn average(
        &self,
        selection: &Selection,
        averagings: &[Averages],
        sinks: &dyn AverageSinks,
        out: &mut dyn Write,
    ) -> Result<String> {
        let mut sink = sinks.sink(out);
        aggregate::average(averagings, &selection.parameters, &mut *sink, |csv| self.write_csv(selection, csv))
    }

    /// Describes the values outside the plausible ranges of their parameters, an item for each parameter. Such values are kept. This
    /// reads all values.
    ///
    /// # Errors
    /// See the trait.
    fn implausible_values(&self) -> Result<Vec<String>> {
        implausible_rows(self)
    }

    /// Checks that the source has the schema that this version of airq reads, such as all migrations of a database.
    ///
    /// # Errors
    /// [`Unavailable`](crate::ErrorKind::Unavailable) if the source cannot be reached or its schema is older.
    fn check_schema(&self) -> Result<()> {
        Ok(())
    }

    /// Returns whether the measurements are simulated. This must be cheap.
    fn is_simulated(&self) -> bool {
        false
    }

    /// Examines the repository by using it. An error is a finding.
    fn examine(&self) -> Vec<Finding> {
        vec![contents(self)]
    }

    /// Returns the account of the rows that were read from files, if the data come from files.
    fn account(&self) -> Option<Account> {
        None
    }

    /// Returns the state of the pool of connections, if there is one.
    fn pool(&self) -> Option<PoolState> {
        None
    }
}

/// Writes averages, or a profile, that are computed from the rows of a repository.
///
/// # Errors
/// The errors of the repository and of `out`.
pub(crate) fn write_averages_of_rows(
    repository: &(impl Repository + ?Sized),
    selection: &Selection,
    averages: &Averages,
    out: &mut dyn Write,
) -> Result<String> {
    if let Some(profile) = averages.profile() {
        return aggregate::write_profile(selection, averages, profile, out, |needed, csv| {
            repository.write_csv(needed, csv)
        });
    }
    aggregate::write(selection, averages, out, |needed, averages, sinks, out| {
        repository.average(needed, std::slice::from_ref(averages), sinks, out)
    })
}

/// Returns the parameters in the header of CSV that a repository writes.
fn parameters_of_header(repository: &(impl Repository + ?Sized)) -> Result<Vec<Parameter>> {
    let mut header = HeaderParameters(Vec::new());
    let mut csv = RowFeed::new(Wanted::default(), OnRejected::Fail, &mut header);
    repository.write_csv(&Selection { limit: Some(1), ..Selection::default() }, &mut csv)?;
    csv.finish()?;
    Ok(header.0)
}

#[cfg(feature = "formats")]
fn implausible_rows(repository: &(impl Repository + ?Sized)) -> Result<Vec<String>> {
    let all = crate::input::tally::Sums::read(|out| repository.write_csv(&Selection::default(), out).map(drop))?;
    Ok(all.iter().filter_map(crate::input::ParameterSummary::implausible).collect())
}

#[cfg(not(feature = "formats"))]
#[expect(clippy::unnecessary_wraps, reason = "as it is with the feature")]
fn implausible_rows(_: &(impl Repository + ?Sized)) -> Result<Vec<String>> {
    Ok(Vec::new())
}

/// Returns findings about values outside the plausible ranges of their parameters.
fn implausible(repository: &(impl Repository + ?Sized)) -> Vec<Finding> {
    match repository.implausible_values() {
        Ok(found) => found
            .into_iter()
            .map(|what| Finding::warning("values", what, "check the unit of the column and the instrument"))
            .collect(),
        Err(error) => vec![Finding::of_error("values", &error)],
    }
}

/// Takes the parameters of a header, and no rows.
struct HeaderParameters(Vec<Parameter>);

impl RowSink for &mut HeaderParameters {
    fn header(&mut self, layout: &Layout) -> Result<()> {
        self.0 = layout.parameters().collect();
        Ok(())
    }

    fn row(&mut self, _: &Row<'_>) -> Result<()> {
        Ok(())
    }
}

/// Returns a finding with the contents of a repository, or with the error of reading them.
fn contents(repository: &(impl Repository + ?Sized)) -> Finding {
    match repository.data_set() {
        Ok(data) => {
            let DataSet { stations, measurements, version, .. } = data;
            let stations = counted(stations, "station");
            let measurements = counted(measurements, "measurement");
            Finding::ok("source", format!("{stations}, {measurements}, data set {version}"))
        }
        Err(error) => Finding::of_error("source", &error),
    }
}

/// The stations and the parameters of a data set.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The version of the data, not newer than the stations and the parameters.
    pub version: String,
    /// The stations.
    pub stations: Stations,
    /// The parameters, in the order of columns.
    pub parameters: Vec<Parameter>,
}

/// A description of a data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataSet {
    /// The version. It changes with the data and is part of every cache key and `ETag`.
    pub version: String,
    /// The time of the last load, if known.
    pub loaded_at: Option<Timestamp>,
    /// The number of stations with measurements or a description.
    pub stations: u64,
    /// The number of measurements (rows).
    pub measurements: u64,
    /// The time of the oldest measurement.
    pub first: Option<Timestamp>,
    /// The time of the newest measurement.
    pub last: Option<Timestamp>,
    /// The reason why the data may be older than their source: files that have changed and cannot be loaded, or a URL whose file cannot
    /// be fetched.
    pub outdated: Option<String>,
    /// A line that describes what was left out of the files; `None` if nothing was left out.
    pub left_out: Option<String>,
    /// The formats of the source's files, with what is assumed about them.
    pub formats: Vec<String>,
    /// True if the measurements are simulated, as in the built-in sample.
    pub simulated: bool,
}

impl DataSet {
    /// Returns a description with this version and without anything else.
    pub fn new(version: impl Into<String>) -> Self {
        DataSet { version: version.into(), ..DataSet::default() }
    }
}

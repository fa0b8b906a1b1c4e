//! Where measurements come from: the [`Repository`] seam and its implementations.

pub(crate) mod csv;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod source;

use crate::aggregate::{self, AverageSink};
use crate::error::Result;
use crate::finding::Finding;
use crate::model::{Stations, Timestamp};
use crate::pool::PoolState;
use crate::query::{Averages, Selection};

pub use csv::{CsvOptions, CsvRepository, Loaded};
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
/// - a header `station,time,` and the pollutants' names ([`Pollutant::name`](crate::Pollutant::name)): at least the
///   selection's that the repository has, and the data set's six where it selects none;
/// - one row a measurement, fields parted by commas, quoted where RFC 4180 wants it; times as
///   [`Timestamp::parse`] reads them; a missing value is an empty field;
/// - the rows ordered by station (by bytes), then time, no two with the same station and time;
/// - only rows with `from ≤ time < to`, of the selected stations, behind `after`, and at most `limit` of them;
/// - for [`Rows::Latest`](crate::Rows::Latest), the newest such row of each station, ordered by station, `limit` counting
///   stations.
///
/// All of an answer is from one state of the data, whose version it returns. A version never returns once the data have
/// changed. Rows are pushed as they come: memory does not grow with the answer. When `out` refuses, it stops and hands
/// that error back.
///
/// `airq_core::testing::repository_contract` (feature `testing`) checks any implementation against this.
///
/// # Errors
/// [`Unavailable`](crate::ErrorKind::Unavailable) if it cannot be reached, [`Timeout`](crate::ErrorKind::Timeout) if it
/// gave up after its time limit.
pub trait Repository: Debug + Send + Sync {
    /// The version of the data as they are now. Cheap: asked about once a second.
    ///
    /// # Errors
    /// See the trait.
    fn version(&self) -> Result<String>;

    /// The stations of the data.
    ///
    /// # Errors
    /// See the trait.
    fn stations(&self) -> Result<Stations>;

    /// What there is: counts and times.
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
    /// As for [`write_csv`](Repository::write_csv), but that a row is a period's, its time the instant the period begins,
    /// and that each pollutant has two columns, `no2,no2_capture`: the value, and the capture in thousandths, cut. The
    /// range, the cursor and the limit are about these rows: a period that starts in the range is made of all its values.
    /// [`Averages`] says the rest.
    ///
    /// A repository need not do this: unless it does, the core makes them from what `write_csv` writes, holding one
    /// period's values of one station.
    ///
    /// # Errors
    /// See the trait; whatever `out` returned comes back.
    fn write_averages(&self, selection: &Selection, averaging: &Averages, out: &mut dyn Write) -> Result<String> {
        aggregate::write(selection, averaging, out, |needed, sink| {
            self.average(needed, std::slice::from_ref(averaging), sink)
        })
    }

    /// Passes the averages of the rows of a selection to a sink, station by station, and returns the version of the data.
    #[doc(hidden)]
    fn average(&self, selection: &Selection, averagings: &[Averages], sink: &mut dyn AverageSink) -> Result<String> {
        aggregate::average(averagings, &selection.pollutants, sink, |out| self.write_csv(selection, out))
    }

    /// Checks the repository by using it. Never fails: an error is a finding.
    fn examine(&self) -> Vec<Finding> {
        vec![contents(self)]
    }

    /// How its pool of connections is doing, if it has one.
    fn pool(&self) -> Option<PoolState> {
        None
    }
}

/// Returns the finding about what a repository holds, or about the error of asking for it.
fn contents(repository: &(impl Repository + ?Sized)) -> Finding {
    match repository.data_set() {
        Ok(data) => {
            let DataSet { stations, measurements, version, .. } = data;
            Finding::ok("source", format!("{stations} stations, {measurements} measurements, data set {version}"))
        }
        Err(error) => Finding::of_error("source", &error),
    }
}

/// What a data set holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataSet {
    /// Changes whenever the data do; part of every cache key and `ETag`.
    pub version: String,
    /// When the data were last loaded, if known.
    pub loaded_at: Option<Timestamp>,
    /// How many stations have measurements or a description.
    pub stations: u64,
    /// How many measurements (rows) there are.
    pub measurements: u64,
    /// The oldest measurement's time.
    pub first: Option<Timestamp>,
    /// The newest measurement's time.
    pub last: Option<Timestamp>,
    /// The reason why the data are older than their source: files that have changed and cannot be loaded.
    pub outdated: Option<String>,
}

//! Another airq server as the repository, for a cache tier in front of several API servers.

mod documents;
mod fetch;
mod newest;
mod pages;
mod settings;
mod sink;
mod split;
mod upstream;

use super::{Catalogue, DataSet, Repository, contents, write_averages_of_rows};
use crate::aggregate;
use crate::csv::{OnRejected, RowFeed, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::finding::{ClockReading, Finding};
use crate::model::{Parameter, Stations, Timestamp};
use crate::query::{Averages, Rows, Selection};
use crate::secret::SecretUrl;
use newest::NewestRows;
use pages::{PageError, Pages};
use settings::Settings;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use upstream::Upstream;

/// The number of attempts at an answer, if the data set changes before the first row is written.
const TRIES: u32 = 3;

/// An airq server as the source, over HTTP.
///
/// The URL is `http://api:8080` or `https://…`, followed by settings after a `?`:
///
/// | setting | meaning | default |
/// |---|---|---|
/// | `connect-timeout` | the time limit for a connection in milliseconds | `500` |
/// | `timeout` | the time limit in milliseconds for documents, for a pause within an answer, and for a server that does not respond | `2000` |
/// | `answer-timeout` | the time limit in milliseconds for the start of an answer while the server responds to checks | `10000` |
/// | `sslrootcert` | with TLS, a file of trusted certificates, which replace the certificates of the system | |
///
/// Proxies of the environment are not used.
///
/// Long answers are fetched page by page. An answer that is cut off, or has pages of different data sets, is an error and never a
/// short answer.
///
/// ```no_run
/// use airq_core::repository::HttpRepository;
/// use airq_core::Airq;
/// let airq = Airq::builder().repository(HttpRepository::open("http://api:8080")?).build()?;
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct HttpRepository {
    upstream: Upstream,
    /// True if the server's last description of its data set says that the measurements are simulated.
    is_simulated: AtomicBool,
}

impl HttpRepository {
    /// Returns the server of this URL, without a request: the server may be down.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if the URL is invalid.
    pub fn open(url: &str) -> Result<Self> {
        let settings = Settings::parse(&SecretUrl::new(url))?;
        Ok(HttpRepository { upstream: Upstream::new(settings), is_simulated: AtomicBool::new(false) })
    }

    fn write(
        &self,
        selection: &Selection,
        averages: Option<&Averages>,
        out: &mut dyn Write,
    ) -> std::result::Result<String, PageError> {
        // A server adds local times to averages of a zone, which a repository does not write.
        if let Some(averages) = averages
            && aggregate::has_local_times(averages.zone(), Some(averages))
        {
            return aggregate::with_local_times(None, None, out, |out| {
                self.write_pages(selection, Some(averages), out)
            });
        }
        self.write_pages(selection, averages, out)
    }

    fn write_pages(
        &self,
        selection: &Selection,
        averages: Option<&Averages>,
        out: &mut dyn Write,
    ) -> std::result::Result<String, PageError> {
        let pages = Pages::new(&self.upstream, selection, averages);
        // The rows with the newest values may be among other rows.
        if selection.rows == Rows::All || averages.is_none() {
            return pages.write(out);
        }
        let mut newest = RowFeed::new(Wanted::from(Vec::new()), OnRejected::Fail, NewestRows::new(selection, out));
        let version = pages.write(&mut newest)?;
        newest.finish()?;
        newest.sink.finish()?;
        Ok(version)
    }

    /// The selection without the stations that the server does not know; `None` if the server knows all of them.
    fn known(&self, selection: &Selection) -> Result<Option<Selection>> {
        let stations = self.stations()?;
        let Some(ids) = &selection.stations else { return Ok(None) };
        let known: Vec<String> = ids.iter().filter(|id| stations.get(id).is_some()).cloned().collect();
        if known.len() == ids.len() {
            return Ok(None);
        }
        Ok(Some(Selection { stations: Some(known), ..selection.clone() }))
    }

    /// Returns the time of the server's clock, if the server responds.
    fn server_time(&self) -> Option<Timestamp> {
        let answer = self.upstream.get("/v1/dataset").ok()?;
        upstream::date(answer.header("Date")?)
    }
}

impl Repository for HttpRepository {
    fn version(&self) -> Result<String> {
        Ok(self.data_set()?.version)
    }

    fn stations(&self) -> Result<Stations> {
        let known = self.parameters()?;
        documents::stations(&self.upstream.document("/v1/stations")?, &known)
    }

    fn parameters(&self) -> Result<Vec<Parameter>> {
        documents::parameters(&self.upstream.document("/v1/parameters")?)
    }

    fn catalogue(&self) -> Result<Catalogue> {
        let parameters = self.upstream.versioned_document("/v1/parameters")?;
        let stations = self.upstream.versioned_document("/v1/stations")?;
        let known = documents::parameters(&parameters.body)?;
        // A server notices a new data set up to a second late, and each server at another time.
        let version = match (parameters.version, stations.version) {
            (Some(version), Some(same)) if version == same => version,
            // No data set has this version, so the next check reads the documents again.
            (version, other) => format!("{}+{}", version.unwrap_or_default(), other.unwrap_or_default()),
        };
        Ok(Catalogue { version, stations: documents::stations(&stations.body, &known)?, parameters: known })
    }

    fn data_set(&self) -> Result<DataSet> {
        let data = documents::data_set(&self.upstream.document("/v1/dataset")?)?;
        self.is_simulated.store(data.simulated, Ordering::Relaxed);
        Ok(data)
    }

    fn is_simulated(&self) -> bool {
        self.is_simulated.load(Ordering::Relaxed)
    }

    fn examine(&self) -> Vec<Finding> {
        let clock = ClockReading::now();
        let clock = self.server_time().map(|time| clock.compare("the server's", time));
        [contents(self)].into_iter().chain(clock).collect()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.write_known(selection, None, out)
    }

    fn write_averages(&self, selection: &Selection, averages: &Averages, out: &mut dyn Write) -> Result<String> {
        // A server refuses the newest rows of a profile.
        if averages.profile().is_some() && selection.rows == Rows::Latest {
            return write_averages_of_rows(self, selection, averages, out);
        }
        self.write_known(selection, Some(averages), out)
    }
}

impl HttpRepository {
    /// Writes the rows of one state of the data, without the stations that the server does not know.
    fn write_known(&self, selection: &Selection, averages: Option<&Averages>, out: &mut dyn Write) -> Result<String> {
        let mut known = None;
        for _ in 0..TRIES {
            match self.write(known.as_ref().unwrap_or(selection), averages, out) {
                Ok(version) => return Ok(version),
                Err(PageError::Failed(error)) => return Err(error),
                Err(PageError::MovedOn) => {}
                // An unknown station has no rows here, but is an error of the server.
                Err(PageError::UnknownStation(error)) => known = Some(self.known(selection)?.ok_or(error)?),
            }
        }
        Err(Error::new(ErrorKind::Unavailable, "the data set of the source changes faster than it can be read"))
    }
}

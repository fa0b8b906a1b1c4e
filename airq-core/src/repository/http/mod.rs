//! Another airq server as the repository: what a cache tier in front of several API servers asks.

mod documents;
mod newest;
mod pages;
mod settings;
mod sink;
mod upstream;

use super::{DataSet, Repository};
use crate::csv::{OnRejected, RowFeed, Wanted};
use crate::doctor::clock::Clock;
use crate::doctor::{self, Finding};
use crate::error::{Error, ErrorKind, Result};
use crate::model::Stations;
use crate::query::{Averages, Rows, Selection};
use crate::secret::SecretUrl;
use newest::Newest;
use pages::{Fault, Pages};
use settings::Settings;
use std::io::Write;
use upstream::Upstream;

/// How often to begin again while the data set moves on under an answer of which nothing was written yet.
const TRIES: u32 = 3;

/// An airq server, asked over HTTP.
///
/// Opened by its URL, `http://api:8080` or `https://…`, with settings behind a `?`: `connect-timeout` and `timeout`
/// (milliseconds: `500` and `2000`, the latter up to the head of an answer and for each further piece of it) and, with
/// TLS, `sslrootcert` (a file of certificates to trust in place of those that come with it). A proxy of the environment is
/// not used.
///
/// Long answers are fetched page by page. An answer that is cut off, or whose pages are of different data sets, is an
/// error and never a short answer.
///
/// ```no_run
/// use airq_core::{Airq, HttpRepository};
/// let airq = Airq::builder().repository(HttpRepository::open("http://api:8080")?).build()?;
/// # Ok::<(), airq_core::Error>(())
/// ```
#[derive(Debug)]
pub struct HttpRepository {
    upstream: Upstream,
}

impl HttpRepository {
    /// The server of this URL. Nothing is asked of it yet: it may be down.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidSetting`] if the URL cannot be used.
    pub fn open(url: &str) -> Result<Self> {
        let settings = Settings::parse(&SecretUrl::new(url))?;
        Ok(HttpRepository { upstream: Upstream::new(settings) })
    }

    fn write(
        &self,
        selection: &Selection,
        averages: Option<&Averages>,
        out: &mut dyn Write,
    ) -> std::result::Result<String, Fault> {
        let pages = Pages::new(&self.upstream, selection, averages);
        if selection.rows == Rows::All {
            return pages.write(out);
        }
        let mut newest = RowFeed::new(Wanted::default(), OnRejected::Fail, Newest::new(selection, out));
        let version = pages.write(&mut newest)?;
        newest.finish()?;
        newest.sink.finish()?;
        Ok(version)
    }

    /// The same selection, without the stations that the server does not know; `None` if it knows them all.
    fn known(&self, selection: &Selection) -> Result<Option<Selection>> {
        let stations = self.stations()?;
        let ids = selection.stations.iter().flatten();
        let known: Vec<String> = ids.filter(|id| stations.find(id).is_some()).cloned().collect();
        let fewer = selection.stations.as_ref().is_some_and(|ids| known.len() < ids.len());
        Ok(fewer.then(|| Selection { stations: Some(known), ..selection.clone() }))
    }
}

impl Repository for HttpRepository {
    fn version(&self) -> Result<String> {
        Ok(self.data_set()?.version)
    }

    fn stations(&self) -> Result<Stations> {
        documents::stations(&self.upstream.document("/v1/stations")?)
    }

    fn data_set(&self) -> Result<DataSet> {
        documents::data_set(&self.upstream.document("/v1/dataset")?)
    }

    fn examine(&self) -> Vec<Finding> {
        let clock = Clock::now();
        let time = self.upstream.get("/v1/dataset").ok().and_then(|answer| upstream::date(answer.header("Date")?));
        let clock = time.map(|time| clock.compare("the server's", time));
        [doctor::repository(self)].into_iter().chain(clock).collect()
    }

    fn write_csv(&self, selection: &Selection, out: &mut dyn Write) -> Result<String> {
        self.write_known(selection, None, out)
    }

    fn write_averages(&self, selection: &Selection, averages: &Averages, out: &mut dyn Write) -> Result<String> {
        self.write_known(selection, Some(averages), out)
    }
}

impl HttpRepository {
    /// Writes the rows of the stations that the server knows, from one state of the data.
    fn write_known(&self, selection: &Selection, averages: Option<&Averages>, out: &mut dyn Write) -> Result<String> {
        let mut known = None;
        for _ in 0..TRIES {
            match self.write(known.as_ref().unwrap_or(selection), averages, out) {
                Ok(version) => return Ok(version),
                Err(Fault::Failed(error)) => return Err(error),
                Err(Fault::MovedOn) => {}
                // A station that is not there has no rows; to the server it is a mistake.
                Err(Fault::UnknownStation(error)) => known = Some(self.known(selection)?.ok_or(error)?),
            }
        }
        Err(Error::new(ErrorKind::Unavailable, "the data set of the source changes faster than it can be read"))
    }
}

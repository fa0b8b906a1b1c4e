//! The typed rows of a query and of an answer.

use super::{Airq, Answer, load};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::query::{Cursor, Query};
use crate::rows::{MeasurementRef, Measurements, RowSummary, visit_csv, visit_written};
use std::ops::ControlFlow;

impl Airq {
    /// Returns the rows of a query as values: measurements, or averages with their captures.
    ///
    /// All rows are in memory at once, which suits small answers such as a page or the newest rows.
    /// [`for_each_row`](Airq::for_each_row) has the same rows in bounded memory. The rows come from the repository, not from
    /// the cache. [`Answer::rows`] has the rows of a cached answer.
    ///
    /// # Errors
    /// As [`write`](Airq::write).
    ///
    /// ```
    /// # #[cfg(feature = "sample")] {
    /// use airq_core::aggregate::{Averages, Every};
    /// use airq_core::repository::CsvRepository;
    /// use airq_core::{Airq, Parameter, Query};
    ///
    /// let airq = Airq::builder().repository(CsvRepository::sample()?).build()?;
    /// let query = Query::builder().city("Madrid").parameter(Parameter::NO2).limit(2).build()?;
    /// let rows = airq.rows(&query)?;
    /// assert_eq!(rows[0].station, "aq_castellana");
    /// assert_eq!(rows[0].time.to_string(), "2016-10-01T00:00:00.007Z");
    /// let no2 = rows[0].value(Parameter::NO2).unwrap();
    /// assert_eq!(no2.number.to_string(), no2.text);
    ///
    /// // The next page.
    /// let cursor = rows.next_cursor().unwrap().clone();
    /// assert_eq!(airq.rows(&query.after(cursor))?.len(), 2);
    ///
    /// // Averages have a capture: the share of the expected values that a period has.
    /// let daily = Query::builder().station("aq_salvia").averages(Averages::new(Every::Day)).build()?;
    /// let day = &airq.rows(&daily)?[0];
    /// assert_eq!(day.capture(Parameter::NO2).unwrap().number, 1.0);
    /// # }
    /// # Ok::<(), airq_core::Error>(())
    /// ```
    pub fn rows(&self, query: &Query) -> Result<Measurements> {
        let mut rows = Vec::new();
        let summary = self.for_each_row(query, |row| {
            rows.push(row.to_measurement());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Measurements::new(rows, summary))
    }

    /// Calls `visit` with each row of a query, ordered by station, then time. The rows come from the repository, not from the
    /// cache, in bounded memory.
    ///
    /// `visit` returns [`ControlFlow::Continue`] to continue and [`ControlFlow::Break`] to stop. After a stop, the
    /// [cursor](RowSummary::next) of the summary is the cursor of the last row. `visit` should return soon, because the
    /// repository may hold a connection of its pool meanwhile.
    ///
    /// # Errors
    /// As [`write`](Airq::write). An error of `visit` ends the call and is returned unchanged.
    ///
    /// ```
    /// # #[cfg(feature = "sample")] {
    /// use airq_core::repository::CsvRepository;
    /// use airq_core::{Airq, Parameter, Query};
    /// use std::ops::ControlFlow;
    ///
    /// let airq = Airq::builder().repository(CsvRepository::sample()?).build()?;
    /// let mut highest: f64 = 0.0;
    /// let summary = airq.for_each_row(&Query::builder().station("aq_salvia").build()?, |row| {
    ///     if let Some(no2) = row.value(Parameter::NO2) {
    ///         highest = highest.max(no2.number);
    ///     }
    ///     Ok(ControlFlow::Continue(()))
    /// })?;
    /// assert_eq!(summary.rows, 96);
    /// assert!(highest > 40.0, "{highest} µg/m³");
    /// # }
    /// # Ok::<(), airq_core::Error>(())
    /// ```
    pub fn for_each_row(
        &self,
        query: &Query,
        visit: impl FnMut(MeasurementRef<'_>) -> Result<ControlFlow<()>>,
    ) -> Result<RowSummary> {
        let query = &*self.ending_with_newest(query)?;
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let resolved = query.resolve(&snapshot.stations, &snapshot.parameters)?;
        let parameters = resolved.selection.parameters.clone();
        visit_written(parameters, resolved.limit, visit, |out| {
            load::write_rows(&*self.repository, &resolved, Format::Csv, out)?;
            Ok(())
        })
    }
}

impl Answer {
    /// Returns the rows of an answer in the format [`Csv`](Format::Csv) as values.
    ///
    /// # Errors
    /// As [`for_each_row`](Answer::for_each_row).
    ///
    /// ```
    /// # #[cfg(feature = "sample")] {
    /// use airq_core::repository::CsvRepository;
    /// use airq_core::{Airq, Format, Parameter, Query};
    ///
    /// let airq = Airq::builder().repository(CsvRepository::sample()?).build()?;
    /// let rows = airq.answer(&Query::all().latest(), Format::Csv)?.rows()?;
    /// assert_eq!(rows.len(), 12);
    /// assert!(rows.iter().all(|row| row.value(Parameter::O3).is_some()));
    /// # }
    /// # Ok::<(), airq_core::Error>(())
    /// ```
    pub fn rows(&self) -> Result<Measurements> {
        let mut rows = Vec::new();
        let summary = self.for_each_row(|row| {
            rows.push(row.to_measurement());
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(Measurements::new(rows, summary))
    }

    /// Calls `visit` with each row of an answer in the format [`Csv`](Format::Csv), as
    /// [`Airq::for_each_row`](Airq::for_each_row) does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidParameter`] if the answer is in another format or has [units](crate::QueryBuilder::units); the error of `visit`.
    pub fn for_each_row(&self, visit: impl FnMut(MeasurementRef<'_>) -> Result<ControlFlow<()>>) -> Result<RowSummary> {
        if self.format() != Format::Csv {
            let issue =
                Issue::new("format", self.format().name(), "csv, because the rows of an answer are read from csv");
            return Err(Error::parameters(ErrorKind::InvalidParameter, vec![issue]));
        }
        if self.has_units {
            let allowed =
                "no units, because the columns of csv then are of no parameter: Airq::rows has converted rows";
            return Err(Error::parameters(ErrorKind::InvalidParameter, vec![Issue::new("units", "", allowed)]));
        }
        let mut summary = visit_csv(self.body(), visit)?;
        if summary.next.is_none() {
            summary.next = self.next_cursor();
        }
        Ok(summary)
    }

    /// The cursor of the next page, if the limit of the query ended this page.
    pub fn next_cursor(&self) -> Option<Cursor> {
        self.lookup.entry.next.as_deref()?.parse::<Cursor>().ok()
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }
}

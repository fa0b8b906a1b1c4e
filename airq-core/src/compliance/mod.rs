//! Compliance with air quality standards: whether the air of a year is legal.
//!
//! ```text
//! rows of a repository → means of hours → values of days → statistics of years → comparison with the levels of a standard
//! ```
//!
//! Each version of a standard is a table of data (`tables`). Means of hours, days and 8 hours are whole millionths, as all
//! [averages](crate::aggregate::Averages); a statistic is the exact quotient of such numbers and is rounded once, as the standard requires.
//! `docs/compliance.md` has the rules and their sources.
//!
//! ```
//! # #[cfg(feature = "sample")] {
//! use airq_core::compliance::{ComplianceQuery, Standard, Verdict};
//! use airq_core::repository::CsvRepository;
//! use airq_core::Airq;
//!
//! let airq = Airq::builder().repository(CsvRepository::sample()?).build()?;
//! let query = ComplianceQuery::from_pairs([("city", "Madrid"), ("year", "2016"), ("standard", "eu-2024")])?.0;
//! let report = airq.compliance(&query)?;
//! assert_eq!((report.standard, report.stations.len()), ("eu-2024".parse::<Standard>().unwrap(), 3));
//! // One day is not enough for a year.
//! let year_of_no2 = report.stations[0].assessments.iter().find(|one| one.objective.id == "no2-1y-2030").unwrap();
//! assert_eq!(year_of_no2.verdict, Verdict::NotEnoughData);
//! assert_eq!(year_of_no2.reason.as_deref(), Some("24 of 8784 values are there, 85 % are needed"));
//! # }
//! # Ok::<(), airq_core::Error>(())
//! ```

mod assess;
mod collect;
mod days;
mod encoding;
mod hours;
mod query;
mod quotient;
mod statistic;
mod table;
mod tables;
mod values;

use crate::error::ParseError;
pub use assess::{Assessment, Verdict};
pub(crate) use collect::report;
pub use collect::{ComplianceReport, StationAssessments};
pub(crate) use encoding::{check_format, encoded};
pub use query::ComplianceQuery;
use std::fmt;
use std::str::FromStr;
use table::StandardTable;
pub use table::{Mark, Objective, ObjectiveKind};
pub use values::Coverage;

/// A version of a standard for air quality.
///
/// | id | standard | days and years by |
/// |---|---|---|
/// | `eu-2008` | Directives 2008/50/EC and 2004/107/EC | UTC+1 |
/// | `eu-2024` | Directive (EU) 2024/2881 | UTC+1 |
/// | `who-2021` | WHO global air quality guidelines 2021 and interim targets | UTC |
/// | `us-naaqs` | National Ambient Air Quality Standards of the United States | UTC |
/// | `uk` | objectives of the United Kingdom | UTC |
/// | `caaqs-2025`, `caaqs-2020` | Canadian Ambient Air Quality Standards | UTC |
///
/// ```
/// use airq_core::compliance::Standard;
/// let standard = "eu-2024".parse::<Standard>().unwrap();
/// let day = standard.objectives().iter().find(|objective| objective.id == "pm10-1d-2030").unwrap();
/// assert_eq!((day.level(), day.allowed(), day.attain_by), (45.0, Some(18), Some("2030-01-01")));
/// ```
#[derive(Clone, Copy)]
pub struct Standard(&'static StandardTable);

impl Standard {
    /// All standards, the default first.
    pub const ALL: &'static [Standard] = tables::ALL;

    /// The id, such as `eu-2024`.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The English name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The document that defines the standard.
    pub fn source(self) -> &'static str {
        self.0.source
    }

    /// The name of the time zone of days and years, unless a query names another.
    pub fn zone(self) -> &'static str {
        self.0.zone
    }

    /// The objectives, in the order of answers.
    pub fn objectives(self) -> &'static [Objective] {
        self.0.objectives
    }
}

/// The default is `eu-2008`.
impl Default for Standard {
    fn default() -> Self {
        Standard::ALL[0]
    }
}

impl PartialEq for Standard {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Standard {}

impl fmt::Debug for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Standard").field(&self.id()).finish()
    }
}

/// Parses an id, as in the table of [`Standard`].
impl FromStr for Standard {
    type Err = ParseError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        let known = Standard::ALL.iter().copied().find(|standard| standard.id() == id);
        known.ok_or_else(|| ParseError::not_one_of(id, Standard::ALL.iter().map(|standard| standard.id())))
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

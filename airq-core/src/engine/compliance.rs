//! Reports of compliance: as values, and as cached answers.

use super::load::query_json;
use super::snapshot::Snapshot;
use super::{Airq, Answer};
use crate::cache::{Key, NewAnswer};
use crate::compliance::{ComplianceQuery, ComplianceReport, check_format, encoded, report};
use crate::error::Result;
use crate::format::Format;
use crate::observe::{Observation, Timing};
use crate::query::{Resolved, Selection};
use std::time::{Duration, Instant};

impl Airq {
    /// Assesses stations by the objectives of a standard in a year. The report comes from the repository, not from the cache.
    ///
    /// The hours of one station are in memory at once; if files are read, the hours of all selected stations.
    ///
    /// # Errors
    /// [`is_not_found`](crate::Error::is_not_found) for an unknown city or station; the error of the repository.
    pub fn compliance(&self, query: &ComplianceQuery) -> Result<ComplianceReport> {
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let resolved = query.hours().resolve(&snapshot.stations, &snapshot.parameters)?;
        let (report, _) = self.report(query, &snapshot, &resolved)?;
        Ok(report)
    }

    /// Returns a [report](Airq::compliance) as JSON or CSV, from the cache or loaded as an [answer](Airq::answer).
    ///
    /// # Errors
    /// As [`compliance`](Airq::compliance), and [`ErrorKind::InvalidParameter`](crate::ErrorKind::InvalidParameter) for another
    /// format.
    pub fn compliance_answer(&self, query: &ComplianceQuery, format: Format) -> Result<Answer> {
        let start = Instant::now();
        check_format(format)?;
        let snapshot = self.snapshots.current(&*self.repository, &*self.observer)?;
        let hours = query.hours();
        let resolved = hours.resolve(&snapshot.stations, &snapshot.parameters)?;
        let lookup = self.cache.answer(
            start,
            &key(query, &snapshot.version, &resolved, format),
            || snapshot.earlier_keys(|version| key(query, version, &resolved, format)),
            || {
                self.load_newest(hours, &snapshot, &resolved, |snapshot, resolved| {
                    self.load_report(query, snapshot, resolved, format)
                })
            },
        )?;
        self.new_answer(lookup, format, &resolved)
    }

    /// Returns the report and the version of the data.
    fn report(
        &self,
        query: &ComplianceQuery,
        snapshot: &Snapshot,
        resolved: &Resolved,
    ) -> Result<(ComplianceReport, String)> {
        let parameters = query.parameters(&snapshot.parameters);
        let selection = Selection { parameters, ..resolved.selection.clone() };
        report(&*self.repository, query, &selection, &snapshot.version)
    }

    fn load_report(
        &self,
        query: &ComplianceQuery,
        snapshot: &Snapshot,
        resolved: &Resolved,
        format: Format,
    ) -> Result<(NewAnswer, String)> {
        let start = Instant::now();
        let (report, version) = self.report(query, snapshot, resolved)?;
        let in_repository = start.elapsed();
        let body = encoded(&report, format, &query_json(&filters(query, resolved)), &snapshot.stations);
        let reservation = self.budget.reserve(body.len())?;
        let reshape = start.elapsed().saturating_sub(in_repository);
        let timing = Timing { repository: in_repository, reshape, compress: Duration::ZERO };
        let rows = report.stations.iter().map(|station| station.assessments.len() as u64).sum();
        self.observer.observe(&Observation::Loaded { format, rows, bytes: body.len(), timing });
        let key = key(query, &snapshot.version, resolved, format);
        Ok((NewAnswer { key, body, rows, next: None, timing, reservation }, version))
    }
}

fn key(query: &ComplianceQuery, version: &str, resolved: &Resolved, format: Format) -> Key {
    let canonical = format!("compliance={}&year={}&{}", query.standard(), query.year(), resolved.canonical());
    Key::new(format, version, &canonical)
}

/// The filters that the answer repeats: the given filters of stations and parameters, and the settings of the report.
fn filters(query: &ComplianceQuery, resolved: &Resolved) -> Vec<(&'static str, Vec<String>)> {
    let mut filters: Vec<_> = resolved.filters.iter().filter(|(name, _)| is_repeated(name)).cloned().collect();
    filters.push(("year", vec![query.year().to_string()]));
    filters.push(("standard", vec![query.standard().to_string()]));
    filters.push(("tz", vec![query.zone().to_string()]));
    filters
}

fn is_repeated(name: &str) -> bool {
    ComplianceQuery::PARAMETERS.contains(&name) && name != "tz"
}

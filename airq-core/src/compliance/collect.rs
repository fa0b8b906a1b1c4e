//! Collects the means of hours, station by station, and assesses each station when its hours are complete.

use super::assess::Assessment;
use super::days::{Day, days_of, hour_of};
use super::hours::HourSeries;
use super::query::{ComplianceQuery, years_before};
use super::{Objective, Standard};
use crate::aggregate::{Average, AverageSink, AverageSinks, needed};
use crate::error::Result;
use crate::model::{Parameter, Timestamp, Zone};
use crate::query::{Every, Selection};
use crate::repository::Repository;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

/// The assessments of stations in a year.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ComplianceReport {
    /// The standard.
    pub standard: Standard,
    /// The year.
    pub year: i16,
    /// The time zone of days and years.
    pub zone: Zone,
    /// The stations with rows in the years that the standard needs, ordered by id.
    pub stations: Vec<StationAssessments>,
}

/// The assessments of a station.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StationAssessments {
    /// The id of the station.
    pub station: String,
    /// An assessment for each objective of the parameters that the station measured in the year.
    pub assessments: Vec<Assessment>,
}

/// Assesses the stations of a selection of the parameters that objectives need. Returns the report and the version of the data.
///
/// # Errors
/// The error of the repository.
pub(crate) fn report(
    repository: &dyn Repository,
    query: &ComplianceQuery,
    selection: &Selection,
    version: &str,
) -> Result<(ComplianceReport, String)> {
    let (standard, year, zone) = (query.standard, query.year, query.zone.clone());
    let Some(averages) = query.hours.averages().filter(|_| !selection.parameters.is_empty()) else {
        return Ok((ComplianceReport { standard, year, zone, stations: Vec::new() }, version.to_owned()));
    };
    let collector = Collector {
        objectives: standard.objectives(),
        year,
        days: days_of(year - years_before(standard)..=year, &zone),
        is_daily: averages.every() == Every::Day,
        stations: Mutex::new(Vec::new()),
    };
    let selection = needed(selection, averages);
    let version = repository.average(&selection, std::slice::from_ref(averages), &collector, &mut io::sink())?;
    let mut stations = collector.stations.into_inner().unwrap_or_else(PoisonError::into_inner);
    stations.sort_by(|one, other| one.station.cmp(&other.station));
    Ok((ComplianceReport { standard, year, zone, stations }, version))
}

/// Collects the assessments of all stations. Threads assess their own stations.
struct Collector {
    objectives: &'static [Objective],
    year: i16,
    days: Vec<Day>,
    /// True if the source has means of days.
    is_daily: bool,
    stations: Mutex<Vec<StationAssessments>>,
}

impl AverageSinks for Collector {
    fn sink<'a>(&'a self, _: &'a mut dyn Write) -> Box<dyn AverageSink + 'a> {
        Box::new(StationCollector { collector: self, parameters: Vec::new(), station: None, hours: Vec::new() })
    }

    fn are_for_threads(&self) -> bool {
        true
    }
}

/// Holds the hours of one station.
struct StationCollector<'a> {
    collector: &'a Collector,
    parameters: Vec<Parameter>,
    station: Option<Vec<u8>>,
    /// The hours of each parameter.
    hours: Vec<HourSeries>,
}

impl StationCollector<'_> {
    /// Assesses the station, if there is one.
    fn close(&mut self) {
        let hours = std::mem::take(&mut self.hours);
        let Some(station) = self.station.take() else { return };
        let Collector { objectives, year, days, stations, .. } = self.collector;
        let mut assessments = Vec::new();
        for objective in *objectives {
            let position = self.parameters.iter().position(|parameter| *parameter == objective.parameter);
            let Some(position) = position else { continue };
            assessments.extend(Assessment::new(objective, &hours[position], days, *year));
        }
        let station = String::from_utf8_lossy(&station).into_owned();
        let mut stations = stations.lock().unwrap_or_else(PoisonError::into_inner);
        stations.push(StationAssessments { station, assessments });
    }
}

impl AverageSink for StationCollector<'_> {
    fn header(&mut self, parameters: &[Parameter]) -> Result<()> {
        parameters.clone_into(&mut self.parameters);
        Ok(())
    }

    fn row(&mut self, _: usize, station: &[u8], start: Timestamp, averages: &[Average]) -> Result<()> {
        if self.station.as_deref() != Some(station) {
            self.close();
            self.station = Some(station.to_owned());
            self.hours = vec![HourSeries::new(self.collector.is_daily); self.parameters.len()];
        }
        let hour = hour_of(start);
        for (hours, average) in self.hours.iter_mut().zip(averages) {
            hours.push(hour, average.value);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.close();
        Ok(())
    }
}

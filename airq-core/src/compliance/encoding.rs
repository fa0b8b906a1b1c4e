//! The encoding of a report as JSON and CSV.

use super::assess::Assessment;
use super::collect::ComplianceReport;
use super::values::Coverage;
use crate::aggregate::millionths;
use crate::encode::{push_key, push_station, push_text_or_null};
use crate::error::{Error, ErrorKind, Issue, Result};
use crate::format::Format;
use crate::model::{Station, Stations};
use crate::text::{push_json_string, push_safe_csv_field};

/// Checks that a report can be written in the format.
///
/// # Errors
/// [`ErrorKind::InvalidParameter`] for another format than JSON and CSV.
pub(crate) fn check_format(format: Format) -> Result<()> {
    if matches!(format, Format::Json | Format::Csv) {
        return Ok(());
    }
    Err(Error::parameters(ErrorKind::InvalidParameter, vec![format_issue(format.name())]))
}

/// Returns the issue of a format that a report does not have.
pub(super) fn format_issue(given: &str) -> Issue {
    Issue::new("format", given, "json or csv")
}

/// Returns a report as JSON, with the query as a JSON object, or as CSV.
pub(crate) fn encoded(report: &ComplianceReport, format: Format, query: &[u8], known: &Stations) -> Vec<u8> {
    match format {
        Format::Csv => csv(report, known),
        _ => json(report, query, known),
    }
}

/// Returns the description of a station. It has only the id if the data set does not describe the station.
fn described(known: &Stations, id: &str) -> Station {
    known.get(id).cloned().unwrap_or_else(|| Station::new(id))
}

/// Returns `{"query":{…},"standard":{…},"stations":[{"id":…,"objectives":[{…},…]},…]}`.
fn json(report: &ComplianceReport, query: &[u8], known: &Stations) -> Vec<u8> {
    let mut out = b"{\"query\":".to_vec();
    out.extend_from_slice(query);
    out.extend_from_slice(b",\"standard\":{\"id\":");
    push_json_string(&mut out, report.standard.id().as_bytes());
    push_text(&mut out, "name", Some(report.standard.name()));
    push_text(&mut out, "source", Some(report.standard.source()));
    push_text(&mut out, "clock", Some(report.zone.name()));
    out.extend_from_slice(b"},\"stations\":[");
    for (index, station) in report.stations.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_station(&mut out, &described(known, &station.station));
        out.extend_from_slice(b",\"objectives\":[");
        for (index, assessment) in station.assessments.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_assessment(&mut out, assessment);
        }
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(b"]}\n");
    out
}

fn push_assessment(out: &mut Vec<u8>, assessment: &Assessment) {
    let objective = assessment.objective;
    out.extend_from_slice(b"{\"id\":");
    push_json_string(out, objective.id.as_bytes());
    push_text(out, "parameter", Some(objective.parameter.code()));
    push_text(out, "kind", Some(objective.kind.name()));
    push_text(out, "values", Some(objective.averaging()));
    push_text(out, "statistic", Some(&objective.statistic()));
    push_number(out, "level", Some(objective.level));
    push_text(out, "unit", Some(objective.unit.symbol()));
    push_text(out, "attain_by", objective.attain_by);
    push_number(out, "value", assessment.value);
    push_number(out, "compared", assessment.compared);
    push_number(out, "exceedances", assessment.exceedances);
    push_whole(out, "allowed", objective.allowed());
    push_number(out, "coverage", Some(share(assessment.coverage)));
    push_whole(out, "years", Some(assessment.years.into()));
    push_text(out, "result", Some(assessment.verdict.name()));
    push_text(out, "reason", assessment.reason.as_deref());
    push_text(out, "source", Some(objective.source));
    push_text(out, "mark", Some(objective.mark.name()));
    out.push(b'}');
}

fn push_text(out: &mut Vec<u8>, key: &str, text: Option<&str>) {
    push_key(out, key);
    push_text_or_null(out, text);
}

fn push_number(out: &mut Vec<u8>, key: &str, millionths: Option<i64>) {
    push_key(out, key);
    match millionths {
        Some(number) => millionths::write(out, number),
        None => out.extend_from_slice(b"null"),
    }
}

fn push_whole(out: &mut Vec<u8>, key: &str, number: Option<u32>) {
    push_number(out, key, number.map(|number| i64::from(number) * 1_000_000));
}

/// The share of the expected values in millionths, truncated to thousandths.
fn share(coverage: Coverage) -> i64 {
    i64::from(coverage.thousandths()) * 1000
}

const COLUMNS: &str = "station,name,city,year,standard,objective,parameter,kind,values,statistic,level,unit,attain_by,value,\
                       compared,exceedances,allowed,coverage,years,result,reason,source,mark";

fn csv(report: &ComplianceReport, known: &Stations) -> Vec<u8> {
    let mut out = COLUMNS.as_bytes().to_vec();
    out.push(b'\n');
    for station in &report.stations {
        let described = described(known, &station.station);
        for assessment in &station.assessments {
            push_row(&mut out, report, &described, assessment);
        }
    }
    out
}

fn push_row(out: &mut Vec<u8>, report: &ComplianceReport, station: &Station, assessment: &Assessment) {
    let objective = assessment.objective;
    let cells = [
        station.id.clone(),
        station.name.clone().unwrap_or_default(),
        station.city.clone().unwrap_or_default(),
        report.year.to_string(),
        report.standard.id().to_owned(),
        objective.id.to_owned(),
        objective.parameter.code().to_owned(),
        objective.kind.name().to_owned(),
        objective.averaging().to_owned(),
        objective.statistic(),
        number(Some(objective.level)),
        objective.unit.symbol().to_owned(),
        objective.attain_by.unwrap_or_default().to_owned(),
        number(assessment.value),
        number(assessment.compared),
        number(assessment.exceedances),
        objective.allowed().map(|allowed| allowed.to_string()).unwrap_or_default(),
        number(Some(share(assessment.coverage))),
        assessment.years.to_string(),
        assessment.verdict.name().to_owned(),
        assessment.reason.clone().unwrap_or_default(),
        objective.source.to_owned(),
        objective.mark.name().to_owned(),
    ];
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        // The report is for people, and nothing of airq reads it.
        push_safe_csv_field(out, cell.as_bytes());
    }
    out.push(b'\n');
}

fn number(millionths: Option<i64>) -> String {
    let mut out = Vec::new();
    if let Some(number) = millionths {
        millionths::write(&mut out, number);
    }
    String::from_utf8(out).unwrap_or_default()
}

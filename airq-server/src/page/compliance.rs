//! The compliance of the selected stations with a standard in a year.

use super::form::PageForm;
use airq_core::{Airq, Format, Result};
use maud::{Markup, html};
use serde_json::Value;

/// The greatest number of rows.
const MOST_ROWS: usize = 500;

/// A report of a year, a row for each station and objective.
#[derive(Debug)]
pub(super) struct ComplianceView {
    year: String,
    standard: String,
    zone: String,
    rows: Vec<ComplianceRow>,
    /// The number of rows that are left out.
    more: usize,
}

#[derive(Debug)]
struct ComplianceRow {
    station: String,
    objective: String,
    statistic: String,
    value: String,
    level: String,
    exceedances: String,
    coverage: String,
    result: String,
    reason: String,
}

impl ComplianceView {
    /// Reads the report of the form; `None` if the form has no year.
    ///
    /// # Errors
    /// The error of the engine.
    pub(super) fn read(airq: &Airq, form: &PageForm) -> Result<Option<ComplianceView>> {
        let Some(query) = form.compliance()? else { return Ok(None) };
        let answer = airq.compliance_answer(&query, Format::Json)?;
        let report: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let mut rows = Vec::new();
        for station in items(&report["stations"]) {
            let name = station["name"].as_str().or(station["id"].as_str()).unwrap_or_default();
            rows.extend(items(&station["objectives"]).map(|assessment| ComplianceRow::new(name, assessment)));
        }
        let more = rows.len().saturating_sub(MOST_ROWS);
        rows.truncate(MOST_ROWS);
        Ok(Some(ComplianceView {
            year: query.year().to_string(),
            standard: text(&report["standard"]["name"]),
            zone: query.zone().to_string(),
            rows,
            more,
        }))
    }
}

impl ComplianceRow {
    fn new(station: &str, assessment: &Value) -> ComplianceRow {
        let unit = text(&assessment["unit"]);
        let exceedances = match (assessment["exceedances"].as_f64(), assessment["allowed"].as_u64()) {
            (Some(above), Some(allowed)) => format!("{above} of {allowed}"),
            _ => String::new(),
        };
        ComplianceRow {
            station: station.to_owned(),
            objective: text(&assessment["id"]),
            statistic: format!("{}: {}", text(&assessment["values"]), text(&assessment["statistic"])),
            value: assessment["compared"].as_f64().map(|value| format!("{value} {unit}")).unwrap_or_default(),
            level: assessment["level"].as_f64().map(|level| format!("{level} {unit}")).unwrap_or_default(),
            exceedances,
            coverage: assessment["coverage"]
                .as_f64()
                .map(|share| format!("{:.1} %", share * 100.0))
                .unwrap_or_default(),
            result: text(&assessment["result"]),
            reason: text(&assessment["reason"]),
        }
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The section of the report.
pub(super) fn section(form: &PageForm, view: &ComplianceView) -> Markup {
    html! {
        section aria-labelledby="compliance" {
            h2 id="compliance" { "Compliance in " (view.year) }
            p { (view.standard) ", days and years of " (view.zone) ". " a href=(form.compliance_url("csv")) { "csv" } ", " a href=(form.compliance_url("json")) { "json" } " with the sources." }
            @if view.rows.is_empty() { p { "No measurement of the standard's parameters is of that year." } } @else {
                @if let Some(calendar) = form.calendar_url(&view.year) {
                    a href=(calendar) { img src=(calendar) alt={ "Calendar of the daily means of " (view.year) ". It opens as a picture with its numbers in words." }; }
                }
                div class="scroll" tabindex="0" role="group" aria-label="Table of the objectives" {
                    table {
                        thead { tr {
                            @for head in ["Station", "Objective", "Result", "Value", "Level", "Above, of allowed", "Coverage", "Statistic"] { th scope="col" { (head) } }
                        } }
                        tbody { @for row in &view.rows { (table_row(row)) } }
                    }
                }
                @if view.more > 0 { p { "And " (view.more) " more rows: see csv or json." } }
            }
        }
    }
}

fn table_row(row: &ComplianceRow) -> Markup {
    html! {
        tr {
            th scope="row" { (row.station) }
            td { (row.objective) }
            td { strong { (row.result) } }
            td class="number" { (row.value) }
            td class="number" { (row.level) }
            td class="number" { (row.exceedances) }
            td class="number" { (row.coverage) }
            td { (row.statistic) @if !row.reason.is_empty() { " " span class="unit" { "(" (row.reason) ")" } } }
        }
    }
}

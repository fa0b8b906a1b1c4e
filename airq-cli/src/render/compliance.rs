//! The table of compliance for people.

use super::{Column, Table};
use airq_core::compliance::{Assessment, ComplianceReport};

/// Returns a table with a row for each station and objective.
pub(crate) fn compliance_table(report: &ComplianceReport) -> Table {
    let mut table = Table::new(vec![
        Column::id("station"),
        Column::id("objective"),
        Column::text("kind").dispensable(2),
        Column::number("value", ""),
        Column::number("level", ""),
        Column::text("unit"),
        Column::number("above", ""),
        Column::number("allowed", "").dispensable(3),
        Column::number("coverage", "").dispensable(1),
        Column::id("result"),
        Column::text("reason").dispensable(0),
    ]);
    for station in &report.stations {
        for assessment in &station.assessments {
            table.push(row(&station.station, assessment));
        }
    }
    table
}

fn number_or_blank(number: Option<f64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn row(station: &str, assessment: &Assessment) -> Vec<String> {
    let objective = assessment.objective;
    vec![
        station.to_owned(),
        objective.id.to_owned(),
        objective.kind.to_string(),
        number_or_blank(assessment.value()),
        objective.level().to_string(),
        objective.unit.symbol().to_owned(),
        number_or_blank(assessment.exceedances()),
        objective.allowed().map(|allowed| allowed.to_string()).unwrap_or_default(),
        format!("{:.1}%", assessment.coverage.share() * 100.0),
        assessment.verdict.to_string(),
        assessment.reason.clone().unwrap_or_default(),
    ]
}

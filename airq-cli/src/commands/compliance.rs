//! `compliance`: the compliance of stations with a standard in a year.

use super::measurements::{OutputForm, form, nothing_found, take_table};
use super::pairs;
use crate::args::ComplianceArgs;
use crate::failure::{Failure, print_message};
use crate::output;
use crate::render::compliance_table;
use crate::source::Source;
use airq_core::compliance::ComplianceQuery;
use airq_core::{Airq, Query};

/// # Errors
/// If a parameter is invalid, a name is unknown, the source fails or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &ComplianceArgs) -> Result<(), Failure> {
    let mut pairs = pairs(&args.query_options());
    let table = take_table(&mut pairs);
    let (query, format) = ComplianceQuery::from_pairs(pairs)?;
    let shown = form(format, table);
    source.ask(|airq| show(airq, &query, shown))
}

fn show(airq: &Airq, query: &ComplianceQuery, shown: OutputForm) -> Result<(), Failure> {
    match shown {
        OutputForm::As(format) => {
            let answer = airq.compliance_answer(query, format)?;
            output::write_to(None, |out| Ok(out.write_all(answer.body())?))
        }
        OutputForm::Table => {
            let report = airq.compliance(query)?;
            if report.stations.iter().all(|station| station.assessments.is_empty()) {
                // An error of the source would have been reported before.
                let data = airq.nearby(&Query::all()).unwrap_or_default();
                let what = "no measurement of the standard's parameters matches";
                print_message(&nothing_found(what, &data));
                return Ok(());
            }
            compliance_table(&report).print()
        }
    }
}

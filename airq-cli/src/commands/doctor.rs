//! `doctor`: what is right and what is wrong with the source and the cache, a line each.

use crate::args::DoctorArgs;
use crate::failure::{Failure, harmless};
use crate::output;
use crate::source::Source;
use airq_core::{Error, ErrorKind, Finding, Health};
use std::io::Write;
use std::time::Duration;

/// # Errors
/// If a setting cannot be used, something is wrong, or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &DoctorArgs) -> Result<(), Failure> {
    let within = args.max_age.map(|hours| Duration::from_secs_f64(hours * 3600.0));
    let findings = source.examined(args.cache.as_deref())?.examine(within);
    let mut out = output::stdout();
    for finding in &findings {
        writeln!(out, "{}", line(finding))?;
    }
    out.flush()?;
    let failed = findings.iter().filter(|finding| finding.health == Health::Failed).count();
    if failed == 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unavailable, format!("{failed} of {} checks failed", findings.len())).into())
}

fn line(finding: &Finding) -> String {
    let health = match finding.health {
        Health::Ok => "ok",
        Health::Warning => "warning",
        _ => "failed",
    };
    let fix = if finding.fix.is_empty() { String::new() } else { format!("; {}", finding.fix) };
    format!("{health:<8} {:<7} {}{}", finding.subject, harmless(&finding.found), harmless(&fix))
}

//! `doctor`: checks the source and the cache, and prints a line for each finding.

use crate::args::DoctorArgs;
use crate::failure::Failure;
use crate::output;
use crate::source::Source;
use airq_core::{Error, ErrorKind, Health};
use std::io::Write;
use std::time::Duration;

/// # Errors
/// If a setting is invalid, a check failed, or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &DoctorArgs) -> Result<(), Failure> {
    super::warn_of_password(args.cache.as_deref(), "AIRQ_CACHE_PASSWORD_FILE");
    let within = args.max_age.map(|hours| Duration::from_secs_f64(hours * 3600.0));
    let findings = source.builder_for_doctor(args.cache.as_deref())?.examine(within);
    let mut out = output::stdout();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    out.flush()?;
    let failed = findings.iter().filter(|finding| finding.health == Health::Failed).count();
    if failed == 0 {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unavailable, format!("{failed} of {} checks failed", findings.len())).into())
}

//! `--check-config`: checks the settings, and the source and the cache by using them.

use crate::config::ConfigCheck;
use crate::settings::Settings;
use crate::with_sample;
use airq_core::{Health, Result};
use std::io::Write;
use std::process::ExitCode;

/// Prints a line for each finding to standard output. Returns 1 if a check failed.
///
/// # Errors
/// If a setting is invalid, or the output cannot be written.
pub(crate) fn run(settings: &Settings, how: ConfigCheck) -> Result<ExitCode> {
    let mut findings = settings.findings();
    // With these options, the builder reads no rows. It connects to a database, a server or a Redis only when it is used.
    with_sample(settings.engine()?)?.scan_files().postpone_reading().build()?;
    if how == ConfigCheck::Online {
        findings.extend(with_sample(settings.engine()?)?.examine(None));
    }
    let mut out = std::io::stdout();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    let failed = findings.iter().filter(|finding| finding.health == Health::Failed).count();
    match (failed, how) {
        (0, ConfigCheck::Online) => log::info!("the settings are valid, and source and cache answer"),
        (0, ConfigCheck::Offline) => log::info!("the settings are valid; source and cache were not asked"),
        (failed, _) => log::error!("{failed} of {} checks failed", findings.len()),
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

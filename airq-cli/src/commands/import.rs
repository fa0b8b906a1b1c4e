//! `import`: loads files into a database, all rows or none, with an account of every row.

use super::input::all_located;
use crate::args::ImportArgs;
use crate::failure::{Failure, print_message, without_control_characters};
use crate::output;
use crate::render::{self, Progress, report_implausible};
use crate::report::Report;
use crate::sign_of_life;
use crate::source::Source;
use airq_core::csv::RejectedRow;
use airq_core::import::{ImportOptions, ImportPhase, ImportWatch, Imported};
use airq_core::input::InputOptions;
use std::io::{self, IsTerminal, Write};

/// The maximum number of invalid rows that are printed without a report. Other invalid rows are only counted.
const REJECTS_REPORTED: u64 = 10;

/// # Errors
/// If the source is not a database or fails, a file cannot be read, or too many rows are invalid.
pub(super) fn run(source: &Source<'_>, args: &ImportArgs) -> Result<(), Failure> {
    let database = source.database()?;
    let (files, input) = all_located(&args.files, source.input.clone())?;
    let options = options(input, args)?;
    let mut watch = ImportProgress { progress: Progress::hidden(), report: source.report.as_deref(), rejected: 0 };
    let imported = database.import(&files, &options, &mut watch);
    watch.end();
    let imported = imported?;
    tell_of(&imported, args.dry_run)?;
    report_implausible(&imported.summary);
    source.report_left_out(Some(&imported.account));
    Ok(())
}

fn options(input: InputOptions, args: &ImportArgs) -> Result<ImportOptions, Failure> {
    let input = args.format.as_deref().map_or(Ok(input.clone()), |format| input.set("format", format))?;
    let mut options = ImportOptions::default().input(input).max_rejects(args.max_rejects).dry_run(args.dry_run);
    if let Some(name) = &args.city {
        options = options.city(name);
    }
    if let Some(path) = &args.stations {
        options = options.stations(path);
    }
    Ok(options)
}

fn tell_of(imported: &Imported, dry_run: bool) -> Result<(), Failure> {
    let Imported { account, measurements, inserted, updated, stations, version, durability, .. } = imported;
    let same = measurements - inserted - updated;
    let mut out = output::stdout();
    writeln!(out, "{}", render::account_line(account))?;
    writeln!(out, "measurements: {inserted} inserted, {updated} updated, {same} as they were")?;
    writeln!(out, "stations: {stations} inserted or updated")?;
    if dry_run {
        writeln!(out, "a dry run: nothing was kept, the data set is still {version}")?;
    } else {
        writeln!(out, "the data set is {version}")?;
    }
    if let Some(durability) = durability {
        writeln!(out, "committed {durability}")?;
    }
    if imported.summary.is_empty() {
        return Ok(out.flush()?);
    }
    writeln!(out)?;
    render::summary(&imported.summary).write_to(out)
}

/// Shows the progress, and reports rejected rows.
struct ImportProgress<'a> {
    progress: Progress,
    report: Option<&'a Report>,
    rejected: u64,
}

impl ImportProgress<'_> {
    fn end(self) {
        self.progress.clear();
        if self.report.is_none() && self.rejected > REJECTS_REPORTED {
            print_message(&format!(
                "the first {REJECTS_REPORTED} of {} rejects are named above; --report FILE has all",
                self.rejected
            ));
        }
    }
}

impl ImportWatch for ImportProgress<'_> {
    fn phase(&mut self, phase: ImportPhase) {
        sign_of_life::stop();
        match phase {
            ImportPhase::Reading { bytes } if io::stderr().is_terminal() => self.progress = Progress::of_import(bytes),
            ImportPhase::Waiting => self.progress.waits("waiting for another import to end"),
            ImportPhase::Writing => self.progress.writes(),
            _ => {}
        }
    }

    fn read(&mut self, bytes: u64, rows: u64) {
        self.progress.reached(bytes, rows);
    }

    fn rejected(&mut self, reject: &RejectedRow) {
        self.rejected += 1;
        if let Some(report) = self.report {
            report.add_rejected(reject);
        } else if self.rejected <= REJECTS_REPORTED {
            self.progress.while_hidden(|| print_message(&without_control_characters(&format!("rejected: {reject}"))));
        }
    }
}

//! `import`: files into a database, all or nothing, every row accounted for.

use crate::args::ImportArgs;
use crate::failure::{Failure, harmless, tell};
use crate::output::{self, NewFile};
use crate::render::{self, Progress};
use crate::source::Source;
use airq_core::csv::RejectedRow;
use airq_core::{ImportOptions, ImportPhase, ImportWatch, Imported, InputOptions};
use std::io::{self, IsTerminal, Write};

/// How many bad rows are named where they are not written to a file; the rest are only counted.
const REJECTS_TOLD: u64 = 10;

/// # Errors
/// If the source is no database or fails, a file cannot be read, or too many rows cannot be used.
pub(super) fn run(source: &Source<'_>, args: &ImportArgs) -> Result<(), Failure> {
    let database = source.database()?;
    let options = options(source.input.clone(), args)?;
    let file = args.rejects.as_deref().map(NewFile::create).transpose()?;
    let mut watch = Watch::new(file.as_ref());
    let imported = database.import(&args.files, &options, &mut watch);
    watch.end()?;
    // Also when nothing was imported: what is to be mended stands there.
    file.map_or(Ok(()), NewFile::finish)?;
    tell_of(&imported?, args.dry_run)
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
    let Imported { account, measurements, inserted, updated, stations, version, .. } = imported;
    let same = measurements - inserted - updated;
    let mut out = output::stdout();
    writeln!(out, "{}", render::account_line(account))?;
    render::write_ignored(account, &mut out)?;
    writeln!(out, "measurements: {inserted} inserted, {updated} updated, {same} as they were")?;
    writeln!(out, "stations: {stations} inserted or updated")?;
    if dry_run {
        writeln!(out, "a dry run: nothing was kept, the data set is still {version}")?;
    } else {
        writeln!(out, "the data set is {version}")?;
    }
    if imported.summary.is_empty() {
        return Ok(out.flush()?);
    }
    writeln!(out)?;
    render::summary(&imported.summary).write_to(out)
}

/// Shows how far it is, and where rejects go.
struct Watch<'a> {
    progress: Progress,
    rejects: Option<csv::Writer<output::Output<&'a std::fs::File>>>,
    /// What writing the rejects failed with.
    failed: Option<io::Error>,
    rejected: u64,
}

impl<'a> Watch<'a> {
    fn new(file: Option<&'a NewFile>) -> Self {
        let rejects = file.map(|file| csv::Writer::from_writer(file.writer()));
        let mut watch = Watch { progress: Progress::hidden(), rejects, failed: None, rejected: 0 };
        watch.write(["file", "line", "column", "value", "reason"]);
        watch
    }

    fn write<'s>(&mut self, record: impl IntoIterator<Item = &'s str>) {
        if let Some(rejects) = self.rejects.as_mut().filter(|_| self.failed.is_none()) {
            self.failed = rejects.write_record(record).err().map(Into::into);
        }
    }

    fn end(mut self) -> Result<(), Failure> {
        self.progress.clear();
        if self.rejects.is_none() && self.rejected > REJECTS_TOLD {
            tell(&format!(
                "the first {REJECTS_TOLD} of {} rejects are named above; --rejects FILE has all",
                self.rejected
            ));
        }
        let flushed = self.rejects.as_mut().map_or(Ok(()), csv::Writer::flush);
        Ok(self.failed.map_or(flushed, Err)?)
    }
}

impl ImportWatch for Watch<'_> {
    fn phase(&mut self, phase: ImportPhase) {
        match phase {
            ImportPhase::Reading { bytes } if io::stderr().is_terminal() => self.progress = Progress::of_import(bytes),
            ImportPhase::Waiting => self.progress.waits("waiting for another import to end"),
            ImportPhase::Writing => self.progress.waits("taking the rows into the data set"),
            _ => {}
        }
    }

    fn read(&mut self, bytes: u64, rows: u64) {
        self.progress.reached(bytes, rows);
    }

    fn rejected(&mut self, reject: &RejectedRow) {
        self.rejected += 1;
        if self.rejects.is_none() && self.rejected <= REJECTS_TOLD {
            self.progress.aside(|| tell(&harmless(&format!("rejected: {reject}"))));
        }
        let place = &reject.position;
        let (file, column) = (place.file.as_deref().unwrap_or(""), place.column.as_deref().unwrap_or(""));
        self.write([file, &place.line.to_string(), column, &reject.value, &reject.reason]);
    }
}

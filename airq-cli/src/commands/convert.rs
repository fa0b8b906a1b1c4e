//! `convert`: converts CSV from a file or a pipe to JSON, in one pass and bounded memory.

use super::input::located;
use super::pairs;
use crate::args::ConvertArgs;
use crate::failure::{Failure, print_message, without_control_characters};
use crate::output::{self, NewFile};
use crate::render::{self, Progress, report_implausible};
use crate::report::Report;
use crate::sign_of_life::SignOfLife;
use crate::source::Source;
use airq_core::csv::RejectedRow;
use airq_core::encode::EncoderOptions;
use airq_core::encode::Summary;
use airq_core::input::{Converted, ConvertingReader, InputFile, InputFormat, InputOptions, ParameterSummary, Tally};
use airq_core::repository::{CsvOptions, CsvRepository};
use airq_core::{Account, Conflicts, Error, ErrorKind, Format, Query, Repository, Selection};
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// The maximum number of invalid rows that are reported. Other invalid rows are only counted.
const REJECTS_REPORTED: u64 = 10;

/// The size up to which conflicts among the rows of a file are always counted.
const CHECKED_SIZE: u64 = 64 << 20;

/// Converts the input.
///
/// # Errors
/// If a parameter is invalid, the input cannot be read or has an invalid row, or the output cannot be written.
pub(super) fn run(source: &Source<'_>, args: &ConvertArgs) -> Result<(), Failure> {
    let parameters = pairs(&[("format", &args.format), ("parameter", &args.parameter)]);
    let (query, format) = Query::from_pairs(&["format", "parameter"], parameters)?;
    let input = ConvertInput::open(source, args)?;
    let output = args.output.as_deref().filter(|path| *path != Path::new("-"));
    let format = match (format, output) {
        (None, Some(path)) => output::format_of(path)?.unwrap_or(Format::Records),
        _ => format.unwrap_or(Format::Records),
    };
    output::check_is_text(format, output)?;
    let options = EncoderOptions::new(format).parameters(query.parameters().iter().copied());
    let options = if args.skip_bad_rows { options.on_rejected(input.teller()) } else { options };
    let done = match output {
        None => input.convert(options, output::unbuffered_stdout(), args.threads)?,
        Some(path) => {
            check_place(path, args.file(), Some(format).filter(|_| !args.format.is_empty()))?;
            let file = NewFile::create(path)?;
            let done = input.convert(options, file.writer(), args.threads)?;
            file.finish()?;
            done
        }
    };
    done.report(source)
}

/// The input.
struct ConvertInput {
    file: InputFile,
    options: InputOptions,
    skip_bad_rows: bool,
    summary: bool,
    /// True if rows of one station and time become one row.
    merges: bool,
    report: Option<Arc<Report>>,
    progress: Progress,
    reported: Arc<AtomicU64>,
}

/// The result of a conversion.
struct Done {
    format: Option<InputFormat>,
    /// True if the format merges rows.
    merges: bool,
    account: Account,
    summary: Option<Vec<ParameterSummary>>,
}

impl ConvertInput {
    fn open(source: &Source<'_>, args: &ConvertArgs) -> Result<Self, Failure> {
        let (path, options) = located(args.file().unwrap_or(Path::new("-")), source.input.clone())?;
        let path = path.as_path();
        if path == Path::new("-") && io::stdin().is_terminal() {
            print_message("reading CSV from the terminal; end with Ctrl-D");
        }
        check_is_one(path)?;
        let file = only(InputFile::list(path, &options)?)?;
        // On the same terminal, the bar and the answer would overwrite each other.
        let shown = io::stderr().is_terminal() && (args.output.is_some() || !io::stdout().is_terminal());
        let progress = match file.size() {
            Some(size) if shown => Progress::of_bytes(size),
            _ => Progress::hidden(),
        };
        let skip_bad_rows = args.skip_bad_rows;
        let summary = args.summary;
        let merges = args.input.on_conflict.is_some();
        let report = source.report.clone();
        Ok(ConvertInput { file, options, skip_bad_rows, summary, merges, report, progress, reported: Arc::default() })
    }

    fn convert(self, options: EncoderOptions, out: impl Write + Send, threads: Option<u16>) -> Result<Done, Failure> {
        if self.merges {
            let _sign = SignOfLife::start(format!("converting {}", self.file.name()));
            return self.convert_merged(options, out);
        }
        let sign = self.progress.is_hidden().then(|| SignOfLife::start(format!("converting {}", self.file.name())));
        let mut done = self.convert_rows(options, out, threads)?;
        drop(sign);
        if self.must_count_conflicts() && !done.merges {
            let _sign = SignOfLife::start(format!("comparing the rows of {}", self.file.name()));
            // A file that can be converted and is no data set, such as one without parameters, has no conflicts.
            done.account.conflicts = self.conflicts().unwrap_or_default();
        }
        Ok(done)
    }

    /// Converts the rows one by one.
    fn convert_rows(
        &self,
        options: EncoderOptions,
        out: impl Write + Send,
        threads: Option<u16>,
    ) -> Result<Done, Failure> {
        let threads = match threads {
            Some(threads) => usize::from(threads),
            None => threads_for(self.file.size()),
        };
        let converted = self.file.read(|file| {
            let watched = Watched { file, progress: &self.progress };
            let mut reader = ConvertingReader::new(self.options.clone(), watched).path(self.file.name());
            if self.skip_bad_rows {
                reader = reader.on_rejected(self.teller());
            }
            let mut input = self.tallied(reader);
            let summary = options.encode_parallel(threads, &mut input, out)?;
            let tally = input.tally.map(Tally::finish).transpose()?;
            let file = input.inner.into_converted();
            Ok(Done { format: file.format, merges: file.merges, account: account(file, &summary), summary: tally })
        });
        self.progress.clear();
        converted.map_err(|error| self.blame(error))
    }

    /// Converts the rows in the order of answers. Rows of one station and time become one row.
    fn convert_merged(&self, options: EncoderOptions, out: impl Write) -> Result<Done, Failure> {
        let repository = self.repository()?;
        let mut output = self.tallied(options.into_writer(out));
        repository.write_csv(&Selection::default(), &mut output)?;
        self.progress.clear();
        let summary = output.tally.map(Tally::finish).transpose()?;
        output.inner.finish()?;
        Ok(Done { format: None, merges: true, account: repository.account().unwrap_or_default(), summary })
    }

    /// Adds the count of values, if a summary is wanted.
    fn tallied<T>(&self, inner: T) -> Tallied<T> {
        let tally = if self.summary { Some(Tally::new()) } else { None };
        Tallied { tally, inner }
    }

    /// Returns whether the conflicts among rows are counted, which takes another pass over the file.
    fn must_count_conflicts(&self) -> bool {
        let is_small = matches!(self.file.size(), Some(size) if size <= CHECKED_SIZE);
        self.file.can_be_read_again() && (is_small || self.summary || self.report.is_some())
    }

    /// Reads the rows once more, and returns the conflicts among them.
    fn conflicts(&self) -> Result<Conflicts, Failure> {
        let repository = self.repository()?;
        // The count of measurements merges rows, unless the times of each station are strictly ascending.
        repository.data_set()?;
        Ok(repository.account().map(|account| account.conflicts).unwrap_or_default())
    }

    fn repository(&self) -> Result<CsvRepository, Failure> {
        let options = CsvOptions::default().input(self.options.clone()).skip_bad_rows(self.skip_bad_rows);
        CsvRepository::scan_file(&self.file, &options).map_err(|error| self.blame(error))
    }

    /// Adds the name of the input to an error of the input.
    fn blame(&self, error: Error) -> Failure {
        if !error.is_invalid_data() {
            return error.into();
        }
        // The rows inside an unclosed quote cannot be skipped.
        let is_row =
            error.position().is_some_and(|position| position.line > 1) && !error.to_string().contains("never closed");
        let failure = Failure::from(error.in_file(&self.file.name()));
        if is_row { failure.with_hint_on_row("--skip-bad-rows leaves such rows out and counts them") } else { failure }
    }

    /// Returns a function that reports the first invalid rows.
    fn teller(&self) -> impl FnMut(&RejectedRow) + Send + 'static {
        let name = self.file.name();
        let progress = self.progress.clone();
        let reported = self.reported.clone();
        let report = self.report.clone();
        move |reject| {
            if let Some(report) = &report {
                report.add_rejected(reject);
            } else if reported.fetch_add(1, Ordering::Relaxed) < REJECTS_REPORTED {
                progress.while_hidden(|| {
                    print_message(&without_control_characters(&format!("left out: {name}, {reject}")));
                });
            }
        }
    }
}

/// Returns the number of threads: the number of processors, but at most 4, because only one thread at a time writes. A small file
/// is converted on one thread.
fn threads_for(size: Option<u64>) -> usize {
    const MOST: usize = 4;
    const SMALL: u64 = 1 << 20;
    if let Some(size) = size
        && size < SMALL
    {
        return 1;
    }
    match thread::available_parallelism() {
        Ok(processors) => processors.get().min(MOST),
        Err(_) => 1,
    }
}

/// Refuses to replace the input, unless the option for CSV demands it: from JSON, the input could not be converted again.
fn check_place(output: &Path, input: Option<&Path>, stated: Option<Format>) -> Result<(), Failure> {
    let Some(input) = input else { return Ok(()) };
    if stated == Some(Format::Csv) || !is_same_file(output, input) {
        return Ok(());
    }
    let path = output.display();
    let why = format!("--output {path}: this is the file to be converted; --format csv replaces it by CSV");
    Err(Error::new(ErrorKind::InvalidParameter, why).into())
}

/// Returns whether both files exist and are the same.
fn is_same_file(first: &Path, second: &Path) -> bool {
    match (first.canonicalize(), second.canonicalize()) {
        (Ok(first), Ok(second)) => first == second,
        _ => false,
    }
}

fn check_is_one(path: &Path) -> Result<(), Failure> {
    // A URL may have a query.
    if path.starts_with("http:") || path.starts_with("https:") {
        return Ok(());
    }
    let kind = match path.metadata() {
        Ok(found) if found.is_dir() => io::ErrorKind::IsADirectory,
        Err(_) if path.to_string_lossy().contains(['*', '?', '[']) => io::ErrorKind::NotFound,
        _ => return Ok(()),
    };
    let failure = cannot_read(&path.display().to_string(), kind.into());
    Err(failure.with_hint("convert takes one file; query --source and import take folders and patterns too"))
}

/// Opens the only file of an input. Several files are refused, because their rows may be parts of the same measurements.
fn only(mut files: Vec<InputFile>) -> Result<InputFile, Failure> {
    if files.len() > 1 {
        let why = format!("an archive of {} files: query --source reads them as one, and import does", files.len());
        return Err(Error::new(ErrorKind::InvalidSetting, why).into());
    }
    files.pop().ok_or_else(|| Error::new(ErrorKind::InvalidSetting, "no file there").into())
}

/// An input that shows its progress.
struct Watched<'a, R: ?Sized> {
    file: &'a mut R,
    progress: &'a Progress,
}

impl<R: Read + ?Sized> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.progress.advance(read);
        Ok(read)
    }
}

/// A reader or writer that summarizes the CSV that passes.
struct Tallied<T> {
    tally: Option<Tally>,
    inner: T,
}

impl<R: Read> Read for Tallied<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(tally) = &mut self.tally {
            tally.write_all(&buffer[..read])?;
        }
        Ok(read)
    }
}

impl<W: Write> Write for Tallied<W> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(csv)?;
        if let Some(tally) = &mut self.tally {
            tally.write_all(&csv[..written])?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn cannot_read(name: &str, error: io::Error) -> Failure {
    Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error).into()
}

impl Done {
    /// Reports the account of the input, and what of the input was left out.
    fn report(&self, source: &Source<'_>) -> Result<(), Failure> {
        let account = &self.account;
        let mut err = io::stderr().lock();
        if let Some(format) = self.format
            && (format != InputFormat::AIRQ || self.summary.is_some())
        {
            writeln!(err, "{format}: {}", render::account_line(account))?;
        }
        source.report_left_out(Some(account));
        let Some(summary) = &self.summary else { return Ok(()) };
        render::summary(summary).write_to(&mut err)?;
        drop(err);
        report_implausible(summary);
        Ok(())
    }
}

/// The account of a file: of its format, and of the rows of airq's own format.
fn account(file: Converted, summary: &Summary) -> Account {
    let mut account = file.account;
    if account.read == 0 {
        account.read = summary.rows + summary.rejected;
    }
    account.rejected += summary.rejected;
    account.sentinels.add(&summary.sentinels);
    account
}

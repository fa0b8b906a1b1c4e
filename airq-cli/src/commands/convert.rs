//! `convert`: CSV from a file or a pipe into JSON, in one pass and bounded memory.

use super::pairs;
use crate::args::ConvertArgs;
use crate::failure::{Failure, harmless, tell};
use crate::output::{self, NewFile};
use crate::render::{self, Progress};
use airq_core::csv::RejectedRow;
use airq_core::encode::EncoderOptions;
use airq_core::{
    Converted, ConvertingReader, Error, ErrorKind, Format, InputFile, InputOptions, PollutantSummary, Query, Tally,
};
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// How many bad rows are named; the rest are only counted.
const REJECTS_TOLD: u64 = 10;

/// # Errors
/// If a parameter cannot be used, the input cannot be read or has a bad row, or the output cannot be written.
pub(super) fn run(options: InputOptions, args: &ConvertArgs) -> Result<(), Failure> {
    let parameters = pairs(&[("format", &args.format), ("pollutant", &args.pollutant)]);
    let (query, format) = Query::from_pairs(&["format", "pollutant"], parameters)?;
    let input = Input::open(options, args)?;
    let format = format.unwrap_or(Format::Records);
    let options = EncoderOptions::new(format).pollutants(query.pollutants().iter().copied());
    let options = if args.skip_bad_rows { options.on_rejected(input.teller()) } else { options };
    let done = match args.output.as_deref().filter(|path| *path != Path::new("-")) {
        None => input.convert(options, output::unbuffered_stdout(), args.threads)?,
        Some(path) => {
            check_place(path, args.file.as_deref(), format)?;
            let file = NewFile::create(path)?;
            let done = input.convert(options, file.writer(), args.threads)?;
            file.finish()?;
            done
        }
    };
    done.tell()
}

/// What is read.
struct Input {
    file: InputFile,
    options: InputOptions,
    skip_bad_rows: bool,
    summary: bool,
    progress: Progress,
    told: Arc<AtomicU64>,
}

/// What came of it.
struct Done {
    rows: u64,
    rejected: u64,
    file: Converted,
    summary: Option<Vec<PollutantSummary>>,
}

impl Input {
    fn open(options: InputOptions, args: &ConvertArgs) -> Result<Self, Failure> {
        let path = args.file.as_deref().unwrap_or(Path::new("-"));
        if path == Path::new("-") && io::stdin().is_terminal() {
            tell("reading CSV from the terminal; end with Ctrl-D");
        }
        check_is_one(path)?;
        let file = only(InputFile::list(path)?)?;
        // On one terminal the bar and the answer would write over each other.
        let shown = io::stderr().is_terminal() && (args.output.is_some() || !io::stdout().is_terminal());
        let progress = file.size().filter(|_| shown).map_or_else(Progress::hidden, Progress::of_bytes);
        let (skip_bad_rows, summary) = (args.skip_bad_rows, args.summary);
        Ok(Input { file, options, skip_bad_rows, summary, progress, told: Arc::default() })
    }

    fn convert(self, options: EncoderOptions, out: impl Write + Send, threads: Option<u16>) -> Result<Done, Failure> {
        let threads = threads.map_or_else(|| threads_for(self.file.size()), usize::from);
        let converted = self.file.read(|file| {
            let watched = Watched { file, progress: &self.progress };
            let mut reader = ConvertingReader::new(self.options.clone(), watched);
            if self.skip_bad_rows {
                reader = reader.on_rejected(self.teller());
            }
            let mut input = Tallied { tally: self.summary.then(Tally::new), input: reader };
            let summary = options.encode_parallel(threads, &mut input, out)?;
            let tally = input.tally.map(Tally::finish).transpose()?;
            Ok(Done {
                rows: summary.rows,
                rejected: summary.rejected,
                file: input.input.into_converted(),
                summary: tally,
            })
        });
        self.progress.clear();
        converted.map_err(|error| self.blame(error))
    }

    /// The error with the input's name before it, if the input is what is at fault.
    fn blame(&self, error: Error) -> Failure {
        if !error.is_invalid_data() {
            return error.into();
        }
        let is_row = error.position().is_some_and(|position| position.line > 1);
        let failure = Failure::from(error.in_file(&self.file.name()));
        if is_row { failure.with_hint_on_row("--skip-bad-rows leaves such rows out and counts them") } else { failure }
    }

    /// Names the first bad rows as they come.
    fn teller(&self) -> impl FnMut(&RejectedRow) + Send + 'static {
        let (name, progress, told) = (self.file.name(), self.progress.clone(), self.told.clone());
        move |reject| {
            if told.fetch_add(1, Ordering::Relaxed) < REJECTS_TOLD {
                progress.aside(|| tell(&harmless(&format!("left out: {name}, {reject}"))));
            }
        }
    }
}

/// As many threads as there are processors, but only a few: of what they make, one at a time writes. A small file is done before
/// a second has begun.
fn threads_for(size: Option<u64>) -> usize {
    const MOST: usize = 4;
    const SMALL: u64 = 1 << 20;
    if size.is_some_and(|size| size < SMALL) {
        return 1;
    }
    thread::available_parallelism().map_or(1, |processors| processors.get().min(MOST))
}

/// CSV may take the place of the CSV it is made of, as rewritten; JSON would leave nothing to convert again.
fn check_place(output: &Path, input: Option<&Path>, format: Format) -> Result<(), Failure> {
    let is_same = |input: &Path| Ok::<_, io::Error>(output.canonicalize()? == input.canonicalize()?);
    if format == Format::Csv || !input.is_some_and(|input| is_same(input).unwrap_or(false)) {
        return Ok(());
    }
    let why =
        format!("--output {}: this is the file to be converted, and {format} would take its place", output.display());
    Err(Error::new(ErrorKind::InvalidParameter, why).into())
}

fn check_is_one(path: &Path) -> Result<(), Failure> {
    let kind = match path.metadata() {
        Ok(found) if found.is_dir() => io::ErrorKind::IsADirectory,
        Err(_) if path.to_string_lossy().contains(['*', '?', '[']) => io::ErrorKind::NotFound,
        _ => return Ok(()),
    };
    let failure = cannot_read(&path.display().to_string(), kind.into());
    Err(failure.with_hint("convert takes one file; query --source and import take folders and patterns too"))
}

/// One answer is made of one file: rows of several may be parts of the same measurements.
fn only(mut files: Vec<InputFile>) -> Result<InputFile, Failure> {
    if files.len() > 1 {
        let why = format!("an archive of {} files: query --source reads them as one, and import does", files.len());
        return Err(Error::new(ErrorKind::InvalidSetting, why).into());
    }
    files.pop().ok_or_else(|| Error::new(ErrorKind::InvalidSetting, "no file there").into())
}

/// An input whose progress is shown.
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

/// CSV that is summed up while it is read.
struct Tallied<R> {
    tally: Option<Tally>,
    input: R,
}

impl<R: Read> Read for Tallied<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        if let Some(tally) = &mut self.tally {
            tally.write_all(&buffer[..read])?;
        }
        Ok(read)
    }
}

fn cannot_read(name: &str, error: io::Error) -> Failure {
    Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error).into()
}

impl Done {
    fn tell(&self) -> Result<(), Failure> {
        let account = &self.file.account;
        let rejected = self.rejected + account.rejected;
        if rejected > 0 {
            // Madrid's rows hold many values, and a bad one is left out alone.
            let (all, what) = match account.read {
                0 => (self.rows + self.rejected, "rows"),
                read => (read, render::counted(account)),
            };
            tell(&format!(
                "{rejected} of {all} {what} were left out; the first {} are named above",
                rejected.min(REJECTS_TOLD)
            ));
        }
        let mut err = io::stderr().lock();
        if let Some(format) = self.file.format.filter(|_| account.read > 0) {
            writeln!(err, "{format}: {}", render::account_line(account))?;
            render::write_ignored(account, &mut err)?;
        }
        self.summary.as_ref().map_or(Ok(()), |summary| render::summary(summary).write_to(err))
    }
}

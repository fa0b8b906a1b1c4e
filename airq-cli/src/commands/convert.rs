//! `convert`: CSV from a file or a pipe into JSON, in one pass and bounded memory.

use super::pairs;
use crate::args::ConvertArgs;
use crate::behind::write_behind;
use crate::failure::{Failure, harmless, tell};
use crate::output::{self, NewFile};
use crate::render::Progress;
use airq_core::reshape::{Reject, Reshape, Reshaper};
use airq_core::{Error, ErrorKind, Format, Query, Summary};
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

/// How much is read at once.
const PIECE: usize = 256 * 1024;
/// How many bad rows are named; the rest are only counted.
const REJECTS_TOLD: u64 = 10;

/// # Errors
/// If a parameter cannot be used, the input cannot be read or has a bad row, or the output cannot be written.
pub(super) fn run(args: &ConvertArgs) -> Result<(), Failure> {
    let parameters = pairs(&[("format", &args.format), ("pollutant", &args.pollutant)]);
    let (query, format) = Query::from_pairs(&["format", "pollutant"], parameters)?;
    let input = Input::open(args)?;
    let reshape = Reshape::to(format.unwrap_or(Format::Records)).pollutants(query.pollutants().iter().copied());
    let reshape = if args.skip_bad_rows { reshape.on_reject(teller(&input)) } else { reshape };
    let summary = match args.output.as_deref().filter(|path| *path != Path::new("-")) {
        None => input.convert(reshape, output::unbuffered_stdout(), args.threads)?,
        Some(path) => {
            let file = NewFile::create(path)?;
            let summary = input.convert(reshape, file.writer(), args.threads)?;
            file.finish()?;
            summary
        }
    };
    tell_rejected(&summary);
    Ok(())
}

/// What is read.
struct Input {
    name: String,
    reader: Box<dyn Read>,
    progress: Progress,
}

impl Input {
    fn open(args: &ConvertArgs) -> Result<Self, Failure> {
        match args.file.as_deref().filter(|path| *path != Path::new("-")) {
            Some(path) => Input::file(path, args.output.is_some()),
            None => Ok(Input::stdin()),
        }
    }

    fn file(path: &Path, to_file: bool) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| cannot_read(&name, error))?;
        let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|known| known.len());
        // On one terminal the bar and the answer would write over each other.
        let shown = io::stderr().is_terminal() && (to_file || !io::stdout().is_terminal());
        let progress = size.filter(|_| shown).map_or_else(Progress::hidden, Progress::of_bytes);
        Ok(Input { name, reader: Box::new(file), progress })
    }

    fn stdin() -> Self {
        if io::stdin().is_terminal() {
            tell("reading CSV from the terminal; end with Ctrl-D");
        }
        Input { name: "standard input".to_owned(), reader: Box::new(io::stdin().lock()), progress: Progress::hidden() }
    }

    fn convert(mut self, reshape: Reshape, out: impl Write + Send, threads: u16) -> Result<Summary, Failure> {
        if threads > 1 {
            write_behind(out, |out| self.convert_into(reshape, out))
        } else {
            self.convert_into(reshape, out)
        }
    }

    fn convert_into(&mut self, reshape: Reshape, out: impl Write) -> Result<Summary, Failure> {
        let mut reshaper = reshape.into_writer(out);
        let pumped = self.pump(&mut reshaper);
        self.progress.clear();
        pumped?;
        let (_, summary) = reshaper.finish().map_err(|error| self.blame(error))?;
        Ok(summary)
    }

    fn pump(&mut self, reshaper: &mut Reshaper<impl Write>) -> Result<(), Failure> {
        let mut piece = vec![0; PIECE];
        loop {
            let taken = match self.reader.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(cannot_read(&self.name, error)),
            };
            reshaper.write_all(&piece[..taken]).map_err(|error| self.blame(error.into()))?;
            self.progress.advance(taken);
        }
    }

    /// The error with the input's name before it, if the input is what is at fault.
    fn blame(&self, error: Error) -> Failure {
        if !error.is_invalid_data() {
            return error.into();
        }
        let is_row = error.position().is_some_and(|position| position.line > 1);
        let failure = Failure::from(error.in_file(&self.name));
        if is_row { failure.with_hint("--skip-bad-rows leaves such rows out and counts them") } else { failure }
    }
}

fn cannot_read(name: &str, error: io::Error) -> Failure {
    Error::with_source(ErrorKind::Io, format!("cannot read {name}"), error).into()
}

/// Names the first bad rows as they come.
fn teller(input: &Input) -> impl FnMut(&Reject) + Send + 'static {
    let (name, progress) = (input.name.clone(), input.progress.clone());
    let mut told = 0;
    move |reject| {
        if told < REJECTS_TOLD {
            told += 1;
            progress.aside(|| tell(&harmless(&format!("left out: {name}, {reject}"))));
        }
    }
}

fn tell_rejected(summary: &Summary) {
    let rejected = summary.rejected;
    if rejected > 0 {
        let all = summary.rows + rejected;
        tell(&format!(
            "{rejected} of {all} rows were left out; the first {} are named above",
            rejected.min(REJECTS_TOLD)
        ));
    }
}

//! Turning on several threads: the input is cut at line ends into pieces, each piece is turned by a thread that is free, and
//! what it made is written when the pieces before it are.
//!
//! That a line end ends a row is a guess: it may stand in quotes. So what was made of a piece counts only if the piece before it
//! ended between two rows, and it did, too. Otherwise it comes back with all behind it, and one thread goes on from there, as
//! it does where a row is at fault: what an error says is decided in one place.

mod crew;
#[cfg(test)]
mod tests;

use super::engine::{Ended, Engine, Intact};
use super::reshaper::{Reshape, Summary};
use super::sheet::Sheet;
use crate::error::Result;
use crew::{Crew, Job};
use std::fmt;
use std::io::{self, Write};
use std::thread;

/// How much input is turned at once.
const PIECE: usize = 64 * 1024;
/// About how much output is handed over at once where one thread turns and another writes.
const OUTPUT: usize = 128 * 1024;
/// More have nothing to do: one of them at a time writes.
const MOST_THREADS: usize = 16;

impl Reshape {
    /// Turns on so many threads (16 at most) what `work` writes, into `out`: the same bytes as by
    /// [`into_writer`](Reshape::into_writer). The thread of `work` is one of them.
    ///
    /// Rows of `records`, `ndjson` and `csv` are turned on all of them, unless there is a [`limit`](Reshape::limit) or rejects
    /// are [told](Reshape::on_reject); of the other formats, `work`'s thread turns and another writes.
    ///
    /// ```
    /// use airq_core::{Error, Format, reshape::Reshape};
    /// use std::io::Write;
    ///
    /// let mut json = Vec::new();
    /// let summary = Reshape::to(Format::Ndjson).on_threads(4, &mut json, |mut reshaper| {
    ///     reshaper.write_all(b"time,station,no2\n2016-10-01,a,1.5\n")?;
    ///     reshaper.finish()
    /// })?;
    /// assert_eq!(json, b"{\"station\":\"a\",\"time\":\"2016-10-01T00:00:00.000Z\",\"no2\":1.5}\n");
    /// assert_eq!(summary.rows, 1);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Panics
    /// If `work` or `out` does.
    pub fn on_threads<W: Write + Send, R>(
        self,
        threads: usize,
        out: W,
        work: impl FnOnce(ThreadedReshaper<'_, W>) -> R,
    ) -> R {
        self.in_pieces(PIECE, threads, out, work)
    }

    fn in_pieces<W: Write + Send, R>(
        self,
        piece: usize,
        threads: usize,
        out: W,
        work: impl FnOnce(ThreadedReshaper<'_, W>) -> R,
    ) -> R {
        let engine = self.into_engine();
        let wanted = match threads {
            0 | 1 => 0,
            _ if engine.branches() => threads.min(MOST_THREADS) - 1,
            _ => 1,
        };
        let crew = Crew::new(out, wanted);
        thread::scope(|scope| {
            let begin = |_| thread::Builder::new().spawn_scoped(scope, || crew.work()).ok();
            // Where the system has no more threads, those there are do it.
            let workers: Vec<_> = (0..wanted).filter_map(begin).collect();
            let done = {
                let _closing = crew.closing();
                work(ThreadedReshaper::new(engine, &crew, workers.len(), piece))
            };
            for worker in workers {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            }
            done
        })
    }
}

/// Takes CSV by [`Write`] for [`Reshape::on_threads`]. Ends with [`finish`](ThreadedReshaper::finish): without it the answer has
/// no end.
pub struct ThreadedReshaper<'a, W> {
    engine: Box<dyn Engine>,
    crew: &'a Crew<W>,
    workers: usize,
    /// What this thread turns with while it is one of them.
    branch: Option<Box<dyn Engine>>,
    /// What was made on this thread and not yet handed over.
    out: Sheet,
    stage: Stage,
    /// The next piece, while there are to be any.
    gathered: Vec<u8>,
    /// How long a piece is.
    piece: usize,
    intact: Intact,
}

/// Who turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// This thread, up to where others can go on.
    Beginning,
    /// The others.
    Together,
    /// This thread, to the end.
    Alone,
}

impl<'a, W: Write> ThreadedReshaper<'a, W> {
    fn new(engine: Box<dyn Engine>, crew: &'a Crew<W>, workers: usize, piece: usize) -> Self {
        let stage = if workers > 0 && engine.branches() { Stage::Beginning } else { Stage::Alone };
        let out = if workers > 0 { Sheet::for_rows().emptied(OUTPUT) } else { Sheet::for_rows() };
        ThreadedReshaper {
            engine,
            crew,
            workers,
            branch: None,
            out,
            stage,
            gathered: Vec::new(),
            piece,
            intact: Intact::default(),
        }
    }

    /// Ends the input, and waits until the rest of the answer is written.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidData`](crate::ErrorKind::InvalidData) if the CSV is at fault or empty; what the writer returned if
    /// it failed.
    pub fn finish(mut self) -> Result<Summary> {
        self.intact.check()?;
        self.go_alone()?;
        let Ended { rows, rejected, next } = self.engine.finish(&mut self.out)?;
        self.drain()?;
        self.crew.call_back(&mut self.branch)?;
        self.crew.flush()?;
        Ok(Summary { rows, rejected, next })
    }

    fn feed(&mut self, csv: &[u8]) -> Result<()> {
        let mut rest = csv;
        while self.stage != Stage::Alone && !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.piece - self.gathered.len()));
            self.gathered.extend_from_slice(now);
            rest = later;
            if self.gathered.len() == self.piece {
                self.pass_piece()?;
            }
        }
        self.turn(rest)
    }

    /// A piece is gathered: it goes where pieces go, up to its last line end.
    fn pass_piece(&mut self) -> Result<()> {
        let end = self.gathered.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        if end == 0 || self.crew.is_torn() {
            return self.go_alone();
        }
        let (mut next, room) = self.crew.room();
        next.extend_from_slice(&self.gathered[end..]);
        let mut piece = std::mem::replace(&mut self.gathered, next);
        piece.truncate(end);
        if self.stage == Stage::Together {
            return Ok(self.crew.hand_over(Job::Turn(piece, room), &mut self.branch)?);
        }
        self.turn(&piece)?;
        self.begin_together()
    }

    /// Lets the others go on from here, if they can.
    fn begin_together(&mut self) -> Result<()> {
        let engines: Option<Vec<_>> = (0..self.workers).map(|_| self.engine.branch()).collect();
        if let Some(engines) = engines {
            self.drain()?;
            self.branch = self.engine.branch();
            self.crew.equip(engines);
            self.stage = Stage::Together;
        }
        Ok(())
    }

    /// Goes on alone, from where the others came to, with what they gave back and what is gathered.
    fn go_alone(&mut self) -> Result<()> {
        if self.stage == Stage::Together {
            let (taken, given_back) = self.crew.call_back(&mut self.branch)?;
            self.engine.pass_over(taken);
            given_back.iter().try_for_each(|piece| self.turn(piece))?;
        }
        self.stage = Stage::Alone;
        let gathered = std::mem::take(&mut self.gathered);
        self.turn(&gathered)
    }

    /// Turns on this thread.
    fn turn(&mut self, csv: &[u8]) -> Result<()> {
        let ThreadedReshaper { engine, crew, workers, branch, out, .. } = self;
        engine.feed_all(csv, out, |out| drain(out, crew, *workers, branch))
    }

    fn drain(&mut self) -> Result<()> {
        drain(&mut self.out, self.crew, self.workers, &mut self.branch)
    }
}

/// Hands over what was made on this thread; without others, writes it.
fn drain<W: Write>(
    out: &mut Sheet,
    crew: &Crew<W>,
    workers: usize,
    branch: &mut Option<Box<dyn Engine>>,
) -> Result<()> {
    if workers == 0 {
        crew.write(out)?;
        out.clear();
        return Ok(());
    }
    let room = crew.room().1;
    let made = std::mem::replace(out, room.emptied(OUTPUT));
    Ok(crew.hand_over(Job::Write(made), branch)?)
}

impl<W: Write> Write for ThreadedReshaper<'_, W> {
    fn write(&mut self, csv: &[u8]) -> io::Result<usize> {
        self.intact.check()?;
        let fed = self.feed(csv);
        self.intact.note(fed)?;
        Ok(csv.len())
    }

    /// Nothing: what is gathered is turned when it is a piece, or by [`finish`](ThreadedReshaper::finish).
    fn flush(&mut self) -> io::Result<()> {
        Ok(self.intact.check()?)
    }
}

impl<W> fmt::Debug for ThreadedReshaper<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadedReshaper")
            .field("workers", &self.workers)
            .field("stage", &self.stage)
            .field("gathered", &self.gathered.len())
            .field("intact", &self.intact)
            .finish_non_exhaustive()
    }
}

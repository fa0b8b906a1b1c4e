//! The files of a repository: read at once or with the first query, checked for changes, and loaded again.

use super::CsvOptions;
use super::average::{AverageRules, StationAverages};
use super::files::{self, RemoteFiles};
use super::selected::SelectedRows;
use super::state::{Mode, Opened, SourceRows, State};
use super::watch::{Stamps, Watch};
use crate::aggregate::AverageSinks;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{Averages, Rows, Selection};
use std::cell::OnceCell;
use std::io::Write;
use std::path::PathBuf;
#[cfg(feature = "http")]
use std::sync::OnceLock;
#[cfg(feature = "http")]
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

/// The files and their state.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) paths: Vec<PathBuf>,
    pub(super) options: CsvOptions,
    /// The files that are fetched by their URL.
    pub(super) remote: RemoteFiles,
    /// `None` until the files are read.
    pub(super) state: RwLock<Option<Arc<State>>>,
    /// Files that were opened and not read, or the error of reading them.
    pub(super) opened: Mutex<Option<Result<Opened>>>,
    /// `None` for rows that do not come from files, and for scans.
    pub(super) watch: Option<Mutex<(Watch, Instant)>>,
    /// Its drop ends the thread that asks for the files of URLs again.
    #[cfg(feature = "http")]
    pub(super) refreshing: OnceLock<Sender<()>>,
}

impl Source {
    /// A source of rows that are not watched.
    pub(super) fn of(options: &CsvOptions, state: Option<State>, opened: Option<Opened>) -> Self {
        Source {
            paths: Vec::new(),
            options: options.clone(),
            remote: options.remote_files(),
            state: RwLock::new(state.map(Arc::new)),
            opened: Mutex::new(opened.map(Ok)),
            watch: None,
            #[cfg(feature = "http")]
            refreshing: OnceLock::new(),
        }
    }

    /// The rows as they were read last; reads files that were not read before.
    pub(super) fn state(&self) -> Result<Arc<State>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner).clone();
        match state {
            Some(state) => Ok(state),
            None => self.read_opened(|_| None).map(|(state, _)| state),
        }
    }

    /// Averages rows in the pass that surveys their files. Returns `None` if the files were read before, or their rows cannot be
    /// averaged so.
    pub(super) fn survey_and_average(
        &self,
        selection: &Selection,
        averagings: &[Averages],
        sinks: &dyn AverageSinks,
        out: &mut dyn Write,
    ) -> Result<Option<String>> {
        let is_of_all = selection.stations.is_none() && selection.after.is_none() && selection.rows == Rows::All;
        if !is_of_all || self.state.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(None);
        }
        let rules = OnceCell::new();
        let (state, averages) = self.read_opened(|opened| {
            let parameters = selection.averaged_of(&opened.columns);
            let new = || AverageRules::new(parameters, averagings, SelectedRows::of_range(selection));
            Some(rules.get_or_init(new))
        })?;
        let (Some(averages), SourceRows::Scan(scan)) = (averages, &state.rows) else { return Ok(None) };
        averages.write(scan.ids(), scan.threads(), sinks, out)?;
        Ok(Some(state.version.clone()))
    }

    /// Surveys the files that were opened.
    pub(super) fn read_opened<'a>(
        &self,
        rules: impl FnOnce(&Opened) -> Option<&'a AverageRules>,
    ) -> Result<(Arc<State>, Option<StationAverages<'a>>)> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(files) = opened.take().transpose().inspect_err(|error| *opened = Some(Err(error.clone())))? else {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner).clone();
            let state = state.ok_or_else(|| Error::new(ErrorKind::Internal, "files were opened and not read"))?;
            return Ok((state, None));
        };
        let rules = rules(&files);
        let read = State::read(files, &self.options, Mode::Scan, rules);
        let (state, averages) = read.inspect_err(|error| *opened = Some(Err(error.clone())))?;
        let state = Arc::new(state);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(state.clone());
        Ok((state, averages))
    }

    /// Looks whether the files have changed, if the last look was long enough ago, and starts to load them.
    pub(super) fn look(self: &Arc<Self>) {
        let Some(watch) = &self.watch else { return };
        let mut watched = watch.lock().unwrap_or_else(PoisonError::into_inner);
        if watched.1.elapsed() < self.options.check_every {
            return;
        }
        watched.1 = Instant::now();
        let Some(now) = self.stamps() else { return };
        if !watched.0.look(now) {
            return;
        }
        drop(watched);
        let source = self.clone();
        let started = std::thread::Builder::new().name("airq-load".to_owned()).spawn(move || source.reload());
        if started.is_err() {
            self.finish_loading(|watch| watch.seen = None);
        }
    }

    /// The stamps of the files as they are now; `None` if the files cannot be found.
    fn stamps(&self) -> Option<Stamps> {
        let found = files::find(&self.paths, self.options.stations.as_deref(), &self.remote).ok()?;
        Some(Stamps::of(&found))
    }

    /// Loads the files, unless they are being loaded.
    #[cfg(feature = "http")]
    pub(super) fn load(&self) {
        let Some(watch) = &self.watch else { return };
        let is_loading = {
            let mut watched = watch.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut watched.0.is_loading, true)
        };
        // Files that change while they are loaded are found by the next look.
        if !is_loading {
            self.reload();
        }
    }

    fn reload(&self) {
        let before = self.stamps().unwrap_or_default();
        let loaded = Opened::find(&self.paths, &self.options, &self.remote).and_then(|opened| {
            let stamps = opened.stamps.clone().unwrap_or_default();
            let (state, _) = State::read(opened, &self.options, Mode::Store, None)?;
            Ok((state, stamps))
        });
        match loaded {
            Ok((state, stamps)) => {
                log::info!(
                    "the files have changed: {} loaded, version {}",
                    state.account.counted.number(state.account.accepted()),
                    state.version
                );
                *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(state));
                self.finish_loading(|watch| {
                    watch.served = stamps;
                    watch.failed = None;
                });
            }
            Err(error) => {
                log::error!("the files have changed and cannot be loaded, the rows from before are served: {error:#}");
                self.finish_loading(|watch| watch.failed = Some((before, format!("{error:#}"))));
            }
        }
    }

    fn finish_loading(&self, note: impl FnOnce(&mut Watch)) {
        if let Some(watch) = &self.watch {
            let mut watched = watch.lock().unwrap_or_else(PoisonError::into_inner);
            watched.0.is_loading = false;
            note(&mut watched.0);
        }
    }

    /// The reason why the rows may be older than the files.
    pub(super) fn outdated(&self) -> Option<String> {
        let watch = self.watch.as_ref()?;
        let watched = watch.lock().unwrap_or_else(PoisonError::into_inner);
        match &watched.0.failed {
            Some((_, why)) => Some(format!("the files have changed and cannot be loaded: {why}")),
            None => self.remote.failure(),
        }
    }
}

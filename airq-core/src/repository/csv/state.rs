//! The state of a source: the rows of one version of the files, and their account.

use super::CsvOptions;
use super::average::{AverageRules, StationAverages};
use super::files::{self, Found, RemoteFiles};
use super::scan::Scan;
use super::station_metadata;
use super::store::Store;
use super::table::Tables;
use super::watch::Stamps;
use crate::account::Account;
use crate::csv::chunks::usual_threads;
use crate::error::Result;
use crate::hash::hex;
use crate::model::{Parameter, Station, Stations};
use std::path::PathBuf;

/// Files with their headers.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) tables: Tables,
    pub(super) described: Vec<Station>,
    pub(super) columns: Vec<Parameter>,
    /// `None` for rows that do not come from files.
    pub(super) stamps: Option<Stamps>,
}

/// The rows of one version of the files.
#[derive(Debug)]
pub(super) struct State {
    pub(super) rows: SourceRows,
    pub(super) stations: Stations,
    pub(super) parameters: Vec<Parameter>,
    pub(super) version: String,
    pub(super) account: Account,
}

#[derive(Debug)]
pub(super) enum SourceRows {
    Store(Box<Store>),
    Scan(Box<Scan>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Store,
    Scan,
}

impl Opened {
    /// Finds the files and opens the files of measurements.
    pub(super) fn find(paths: &[PathBuf], options: &CsvOptions, remote: &RemoteFiles) -> Result<Opened> {
        Opened::open(&files::find(paths, options.stations.as_deref(), remote)?, options)
    }

    /// Opens files that were found.
    pub(super) fn open(found: &Found, options: &CsvOptions) -> Result<Opened> {
        let stamps = Some(Stamps::of(found));
        let mut described = Vec::new();
        for file in &found.stations {
            described.extend(station_metadata::read(file)?);
        }
        let tables = Tables::open(&found.data, options)?;
        Ok(Opened { columns: tables.columns(), tables, described, stamps })
    }
}

impl State {
    /// Reads files, as [`new`](State::new). For a store, logs what was left out.
    pub(super) fn read<'a>(
        opened: Opened,
        options: &CsvOptions,
        mode: Mode,
        rules: Option<&'a AverageRules>,
    ) -> Result<(State, Option<StationAverages<'a>>)> {
        let (state, averages) = State::new(opened, options, mode, rules)?;
        if let Some(left_out) = state.account.left_out().filter(|_| mode == Mode::Store) {
            log::warn!("left out: {left_out}");
        }
        Ok((state, averages))
    }

    /// Reads the rows. A scan averages them by `rules` in the same pass, if their order allows that.
    pub(super) fn new<'a>(
        opened: Opened,
        options: &CsvOptions,
        mode: Mode,
        rules: Option<&'a AverageRules>,
    ) -> Result<(State, Option<StationAverages<'a>>)> {
        let Opened { mut tables, described, columns, stamps } = opened;
        let parameters = columns.clone();
        let threads = usual_threads();
        let told = std::mem::take(&mut tables.described);
        let counts_values = tables.counts_values;
        let mut account = std::mem::take(&mut tables.account);
        for table in &tables.all {
            table.note_unused(&mut account);
        }
        let is_counted: Vec<bool> = tables.all.iter().map(|table| table.is_counted).collect();
        let names: Vec<String> = tables.all.iter().map(|table| table.name.clone()).collect();
        let mut averages = None;
        let (rows, measured, left_out) = match mode {
            Mode::Store => {
                let (store, read) = Store::new(&tables, columns, options, threads)?;
                account.duplicates += if counts_values { read.duplicate_values } else { read.duplicate_rows };
                account.conflicts.add(&read.conflicts);
                read.profiles.note(&mut account);
                (SourceRows::Store(Box::new(store)), read.profiles.stations(&parameters), read.left_out)
            }
            Mode::Scan => {
                let (scan, left_out, station_averages) = Scan::new(tables, columns, options, threads, rules)?;
                averages = station_averages;
                scan.survey().profiles.note(&mut account);
                let measured = scan.survey().profiles.stations(&parameters);
                (SourceRows::Scan(Box::new(scan)), measured, left_out)
            }
        };
        for ((mut of_table, is_counted), name) in left_out.into_iter().zip(is_counted).zip(&names) {
            // The account of the format has the rows already.
            of_table.read = if is_counted { 0 } else { of_table.read + of_table.rejected };
            of_table.rejects = of_table.rejects.into_iter().map(|row| row.in_file(name)).collect();
            account.add(&of_table);
        }
        account.mixed_stations.note_places(told.iter().chain(&measured));
        let stations = stations(measured, told, described, options.city.as_ref());
        let version = match (stamps, &rows) {
            (None, SourceRows::Store(store)) => hex(store.hash().with(format!("{stations:?}").as_bytes()).finish()),
            (stamps, _) => {
                let settings = format!("{stations:?} {:?}", options.settings());
                stamps.unwrap_or_default().version(&settings)
            }
        };
        Ok((State { rows, stations, parameters, version, account }, averages))
    }
}

/// Returns every described or measured station. Descriptions take precedence over metadata in files of measurements.
fn stations(
    measured: Vec<Station>,
    told: Vec<Station>,
    described: Vec<Station>,
    default_city: Option<&String>,
) -> Stations {
    let known = Stations::from_iter(measured).described_by(told).described_by(described);
    let with_city = known.into_iter().map(|mut station| {
        if station.city.is_none() {
            station.city = default_city.cloned();
        }
        station
    });
    with_city.collect()
}

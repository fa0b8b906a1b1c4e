//! The values that a shell completes: formats and other fixed names, and the cities, stations and parameters of the source.
//!
//! The shell runs this program with the words of the command line (`clap_complete`'s dynamic engine), so that a source on the command
//! line, in the environment or in the configuration file is read. A source that fails completes nothing.

use super::Cli;
use airq_core::aggregate::{Every, Interval, Profile, Running};
use airq_core::aqi::AirQualityIndex;
use airq_core::compliance::Standard;
use airq_core::internal::city_key;
use airq_core::repository::CsvRepository;
use airq_core::{Airq, Configuration, Format, Parameter};
use clap::{ArgMatches, CommandFactory};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The variable by which the scripts of shells ask this program. Its value is the name of the shell.
pub(crate) const COMPLETION_VARIABLE: &str = "AIRQ_COMPLETE";

pub(super) fn cities() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let stations = ask(Airq::stations);
        candidates(current, stations.cities().iter().map(|city| (city.name.as_str(), None)))
    })
}

pub(super) fn stations() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let stations = ask(Airq::stations);
        candidates(current, stations.iter().map(|station| (station.id.as_str(), station.name.as_deref())))
    })
}

/// The parameters of the source, after a comma, too.
pub(super) fn parameters() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| of_list(current, ask(Airq::parameters).into_iter()))
}

/// All parameters that airq knows.
pub(super) fn all_parameters() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| of_list(current, Parameter::known()))
}

pub(super) fn formats() -> ArgValueCompleter {
    fixed(|| all_formats().collect())
}

/// The formats of `query` and `latest`.
pub(super) fn formats_of_rows() -> ArgValueCompleter {
    fixed(|| all_formats().chain(["table"]).collect())
}

/// The formats of `compliance`.
pub(super) fn formats_of_reports() -> ArgValueCompleter {
    fixed(|| vec!["json", "csv", "table"])
}

pub(super) fn periods() -> ArgValueCompleter {
    fixed(|| {
        let profiles = Profile::ALL.iter().map(|profile| profile.name());
        Every::ALL.iter().map(|every| every.name()).chain(profiles).collect()
    })
}

pub(super) fn statistics() -> ArgValueCompleter {
    fixed(|| vec!["mean", "min", "max", "median", "p98", "max8h", "somo35", "count"])
}

pub(super) fn running() -> ArgValueCompleter {
    fixed(|| Running::ALL.iter().map(|running| running.name()).collect())
}

pub(super) fn intervals() -> ArgValueCompleter {
    fixed(|| Interval::ALL.iter().map(|interval| interval.name()).collect())
}

pub(super) fn indices() -> ArgValueCompleter {
    fixed(|| AirQualityIndex::ALL.iter().copied().map(AirQualityIndex::id).collect())
}

pub(super) fn standards() -> ArgValueCompleter {
    fixed(|| Standard::ALL.iter().copied().map(Standard::id).collect())
}

pub(super) fn units() -> ArgValueCompleter {
    fixed(|| vec!["ppb", "ppm", "ug/m3", "mg/m3"])
}

pub(super) fn orders() -> ArgValueCompleter {
    fixed(|| vec!["asc", "desc"])
}

pub(super) fn views() -> ArgValueCompleter {
    fixed(|| vec!["lines", "calendar"])
}

fn all_formats() -> impl Iterator<Item = &'static str> {
    Format::ALL.iter().copied().map(Format::name)
}

fn fixed(names: fn() -> Vec<&'static str>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| candidates(current, names().into_iter().map(|name| (name, None))))
}

/// Returns the values that start with the current word, in any case and with or without accents, each with its description.
fn candidates<'a>(
    current: &OsStr,
    values: impl Iterator<Item = (&'a str, Option<&'a str>)>,
) -> Vec<CompletionCandidate> {
    let start = city_key(&current.to_string_lossy());
    let matching = values.filter(|(value, _)| city_key(value).starts_with(&start));
    matching
        .map(|(value, help)| CompletionCandidate::new(quoted(value)).help(help.map(|help| help.to_owned().into())))
        .collect()
}

/// Returns the parameters that complete the last item of a list.
fn of_list(current: &OsStr, parameters: impl Iterator<Item = Parameter>) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let (given, last) = current.rsplit_once(',').map_or(("", &*current), |(given, last)| (given, last));
    let given: Vec<&str> = given.split(',').collect();
    let before = &current[..current.len() - last.len()];
    let codes = parameters.map(Parameter::code).filter(|code| code.starts_with(last) && !given.contains(code));
    codes.map(|code| CompletionCandidate::new(format!("{before}{code}"))).collect()
}

/// Returns the value as bash needs it: bash inserts candidates unchanged, and a blank would end the word. The other shells quote.
fn quoted(value: &str) -> OsString {
    let is_bash = std::env::var_os("_CLAP_COMPLETE_COMP_TYPE").is_some();
    if is_bash { value.replace(' ', "\\ ").into() } else { value.into() }
}

/// Asks the source of the command line that is being completed. Returns nothing if the source fails.
fn ask<T: Default>(question: fn(&Airq) -> airq_core::Result<T>) -> T {
    match open() {
        Some(airq) => question(&airq).unwrap_or_default(),
        None => T::default(),
    }
}

/// Opens the source of the command line that is being completed.
fn open() -> Option<Airq> {
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let matches = Cli::command().ignore_errors(true).try_get_matches_from(words).ok()?;
    let (_, matches) = matches.subcommand()?;
    let configuration = Configuration::from_environment().with_file(value::<PathBuf>(matches, "config").as_deref());
    let mut builder = Airq::builder().cache("none:").scan_files();
    if let Some(url) = value::<String>(matches, "argument").or_else(|| value::<String>(matches, "source")) {
        builder = builder.source(url);
    }
    let builder = builder.configuration(&configuration.ok()?).ok()?;
    let builder = if builder.has_source() { builder } else { builder.repository(CsvRepository::sample().ok()?) };
    builder.build().ok()
}

/// Returns the value of an argument, if the command has the argument and a value is given.
fn value<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> Option<T> {
    matches.try_get_one::<T>(id).ok()?.cloned()
}

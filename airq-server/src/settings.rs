//! The settings of the server: flags, environment variables, the configuration file and defaults, in this order of precedence.

use crate::config::Config;
use airq_core::internal::without_passwords;
use airq_core::{AirqBuilder, Configuration, Error, ErrorKind, Finding, Origin, Result};
use clap::builder::Resettable;
use clap::error::ContextKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::io::{self, Write};

/// The settings with their origins.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    configuration: Configuration,
    matches: ArgMatches,
}

impl Settings {
    /// Reads the settings of a process with these arguments. Ends the process after help, the version, or an error of a flag.
    ///
    /// # Errors
    /// If the configuration file or one of its values is invalid.
    pub(crate) fn read(arguments: &[OsString]) -> Result<Self> {
        // The first pass finds the file and reports errors of flags and variables, so an error of the second is one of the file.
        let first = command().try_get_matches_from(arguments).and_then(|matches| Config::from_arg_matches(&matches));
        let first = first.unwrap_or_else(|error| exit(&error));
        let configuration = Configuration::from_environment().with_file(first.file.as_deref())?;
        Settings::with_file(arguments, configuration)
    }

    fn with_file(arguments: &[OsString], configuration: Configuration) -> Result<Self> {
        let command = with_defaults(command(), &configuration);
        let parsed = command.try_get_matches_from(arguments).and_then(|matches| {
            let config = Config::from_arg_matches(&matches)?;
            Ok((config, matches))
        });
        match parsed {
            Ok((config, matches)) => Ok(Settings { config, configuration, matches }),
            Err(error) => Err(invalid(&error, &configuration)),
        }
    }

    /// Returns the builder of an engine with these settings.
    ///
    /// # Errors
    /// If a setting of the source or the cache is invalid.
    pub(crate) fn engine(&self) -> Result<AirqBuilder> {
        self.config.engine().configuration(&self.configuration)
    }

    /// Logs the configuration file, and variables that look like misspelled settings.
    pub(crate) fn log(&self) {
        if let Some(path) = self.configuration.path() {
            log::info!("the configuration file is {}", path.display());
        }
        for warning in self.configuration.suspicious_variables() {
            log::warn!("{warning}");
        }
    }

    /// Returns a finding for each setting that is not a default, and for each suspicious variable.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some(path) = self.configuration.path() {
            findings.push(Finding::ok("file", path.display().to_string()));
        }
        for name in Configuration::NAMES {
            if let Some((value, origin)) = self.value(name) {
                let value = Configuration::shown(&value);
                findings.push(Finding::ok("setting", format!("{name} = {value:?} ({origin})")));
            }
        }
        for warning in self.configuration.suspicious_variables() {
            findings.push(Finding::warning("setting", warning, "rename or unset the variable"));
        }
        findings
    }

    /// Returns whether the value of a setting is one of a flag.
    fn is_flag(&self, name: &str) -> bool {
        let id = id_of(name);
        self.matches.try_contains_id(&id).unwrap_or(false)
            && self.matches.value_source(&id) == Some(ValueSource::CommandLine)
    }

    /// Returns the value of a setting and its origin, unless the value is a default.
    fn value(&self, name: &str) -> Option<(String, String)> {
        if self.is_flag(name) {
            let value = self.matches.get_raw(&id_of(name))?.next()?.to_string_lossy().into_owned();
            return Some((value, format!("--{name}")));
        }
        // A flag for the source or the cache replaces the file with its URL, too.
        if let Some(replaced) = name.strip_suffix("-file")
            && self.is_flag(replaced)
        {
            return None;
        }
        let origin = self.configuration.origin(name)?;
        let origin = match origin {
            Origin::File { path, line, .. } => format!("{}, line {line}", path.display()),
            other => other.to_string(),
        };
        Some((self.configuration.get(name)?.to_owned(), origin))
    }
}

/// Prints the help, the version or an error about the command line, without passwords, and ends the process.
fn exit(error: &clap::Error) -> ! {
    if error.use_stderr() {
        let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
        // An error on standard error cannot be reported.
        let _ = write!(io::stderr(), "{}", without_passwords(&error.render().to_string(), arguments));
        std::process::exit(error.exit_code());
    }
    error.exit()
}

/// Returns the definition of the flags. An empty variable counts as not set.
pub(crate) fn command() -> Command {
    Config::command().mut_args(
        |argument| {
            if has_empty_variable(&argument) { argument.env(Resettable::Reset) } else { argument }
        },
    )
}

fn has_empty_variable(argument: &Arg) -> bool {
    let value = argument.get_env().and_then(std::env::var_os);
    matches!(value, Some(value) if value.is_empty())
}

/// Makes the values of the configuration file the defaults of the flags.
fn with_defaults(mut command: Command, configuration: &Configuration) -> Command {
    for name in Configuration::NAMES {
        let id = id_of(name);
        let has_variable = command.get_arguments().any(|arg| *arg.get_id() == id && arg.get_env().is_some());
        if let Some(value) = configuration.in_file(name).filter(|_| has_variable) {
            let value = value.to_owned();
            command = command.mut_arg(id, |arg| arg.default_value(value));
        }
    }
    command
}

/// Returns the identifier of the flag of a setting.
fn id_of(name: &str) -> String {
    name.replace('-', "_")
}

/// Converts the error of a value in the configuration file: the origin in place of the flag.
fn invalid(error: &clap::Error, configuration: &Configuration) -> Error {
    let argument = context(error, ContextKind::InvalidArg);
    let name = argument.trim_start_matches("--").split(' ').next().unwrap_or_default();
    let origin = match configuration.origin(name) {
        Some(origin) => origin.to_string(),
        None => argument,
    };
    let value = context(error, ContextKind::InvalidValue);
    let allowed = match std::error::Error::source(error) {
        Some(why) => why.to_string(),
        None => format!("expected one of {}", context(error, ContextKind::ValidValue)),
    };
    Error::new(ErrorKind::InvalidSetting, format!("{origin}: {value:?} is not allowed; {allowed}"))
}

fn context(error: &clap::Error, kind: ContextKind) -> String {
    error.get(kind).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn read(name: &str, file: &str, flags: &[&str]) -> Result<Settings> {
        let path: PathBuf = std::env::temp_dir().join(format!("airq-server-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, file).unwrap();
        let arguments: Vec<OsString> = [&["airq-server"], flags].concat().iter().map(OsString::from).collect();
        let settings = Settings::with_file(&arguments, Configuration::default().with_file(Some(&path))?);
        std::fs::remove_file(path).unwrap();
        settings
    }

    #[test]
    fn every_setting_of_a_flag_is_a_key_of_the_file() {
        let command = Config::command();
        for argument in command.get_arguments() {
            if let Some(variable) = argument.get_env() {
                let name = argument.get_long().unwrap();
                assert!(Configuration::NAMES.contains(&name), "{name}");
                assert_eq!(variable.to_str().unwrap(), format!("AIRQ_{}", id_of(name).to_uppercase()));
            }
        }
        let is_flag = |name: &&str| command.get_arguments().any(|argument| argument.get_long() == Some(name));
        let without: Vec<&str> = Configuration::NAMES.into_iter().filter(|name| !is_flag(name)).collect();
        assert_eq!(without, ["source-file", "source-password-file", "cache-file", "cache-password-file"]);
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = "threads = 3\ngrace = 1.5\nlog = 'json'\nlisten = '0.0.0.0:81'\n";
        let settings = read("precedence", file, &["--threads", "5"]).unwrap();
        assert_eq!(settings.config.limits().threads, 5);
        assert_eq!(settings.config.listen.to_string(), "0.0.0.0:81");
        assert_eq!(settings.config.admin_listen.to_string(), "127.0.0.1:9464");
        let found: Vec<String> = settings.findings().iter().map(|finding| finding.found.clone()).collect();
        assert!(found.contains(&"threads = \"5\" (--threads)".to_owned()), "{found:?}");
        assert!(found.iter().any(|found| found.starts_with("grace = \"1.5\" (") && found.ends_with("line 2)")));
        assert!(!found.iter().any(|found| found.contains("9464")), "a default: {found:?}");
    }

    #[test]
    fn an_invalid_value_of_the_file_is_reported_with_its_line() {
        for (name, file, expected) in [
            ("listen", "\nlisten = 8080", "line 2: listen: \"8080\" is not allowed; it is an address and a port"),
            ("threads", "threads = 0", "line 1: threads: \"0\" is not allowed; it is a whole number from 1 to 1024"),
            ("log", "log = 'xml'", "line 1: log: \"xml\" is not allowed; expected one of text, json"),
        ] {
            let message = read(name, file, &[]).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
}

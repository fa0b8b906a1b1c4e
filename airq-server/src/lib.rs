//! `airq-server`: air quality over HTTP, as a program. This file connects the modules and chooses the exit code.

mod admin;
mod answer_headers;
mod chart;
mod check;
mod compress;
mod config;
mod data_set;
mod healthcheck;
mod logging;
mod memory;
mod metrics;
mod negotiate;
mod page;
mod problem;
mod process;
mod request;
mod response;
mod response_head;
mod routes;
mod settings;
mod transport;
mod watchdog;

use airq_core::repository::CsvRepository;
use airq_core::{AirqBuilder, Result};
use config::LogFormat;
use metrics::Metrics;
use routes::Service;
use settings::Settings;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use transport::{Limits, Server};

/// The time limit for requests that are unfinished when the server stops.
const DRAIN: Duration = Duration::from_secs(10);
/// The limits of the admin port: enough for probes and some scrapers.
const ADMIN_LIMITS: Limits = Limits {
    connections: 64,
    connections_per_client: 64,
    threads: 16,
    head_timeout: Duration::from_secs(10),
    send_floor: 8 * 1024,
};
/// The time between two updates of the data set's metrics.
const DATA_SET_EVERY: Duration = Duration::from_secs(5);

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    start(std::env::args_os())
}

/// Returns the definition of the command line.
pub fn command() -> clap::Command {
    settings::command()
}

/// Runs the program with these arguments. The first one is the name of the program.
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let settings = Settings::read(&arguments.into_iter().collect::<Vec<_>>());
    match &settings {
        Ok(settings) => logging::start(settings.config.log),
        Err(_) => logging::start(LogFormat::Text),
    }
    match settings.and_then(|settings| run(&settings)) {
        Ok(code) => code,
        Err(error) => {
            log::error!("{error:#}");
            ExitCode::from(if error.is_invalid_input() { 2 } else { 1 })
        }
    }
}

fn run(settings: &Settings) -> Result<ExitCode> {
    let config = &settings.config;
    config.warn_of_passwords();
    if config.healthcheck {
        return healthcheck::run(config.admin_listen).map(|()| ExitCode::SUCCESS);
    }
    match config.check {
        Some(how) => check::run(settings, how),
        None => serve(settings),
    }
}

fn serve(settings: &Settings) -> Result<ExitCode> {
    settings.log();
    let config = &settings.config;
    let metrics = Metrics::new();
    let airq = Arc::new(with_sample(settings.engine()?.observer(metrics.clone()))?.build()?);
    let service = Service::new(airq.clone(), metrics.clone());
    let draining = Arc::new(AtomicBool::new(false));
    let stop = stop_signal(config.grace, draining.clone())?;

    let api = Server::bind(&config.listen)?;
    let ops = Server::bind(&config.admin_listen)?;
    log::info!("listening on http://{}, admin on http://{}", api.address(), ops.address());
    data_set::watch(airq.clone(), metrics.clone(), DATA_SET_EVERY);
    let admin = admin::Admin::new(airq, metrics, draining);
    let ops = ops.start("admin", ADMIN_LIMITS, stop.clone(), admin)?;
    let api = api.start("http", config.limits(), stop.clone(), service)?;
    watchdog::start(api.heartbeat(), stop);
    api.join(DRAIN);
    ops.join(Duration::ZERO);
    log::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Sets the built-in sample as the source if the settings have no source.
fn with_sample(builder: AirqBuilder) -> Result<AirqBuilder> {
    if builder.has_source() {
        return Ok(builder);
    }
    log::warn!(
        "no source is set: this is the built-in sample, one simulated day; set one with --source or AIRQ_SOURCE"
    );
    Ok(builder.repository(CsvRepository::sample()?))
}

/// Returns a flag that is set after SIGTERM or SIGINT and the grace time.
///
/// `draining` is set at the signal, so that the server is not ready during the grace time. A second signal ends the process at
/// once.
fn stop_signal(grace: Duration, draining: Arc<AtomicBool>) -> Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    let signaled = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order, a signal ends the process only if an earlier signal has set the flag.
        signal_hook::flag::register_conditional_shutdown(signal, 1, signaled.clone())?;
        signal_hook::flag::register(signal, signaled.clone())?;
    }
    let stopped = stop.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while !signaled.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
        }
        draining.store(true, Ordering::Relaxed);
        log::info!("stopping: no longer ready, and answering for another {} s", grace.as_secs_f32());
        std::thread::sleep(grace);
        stopped.store(true, Ordering::Relaxed);
    })?;
    Ok(stop)
}

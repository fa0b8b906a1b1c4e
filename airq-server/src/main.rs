//! `airq-server`: air quality over HTTP. Here the parts are wired and the exit code is chosen.

mod admin;
mod answer_headers;
mod chart;
mod compress;
mod config;
mod data_set;
mod head;
mod healthcheck;
mod logging;
mod metrics;
mod negotiate;
mod page;
mod problem;
mod request;
mod response;
mod routes;
mod transport;
mod watchdog;

use airq_core::{Airq, CsvRepository, Result};
use clap::Parser;
use config::Config;
use metrics::Metrics;
use routes::Service;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use transport::Server;

/// How long answers that are being made when the process is told to end may take.
const DRAIN: Duration = Duration::from_secs(10);
/// Probes and a scraper or two: never so many that they crowd out the API.
const ADMIN_CONNECTIONS: u16 = 16;
/// The time between two updates of the data set's metrics.
const DATA_SET_EVERY: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let config = Config::parse();
    logging::start(config.log);
    match serve(&config) {
        Ok(code) => code,
        Err(error) => {
            log::error!("{error}");
            ExitCode::from(if error.is_invalid_input() { 2 } else { 1 })
        }
    }
}

fn serve(config: &Config) -> Result<ExitCode> {
    if config.healthcheck {
        return healthcheck::run(config.admin_listen).map(|()| ExitCode::SUCCESS);
    }
    let metrics = Metrics::new();
    let airq = Arc::new(engine(config, metrics.clone())?);
    if config.check_only {
        airq.stations()?;
        log::info!("the settings are right, and the source answers");
        return Ok(ExitCode::SUCCESS);
    }
    let service = Service::new(airq.clone(), metrics.clone());
    let draining = Arc::new(AtomicBool::new(false));
    let stop = stop_signal(config.grace, draining.clone())?;

    let api = Server::bind(&config.listen)?;
    let ops = Server::bind(&config.admin_listen)?;
    log::info!("listening on http://{}, admin on http://{}", api.address(), ops.address());
    data_set::watch(airq.clone(), metrics.clone(), DATA_SET_EVERY);
    let admin = admin::Admin::new(airq, metrics, draining);
    let ops = ops.start("admin", ADMIN_CONNECTIONS, stop.clone(), move |request| admin.answer(request))?;
    let api = api.start("http", config.connections, stop.clone(), move |request| service.answer(request))?;
    watchdog::start(api.pulse(), stop);
    api.join(DRAIN);
    ops.join(Duration::ZERO);
    log::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The engine that the settings describe; over the built-in sample if they name no source.
fn engine(config: &Config, metrics: Metrics) -> Result<Airq> {
    let builder = config.engine().environment()?.observer(metrics);
    if builder.has_source() {
        return builder.build();
    }
    log::warn!(
        "no source is set: this is the built-in sample, one simulated day; set one with --source or AIRQ_SOURCE"
    );
    builder.repository(CsvRepository::sample()?).build()
}

/// A flag that SIGTERM or SIGINT raises after the grace time, in which readiness already says no. A second signal ends
/// the process at once.
fn stop_signal(grace: Duration, draining: Arc<AtomicBool>) -> Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: only a signal that finds the flag raised by an earlier one ends the process.
        signal_hook::flag::register_conditional_shutdown(signal, 1, seen.clone())?;
        signal_hook::flag::register(signal, seen.clone())?;
    }
    let raised = stop.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while !seen.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
        }
        draining.store(true, Ordering::Relaxed);
        log::info!("told to stop: not ready any more, still answering for {} s", grace.as_secs_f32());
        std::thread::sleep(grace);
        raised.store(true, Ordering::Relaxed);
    })?;
    Ok(stop)
}

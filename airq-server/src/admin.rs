//! The admin port for operators: liveness, readiness and metrics.

use crate::metrics::Metrics;
use crate::request::Request;
use crate::response::{Response, ResponseBody};
use crate::transport::Handler;
use airq_core::Airq;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The service of the admin port.
#[derive(Debug)]
pub(crate) struct Admin {
    airq: Arc<Airq>,
    metrics: Metrics,
    draining: Arc<AtomicBool>,
}

impl Admin {
    pub(crate) fn new(airq: Arc<Airq>, metrics: Metrics, draining: Arc<AtomicBool>) -> Self {
        Admin { airq, metrics, draining }
    }

    fn metrics(&self) -> Response {
        self.metrics.pools(&self.airq.pools());
        Response::new(200, METRICS, ResponseBody::Bytes(self.metrics.text().into_bytes()))
    }

    fn ready(&self) -> Response {
        if self.draining.load(Ordering::Relaxed) {
            return Response::new(503, TEXT, ResponseBody::Static("stopping\n"));
        }
        match self.airq.check_ready() {
            Ok(()) => Response::new(200, TEXT, ResponseBody::Static("ready\n")),
            Err(error) => {
                let why = format!("not ready: {error:#}\n");
                Response::new(503, TEXT, ResponseBody::Bytes(why.into_bytes()))
            }
        }
    }
}

impl Handler for Admin {
    fn answer(&self, request: &Request) -> Response {
        match request.path() {
            // Does not check the source: a source that is down is no reason to restart this process.
            "/livez" => Response::new(200, TEXT, ResponseBody::Static("alive\n")),
            "/readyz" => self.ready(),
            "/metrics" => self.metrics(),
            _ => Response::new(404, TEXT, ResponseBody::Static("the paths are /livez, /readyz and /metrics\n")),
        }
        .with("Cache-Control", "no-store")
    }
}

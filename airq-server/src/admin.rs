//! What operators ask, on a port of its own: alive, ready, metrics.

use crate::metrics::Metrics;
use crate::request::Request;
use crate::response::{Body, Response};
use airq_core::Airq;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const TEXT: &str = "text/plain; charset=utf-8";
const METRICS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Answers the admin port.
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

    /// The response to a request.
    pub(crate) fn answer(&self, request: &Request) -> Response {
        match request.path() {
            // Touches nothing: a source that is down is no reason to restart this process.
            "/livez" => Response::new(200, TEXT, Body::Static("alive\n")),
            "/readyz" => self.ready(),
            "/metrics" => self.metrics(),
            _ => Response::new(404, TEXT, Body::Static("served are /livez, /readyz and /metrics\n")),
        }
        .with("Cache-Control", "no-store")
    }

    fn metrics(&self) -> Response {
        self.metrics.pools(&self.airq.pools());
        Response::new(200, METRICS, Body::Bytes(self.metrics.text().into_bytes()))
    }

    fn ready(&self) -> Response {
        if self.draining.load(Ordering::Relaxed) {
            return Response::new(503, TEXT, Body::Static("stopping\n"));
        }
        if self.airq.is_ready() {
            return Response::new(200, TEXT, Body::Static("ready\n"));
        }
        Response::new(503, TEXT, Body::Static("the source was never reached\n"))
    }
}

//! The contract and the metrics as others read them: generated clients call every operation, schemathesis sends a server over PostgreSQL
//! and Redis all that `openapi.json` allows and much that it does not, and promtool reads the metrics. `scripts/contract-test` installs
//! the tools.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

mod common;

use airq_core::testing::servers::{PostgresServer, RedisServer};
use common::Server;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Returns the folder of the tools.
fn tools() -> PathBuf {
    PathBuf::from(
        std::env::var("AIRQ_CONTRACT_TOOLS").expect("AIRQ_CONTRACT_TOOLS, which `scripts/contract-test` sets"),
    )
}

/// Asks as schemathesis does, for a time that keeps the full suite short. `AIRQ_CONTRACT_SECONDS` and
/// `AIRQ_CONTRACT_SEED` make it another.
fn schemathesis(server: &Server) {
    let settings = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/contract").canonicalize().unwrap();
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let mut command = Command::new(tools().join("venv/bin/st"));
    command.current_dir(env!("CARGO_TARGET_TMPDIR")).env("PYTHONPATH", &settings).env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg("--config-file").arg(settings.join("schemathesis.toml")).arg("run");
    command.arg(format!("http://{}/openapi.json", server.api));
    command.args(["--max-time", &variable("AIRQ_CONTRACT_SECONDS", "60")]);
    command.args(["--seed", &variable("AIRQ_CONTRACT_SEED", "1")]);
    let output = command.stdin(Stdio::null()).output().expect("schemathesis");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("No issues found"), "{told}");
    let summary = told.lines().find(|line| line.contains("generated")).unwrap_or_default();
    eprintln!("schemathesis: {}", summary.trim());
}

#[test]
#[ignore = "full suite: needs openapi-python-client and Node packages; make test-contract"]
fn generated_clients_call_every_operation() {
    let server = Server::start(&[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/contract/clients/run");
    let status = Command::new(script).arg(format!("http://{}", server.api)).arg(tools()).status().unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "full suite: needs schemathesis and promtool; make test-contract"]
fn nothing_breaks_the_contract_and_the_metrics_are_clean() {
    let (postgres, redis) = (PostgresServer::start().unwrap(), RedisServer::start().unwrap());
    let url = postgres.create_database("airq").unwrap();
    common::import_sample(&url);
    let server = Server::start(&["--source", &url, "--cache", &redis.url()]);
    schemathesis(&server);

    let metrics = common::get(server.admin, "/metrics", "").body;
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = promtool.spawn().expect("promtool");
    child.stdin.take().unwrap().write_all(&metrics).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
}

//! A crate outside the workspace that embeds this one, as README shows it, builds and runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test panics with what was broken")]

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn the_crate_that_readme_shows_builds_and_answers() {
    let program = std::fs::read_to_string(root().join("fixtures/embedder/src/main.rs")).unwrap();
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains(program.trim()), "README shows fixtures/embedder/src/main.rs");

    let answer: serde_json::Value = serde_json::from_slice(&cargo("run")).unwrap();
    assert_eq!(answer["query"]["city"][0], "Madrid");
    assert_eq!(answer["page"]["count"], 10);
}

#[test]
fn the_tests_of_the_library_without_features_pass() {
    let output = cargo("test");
    assert!(String::from_utf8_lossy(&output).contains("test result: ok. 1 passed"));
}

/// Runs a command of cargo on the crate and returns its standard output.
fn cargo(command: &str) -> Vec<u8> {
    let output = Command::new(env!("CARGO"))
        .args([command, "--quiet", "--manifest-path", "fixtures/embedder/Cargo.toml"])
        .args(["--target-dir", "target/embedder"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

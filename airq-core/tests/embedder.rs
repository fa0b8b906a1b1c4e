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

    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--manifest-path", "fixtures/embedder/Cargo.toml", "--target-dir", "target/embedder"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["query"]["city"][0], "Madrid");
    assert_eq!(answer["page"]["count"], 10);
}

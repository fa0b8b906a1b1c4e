//! The names by which the program is started choose what it is.
#![allow(clippy::unwrap_used, reason = "a test panics with the error")]

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_airq");

/// Returns a link to the program with this name.
fn link(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("names-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let link = folder.join(name);
    symlink(PROGRAM, &link).unwrap();
    link
}

/// Runs the program, and returns its exit code and its output with errors.
fn run(program: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(program).args(arguments).output().unwrap();
    let mut text = String::from_utf8(output.stdout).unwrap();
    text.push_str(&String::from_utf8(output.stderr).unwrap());
    (output.status.code(), text)
}

#[test]
fn a_link_with_the_name_of_the_command_line_is_the_command_line() {
    let cli = link("airq-cli");
    let (code, text) = run(&cli, &["cities", "--format", "json"]);
    assert!(code == Some(0) && text.contains("Madrid"), "{text}");
    let (code, text) = run(&cli, &["serve"]);
    assert!(code == Some(2) && text.contains("unrecognized subcommand 'serve'"), "{text}");
}

#[test]
fn a_link_with_the_name_of_the_server_is_the_server() {
    let (code, text) = run(&link("airq-server"), &["--check-config"]);
    assert!(code == Some(0) && text.contains("the settings are valid"), "{text}");
}

#[test]
fn any_other_name_has_the_commands_and_the_server() {
    let program = Path::new(PROGRAM);
    let (code, text) = run(program, &["cities", "--format", "json"]);
    assert!(code == Some(0) && text.contains("Madrid"), "{text}");
    let (code, text) = run(program, &["serve", "--check-config"]);
    assert!(code == Some(0) && text.contains("the settings are valid"), "{text}");
    let (code, text) = run(program, &["serve", "--listen", "8080"]);
    assert!(code == Some(2) && text.contains("invalid value '8080' for '--listen"), "{text}");
    let (code, text) = run(program, &["--help"]);
    assert!(code == Some(0) && text.contains("serve ") && text.contains("query "), "{text}");
}

#[test]
fn the_manual_pages_have_the_commands_and_the_server() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("names-man");
    let (code, text) = run(Path::new(PROGRAM), &["man", folder.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{text}");
    for page in ["airq.1", "airq-query.1", "airq-serve.1"] {
        let page = std::fs::read_to_string(folder.join(page)).unwrap();
        assert!(page.contains(".TH airq"), "{page}");
    }
}

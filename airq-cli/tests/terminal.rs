//! The output on a terminal: a pseudo-terminal of `script` (util-linux).
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test panics with what was broken")]

mod common;

use common::command;
use std::process::Command;

/// Runs the command on a terminal of this width. Returns what the terminal shows.
fn shown(arguments: &str, columns: u32) -> String {
    let plain = command(&[]);
    let run = format!("stty cols {columns} rows 40 && {} {arguments}", plain.get_program().to_str().expect("a path"));
    let mut script = Command::new("script");
    script.args(["-qec", &run, "/dev/null"]);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let output = script.stdin(std::process::Stdio::null()).output().expect("script of util-linux runs");
    String::from_utf8(output.stdout).expect("the output is UTF-8").replace('\r', "")
}

#[test]
fn rows_are_cut_with_a_line_that_says_how_to_get_all() {
    let cut = "the first 1000 rows are shown: --limit N shows more, --format csv writes all";
    let text = shown("query --color never", 120);
    let rows = text.lines().filter(|line| line.starts_with("aq_")).count();
    assert_eq!(rows, 1000, "{text}");
    assert_eq!(text.matches(cut).count(), 1, "{text}");
    for all in ["query --color never --limit 2000", "query --format csv"] {
        let text = shown(all, 120);
        assert_eq!(text.lines().filter(|line| line.starts_with("aq_")).count(), 1152, "the sample has 1152 rows");
        assert!(!text.contains(cut));
    }
}

#[test]
fn a_narrow_terminal_has_no_line_that_wraps() {
    let text = shown("latest --color never --parameter no2", 60);
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("aq_")).collect();
    assert_eq!(rows.len(), 12, "{text}");
    assert!(rows.iter().all(|line| line.chars().count() <= 60), "{text}");
}

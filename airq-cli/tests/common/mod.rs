//! Runs the real binary and captures its output.

#![allow(dead_code, reason = "each test file is a crate of its own and uses a part of this")]
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests fails as a test does")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).expect("the output is UTF-8")
    }

    /// Standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns the run after a check that it succeeded.
    pub(crate) fn ok(self) -> Ran {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// Returns standard error after a check that the run failed with this code.
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.err.contains("airq-cli: "), "{self:?}");
        self.err
    }
}

/// Returns a command of the binary with these arguments, without settings of the environment.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_airq-cli"));
    command.args(args).env_remove("AIRQ_SOURCE").env_remove("AIRQ_SOURCE_FILE").env_remove("AIRQ_SOURCE_PASSWORD_FILE");
    // No configuration file of this machine.
    command.env_remove("AIRQ_CONFIG").env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR")).env_remove("RUST_LOG");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the command to its end.
pub(crate) fn run(args: &[&str]) -> Ran {
    ended(command(args).spawn().expect("the binary starts"))
}

/// Runs the command with this standard input, written in chunks of this size.
pub(crate) fn run_with(args: &[&str], input: &[u8], piece: usize) -> Ran {
    let mut child = command(args).stdin(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The command may end before it has read all input.
            let _ = input.chunks(piece).try_for_each(|piece| stdin.write_all(piece));
        });
        ended(child)
    })
}

fn ended(child: Child) -> Ran {
    let output = child.wait_with_output().expect("it ends");
    let err = String::from_utf8(output.stderr).expect("errors are UTF-8");
    Ran { code: output.status.code(), out: output.stdout, err }
}

/// Runs a line of shell on a terminal of its own, 80 columns wide; `None` where there is no `script` to make one.
#[cfg(target_os = "linux")]
pub(crate) fn on_a_terminal(line: &str) -> Option<String> {
    let line = format!("stty cols 80 rows 40; {line}");
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env("XDG_CONFIG_HOME", env!("CARGO_TARGET_TMPDIR"));
    let output = script.stdin(Stdio::null()).output().ok()?;
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8_lossy(&output.stdout).replace("\r\n", "\n"))
}

/// Returns a new empty directory.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// Returns a new file in a new directory.
pub(crate) fn file(test: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder(test).join("data.csv");
    std::fs::write(&path, content).expect("the file can be written");
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// Returns a table with 10,000 rows per station, each at another time.
pub(crate) fn many_rows(rows: usize) -> String {
    let mut csv = String::from("station,time,so2,no2,co,o3,pm10,pm2_5\n");
    for row in 0..rows {
        let (station, minute) = (row / 10_000, row % 10_000);
        let (day, hour, minute) = (minute / 1440 + 1, minute / 60 % 24, minute % 60);
        let value = f64::from(u32::try_from(row).expect("a small number")) * 0.000_123_4;
        writeln!(
            csv,
            "s{station:04},2016-10-{day:02} {hour:02}:{minute:02}:00,{value},{value},{value},{value},{value},{value}"
        )
        .expect("writing to a string");
    }
    csv
}

/// Returns the peak memory of the process in KiB.
#[cfg(target_os = "linux")]
pub(crate) fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process is alive");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("Linux tells the peak");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number of KiB")
}

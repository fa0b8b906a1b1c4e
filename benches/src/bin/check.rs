//! Checks the performance goals of the encoder: ratios of medians, with all contenders interleaved in one run. Prints a table, and
//! fails if a goal is missed. Run it on an idle machine; it is not part of the CI.

use airq_benches::{DAY, Discard, Race, Spread, clean, dirty, peers, reshape};
use airq_core::Format;
use airq_core::csv::Instructions;
use airq_core::testing::{Dirt, vector_instructions};
use clap::Parser;
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::process::ExitCode;

/// Measures the goals of the encoder against memcpy and its peers.
#[derive(Debug, Parser)]
struct Args {
    /// The number of rounds; the median of each ratio counts
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// The megabytes of clean input; more than the last-level cache holds
    #[arg(long, default_value_t = 64)]
    megabytes: u64,
}

/// A ratio that must be reached.
struct Goal {
    what: String,
    reached: Spread,
    least: f64,
    /// The goal is met in another way.
    met_anyway: Option<String>,
}

type Done = Result<(), Box<dyn Error>>;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args = Args::parse();
    let mut goals = Vec::new();
    clean_data(&args, &mut goals)?;
    for dirt in Dirt::ALL.into_iter().filter(|dirt| *dirt != Dirt::Clean) {
        dirty_data(&args, dirt, &mut goals)?;
    }
    one_day(&args, &mut goals);
    report(&goals)
}

/// Returns the share of the speed of memcpy that an instruction set must reach; `None` if it is only compared with the peers.
fn least_share(set: Instructions) -> Option<f64> {
    match set {
        Instructions::Avx512 => Some(0.45),
        Instructions::Avx2 => Some(0.35),
        _ => None,
    }
}

fn clean_data(args: &Args, goals: &mut Vec<Goal>) -> Done {
    let input = clean(args.megabytes);
    let csv = input.as_slice();
    peers::assert_alike(csv)?;
    let mut copy = vec![1_u8; csv.len()];
    let mut race = Race::default();
    race.add("memcpy", || black_box(copy.as_mut_slice()).copy_from_slice(black_box(csv)));
    for format in [Format::Records, Format::Json] {
        for set in vector_instructions() {
            race.try_add(format!("{format} {set:?}"), move || reshape(format, *set, csv).map(drop));
        }
    }
    for format in [Format::Columns, Format::Ndjson, Format::GeoJson, Format::Csv] {
        race.try_add(format.name(), move || reshape(format, Instructions::Auto, csv).map(drop));
    }
    race.try_add("by hand", || peers::by_hand(csv, &mut Discard::default()));
    race.try_add("by hand, plainly", || peers::by_hand_plainly(csv, &mut Discard::default()));
    race.try_add("by serde", || peers::by_serde(csv, &mut Discard::default()));
    race.try_add("by serde, plainly", || peers::by_serde_plainly(csv, &mut Discard::default()));
    race.run(args.rounds);
    show(&race, csv.len(), "clean")?;
    for format in [Format::Records, Format::Json] {
        for set in vector_instructions() {
            let name = format!("{format} {set:?}");
            let ratios = match least_share(*set) {
                Some(share) => vec![
                    ("memcpy", share),
                    ("by hand, plainly", 10.0),
                    ("by serde, plainly", 15.0),
                    // These peers are as fast as their crates allow.
                    ("by hand", 5.0),
                    ("by serde", 11.0),
                ],
                None => vec![("by hand, plainly", 2.0), ("by hand", 1.5)],
            };
            for (other, least) in ratios {
                goals.push(Goal::new(format!("{name} / {other}"), race.ratio(&name, other), least));
            }
        }
    }
    let best = format!("records {:?}", vector_instructions().first().copied().unwrap_or_default());
    for format in [Format::Columns, Format::Ndjson, Format::GeoJson] {
        goals.push(Goal::new(format!("{format} / {best}"), race.ratio(format.name(), &best), 0.5));
    }
    Ok(())
}

fn dirty_data(args: &Args, dirt: Dirt, goals: &mut Vec<Goal>) -> Done {
    let csv = dirty(dirt, 60_000);
    peers::assert_alike(&csv)?;
    let mut race = Race::default();
    race.try_add("records", || reshape(Format::Records, Instructions::Auto, &csv).map(drop));
    race.try_add("by hand", || peers::by_hand(&csv, &mut Discard::default()));
    race.run(args.rounds);
    show(&race, csv.len(), &format!("{dirt:?}"))?;
    let least = if dirt == Dirt::Everything { 1.0 } else { 3.0 };
    let mut goal = Goal::new(format!("{dirt:?}: records / by hand"), race.ratio("records", "by hand"), least);
    let speed = race.speed("records", csv.len()).median;
    if speed >= 1000.0 {
        goal.met_anyway = Some(format!("{speed:.0} MB/s"));
    }
    goals.push(goal);
    Ok(())
}

/// Checks that a day takes at most 50 µs: a ratio of at least 1.
fn one_day(args: &Args, goals: &mut Vec<Goal>) {
    const TIMES: u32 = 200;
    let csv = dirty(Dirt::Clean, DAY);
    let mut race = Race::default();
    race.try_add("a day", || (0..TIMES).try_for_each(|_| reshape(Format::Records, Instructions::Auto, &csv).map(drop)));
    race.run(args.rounds);
    let spent = race.seconds("a day");
    let goal = 50e-6 * f64::from(TIMES);
    let reached = Spread { median: goal / spent.median, low: goal / spent.high, high: goal / spent.low };
    let what = format!("50 µs / a day of {DAY} rows ({:.1} µs)", spent.median / f64::from(TIMES) * 1e6);
    goals.push(Goal::new(what, reached, 1.0));
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn show(race: &Race<'_>, bytes: usize, title: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{title}, {:.1} MB", bytes as f64 / 1e6)?;
    for name in race.names() {
        let Spread { median, low, high } = race.speed(name, bytes);
        writeln!(out, "  {name:20} {median:7.0} MB/s  [{low:.0} … {high:.0}]")?;
    }
    Ok(())
}

fn report(goals: &[Goal]) -> Result<ExitCode, Box<dyn Error>> {
    let mut out = io::stdout().lock();
    writeln!(out, "goals (median of the rounds' ratios, [quartiles])")?;
    for Goal { what, reached: Spread { median, low, high }, least, met_anyway } in goals {
        let verdict = match met_anyway {
            _ if median >= least => "met".to_owned(),
            Some(how) => format!("met by {how}"),
            None => "MISSED".to_owned(),
        };
        writeln!(out, "  {what:45} {median:6.2} [{low:.2} … {high:.2}]  goal {least:5.2}  {verdict}")?;
    }
    let missed = goals.iter().filter(|goal| goal.reached.median < goal.least && goal.met_anyway.is_none()).count();
    writeln!(out, "{} of {} goals met", goals.len() - missed, goals.len())?;
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Goal {
    fn new(what: String, reached: Spread, least: f64) -> Self {
        Goal { what, reached, least, met_anyway: None }
    }
}

//! `cargo xtask conformance`: compares every scenario with the same program under Python.
//!
//! | file | what it does |
//! |---|---|
//! | `account` | the observable behaviour of a run, and the difference of two |
//! | `sample` | random sets of parameters, and simpler ones |
//! | `clean_up` | ends children and deletes folders, also when a signal comes |
//! | `python` | runs the twins in a child process |
//! | `trial` | selects the runs to compare, and compares them |
//!
//! The defaults are tried first, then random sets of parameters. A set on which the two disagree is
//! simplified as long as they still disagree; the table shows the simplest.

mod account;
mod clean_up;
mod python;
mod sample;
mod trial;
#[path = "../../scenarios/twins.rs"]
mod twins;

use std::{
    fmt::Write,
    io::{self, ErrorKind},
    time::Duration,
};

use loopscope::scenario::{Range, Scenario};
use serde_json::{Value, json};

use clap::Args;
use loopscope_program::scenarios::ALL;

pub use clean_up::on_signals;
use python::Python;
pub use trial::Row;
use trial::{Verdict, jobs, rows};
use twins::{DIFFERENCES, Difference};

/// What to compare, and how.
#[derive(Debug, Args)]
pub struct Options {
    /// Only this SCENARIO
    pub scenario: Option<String>,
    /// How many random sets of parameters to try for each scenario, besides the defaults
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub sets: u32,
    /// Seed of the random sets
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Also compare what runs on the real clock: sockets, files, threads (takes half a minute)
    #[arg(long)]
    pub real: bool,
    /// The Python to run: 3.9 or newer
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    pub python: std::path::PathBuf,
    /// How long Python may take for a run
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub patience: u64,
    /// Write one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs the scenarios and their twins, and compares them.
///
/// # Errors
///
/// There is no Python, it cannot run the twins, or there is no folder for them: one line says which.
pub fn compare(options: &Options) -> Result<Vec<Row>, String> {
    let scenarios: Vec<&'static Scenario> = match &options.scenario {
        Some(name) => vec![loopscope_program::find_scenario(name)?],
        None => ALL.iter().collect(),
    };
    let failed = |error: io::Error| {
        let program = options.python.display();
        if error.kind() == ErrorKind::NotFound {
            format!("conformance skipped: there is no {program} here")
        } else {
            format!("the twins under {program}: {error}")
        }
    };
    let patience = Duration::from_secs(options.patience);
    let python = Python::new(&options.python, patience)?;
    check_interfaces(&python, &scenarios).map_err(failed)?;
    let mut random = fastrand::Rng::with_seed(options.seed);
    let jobs = scenarios
        .into_iter()
        .flat_map(|scenario| jobs(scenario, options.sets, options.real, &mut random))
        .collect();
    rows(&python, jobs).map_err(failed)
}

/// Checks that each twin has the variants and parameters of its scenario.
fn check_interfaces(python: &Python, scenarios: &[&'static Scenario]) -> io::Result<()> {
    let twins: Vec<&Scenario> = scenarios
        .iter()
        .copied()
        .filter(|scenario| scenario.twin.is_some())
        .collect();
    for (scenario, found) in twins.iter().zip(python.interface(&twins)?) {
        let expected = interface(scenario);
        if found != expected {
            let name = scenario.name;
            return Err(io::Error::other(format!(
                "{name}.py has {found}, {name}.rs has {expected}"
            )));
        }
    }
    Ok(())
}

/// The variants and parameters of a scenario, in the form in which its twin reports them.
fn interface(scenario: &Scenario) -> Value {
    let variants = scenario.variants.iter();
    let names: Vec<_> = variants
        .filter(|variant| {
            let missing = |difference: &&Difference| {
                difference.scenario == scenario.name
                    && difference.variant == variant.name
                    && !difference.twin
            };
            !DIFFERENCES.iter().any(|difference| missing(&difference))
        })
        .map(|variant| variant.name)
        .collect();
    let params: serde_json::Map<_, _> = scenario
        .params
        .iter()
        .map(|param| {
            let number = |text: &str| text.parse::<f64>().unwrap_or_default();
            let value = match param.range {
                Range::Seconds(least, most) => {
                    json!(["seconds", number(param.default), least, most])
                }
                Range::Count(least, most) => {
                    json!([
                        "count",
                        number(param.default),
                        f64::from(least),
                        f64::from(most)
                    ])
                }
                Range::Text => json!(["text", param.default, 0.0, 0.0]),
            };
            (param.name.to_owned(), value)
        })
        .collect();
    json!({"variants": names, "params": params})
}

/// The rows as text, a line for each variant.
pub fn table(rows: &[Row]) -> String {
    let width = |name: fn(&Row) -> &str| rows.iter().map(|row| name(row).len()).max().unwrap_or(0);
    let wide = width(|row| row.scenario.name).max("scenario".len());
    let narrow = width(|row| row.variant.name).max("variant".len());
    let (scenario, variant) = ("scenario", "variant");
    let mut text = format!("{scenario:<wide$}  {variant:<narrow$}  tried  agreed\n");
    for row in rows {
        let (scenario, variant) = (row.scenario.name, row.variant.name);
        let _ = write!(text, "{scenario:<wide$}  {variant:<narrow$}  ");
        let _ = match &row.verdict {
            Verdict::Agrees => writeln!(text, "{:>5}  {:>6}", row.tried, row.agreed),
            Verdict::Excused(why) => writeln!(text, "{:>5}  {:>6}  {why}", "-", "-"),
            Verdict::Disagrees { set, words } => {
                let (tried, agreed) = (row.tried, row.agreed);
                writeln!(text, "{tried:>5}  {agreed:>6}  with {set}: {words}")
            }
        };
    }
    text
}

/// The rows as JSON, an object for each variant.
pub fn json(rows: &[Row]) -> Value {
    rows.iter().map(row_json).collect()
}

fn row_json(row: &Row) -> Value {
    let (set, words, note) = match &row.verdict {
        Verdict::Agrees => (None, None, None),
        Verdict::Excused(why) => (None, None, Some(why)),
        Verdict::Disagrees { set, words } => (Some(set), Some(words), None),
    };
    json!({
        "scenario": row.scenario.name,
        "variant": row.variant.name,
        "clock": row.variant.clock.as_str(),
        "tried": row.tried,
        "agreed": row.agreed,
        "note": note,
        "disagreement": words.map(|words| json!({"set": set, "words": words})),
    })
}

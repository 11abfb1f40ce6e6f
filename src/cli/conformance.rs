//! `loopscope conformance`: every scenario beside the same program under CPython.
//!
//! | file | what lives there |
//! |---|---|
//! | `account` | what a run did, and in what two of them differ |
//! | `sample` | random sets of parameters, and simpler ones |
//! | `python` | the twins in a child |
//!
//! The defaults are tried first, then random sets. A set on which the two disagree is made simpler as long as they go on
//! to disagree; the table shows the simplest.

mod account;
mod python;
mod sample;

use std::{
    fmt::Write,
    io::{self, ErrorKind},
};

use loopscope::{
    scenario::{Plan, Range, Scenario, Variant},
    trace::ClockKind,
};
use serde_json::{Value, json};

use super::{Answer, Exit, Wrong, args::Conformance, choose, say, say_json};
use crate::{
    scenarios::ALL,
    twins::{DIFFERENCES, Difference},
};
use account::Account;
use python::{Python, Request};
use sample::Values;

/// What came of a variant.
#[derive(Debug)]
struct Row {
    scenario: &'static Scenario,
    variant: &'static Variant,
    /// How many sets of parameters were tried.
    tried: usize,
    /// On how many of them both did the same.
    agreed: usize,
    verdict: Verdict,
}

#[derive(Debug)]
enum Verdict {
    /// Both always did the same.
    Agrees,
    /// Not compared, or not expected to agree: why.
    Excused(&'static str),
    /// The simplest set found on which they differ, and how.
    Disagrees { set: String, words: String },
}

pub(crate) fn conformance(args: &Conformance) -> Answer {
    let scenarios: Vec<&'static Scenario> = match &args.scenario {
        Some(name) => vec![choose::scenario(name)?],
        None => ALL.iter().collect(),
    };
    let failed = |error: io::Error| {
        let program = args.python.display();
        if error.kind() == ErrorKind::NotFound {
            Wrong::new(format!("conformance skipped: there is no {program} here"))
        } else {
            Wrong::new(format!("the twins under {program}: {error}"))
        }
    };
    let python = Python::new(&args.python).map_err(failed)?;
    check_interfaces(&python, &scenarios).map_err(failed)?;
    let mut random = fastrand::Rng::with_seed(args.seed);
    let jobs = scenarios
        .into_iter()
        .flat_map(|scenario| jobs(scenario, args.sets, &mut random))
        .collect();
    let rows = rows(&python, jobs).map_err(failed)?;
    if args.json {
        say_json(&rows.iter().map(row_json).collect());
    } else {
        say(&table(&rows));
    }
    let disagree = |row: &Row| matches!(row.verdict, Verdict::Disagrees { .. });
    Ok(if rows.iter().any(disagree) {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// A twin has the same variants and the same parameters, or nothing else about it can be compared.
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

/// The variants and parameters of a scenario, as its twin says them.
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

/// What is to be compared of a variant: all of it is known before the first twin runs, so one Python runs them all.
struct Job {
    scenario: &'static Scenario,
    variant: &'static Variant,
    unlike: Option<Unlike>,
    requests: Vec<Request>,
}

/// All variants of a scenario, the random sets dealt out to them.
fn jobs(scenario: &'static Scenario, wanted: u32, random: &mut fastrand::Rng) -> Vec<Job> {
    let compared = scenario
        .variants
        .iter()
        .filter(|variant| unlike(scenario, variant).is_none());
    let share = (wanted as usize).div_ceil(compared.count().max(1));
    let job = |variant: &'static Variant| {
        let unlike = unlike(scenario, variant);
        let sets = match &unlike {
            Some(Unlike::NotCompared(_)) => Vec::new(),
            Some(Unlike::Differs(_)) => sample::sets(scenario.params, 0, random),
            None => sample::sets(scenario.params, share, random),
        };
        let request = |values| Request {
            scenario,
            variant,
            values,
        };
        Job {
            scenario,
            variant,
            unlike,
            requests: sets.into_iter().map(request).collect(),
        }
    };
    scenario.variants.iter().map(job).collect()
}

/// Carries out the comparisons.
fn rows(python: &Python, jobs: Vec<Job>) -> io::Result<Vec<Row>> {
    let all: Vec<Request> = jobs.iter().flat_map(|job| job.requests.clone()).collect();
    let mut differences = compare(python, &all)?.into_iter();
    jobs.into_iter()
        .map(|job| {
            let tried = job.requests.len();
            let found: Vec<_> = differences.by_ref().take(tried).collect();
            let agreed = found.iter().filter(|words| words.is_none()).count();
            let worst = job.requests.into_iter().zip(found);
            let worst = worst
                .filter_map(|(request, words)| Some((request, words?)))
                .next();
            let verdict = match (job.unlike, worst) {
                (Some(Unlike::NotCompared(why)), _) | (Some(Unlike::Differs(why)), Some(_)) => {
                    Verdict::Excused(why)
                }
                // What is said about it is out of date.
                (Some(Unlike::Differs(why)), None) => Verdict::Disagrees {
                    set: "the defaults".into(),
                    words: format!("no difference, but one was expected: {why}"),
                },
                (None, Some(worst)) => simplest(python, worst)?,
                (None, None) => Verdict::Agrees,
            };
            Ok(Row {
                scenario: job.scenario,
                variant: job.variant,
                tried,
                agreed,
                verdict,
            })
        })
        .collect()
}

/// Why a variant is not held to what its twin does.
enum Unlike {
    /// There is nothing to compare.
    NotCompared(&'static str),
    /// Both run, and rightly do not do the same.
    Differs(&'static str),
}

fn unlike(scenario: &Scenario, variant: &Variant) -> Option<Unlike> {
    let known = DIFFERENCES.iter().find(|difference| {
        difference.scenario == scenario.name && difference.variant == variant.name
    });
    match known {
        _ if scenario.twin.is_none() => Some(Unlike::NotCompared("no twin in Python")),
        Some(known) if known.twin => Some(Unlike::Differs(known.why)),
        Some(known) => Some(Unlike::NotCompared(known.why)),
        None if variant.clock == ClockKind::Real => {
            Some(Unlike::NotCompared("real clock: sockets, files or threads"))
        }
        None => None,
    }
}

/// Makes the parameters of a disagreement simpler, as long as there is one.
fn simplest(python: &Python, mut worst: (Request, String)) -> io::Result<Verdict> {
    loop {
        let simpler = sample::simpler(worst.0.scenario.params, &worst.0.values);
        let simpler: Vec<Request> = simpler
            .into_iter()
            .map(|values| Request {
                values,
                ..worst.0.clone()
            })
            .collect();
        let found = compare(python, &simpler)?;
        let next = simpler.into_iter().zip(found);
        match next
            .filter_map(|(request, words)| Some((request, words?)))
            .next()
        {
            Some(next) => worst = next,
            None => {
                return Ok(Verdict::Disagrees {
                    set: set_words(worst.0.scenario, &worst.0.values),
                    words: worst.1,
                });
            }
        }
    }
}

/// In what the two differ, for each run; Python's runs go on beside ours.
fn compare(python: &Python, requests: &[Request]) -> io::Result<Vec<Option<String>>> {
    let theirs = python.start(requests)?;
    let ours: Vec<Account> = requests
        .iter()
        .map(|request| {
            let mut plan = Plan::new(request.scenario, request.variant);
            for (param, value) in request.scenario.params.iter().zip(&request.values) {
                let set = plan.args.set(request.scenario.params, param.name, value);
                set.map_err(io::Error::other)?;
            }
            Ok(Account::of_plan(&plan))
        })
        .collect::<io::Result<_>>()?;
    let both = ours.iter().zip(theirs.accounts()?).zip(requests);
    Ok(both
        .map(|((ours, theirs), request)| ours.difference(&theirs, request.variant.clock))
        .collect())
}

/// What is not at its default, as it is typed: `--set first=0.5`.
fn set_words(scenario: &Scenario, set: &Values) -> String {
    let pairs = scenario.params.iter().zip(set);
    let changed: Vec<_> = pairs
        .filter(|(param, value)| param.default != **value)
        .map(|(param, value)| format!("--set {}={value}", param.name))
        .collect();
    if changed.is_empty() {
        "the defaults".into()
    } else {
        changed.join(" ")
    }
}

fn table(rows: &[Row]) -> String {
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

fn row_json(row: &Row) -> Value {
    let (set, words, note) = match &row.verdict {
        Verdict::Agrees => (None, None, None),
        Verdict::Excused(why) => (None, None, Some(why)),
        Verdict::Disagrees { set, words } => (Some(set), Some(words), None),
    };
    json!({
        "scenario": row.scenario.name,
        "variant": row.variant.name,
        "clock": row.variant.clock.word(),
        "tried": row.tried,
        "agreed": row.agreed,
        "note": note,
        "disagreement": words.map(|words| json!({"set": set, "words": words})),
    })
}

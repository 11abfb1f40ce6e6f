//! Selects the runs to compare, and compares them.

use std::{io, thread};

use loopscope::{
    scenario::{Plan, Scenario, Variant},
    trace::ClockKind,
};

use super::{
    account::Account,
    python::{Python, Request},
    sample::{self, Values},
    twins::DIFFERENCES,
};

/// The result for a variant.
#[derive(Debug)]
pub struct Row {
    pub(super) scenario: &'static Scenario,
    pub(super) variant: &'static Variant,
    /// The number of sets of parameters that were tried.
    pub(super) tried: usize,
    /// The number of them on which both agree.
    pub(super) agreed: usize,
    pub(super) verdict: Verdict,
}

impl Row {
    /// Whether the two differ where they should not.
    pub fn disagrees(&self) -> bool {
        matches!(self.verdict, Verdict::Disagrees { .. })
    }
}

#[derive(Debug)]
pub(super) enum Verdict {
    /// Both agree on every set.
    Agrees,
    /// Not compared, or expected to differ: the reason.
    Excused(&'static str),
    /// The simplest set on which they differ, and how.
    Disagrees { set: String, words: String },
}

/// The runs of a variant. All are known before the first twin runs, so one Python runs them all.
pub(super) struct Job {
    scenario: &'static Scenario,
    variant: &'static Variant,
    unlike: Option<Unlike>,
    requests: Vec<Request>,
}

/// The jobs of a scenario: the random sets are shared out among its variants.
pub(super) fn jobs(
    scenario: &'static Scenario,
    wanted: u32,
    real: bool,
    random: &mut fastrand::Rng,
) -> Vec<Job> {
    let compared = scenario
        .variants
        .iter()
        .filter(|variant| variant.clock == ClockKind::Virtual)
        .filter(|variant| unlike(scenario, variant, real).is_none());
    let share = (wanted as usize).div_ceil(compared.count().max(1));
    let job = |variant: &'static Variant| {
        let unlike = unlike(scenario, variant, real);
        let sets = match &unlike {
            Some(Unlike::NotCompared(_)) => Vec::new(),
            Some(Unlike::Differs(_)) => sample::sets(scenario.params, 0, random),
            None if variant.clock == ClockKind::Real => sample::sets(scenario.params, 0, random),
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

/// Compares the runs of all jobs.
pub(super) fn rows(python: &Python, jobs: Vec<Job>) -> io::Result<Vec<Row>> {
    let all: Vec<Request> = jobs.iter().flat_map(|job| job.requests.clone()).collect();
    let mut differences = compare_all(python, &all)?.into_iter();
    jobs.into_iter()
        .map(|job| {
            let tried = job.requests.len();
            let found: Vec<_> = differences.by_ref().take(tried).collect();
            let agreed = found.iter().filter(|words| words.is_none()).count();
            let worst = job
                .requests
                .into_iter()
                .zip(found)
                .find_map(|(request, words)| Some((request, words?)));
            let verdict = match (job.unlike, worst) {
                (Some(Unlike::NotCompared(why)), _) | (Some(Unlike::Differs(why)), Some(_)) => {
                    Verdict::Excused(why)
                }
                // The documented difference is out of date.
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

/// Why a variant is not compared strictly with its twin.
enum Unlike {
    /// There is nothing to compare it with.
    NotCompared(&'static str),
    /// Both run, and rightly differ.
    Differs(&'static str),
}

fn unlike(scenario: &Scenario, variant: &Variant, real: bool) -> Option<Unlike> {
    let known = DIFFERENCES.iter().find(|difference| {
        difference.scenario == scenario.name && difference.variant == variant.name
    });
    let compared = real || variant.clock == ClockKind::Virtual;
    match known {
        _ if scenario.twin.is_none() => Some(Unlike::NotCompared("no twin in Python")),
        Some(known) if known.twin && compared => Some(Unlike::Differs(known.why)),
        Some(known) => Some(Unlike::NotCompared(known.why)),
        None if compared => None,
        None => Some(Unlike::NotCompared("real clock: compared with --real")),
    }
}

/// Simplifies the parameters of a disagreement, as long as it remains one.
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
        let next = simpler
            .into_iter()
            .zip(found)
            .find_map(|(request, words)| Some((request, words?)));
        match next {
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

/// The difference of each run, on either clock.
fn compare_all(python: &Python, requests: &[Request]) -> io::Result<Vec<Option<String>>> {
    let is_real = |request: &Request| request.variant.clock == ClockKind::Real;
    let (real, quick): (Vec<_>, Vec<_>) = requests.iter().cloned().partition(is_real);
    let mut quick = compare(python, &quick)?.into_iter();
    let mut real = compare_real(python, &real)?.into_iter();
    let in_order = requests.iter().map(|request| {
        let next = if is_real(request) {
            real.next()
        } else {
            quick.next()
        };
        next.flatten()
    });
    Ok(in_order.collect())
}

/// The same for runs on the real clock, a few at once. A busy machine is late, so a difference
/// counts only if it appears three times.
fn compare_real(python: &Python, requests: &[Request]) -> io::Result<Vec<Option<String>>> {
    const AT_ONCE: usize = 4;
    const TRIES: usize = 3;
    let stubborn = |request: &Request| {
        let mut words = None;
        for _ in 0..TRIES {
            words = compare(python, std::slice::from_ref(request))?
                .pop()
                .flatten();
            if words.is_none() {
                break;
            }
        }
        Ok(words)
    };
    let mut found = Vec::new();
    for few in requests.chunks(AT_ONCE) {
        let results: Vec<io::Result<_>> = thread::scope(|scope| {
            let threads: Vec<_> = few
                .iter()
                .map(|request| scope.spawn(move || stubborn(request)))
                .collect();
            let died = |_| Err(io::Error::other("a run of a scenario panicked"));
            let joined = threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(died));
            joined.collect()
        });
        for result in results {
            found.push(result?);
        }
    }
    Ok(found)
}

/// The difference of each run. Python's runs are made concurrently with ours.
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

/// The values that differ from their defaults, as typed: `--set first=0.5`.
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

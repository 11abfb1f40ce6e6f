//! Runs that are there as a whole: recorded files, and scenarios that are run to their end first.

use std::path::Path;

use loopscope::{replay::Replay, scenario::Plan, trace::Log};

use super::{
    Wrong,
    args::How,
    choose,
    live::{Live, attend},
    replay::open,
};

/// Where a run comes from.
enum Source {
    File(Box<Replay>),
    Plan(Box<Plan>),
}

/// The run of this name.
pub(crate) fn one(what: &str, how: &How) -> Result<Replay, Wrong> {
    finished(source(what, how)?)
}

/// Two runs; of a bare scenario its first two variants.
pub(crate) fn two(a: &str, b: Option<&str>, how: &How) -> Result<(Replay, Replay), Wrong> {
    let (a, b) = sources(a, b, how)?;
    Ok((finished(a)?, finished(b)?))
}

fn sources(a: &str, b: Option<&str>, how: &How) -> Result<(Source, Source), Wrong> {
    if let Some(b) = b {
        return Ok((source(a, how)?, source(b, how)?));
    }
    if a.contains(':') || Path::new(a).is_file() {
        return Err(Wrong::new(format!(
            "compare {a} with what? Name a second run"
        )));
    }
    let scenario = choose::scenario(a)?;
    let [first, second, ..] = scenario.variants else {
        return Err(Wrong::new(format!(
            "{} has only one variant; name a second run",
            scenario.name
        )));
    };
    let named = |variant: &str| source(&format!("{}:{variant}", scenario.name), how);
    Ok((named(first.name)?, named(second.name)?))
}

/// A recorded file if there is one of this name, else a scenario.
fn source(what: &str, how: &How) -> Result<Source, Wrong> {
    if Path::new(what).is_file() {
        open(Path::new(what)).map(|replay| Source::File(Box::new(replay)))
    } else {
        choose::plan(what, how).map(|plan| Source::Plan(Box::new(plan)))
    }
}

fn finished(source: Source) -> Result<Replay, Wrong> {
    let plan = match source {
        Source::File(replay) => return Ok(*replay),
        Source::Plan(plan) => *plan,
    };
    let mut replay = Replay::new(Log {
        bytes: Vec::new(),
        meta: plan.meta(),
    });
    let mut live = Live::start(plan, false).map_err(Wrong::new)?;
    let (ended, signal) = attend(&mut live, |bytes| replay.append(&bytes))?;
    if let Some(code) = signal {
        std::process::exit(code.into());
    }
    match ended.error {
        Some(error) if ended.bad_address => Err(Wrong::new(error)),
        _ => Ok(replay),
    }
}

//! Runs that are there as a whole: recorded files, and scenarios that are run to their end first.

use std::path::Path;

use loopscope::{
    replay::Replay,
    scenario::Plan,
    trace::{Log, Schedule},
};

use super::{
    Wrong,
    args::{How, ImportFormat},
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
pub(crate) fn one(what: &str, format: Option<ImportFormat>, how: &How) -> Result<Replay, Wrong> {
    whole(source(what, format, how)?)
}

/// Two runs; of a bare scenario its first two variants. A schedule is the second run's, and without a second run it makes one.
pub(crate) fn two(
    a: &str,
    b: Option<&str>,
    format: Option<ImportFormat>,
    how: &How,
) -> Result<(Replay, Replay), Wrong> {
    let (a, b) = sources(a, b, format, how)?;
    Ok((whole(a)?, whole(b)?))
}

fn sources(
    a: &str,
    b: Option<&str>,
    format: Option<ImportFormat>,
    how: &How,
) -> Result<(Source, Source), Wrong> {
    let by_the_rules = How {
        schedule: Schedule::default(),
        ..how.clone()
    };
    let b = b.or(if how.schedule.is_empty() {
        None
    } else {
        Some(a)
    });
    if let Some(b) = b {
        return Ok((source(a, format, &by_the_rules)?, source(b, format, how)?));
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
    let named = |variant: &str| source(&format!("{}:{variant}", scenario.name), format, how);
    Ok((named(first.name)?, named(second.name)?))
}

/// A recorded file if there is one of this name, else a scenario.
fn source(what: &str, format: Option<ImportFormat>, how: &How) -> Result<Source, Wrong> {
    if Path::new(what).is_file() {
        if !how.schedule.is_empty() {
            return Err(Wrong::new(format!(
                "{what} is recorded: only what is run can have a --schedule"
            )));
        }
        open(Path::new(what), format).map(|replay| Source::File(Box::new(replay)))
    } else {
        choose::plan(what, how).map(|plan| Source::Plan(Box::new(plan)))
    }
}

fn whole(source: Source) -> Result<Replay, Wrong> {
    match source {
        Source::File(replay) => Ok(*replay),
        Source::Plan(plan) => finished(*plan),
    }
}

/// Runs to the end.
pub(crate) fn finished(plan: Plan) -> Result<Replay, Wrong> {
    let mut replay = Replay::new(Log {
        bytes: Vec::new(),
        meta: plan.meta(),
    });
    let mut live = Live::start(plan, false).map_err(Wrong::new)?;
    let (ended, signal) = attend(&mut live, |bytes| replay.append(&bytes))?;
    if let Some(code) = signal {
        std::process::exit(code.into());
    }
    if let Some(what) = ended.refused {
        return Err(refused(&what));
    }
    match ended.error {
        Some(error) if ended.bad_address => Err(Wrong::new(error)),
        _ => Ok(replay),
    }
}

/// A schedule asks for what cannot be.
pub(crate) fn refused(what: &str) -> Wrong {
    Wrong::new(format!("--schedule: {what}"))
}

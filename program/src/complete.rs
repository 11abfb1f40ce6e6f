//! Complete runs: recorded files read to their end, and scenarios run to their end, before anything
//! is shown.

use std::path::Path;

use loopscope::{
    import::ImportFormat,
    replay::Replay,
    scenario::Plan,
    trace::{Log, Schedule},
};

use super::{
    args::RunArgs,
    live::{LiveRun, wait_headless},
    output::CliError,
    replay::open,
    resolve,
};

/// Where a run comes from.
enum RunSource {
    File(Box<Replay>),
    Plan(Box<Plan>),
}

/// The complete run that `what` names: a recorded file or a scenario.
pub(crate) fn one(
    what: &str,
    format: Option<ImportFormat>,
    run: &RunArgs,
) -> Result<Replay, CliError> {
    whole(source(what, format, run)?)
}

/// Two complete runs: those that are named, or the first two variants of a scenario. A schedule
/// applies to the second run; without a second run, it makes one of the first.
pub(crate) fn two(
    a: &str,
    b: Option<&str>,
    format: Option<ImportFormat>,
    run: &RunArgs,
) -> Result<(Replay, Replay), CliError> {
    let (a, b) = sources(a, b, format, run)?;
    Ok((whole(a)?, whole(b)?))
}

fn sources(
    a: &str,
    b: Option<&str>,
    format: Option<ImportFormat>,
    run: &RunArgs,
) -> Result<(RunSource, RunSource), CliError> {
    let by_the_rules = RunArgs {
        schedule: Schedule::default(),
        ..run.clone()
    };
    let b = b.or(if run.schedule.is_empty() {
        None
    } else {
        Some(a)
    });
    if let Some(b) = b {
        return Ok((source(a, format, &by_the_rules)?, source(b, format, run)?));
    }
    if a.contains(':') || Path::new(a).is_file() {
        return Err(CliError::new(format!(
            "{a} is one run: name a second one to compare it with"
        )));
    }
    let scenario = resolve::scenario(a)?;
    let [first, second, ..] = scenario.variants else {
        return Err(CliError::new(format!(
            "{} has only one variant: name a second run to compare it with",
            scenario.name
        )));
    };
    let named = |variant: &str| source(&format!("{}:{variant}", scenario.name), format, run);
    Ok((named(first.name)?, named(second.name)?))
}

/// A recorded file if one has this name, else a scenario.
fn source(what: &str, format: Option<ImportFormat>, run: &RunArgs) -> Result<RunSource, CliError> {
    if Path::new(what).is_file() {
        if !run.schedule.is_empty() {
            return Err(CliError::new(format!(
                "{what} is a recording; --schedule applies to scenarios only"
            )));
        }
        open(Path::new(what), format).map(|replay| RunSource::File(Box::new(replay)))
    } else {
        resolve::plan(what, run).map(|plan| RunSource::Plan(Box::new(plan)))
    }
}

fn whole(source: RunSource) -> Result<Replay, CliError> {
    match source {
        RunSource::File(replay) => Ok(*replay),
        RunSource::Plan(plan) => finished(*plan),
    }
}

/// Runs a plan to its end.
pub(crate) fn finished(plan: Plan) -> Result<Replay, CliError> {
    let mut replay = Replay::new(Log {
        bytes: Vec::new(),
        meta: plan.meta(),
    });
    let mut live = LiveRun::start(plan, false, None).map_err(CliError::new)?;
    let (ended, signal) = wait_headless(&mut live, |bytes| replay.append(&bytes))?;
    if let Some(code) = signal {
        std::process::exit(code.into());
    }
    if let Some(what) = ended.refused {
        return Err(refused(&what));
    }
    match ended.error {
        Some(error) if ended.bad_address => Err(CliError::new(error)),
        _ => Ok(replay),
    }
}

/// The error of a schedule that the run could not follow.
pub(crate) fn refused(what: &loopscope::runtime::ChoiceRefused) -> CliError {
    CliError::new(format!("--schedule: {what}"))
}

//! Runs that are there as a whole: recorded files, and scenarios that are run to their end first.

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

/// The run of this name.
pub(crate) fn one(
    what: &str,
    format: Option<ImportFormat>,
    run: &RunArgs,
) -> Result<Replay, CliError> {
    whole(source(what, format, run)?)
}

/// Two runs; of a bare scenario its first two variants. A schedule is the second run's, and without a second run it makes one.
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
            "compare {a} with what? Name a second run"
        )));
    }
    let scenario = resolve::scenario(a)?;
    let [first, second, ..] = scenario.variants else {
        return Err(CliError::new(format!(
            "{} has only one variant; name a second run",
            scenario.name
        )));
    };
    let named = |variant: &str| source(&format!("{}:{variant}", scenario.name), format, run);
    Ok((named(first.name)?, named(second.name)?))
}

/// A recorded file if there is one of this name, else a scenario.
fn source(what: &str, format: Option<ImportFormat>, run: &RunArgs) -> Result<RunSource, CliError> {
    if Path::new(what).is_file() {
        if !run.schedule.is_empty() {
            return Err(CliError::new(format!(
                "{what} is recorded: only what is run can have a --schedule"
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

/// Runs to the end.
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

/// A schedule asks for what cannot be.
pub(crate) fn refused(what: &loopscope::runtime::ChoiceRefused) -> CliError {
    CliError::new(format!("--schedule: {what}"))
}

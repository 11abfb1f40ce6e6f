//! Complete runs: recorded files read to their end, and scenarios run to their end, before anything
//! is shown.

use std::{
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
};

use loopscope::{
    replay::Replay,
    scenario::Plan,
    trace::{ClockKind, Schedule},
};

use super::{
    args::RunArgs,
    complete_run::CompleteRun,
    live::{AttendsSignals, LiveRun, wait_headless},
    loading::Reporter,
    output::{CliError, STANDARD_INPUT, cannot_open},
    python,
    reading::FileReading,
    replay::open,
    resolve,
};

/// Where a run comes from.
enum RunSource {
    File(Box<Replay>),
    Plan(Box<Plan>),
    /// A Python script with its arguments.
    Script(PathBuf, Vec<OsString>, ScriptRun),
}

/// How a script runs: its clock if one was asked for, and after how many seconds it is stopped.
#[derive(Clone, Copy, Debug)]
struct ScriptRun {
    clock: Option<ClockKind>,
    until: Option<f64>,
}

/// The complete run that `what` names: a recorded file, a scenario or a script.
pub(crate) fn one(
    what: &OsStr,
    reading: &FileReading,
    run: &RunArgs,
) -> Result<CompleteRun, CliError> {
    whole(source(what, reading, run)?, &reading.reporter)
}

/// Two complete runs: those that are named, or the first two variants of a scenario. A schedule
/// applies to the second run; without a second run, it makes one of the first.
pub(crate) fn two(
    a: &OsStr,
    b: Option<&OsStr>,
    reading: FileReading,
    run: &RunArgs,
) -> Result<(Replay, Replay), CliError> {
    let reading = FileReading {
        is_one_of_two: true,
        ..reading
    };
    if b == Some(a)
        && run.schedule.is_empty()
        && let Some(path) = recording(a)
    {
        let replay = open(path, &reading)?;
        let copy = replay.share();
        return Ok((replay, copy));
    }
    let (a, b) = sources(a, b, &reading, run)?;
    let reporter = &reading.reporter;
    Ok((whole(a, reporter)?.replay, whole(b, reporter)?.replay))
}

fn sources(
    a: &OsStr,
    b: Option<&OsStr>,
    reading: &FileReading,
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
        if a == STANDARD_INPUT && b == STANDARD_INPUT {
            return Err(CliError::new("standard input can be only one of two runs"));
        }
        let (a, b) = (source(a, reading, &by_the_rules)?, source(b, reading, run)?);
        return Ok(on_one_clock(a, b));
    }
    let one_run = || {
        CliError::new(format!(
            "{} is one run: name a second one to compare it with",
            a.display()
        ))
    };
    let name = match named(a) {
        RunName::File(path) if path == Path::new(STANDARD_INPUT) => return Err(one_run()),
        RunName::File(path) => {
            let exists = fs::metadata(path).map_err(|error| cannot_open(path, &error));
            return Err(exists.err().unwrap_or_else(one_run));
        }
        RunName::Scenario(name) if name.contains(':') => return Err(one_run()),
        RunName::Scenario(name) => name,
    };
    let scenario = resolve::scenario(name).map_err(|error| neither(name, error))?;
    let [first, second, ..] = scenario.variants else {
        return Err(CliError::new(format!(
            "{} has only one variant: name a second run to compare it with",
            scenario.name
        )));
    };
    let variant = |variant: &str| {
        let name = format!("{}:{variant}", scenario.name);
        resolve::plan(&name, run).map(|plan| RunSource::Plan(Box::new(plan)))
    };
    Ok((variant(first.name)?, variant(second.name)?))
}

/// What an argument names.
enum RunName<'a> {
    File(&'a Path),
    Scenario(&'a str),
}

/// Whether an argument names a file or a scenario. A file that exists comes first, except for a
/// folder that has the name of a scenario. Where nothing exists, characters that are in no
/// scenario's name, such as `.` and `/`, say that a file is meant.
fn named(what: &OsStr) -> RunName<'_> {
    let path = Path::new(what);
    let of_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    let name = what.to_str().filter(|name| name.chars().all(of_a_name));
    let Some(name) = name else {
        return RunName::File(path);
    };
    let is_file = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => resolve::scenario(name).is_err(),
        Ok(_) => true,
        Err(_) => false,
    };
    if is_file {
        RunName::File(path)
    } else {
        RunName::Scenario(name)
    }
}

/// The recording that an argument names, if it is a file that can be read again, as a pipe cannot.
fn recording(what: &OsStr) -> Option<&Path> {
    match named(what) {
        RunName::File(path) if python::script(what).is_none() => {
            let is_file = fs::metadata(path).is_ok_and(|about| about.is_file());
            is_file.then_some(path)
        }
        RunName::File(_) | RunName::Scenario(_) => None,
    }
}

/// The error of a name that no file has either.
fn neither(name: &str, CliError(error): CliError) -> CliError {
    CliError(format!("there is no file {name:?}, and {error}"))
}

/// The file or scenario that an argument names.
fn source(what: &OsStr, reading: &FileReading, run: &RunArgs) -> Result<RunSource, CliError> {
    if let Some((script, arguments)) = python::script(what) {
        let script_run = ScriptRun {
            clock: run.clock,
            until: run.until,
        };
        return Ok(RunSource::Script(script, arguments, script_run));
    }
    match named(what) {
        RunName::File(path) if !run.schedule.is_empty() => Err(CliError::new(format!(
            "{} is a recording; --schedule applies to scenarios only",
            path.display()
        ))),
        RunName::File(path) => open(path, reading).map(|replay| RunSource::File(Box::new(replay))),
        RunName::Scenario(name) => {
            let scenario = name.split(':').next().unwrap_or(name);
            resolve::scenario(scenario).map_err(|error| neither(name, error))?;
            resolve::plan(name, run).map(|plan| RunSource::Plan(Box::new(plan)))
        }
    }
}

/// Runs a script on the virtual clock if the run beside it is on that clock.
fn on_one_clock(mut a: RunSource, mut b: RunSource) -> (RunSource, RunSource) {
    match (&mut a, &mut b) {
        (RunSource::Script(.., run), RunSource::Plan(plan))
        | (RunSource::Plan(plan), RunSource::Script(.., run)) => {
            run.clock = run.clock.or(Some(plan.clock));
        }
        _ => {}
    }
    (a, b)
}

fn whole(source: RunSource, reporter: &Reporter) -> Result<CompleteRun, CliError> {
    let replay = match source {
        RunSource::File(replay) => *replay,
        RunSource::Plan(plan) => {
            let name = format!("running {}:{}", plan.scenario.name, plan.variant.name);
            reporter.begin(&name, None);
            let attends = if reporter.has_screen() {
                AttendsSignals::No
            } else {
                AttendsSignals::Yes
            };
            finished(*plan, attends)?
        }
        RunSource::Script(script, arguments, run) => {
            let clock = run.clock.unwrap_or(ClockKind::Real);
            return python::finished(&script, &arguments, (clock, run.until), reporter);
        }
    };
    Ok(replay.into())
}

/// Runs a plan to its end.
pub(crate) fn finished(plan: Plan, attends: AttendsSignals) -> Result<Replay, CliError> {
    let mut replay = Replay::of_started_run(plan.meta());
    let mut live = LiveRun::start(plan, false, None).map_err(CliError::new)?;
    let (ended, signal) = wait_headless(&mut live, attends, |bytes| replay.append(&bytes))?;
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

//! Finds scenarios, variants and parameters by the names that were typed.

use loopscope::{
    insight::Lesson,
    scenario::{ParamError, Plan, Scenario},
    trace::{ClockKind, Moment},
};

use super::{args::RunArgs, output::CliError};
use crate::scenarios::ALL;

/// A plan for `NAME` or `NAME:VARIANT`; the default is the first variant.
pub(crate) fn plan(what: &str, run: &RunArgs) -> Result<Plan, CliError> {
    let (name, variant) = match what.split_once(':') {
        Some((name, variant)) => (name, Some(variant)),
        None => (what, None),
    };
    let scenario = scenario(name)?;
    let variant = match variant {
        None => &scenario.variants[0],
        Some(name) => scenario.variant(name).ok_or_else(|| {
            let known = scenario.variants.iter().map(|variant| variant.name);
            CliError::new(format!(
                "{} has no variant {name:?}{}",
                scenario.name,
                there_is(name, known)
            ))
        })?,
    };
    let mut plan = Plan::new(scenario, variant);
    for set in &run.sets {
        set_param(&mut plan, set)?;
    }
    plan.seed = run.seed;
    plan.until = run.until.map(Moment::from_seconds);
    if let Some(clock) = run.clock {
        plan.clock = clock;
    }
    if plan.clock != variant.clock && variant.clock == ClockKind::Real {
        return Err(CliError::new(format!(
            "{}:{} uses real sockets, files or threads, so it runs only on the real clock",
            scenario.name, variant.name
        )));
    }
    if let Some(events) = run.max_events {
        plan.max_events = events;
    }
    if !run.schedule.is_empty() && plan.clock != ClockKind::Virtual {
        return Err(CliError::new(format!(
            "{what} runs on the real clock; --schedule needs the virtual clock, where the polls repeat exactly"
        )));
    }
    plan.schedule = run.schedule.clone();
    Ok(plan)
}

/// The scenario of this name. A lesson can also be named by its number: `lesson_06`.
pub(crate) fn scenario(name: &str) -> Result<&'static Scenario, CliError> {
    ALL.iter()
        .find(|scenario| scenario.name == name || is_lesson(scenario.name, name))
        .ok_or_else(|| {
            let known = ALL.iter().map(|scenario| scenario.name);
            CliError::new(format!(
                "there is no scenario {name:?}{}",
                there_is(name, known)
            ))
        })
}

/// Whether `typed` is a lesson's name up to its number.
fn is_lesson(scenario: &str, typed: &str) -> bool {
    let numbered = |name| Lesson::of(name).map(|lesson| lesson.number);
    let rest = scenario.strip_prefix(typed);
    rest.is_some_and(|rest| rest.starts_with('_')) && numbered(typed).is_some()
}

/// Sets a parameter from `KEY=VALUE`.
pub(crate) fn set_param(plan: &mut Plan, set: &str) -> Result<(), CliError> {
    let Some((key, value)) = set.split_once('=') else {
        return Err(CliError::new(format!("--set takes KEY=VALUE, not {set:?}")));
    };
    let params = plan.scenario.params;
    plan.args
        .set(params, key, value)
        .map_err(|error| match error {
            ParamError::Unknown(key) => {
                let known = params.iter().map(|param| param.name);
                CliError::new(format!(
                    "{} has no parameter {key:?}{}",
                    plan.scenario.name,
                    there_is(&key, known)
                ))
            }
            error @ ParamError::Range { .. } => {
                CliError::new(format!("{}: {error}", plan.scenario.name))
            }
        })
}

/// The end of an error about an unknown name: the nearest known name, and all of them.
fn there_is(typed: &str, known: impl Iterator<Item = &'static str> + Clone) -> String {
    let near = known
        .clone()
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let all: Vec<_> = known.collect();
    let all = if all.is_empty() {
        "none".to_owned()
    } else {
        all.join(", ")
    };
    match near {
        Some((_, name)) => format!("; did you mean {name:?}? There is {all}"),
        None => format!("; there is {all}"),
    }
}

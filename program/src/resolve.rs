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
                one_of(name, known)
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

/// The scenario of this name. A lesson can also be named by its number: `lesson_06`, `06` or `6`.
pub(crate) fn scenario(name: &str) -> Result<&'static Scenario, CliError> {
    ALL.iter()
        .find(|scenario| scenario.name == name || is_lesson(scenario.name, name))
        .ok_or_else(|| {
            let known = ALL.iter().map(|scenario| scenario.name);
            CliError::new(format!(
                "there is no scenario {name:?}{}; `loopscope list` shows all",
                did_you_mean(name, known)
            ))
        })
}

/// Whether `typed` is a lesson's number, or its name up to its number.
fn is_lesson(scenario: &str, typed: &str) -> bool {
    let Some(lesson) = Lesson::of(scenario) else {
        return false;
    };
    if typed.parse() == Ok(lesson.number) {
        return true;
    }
    let rest = scenario.strip_prefix(typed);
    rest.is_some_and(|rest| rest.starts_with('_')) && Lesson::of(typed).is_some()
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
                    one_of(&key, known)
                ))
            }
            error @ (ParamError::Range { .. } | ParamError::Long { .. }) => {
                CliError::new(format!("{}: {error}", plan.scenario.name))
            }
        })
}

/// The most names that an error suggests.
const SUGGESTIONS: usize = 3;

/// How alike two names must be for one to be suggested for the other; 1 is equal.
const ALIKE: f64 = 0.8;

/// The known names that are most like a typed one, the nearest first.
fn nearest(
    typed: &str,
    known: impl Iterator<Item = &'static str>,
) -> impl Iterator<Item = &'static str> {
    let mut near: Vec<(f64, &str)> = known
        .map(|name| (strsim::jaro_winkler(typed, name), name))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().map(|(_, name)| name).take(SUGGESTIONS)
}

/// The scenario whose name is most like a typed one.
pub(crate) fn nearest_scenario(typed: &str) -> Option<&'static str> {
    nearest(typed, ALL.iter().map(|scenario| scenario.name)).next()
}

/// A part of an error about an unknown name: at most three known names that are like it. Empty if
/// none is.
fn did_you_mean(typed: &str, known: impl Iterator<Item = &'static str>) -> String {
    let near: Vec<String> = nearest(typed, known)
        .map(|name| format!("{name:?}"))
        .collect();
    match near.as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean {one}?"),
        [others @ .., last] => format!("; did you mean {} or {last}?", others.join(", ")),
    }
}

/// The end of an error about an unknown name of a short list: the names that are like it, or else
/// the first names of the list.
fn one_of(typed: &str, known: impl Iterator<Item = &'static str> + Clone) -> String {
    let near = did_you_mean(typed, known.clone());
    if !near.is_empty() {
        return near;
    }
    let count = known.clone().count();
    let first: Vec<_> = known.take(SUGGESTIONS).collect();
    match count.saturating_sub(first.len()) {
        _ if first.is_empty() => "; it has none".to_owned(),
        0 => format!("; it has {}", first.join(", ")),
        more => format!(
            "; it has {} and {more} more: see `loopscope list`",
            first.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_suggests_at_most_three_names() {
        let CliError(words) = scenario("lesson_1x").unwrap_err();
        assert_eq!(words.matches('"').count(), 2 + 2 * SUGGESTIONS, "{words}");
        let known = ["one", "two", "three", "four"];
        let words = one_of("zzz", known.into_iter());
        assert_eq!(
            words,
            "; it has one, two, three and 1 more: see `loopscope list`"
        );
        assert_eq!(one_of("zzz", [].into_iter()), "; it has none");
    }

    #[test]
    fn a_lesson_is_found_by_its_number() {
        for typed in ["6", "06", "lesson_06"] {
            assert_eq!(scenario(typed).unwrap().name, "lesson_06_block");
        }
        for none in ["0", "99", "lesson_6", "-6"] {
            assert!(scenario(none).is_err(), "{none}");
        }
    }
}

//! `loopscope lessons`: the lessons with the beliefs that they correct, and one lesson by its number.

use std::fmt::Write;

use loopscope::{
    insight::{LESSONS, Language, Lesson},
    scenario::Scenario,
};
use serde_json::{Value, json};

use super::{
    args::{CompareCommand, DisplayArgs},
    compare, has_screen,
    output::{CliError, CliResult, Exit, print, print_json},
    resolve, screen,
};
use crate::scenarios::ALL;

/// Opens a lesson by its number or name. Without a screen, prints the comparison of its two runs.
pub(crate) fn open(typed: &str, json: bool, display: &DisplayArgs) -> CliResult {
    let scenario = resolve::scenario(typed)?;
    if Lesson::of(scenario.name).is_none() {
        return Err(CliError::new(format!(
            "{} is not a lesson; `loopscope run {}` runs it",
            scenario.name, scenario.name
        )));
    }
    if has_screen(false, json) {
        return screen::lesson(scenario, display);
    }
    let compared = CompareCommand::of(scenario.name, json);
    compare::compare(&compared, display)
}

pub(crate) fn list(json: bool, language: Language) -> Exit {
    if json {
        return print_json(
            &LESSONS
                .iter()
                .map(|lesson| lesson_json(lesson, language))
                .collect(),
        );
    }
    let mut text = String::new();
    for lesson in LESSONS {
        let name = scenario_of(lesson).map_or("", |scenario| scenario.name);
        let _ = writeln!(
            text,
            "{:02}  {}?\n    {}\n    measured by: {} ({name})\n",
            lesson.number,
            lesson.belief.text(language),
            lesson.rule.text(language),
            lesson.shows.text(language)
        );
    }
    print(&format!("{text}Open one with: loopscope lessons 6\n"))
}

/// The scenario that teaches a lesson.
fn scenario_of(lesson: &Lesson) -> Option<&'static Scenario> {
    let teaches = |scenario: &&Scenario| {
        Lesson::of(scenario.name).is_some_and(|taught| taught.number == lesson.number)
    };
    ALL.iter().find(teaches)
}

fn lesson_json(lesson: &Lesson, language: Language) -> Value {
    let scenario = scenario_of(lesson);
    let variants = scenario.map_or(&[][..], |scenario| scenario.variants);
    json!({
        "number": lesson.number,
        "scenario": scenario.map(|scenario| scenario.name),
        "variants": variants.iter().map(|variant| variant.name).collect::<Vec<_>>(),
        "belief": lesson.belief.text(language),
        "rule": lesson.rule.text(language),
        "shows": lesson.shows.text(language),
    })
}

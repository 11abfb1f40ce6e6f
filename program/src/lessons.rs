//! `loopscope lessons`: a belief, the rule that corrects it, and the scenario that shows it.

use std::fmt::Write;

use loopscope::{
    insight::{LESSONS, Lesson},
    scenario::Scenario,
};
use serde_json::{Value, json};

use super::output::{Exit, print, print_json};
use crate::scenarios::ALL;

pub(crate) fn lessons(json: bool) -> Exit {
    if json {
        print_json(&LESSONS.iter().map(lesson_json).collect());
        return Exit::Done;
    }
    let mut text = String::new();
    for lesson in LESSONS {
        let name = scenario(lesson).map_or("", |scenario| scenario.name);
        let _ = writeln!(
            text,
            "{:02}  {}?\n    {}\n    measured by: {} ({name})\n",
            lesson.number, lesson.belief, lesson.rule, lesson.shows
        );
    }
    print(&format!(
        "{text}Open one with: loopscope compare lesson_06\n"
    ));
    Exit::Done
}

/// The scenario that teaches a lesson.
fn scenario(lesson: &Lesson) -> Option<&'static Scenario> {
    let teaches = |scenario: &&Scenario| {
        Lesson::of(scenario.name).is_some_and(|taught| taught.number == lesson.number)
    };
    ALL.iter().find(teaches)
}

fn lesson_json(lesson: &Lesson) -> Value {
    let scenario = scenario(lesson);
    let variants = scenario.map_or(&[][..], |scenario| scenario.variants);
    json!({
        "number": lesson.number,
        "scenario": scenario.map(|scenario| scenario.name),
        "variants": variants.iter().map(|variant| variant.name).collect::<Vec<_>>(),
        "belief": lesson.belief,
        "rule": lesson.rule,
        "shows": lesson.shows,
    })
}

//! `loopscope list` and `loopscope lessons`: the scenarios with their variants and parameters, and
//! the lessons with the beliefs that they correct.

use std::fmt::Write;

use loopscope::{
    insight::{LESSONS, Language, Lesson},
    scenario::{Range, Scenario},
};
use serde_json::{Value, json};

use super::output::{Exit, print, print_json};
use crate::scenarios::ALL;

pub(crate) fn list(json: bool) -> Exit {
    if json {
        print_json(&ALL.iter().map(scenario_json).collect());
    } else {
        let text: Vec<String> = ALL.iter().map(scenario_text).collect();
        print(&format!(
            "{}\nRun one with: loopscope run SCENARIO:VARIANT\n",
            text.join("\n")
        ));
    }
    Exit::Done
}

fn scenario_text(scenario: &Scenario) -> String {
    let mut text = format!("{}  {}\n", scenario.name, scenario.title);
    for variant in scenario.variants {
        let clock = variant.clock.as_str();
        let _ = writeln!(
            text,
            "  :{:<18} {} ({clock} clock)",
            variant.name, variant.title
        );
    }
    for param in scenario.params {
        let (name, default, range) = (param.name, param.default, param.range_words());
        let set = format!("--set {name}={default}");
        let _ = writeln!(text, "  {set:<19} {} ({range})", param.help);
    }
    if scenario.listens {
        let _ = writeln!(text, "  {:<19} serve outside clients", "--listen ADDR");
    }
    text
}

fn scenario_json(scenario: &Scenario) -> Value {
    let variants = scenario.variants.iter().map(|variant| {
        json!({ "name": variant.name, "title": variant.title, "clock": variant.clock.as_str() })
    });
    let params = scenario.params.iter().map(|param| {
        let (least, most) = match param.range {
            Range::Seconds(least, most) => (json!(least), json!(most)),
            Range::Count(least, most) => (json!(least), json!(most)),
            Range::Text => (Value::Null, Value::Null),
        };
        let kind = match param.range {
            Range::Seconds(..) => "seconds",
            Range::Count(..) => "count",
            Range::Text => "text",
        };
        json!({
            "name": param.name, "default": param.default, "kind": kind, "min": least, "max": most, "help": param.help,
        })
    });
    json!({
        "name": scenario.name,
        "title": scenario.title,
        "listens": scenario.listens,
        "variants": variants.collect::<Vec<_>>(),
        "params": params.collect::<Vec<_>>(),
    })
}

pub(crate) fn lessons(json: bool, language: Language) -> Exit {
    if json {
        print_json(
            &LESSONS
                .iter()
                .map(|lesson| lesson_json(lesson, language))
                .collect(),
        );
        return Exit::Done;
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
    print(&format!(
        "{text}Open one with: loopscope compare lesson_06\n"
    ));
    Exit::Done
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

//! `loopscope lessons`, and lessons named by their number.

use loopscope::{
    insight::{LESSONS, Lesson},
    scenario::Scenario,
};
use loopscope_program::scenarios;
use serde_json::Value;

use super::process::ask;

fn scenario(number: u8) -> &'static Scenario {
    let teaches = |scenario: &&Scenario| {
        Lesson::of(scenario.name).is_some_and(|lesson| lesson.number == number)
    };
    scenarios::ALL.iter().find(teaches).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let answer = ask(arguments);
    assert_eq!(answer.code(), 0, "{arguments:?}");
    answer.json()
}

#[test]
fn lessons_are_listed_and_opened_by_number() {
    let listed = json(&["lessons", "--json"]);
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), LESSONS.len());
    for (listed, lesson) in listed.iter().zip(LESSONS) {
        assert_eq!(listed["belief"], lesson.belief.rust);
        assert_eq!(listed["rule"], lesson.rule.rust);
        assert_eq!(listed["scenario"], scenario(lesson.number).name);
    }
    let text = ask(&["lessons"]).out;
    assert!(
        LESSONS
            .iter()
            .all(|lesson| text.contains(lesson.belief.rust))
    );
    assert!(!text.contains("by by"), "{text}");

    let compared = json(&["compare", "lesson_22", "--json"]);
    assert_eq!(compared["a"]["scenario"], scenario(22).name);
    assert_eq!(compared["lesson"]["a"], "103 polls, 102 wakes");
    for arguments in [
        ["compare", "22", "--json"],
        ["lessons", "22", "--json"],
        ["lessons", "lesson_22", "--json"],
    ] {
        assert_eq!(json(&arguments), compared, "{arguments:?}");
    }
    let run = json(&["run", "lesson_22:right", "--json"]);
    assert_eq!(run["variant"], "right");
    let sixth = json(&["run", "06", "--json"]);
    assert_eq!(sixth["scenario"], scenario(6).name);
    for unknown in ["lesson_2", "lesson_99", "lesson", "lesson_22_"] {
        let refused = ask(&["compare", unknown]);
        assert_eq!(refused.code(), 2, "{unknown}");
        assert_eq!(refused.err.lines().count(), 1, "{}", refused.err);
    }
}

#[test]
fn no_lesson_names_a_task_or_a_line_after_a_run() {
    // The two runs of a comparison are called A and B.
    for lesson in LESSONS {
        let scenario = scenario(lesson.number);
        for (_, text) in [Some((scenario.file, scenario.source)), scenario.twin]
            .into_iter()
            .flatten()
        {
            for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
                assert!(word != "B" && word != "C", "{}", scenario.name);
            }
            assert!(!text.contains("\"A\"") && !text.contains("\"A "));
        }
    }
}

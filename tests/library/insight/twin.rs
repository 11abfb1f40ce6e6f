//! The lines of the Python programs that correspond to the lines of the scenarios.

use std::{fmt::Write, path::Path};

use loopscope::{
    insight::Twin,
    scenario::{Plan, Scenario},
};
use loopscope_program::scenarios;

use crate::tui::pictures::snapshot_of;

/// What a line contains at which a task waits, spawns, prints, or creates or uses a resource.
const EVENTS: [&str; 10] = [
    "resolve(",
    ".await",
    "spawn",
    "println!",
    "new(",
    "channel::",
    "unblock(",
    "cancel",
    ".set(",
    "block_for(",
];

/// The lines of a scenario that can be the location of an event, each with the corresponding line of
/// the twin.
fn table(scenario: &'static Scenario) -> String {
    let meta = Plan::new(scenario, &scenario.variants[0]).meta();
    let mut text = String::new();
    let rust = meta
        .sources
        .iter()
        .filter(|(name, _)| Path::new(name).extension().is_some_and(|it| it == "rs"));
    for (file, source) in rust {
        let twin = Twin::of(&meta, file).unwrap();
        let python: Vec<&str> = twin.text.lines().collect();
        writeln!(text, "== {file}").unwrap();
        let mut in_import = false;
        for (at, line) in source.lines().enumerate() {
            let code = line.trim();
            if code.starts_with("loopscope::scenario!") {
                break;
            }
            let begins = line.starts_with("use ") && !line.ends_with(';');
            in_import = begins || (in_import && line != "};");
            let is_comment = code.starts_with("//");
            if is_comment
                || in_import
                || !line.starts_with(' ')
                || !EVENTS.iter().any(|part| code.contains(part))
            {
                continue;
            }
            let found = twin.line(at).map_or("-".to_owned(), |to| {
                format!("{} {}", to + 1, python[to].trim())
            });
            writeln!(text, "{} {code}\n        {found}", at + 1).unwrap();
        }
    }
    text
}

#[test]
fn every_event_line_has_the_right_python_line() {
    let twins = scenarios::ALL.iter();
    let tables: String = twins
        .filter(|scenario| scenario.twin.is_some())
        .map(table)
        .collect();
    snapshot_of("twin_lines", &tables);
}

#[test]
fn every_pair_names_lines_that_exist() {
    for scenario in scenarios::ALL {
        let Some((file, pairs)) = scenario.pairs else {
            continue;
        };
        let (_, python) = scenario.twin.unwrap();
        let parts = scenario.parts.iter().map(|(_, text)| *text);
        let rust: String = parts.chain([scenario.source]).collect();
        let lines = pairs.lines();
        let lines =
            lines.filter(|line| !line.starts_with("text ") && !line.starts_with("variant "));
        for line in lines {
            let (left, right) = line.rsplit_once(" => ").expect(line);
            let (function, part) = match left.strip_prefix("fn ") {
                Some(function) => (function, ""),
                None => left.split_once(": ").expect(line),
            };
            assert!(rust.contains(&format!("fn {function}")), "{file}: {line}");
            assert!(rust.contains(part), "{file}: {line}");
            let known = |text: &str| right == "-" || python.contains(text);
            let named = right.split_once(": ").map_or(right, |(_, part)| part);
            assert!(known(right) || known(named), "{file}: {line}");
        }
    }
}

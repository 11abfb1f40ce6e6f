//! Each variant declares what it does outside of its process. These tests compare the declarations
//! with the source, because a recording may start again only what has no such effect.

use std::collections::{BTreeMap, BTreeSet};

use loopscope::{
    replay::Replay,
    scenario::{OutsideEffect, Scenario, Variant},
    trace::ClockKind,
};
use loopscope_program::scenarios::ALL;

/// The words by which a source uses something outside of the process, or a thread.
const WORDS: [(OutsideEffect, &[&str]); 4] = [
    (OutsideEffect::Threads, &["unblock", "thread"]),
    (
        OutsideEffect::Sockets,
        &[
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "UnixStream",
            "Async",
        ],
    ),
    (
        OutsideEffect::Files,
        &["fs", "File", "OpenOptions", "Directory", "read_dir"],
    ),
    (OutsideEffect::Processes, &["Command"]),
];

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// The text of each function of a scenario: from its name to the next function, without comments.
fn functions(scenario: &Scenario) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let texts = scenario.parts.iter().map(|(_, text)| *text);
    for text in texts.chain([scenario.source]) {
        let text = text.split("loopscope::scenario!").next().unwrap();
        let code: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split("//").next())
            .filter(|line| !line.trim_start().starts_with("use "))
            .collect();
        for part in code.join("\n").split("fn ").skip(1) {
            let name = words(part).next().unwrap().to_owned();
            let text: &mut String = found.entry(name).or_default();
            text.push_str(part);
        }
    }
    found
}

/// What a variant uses, by the words of all functions that it reaches. A function is reached if its
/// name is a word of one that is reached.
fn used(scenario: &Scenario, variant: &Variant) -> BTreeSet<String> {
    let functions = functions(scenario);
    let mut reached = BTreeSet::new();
    let mut open = vec![variant.name.trim_end_matches('_').to_owned()];
    while let Some(name) = open.pop() {
        let Some(text) = functions
            .get(&name)
            .or_else(|| functions.get(&format!("{name}_")))
        else {
            continue;
        };
        for word in words(text) {
            if reached.insert(word.to_owned()) && functions.contains_key(word) {
                open.push(word.to_owned());
            }
        }
    }
    assert!(!reached.is_empty(), "{}:{}", scenario.name, variant.name);
    reached
}

fn uses(used: &BTreeSet<String>, effect: OutsideEffect) -> bool {
    let known = WORDS.iter().find(|(known, _)| *known == effect);
    known.is_some_and(|(_, words)| words.iter().any(|word| used.contains(*word)))
}

#[test]
fn every_variant_declares_its_effect_outside() {
    use OutsideEffect::{Files, None, Processes, Sockets, Threads};
    let mut wrong = Vec::new();
    for scenario in ALL {
        for variant in scenario.variants {
            let used = used(scenario, variant);
            // The gravest effect first: files are read on threads.
            let by_source = [Processes, Sockets, Files, Threads]
                .into_iter()
                .find(|effect| uses(&used, *effect))
                .unwrap_or(None);
            if by_source != variant.effect {
                wrong.push(format!(
                    "{}:{} declares {:?}, its source uses {by_source:?}",
                    scenario.name, variant.name, variant.effect
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_variant_on_the_virtual_clock_has_no_effect() {
    for scenario in ALL {
        for variant in scenario.variants {
            let is_virtual = variant.clock == ClockKind::Virtual;
            let name = (scenario.name, variant.name);
            assert!(
                !is_virtual || variant.effect == OutsideEffect::None,
                "{name:?}"
            );
        }
    }
}

#[test]
fn a_run_is_from_a_file_unless_it_was_started() {
    let meta = loopscope::trace::Meta::default;
    let mut started = Replay::of_started_run(meta());
    assert!(!started.is_from_file());
    started.mark_from_file();
    assert!(started.is_from_file());
    assert!(Replay::default().is_from_file());
    let log = loopscope::trace::Log {
        meta: meta(),
        ..Default::default()
    };
    assert!(Replay::new(log).is_from_file());
}

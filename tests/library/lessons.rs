//! The lessons: the output of each variant with its times, and the number that tells the two apart.

mod table;

use std::collections::BTreeSet;

use loopscope::{
    insight::{self, LESSONS, Lesson},
    replay::Replay,
    scenario::Scenario,
    scene::{json, plain},
    trace::{Event, LoopEvent, Outcome, Position, file},
};
use loopscope_program::scenarios as catalogue;

use crate::support::run_of;
use table::{CASES, Way};

fn scenario(number: u8) -> &'static Scenario {
    let teaches = |scenario: &&Scenario| {
        Lesson::of(scenario.name).is_some_and(|lesson| lesson.number == number)
    };
    catalogue::ALL.iter().find(teaches).unwrap()
}

fn run(number: u8, variant: &str) -> Replay {
    let scenario = scenario(number);
    run_of(scenario, scenario.variant(variant).unwrap())
}

/// The run's lines, each with its time in milliseconds.
fn lines(replay: &Replay) -> Vec<(u64, &str)> {
    let outputs = replay.index().outputs().iter();
    outputs
        .map(|line| (line.at.0 / 1_000_000, replay.tables().text(line.text)))
        .collect()
}

fn check(number: u8, variant: &str, way: &Way) -> Replay {
    let replay = run(number, variant);
    let name = format!("lesson {number:02}, {variant}");
    assert_eq!(lines(&replay), way.lines, "{name}");
    let head = replay.index().head();
    assert_eq!(head.now().nanos(), way.total * 1_000_000, "{name}");
    let deadlock = (number, variant) == (18, "wrong");
    let outcome = if deadlock {
        Outcome::Deadlock
    } else {
        Outcome::Finished
    };
    assert_eq!(head.outcome, Some(outcome), "{name}");
    replay
}

#[test]
fn every_lesson_shows_its_number() {
    let known: Vec<u8> = CASES.iter().map(|case| case.lesson).collect();
    assert_eq!(
        known,
        LESSONS
            .iter()
            .map(|lesson| lesson.number)
            .collect::<Vec<_>>()
    );
    for case in CASES {
        let wrong = check(case.lesson, "wrong", &case.wrong);
        let right = check(case.lesson, "right", &case.right);
        let taught = insight::lesson_result(&wrong, &right, insight::Language::Rust).unwrap();
        assert_eq!(taught.number, case.lesson);
        assert_eq!(
            (taught.a.as_str(), taught.b.as_str()),
            (case.wrong.shows, case.right.shows)
        );
    }
}

#[test]
fn every_lesson_has_a_wrong_and_a_right_variant() {
    for lesson in LESSONS {
        let scenario = scenario(lesson.number);
        let names: Vec<_> = scenario
            .variants
            .iter()
            .map(|variant| variant.name)
            .collect();
        assert_eq!(names, ["wrong", "right"], "{}", scenario.name);
        let rows = scenario.source.lines().count();
        assert!(
            (20..=80).contains(&rows),
            "{} has {rows} lines",
            scenario.name
        );
    }
}

#[test]
fn a_lesson_recorded_twice_is_the_same_to_the_byte() {
    for lesson in LESSONS {
        for variant in ["wrong", "right"] {
            let [first, second] = [(), ()].map(|()| run(lesson.number, variant));
            assert_eq!(first.log(), second.log(), "{}", lesson.number);
        }
    }
}

/// The lessons that the notes of a run mention.
fn named_by_notes(replay: &mut Replay) -> BTreeSet<u8> {
    let mut named = BTreeSet::new();
    for position in 0..=replay.end().0 {
        replay.seek(Position(position));
        if let Some(note) = insight::narrate(replay, insight::Language::Rust).note {
            assert!(!note.text.contains('…'), "a note is cut off: {}", note.text);
            named.extend(note.lesson);
        }
    }
    named
}

#[test]
fn a_note_names_the_lesson_where_its_belief_fails() {
    for number in [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
    ] {
        let named = named_by_notes(&mut run(number, "wrong"));
        assert!(named.contains(&number), "lesson {number} in {named:?}");
    }
    for number in [1, 2, 3, 5, 6, 9, 10, 11, 12, 13, 15, 16, 17, 18, 19, 20, 22] {
        let named = named_by_notes(&mut run(number, "right"));
        assert!(!named.contains(&number), "lesson {number} in {named:?}");
    }
}

#[test]
fn gathered_tasks_get_no_note_of_lesson_two() {
    for (number, variant) in [(9, "wrong"), (16, "right"), (17, "right")] {
        let named = named_by_notes(&mut run(number, variant));
        assert!(!named.contains(&2), "lesson {number} names {named:?}");
    }
}

#[test]
fn yielding_after_work_is_not_busy_polling() {
    assert!(!named_by_notes(&mut run(8, "right")).contains(&22));
}

#[test]
fn a_draining_loop_is_narrated_as_such() {
    // The rounds of the ready queue in each tick.
    let rounds = |replay: &Replay| {
        let mut rounds = Vec::new();
        for (_, event, _) in replay.events_from(Position(0)) {
            match event {
                Event::Loop(LoopEvent::TickStart) => rounds.push(0),
                Event::Loop(LoopEvent::RunPhase { .. }) => *rounds.last_mut().unwrap() += 1,
                _ => {}
            }
        }
        rounds
    };
    let (snapshot, drain) = (run(20, "wrong"), run(20, "right"));
    assert_eq!(rounds(&snapshot), [1, 1, 1]);
    assert_eq!(rounds(&drain), [3]);
    let told = |replay: &Replay| json::run(replay)["tick_policy"].clone();
    assert_eq!([told(&snapshot), told(&drain)], ["snapshot", "drain"]);
    let mut written = Vec::new();
    file::write(drain.log(), &mut written).unwrap();
    let (read, _) = file::read(written.as_slice()).unwrap();
    assert_eq!(&read, drain.log());
    let mut log = Vec::new();
    plain::write_log(&drain, insight::Language::Rust, &mut log).unwrap();
    let log = String::from_utf8(log).unwrap();
    assert!(!log.contains("does NOT run now"), "{log}");
}

#[test]
fn a_comparison_shows_belief_result_and_rule() {
    let (a, b) = (run(6, "wrong"), run(6, "right"));
    let mut text = Vec::new();
    plain::write_comparison(
        &a,
        &b,
        &insight::compare(&a, &b, insight::Language::Rust),
        insight::Language::Rust,
        &mut text,
    )
    .unwrap();
    let text = String::from_utf8(text).unwrap();
    let part = "
Lesson 06
  belief        sleeping the thread is only sleeping
  what happens  worst timer delay: A 1.000 s; B 0.000 s
  rule          only an await yields
";
    assert!(text.contains(part), "{text}");
    let object = json::comparison(&a, &b, insight::Language::Rust);
    assert_eq!(object["lesson"]["number"], 6);
    assert_eq!(object["lesson"]["a"], "1.000 s");
    let other = run(7, "right");
    assert!(json::comparison(&a, &other, insight::Language::Rust)["lesson"].is_null());
    // The numbers belong to the traces: swapped traces give swapped numbers.
    let swapped = insight::lesson_result(&b, &a, insight::Language::Rust).unwrap();
    assert_eq!(
        (swapped.a.as_str(), swapped.b.as_str()),
        ("0.000 s", "1.000 s")
    );
}

//! Folded stacks, read by inferno.

use inferno::flamegraph::{Options, from_lines};
use loopscope::{
    export::{self, Weight},
    replay::Replay,
    trace::Span,
};

use super::{runs, written};
use crate::support::run_named;

fn stacks(replay: &Replay, weight: Weight) -> Vec<(String, u64)> {
    let text = String::from_utf8(written(|to| export::folded(replay, weight, to))).unwrap();
    let line = |line: &str| {
        let (stack, number) = line.rsplit_once(' ').unwrap();
        (stack.to_owned(), number.parse().unwrap())
    };
    text.lines().map(line).collect()
}

#[test]
fn inferno_makes_a_flame_graph_of_every_run() {
    for replay in runs() {
        for weight in [Weight::Time, Weight::Polls] {
            let text =
                String::from_utf8(written(|to| export::folded(&replay, weight, to))).unwrap();
            if text.is_empty() {
                continue; // a run that took no time
            }
            let mut picture = Vec::new();
            from_lines(&mut Options::default(), text.lines(), &mut picture).unwrap();
            let picture = String::from_utf8(picture).unwrap();
            roxmltree::Document::parse_with_options(&picture, options()).unwrap();
            assert!(picture.contains("main"), "{picture}");
        }
    }
}

fn options<'a>() -> roxmltree::ParsingOptions<'a> {
    roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    }
}

#[test]
fn the_stacks_hold_all_time_and_all_polls() {
    for replay in runs() {
        let head = replay.index().head();
        let polls: u64 = stacks(&replay, Weight::Polls)
            .iter()
            .map(|stack| stack.1)
            .sum();
        let due: u64 = head.tasks.iter().map(|(_, row)| row.polls()).sum();
        assert_eq!(polls, due);
        let found = stacks(&replay, Weight::Time);
        let time: u64 = found.iter().map(|stack| stack.1).sum();
        let lives = head.tasks.iter().map(|(_, row)| row.times(head.now()));
        let due: u64 = lives
            .map(|times| times.into_iter().sum::<Span>().nanos())
            .sum();
        // Each stack is rounded down to microseconds.
        assert!(due / 1000 - time <= found.len() as u64, "{time} of {due}");
    }
}

#[test]
fn an_awaited_task_is_below_its_waiter() {
    let found = stacks(&run_named("say_after", "concurrent"), Weight::Time);
    let both: Vec<&(String, u64)> = found
        .iter()
        .filter(|(stack, _)| stack.starts_with("main;join") && stack.contains(";world;timer"))
        .collect();
    let [(stack, time)] = both.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(stack.split(';').count(), 4);
    // Attributed to the line at which main waited when the sleep ended.
    assert_eq!(*time, 2_000_000);
}

//! Breakpoints, `finish`, searching events and tasks.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use loopscope::{
    replay::Replay,
    trace::{Event, Position, TaskEvent, TaskId, TimerEvent},
    tui::Message,
};

use super::driver::{Driver, concurrent, mixed};
use crate::support::run_named;

fn ctrl(driver: &mut Driver, letter: char) {
    driver.tell(Message::Key(KeyEvent::new(
        KeyCode::Char(letter),
        KeyModifiers::CONTROL,
    )));
}

/// The positions after the matching events.
fn positions(replay: &Replay, wanted: impl Fn(&Event) -> bool) -> Vec<u64> {
    replay
        .events_from(Position(0))
        .filter(|(_, event, _)| wanted(event))
        .map(|(position, _, _)| position.0)
        .collect()
}

/// The positions at which a key stops on the way to the end, and on the way back.
fn stops(driver: &mut Driver, forward: &str, back: &str) -> (Vec<u64>, Vec<u64>) {
    let walk = |driver: &mut Driver, key: &str, end: u64| {
        let mut stops = Vec::new();
        while driver.at() != end {
            driver.press(key);
            stops.push(driver.at());
            assert!(stops.len() < 1000, "{key} does not get anywhere");
        }
        stops
    };
    let (_, end) = driver.model.position().unwrap();
    driver.press("g");
    let forth = walk(driver, forward, end.0);
    let mut back = walk(driver, back, 1);
    back.reverse();
    (forth, back)
}

#[test]
fn continue_stops_where_a_marked_task_runs() {
    let replay = concurrent();
    let polls = positions(&replay, |event| {
        matches!(event, Event::Task(TaskEvent::PollStart { task: TaskId(2) }))
    });
    let mut driver = Driver::of_two_sleepers();
    driver.press("G3jj");
    let before = stops(&mut driver, "c", "C");
    driver.press("Gb");
    assert!(driver.picture().contains("●"), "{}", driver.picture());
    let after = stops(&mut driver, "c", "C");
    for poll in &polls {
        assert!(
            after.0.contains(poll) && after.1.contains(poll),
            "{after:?}"
        );
        assert!(!before.0.contains(poll));
    }
    ctrl(&mut driver, 'b');
    assert!(driver.picture().contains("remove all breakpoints (#2)?"));
    driver.press("n");
    assert_eq!(stops(&mut driver, "c", "C"), after, "they were kept");
    ctrl(&mut driver, 'b');
    driver.press("y");
    assert_eq!(stops(&mut driver, "c", "C"), before);
}

#[test]
fn a_line_breakpoint_stops_on_arrival_and_departure() {
    let mut driver = Driver::of_two_sleepers();
    // Line 2, where both sleep.
    driver.press(":t 0\n1");
    let chosen = |driver: &mut Driver| {
        let picture = driver.picture();
        picture
            .lines()
            .any(|line| line.contains("2▸") && line.contains("sleep"))
    };
    for _ in 0..10 {
        if !chosen(&mut driver) {
            driver.press("k");
        }
    }
    assert!(chosen(&mut driver), "{}", driver.picture());
    driver.press("b");
    assert!(driver.picture().contains("2●"), "{}", driver.picture());
    let (forth, back) = stops(&mut driver, "c", "C");
    let replay = concurrent();
    let waits = positions(&replay, |event| {
        let at = match event {
            Event::Task(TaskEvent::Wait { at, .. }) => replay.tables().location(*at),
            _ => None,
        };
        at.is_some_and(|at| at.line == 2)
    });
    assert_eq!(waits.len(), 2);
    let fired = positions(&replay, |event| {
        matches!(event, Event::Timer(TimerEvent::Fired { .. }))
    });
    for wait in waits {
        assert!(forth.contains(&wait) && back.contains(&wait));
    }
    for fired in fired {
        let poll = positions(&replay, |event| {
            matches!(event, Event::Task(TaskEvent::PollStart { .. }))
        });
        let next = poll.into_iter().find(|poll| *poll > fired).unwrap();
        assert!(forth.contains(&next), "{forth:?} {next}");
    }
}

#[test]
fn playing_stops_at_a_breakpoint_on_a_kind_of_event() {
    let replay = concurrent();
    let fired = positions(&replay, |event| {
        matches!(event, Event::Timer(TimerEvent::Fired { .. }))
    });
    let mut driver = Driver::of_two_sleepers();
    // A timer that fires is bookkeeping: the wake that follows tells it.
    driver.press(&format!("A:{}\n5bg}}}}}}}}", fired[0]));
    for stop in fired {
        driver.press(" ");
        for time in (0..60_000).step_by(33) {
            driver.frame(time);
        }
        assert_eq!(driver.at(), stop);
        assert!(driver.picture().contains("stopped at a breakpoint"));
    }
}

#[test]
fn a_breakpoint_is_removed_by_its_key() {
    let mut driver = Driver::of_two_sleepers();
    driver.press("b");
    assert!(driver.picture().contains("breakpoint when #0 main runs"));
    driver.press("b");
    assert!(driver.picture().contains("breakpoint removed"));
    ctrl(&mut driver, 'b');
    assert!(driver.picture().contains("there is no breakpoint"));
}

#[test]
fn finish_moves_between_events_of_the_task() {
    let mut driver = Driver::of_two_sleepers();
    driver.press("G3j");
    let task = TaskId(1);
    let replay = concurrent();
    let changes: Vec<u64> = (1..=replay.end().0)
        .filter(|position| {
            let status = |position| {
                let state = replay.state_at(Position(position));
                state.tasks.get(task).map(|row| (row.status(), row.polls()))
            };
            status(*position) != status(position - 1)
        })
        .collect();
    // A task can be selected once it is spawned.
    driver.press(&format!(":{}\n", changes[0]));
    let mut seen = vec![driver.at()];
    for _ in 1..changes.len() {
        driver.press("f");
        seen.push(driver.at());
    }
    assert_eq!(seen, changes);
    driver.press("f");
    assert!(
        driver
            .picture()
            .contains("nothing more happens to #1 hello")
    );
    let mut back = vec![driver.at()];
    for _ in 1..changes.len() {
        driver.press("F");
        back.push(driver.at());
    }
    back.reverse();
    assert_eq!(back, changes);
    // The key of Visual Studio.
    driver.press(&format!("A:{}\n", changes[0]));
    driver.tell(Message::Key(KeyEvent::new(
        KeyCode::F(11),
        KeyModifiers::SHIFT,
    )));
    assert_eq!(driver.at(), changes[1]);
    driver.tell(Message::Key(KeyEvent::new(
        KeyCode::F(11),
        KeyModifiers::NONE,
    )));
    assert_eq!(driver.at(), changes[1] + 1);
}

#[test]
fn a_search_wraps_in_both_directions() {
    let replay = concurrent();
    let printed: Vec<u64> = replay
        .index()
        .outputs()
        .iter()
        .map(|line| line.position.0)
        .collect();
    let mut driver = Driver::of_two_sleepers();
    driver.press("/PRINTS\n");
    assert_eq!(driver.at(), printed[0]);
    assert!(driver.picture().contains("n next, N previous, Esc ends"));
    driver.press("n");
    assert_eq!(driver.at(), printed[1]);
    ctrl(&mut driver, 'n');
    assert_eq!(driver.at(), printed[0]);
    assert!(driver.picture().contains("continued from the start"));
    ctrl(&mut driver, 'p');
    assert_eq!(driver.at(), printed[1]);
    assert!(driver.picture().contains("continued from the end"));
    ctrl(&mut driver, 'p');
    assert_eq!(driver.at(), printed[0]);
    driver.press("\u{8}");
    assert_eq!(driver.at(), printed[1]);
    driver.press("N");
    assert_eq!(driver.at(), printed[0]);
    // After Esc both keys step by events again.
    driver.press("\u{1b}n");
    assert_eq!(driver.at(), printed[0] + 1);
    driver.press("/no such words\n");
    assert!(driver.picture().contains("not found in this run"));
    assert!(!driver.model.wants_frames());
}

#[test]
fn a_task_is_selected_by_its_name() {
    let mut driver = Driver::of_two_sleepers();
    driver.press("/world\n");
    assert!(driver.picture().contains("selected #2 world"));
}

#[test]
fn a_long_search_continues_per_frame_and_stops() {
    let mut driver = Driver::coloured((80, 24)).open(super::driver::long(60_000));
    // The findings of a long run take frames as well.
    for frame in 0..100 {
        driver.frame(frame * 33);
    }
    assert!(!driver.model.wants_frames());
    driver.press("/last line\n");
    assert!(driver.model.wants_frames());
    assert!(driver.picture().contains("searching for"));
    driver.press("\u{1b}");
    assert!(!driver.model.wants_frames());
    assert!(driver.picture().contains("stopped the search"));
    ctrl(&mut driver, 'n');
    for time in 0..100 {
        driver.frame(time * 33);
    }
    let (here, _) = driver.model.position().unwrap();
    assert!(here.0 > 60_000);
    assert!(driver.picture().contains("found at event"));
}

#[test]
fn the_task_filter_follows_the_typed_text() {
    let mut driver = Driver::coloured((120, 40)).open(mixed());
    driver.press("G3/");
    let all = driver.picture();
    assert!(all.contains("#1 王女様の仕事"));
    driver.press("child");
    let picture = driver.picture();
    assert!(
        !picture.contains("#1 王女様の仕事") && picture.contains("#3 child"),
        "{picture}"
    );
    driver.press("\nj");
    assert!(driver.picture().contains("selected #4 child"));
    driver.press("kkk");
    assert!(driver.picture().contains("selected #3 child"));
    driver.press("/\u{1b}");
    assert!(driver.picture().contains("#1 王女様の仕事"));
}

#[test]
fn an_empty_filter_result_keeps_the_keys_working() {
    let mut driver = Driver::coloured((120, 40)).open(mixed());
    driver.press("G3/missing\njkjk4jk\n");
    assert!(driver.picture().contains("0 of "));
}

#[test]
fn a_breakpoint_on_a_comment_moves_to_the_next_await() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    driver.press("1");
    let source = include_str!("../../../scenarios/say_after.rs");
    let first_await = 1 + source
        .lines()
        .position(|line| line.contains(".await"))
        .unwrap();
    driver.press(&"k".repeat(200));
    driver.press("b");
    let words = format!("breakpoint when a task reaches line {first_await} ");
    assert!(driver.picture().contains(&words), "{}", driver.picture());
    // The last lines, after the last await.
    driver.press(&"j".repeat(200));
    driver.press("b");
    assert!(driver.picture().contains("no task can stop at this line"));
}

#[test]
fn the_task_filter_takes_the_code_of_a_state() {
    let mut driver = Driver::of_two_sleepers();
    driver.press(":tick 3\n3/tmr\n");
    let picture = driver.picture();
    assert!(picture.contains("2 of 3 tasks"), "{picture}");
    // The list follows the position: at the end no task waits for a timer.
    driver.press("G/\n");
    assert!(driver.picture().contains("0 of 3 tasks"));
    driver.press("/\u{1b}/done\n");
    assert!(driver.picture().contains("3 of 3 tasks"));
}

/// The lines of the Python twin stand for the lines of the program.
#[test]
fn a_breakpoint_on_a_line_of_python_stops_there() {
    let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
    driver.press("etttt1");
    assert!(driver.picture().contains("say_after.py"));
    driver.press("gb");
    let set = driver.picture();
    assert!(set.contains("breakpoint when a task reaches line"), "{set}");
    assert!(set.contains("●"), "{set}");
    let (forth, back) = stops(&mut driver, "c", "C");
    assert!(forth.len() > 1, "{forth:?}");
    assert_eq!(
        forth[..forth.len() - 1],
        back[1..],
        "both ways stop at the same events"
    );
}

#[test]
fn the_kind_of_a_breakpoint_is_in_the_language_of_the_reader() {
    for (keys, kind) in [("", "\"spawn\""), ("e", "\"new task\"")] {
        let mut driver = Driver::coloured((120, 40)).open(run_named("say_after", "concurrent"));
        driver.press(keys);
        driver.press("gnnn5b");
        let picture = driver.picture();
        assert!(picture.contains(kind), "{kind} in\n{picture}");
    }
}

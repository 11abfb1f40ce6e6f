//! The reasons of a task, the quiz, and copying.

use std::{sync::Arc, time::Duration};

use loopscope::{
    Builder,
    future::yield_now,
    insight::{self, Language},
    lock::Mutex,
    replay::Replay,
    runtime::OnIdle,
    sleep, spawn,
    trace::{Event, Moment, Position, TaskEvent, TaskId, TimerEvent},
    tui::Command,
};

use super::driver::{Driver, concurrent, mixed, sequential};
use crate::support::run_named;

#[test]
fn every_cause_can_be_visited_and_left() {
    let mut driver = Driver::of_two_sleepers();
    driver.press(":t 1\nw");
    let replay = {
        let mut replay = concurrent();
        let (here, _) = driver.model.position().unwrap();
        replay.seek(here);
        replay
    };
    let task = TaskId(0);
    let links: Vec<u64> = insight::blocked_on(&replay, task, Language::Rust)
        .into_iter()
        .chain(insight::why(&replay, task, Language::Rust))
        .map(|link| link.position.0)
        .collect();
    assert!(links.len() > 3, "{links:?}");
    let start = driver.at();
    for (row, link) in links.iter().enumerate() {
        driver.press("\u{1b}w");
        driver.press(&"j".repeat(row));
        driver.press("\n");
        assert_eq!(driver.at(), *link);
        driver.press("\u{8}");
        assert_eq!(driver.at(), start);
    }
}

#[test]
fn a_blocked_task_leads_to_the_timer_that_wakes_it() {
    let mut replay = concurrent();
    replay.seek(replay.at_moment(Moment(0)));
    let links = insight::blocked_on(&replay, TaskId(0), Language::Rust);
    let words: Vec<&str> = links.iter().map(|link| link.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "#0 main waits: join #1 hello",
            "#1 hello waits: timer due 1.000",
            "the timer that ends this is due 1.000"
        ]
    );
    assert!(matches!(
        replay.event_before(links[2].position),
        Some(Event::Timer(TimerEvent::Set { .. }))
    ));
}

#[test]
fn enter_explains_a_task_or_goes_to_the_cause() {
    let mut driver = Driver::of_two_sleepers();
    driver.press(":t 1\n3\n");
    assert!(driver.picture().contains("Why? #0 main"));
    driver.press("\u{1b}5\n");
    assert!(driver.picture().contains("the cause: event"));
}

/// The right answer at a position.
fn right(replay: &mut Replay, position: Position) -> Option<usize> {
    replay.seek(position);
    insight::question(replay).map(|question| question.right)
}

#[test]
fn right_answers_give_a_full_score() {
    for run in [concurrent, sequential, mixed] {
        let mut replay = run();
        let mut driver = Driver::coloured((120, 40)).open(run());
        driver.press("gP");
        let mut asked = 0;
        while let Some(right) = right(&mut replay, driver.model.position().unwrap().0) {
            driver.press(&(right + 1).to_string());
            asked += 1;
            assert!(driver.picture().contains("Right ("), "{}", driver.picture());
            assert!(asked < 1000);
        }
        assert!(
            driver
                .picture()
                .contains(&format!("predicted {asked} of {asked}"))
        );
        driver.press("P");
        assert!(
            driver
                .picture()
                .contains(&format!("{asked} of {asked} right"))
        );
        assert!(!driver.picture().contains("predicted"));
    }
}

#[test]
fn a_stretch_does_not_skip_the_next_question() {
    let mut replay = concurrent();
    for at in 0..replay.end().0 {
        replay.seek(Position(at));
        let Some(question) = insight::question(&replay) else {
            continue;
        };
        for task in 0..3 {
            let mut driver = Driver::of_two_sleepers();
            driver.press(&format!("A:task {task}\n:{at}\nP\u{1b}f"));
            assert!(driver.at() <= question.after.0, "{at}, task {task}");
        }
    }
}

#[test]
fn a_wrong_answer_is_explained_and_counted_once() {
    let mut replay = concurrent();
    let mut driver = Driver::of_two_sleepers();
    driver.press("gP");
    let right = right(&mut replay, Position(0)).unwrap();
    driver.press(if right == 0 { "2" } else { "1" });
    let picture = driver.picture();
    assert!(
        picture.contains("No (0 of 1): #0 main runs: it alone was in READY."),
        "{picture}"
    );
    driver.press("g");
    driver.press(&(right + 1).to_string());
    assert!(driver.picture().contains("0 of 1"));
}

#[test]
fn the_next_poll_is_hidden_before_the_answer() {
    let mut driver = Driver::of_two_sleepers();
    driver.press("ugP");
    for key in ["s", "t", "c", "f"] {
        driver.press("g");
        let before = driver.at();
        driver.press(key);
        driver.press(key);
        driver.press(key);
        let replay = concurrent();
        let first = replay
            .events_from(Position(before))
            .find(|(_, event, _)| matches!(event, Event::Task(TaskEvent::PollStart { .. })))
            .unwrap();
        assert!(driver.at() < first.0.0, "{key}");
    }
    driver.press("u");
    assert!(driver.picture().contains("stays hidden"));
    // After skipping, steps work again.
    driver.press("\u{1b}s");
    assert!(driver.at() > 1);
}

#[test]
fn playing_stops_at_each_question() {
    let mut driver = Driver::of_two_sleepers();
    driver.press("gP ");
    for time in (0..20_000).step_by(33) {
        driver.frame(time);
    }
    assert!(!driver.model.wants_frames());
    let mut replay = concurrent();
    replay.seek(Position(driver.at()));
    let question = insight::question(&replay).unwrap();
    assert_eq!(question.after.0, driver.at() + 1);
    assert!(driver.picture().contains("What runs next?"));
}

#[test]
fn answers_are_sorted_and_include_the_right_one() {
    for run in [concurrent, sequential, mixed] {
        let mut replay = run();
        for position in 0..=replay.end().0 {
            replay.seek(Position(position));
            let Some(question) = insight::question(&replay) else {
                continue;
            };
            assert!(question.choices.is_sorted() && question.choices.len() <= 4);
            assert!(question.right < question.choices.len());
            assert!(question.after > replay.position());
        }
    }
}

#[test]
fn narration_and_state_are_copied_as_text() {
    let copied = |commands: Vec<Command>| {
        commands.into_iter().find_map(|command| match command {
            Command::Copy(text) => Some(text),
            _ => None,
        })
    };
    let mut driver = Driver::of_two_sleepers();
    let text = copied(driver.press(":t 1\ny")).unwrap();
    assert!(text.contains("t=1.000") && text.contains("tasks\n") && text.contains("#2 world"));
    assert!(driver.picture().contains("to the terminal's clipboard"));
    let mut driver = Driver::coloured((120, 40))
        .open(sequential())
        .beside(concurrent());
    let text = copied(driver.press("y")).unwrap();
    assert!(text.contains("total"), "{text}");
    let mut driver = Driver::coloured((120, 40)).open(super::driver::crowd(1500));
    let text = copied(driver.press("Gy")).unwrap();
    assert!(text.len() <= 72_000 && text.ends_with('\n'));
    assert!(driver.picture().contains("which takes no more"));
}

/// The words of the chain of waits of a task at a moment.
fn waits(scenario: &str, variant: &str, at: f64, task: u32) -> Vec<String> {
    let mut replay = run_named(scenario, variant);
    replay.seek(replay.at_moment(Moment::from_seconds(at)));
    let task = TaskId(task);
    let links = insight::blocked_on(&replay, task, Language::Rust);
    links.into_iter().map(|link| link.words).collect()
}

/// Once, `w` said only when the timer was due.
#[test]
fn an_overdue_timer_is_explained_by_what_held_the_loop() {
    let mut replay = run_named("lesson_08_late_sleep", "wrong");
    replay.seek(replay.tick_start(3));
    let links = insight::blocked_on(&replay, TaskId(1), Language::Rust);
    let words: Vec<String> = links.into_iter().map(|link| link.words).collect();
    assert!(
        words.contains(&"overdue by 0.700 s: #2 work held the loop from 0.000 to 1.000".to_owned()),
        "{words:?}"
    );
}

/// Once, `w` said only that no permit was free.
#[test]
fn a_task_in_line_is_told_who_holds_and_its_place() {
    let words = waits("flag_downloads", "throttled", 0.1, 6);
    assert!(words[1].starts_with("held by #1-#5; #6 "), "{words:?}");
    assert!(words[1].ends_with("is 1st of 5 in line"), "{words:?}");
}

/// Once, a task that waited for its own lock was said to wait for another one.
#[test]
fn a_lock_held_by_its_waiter_is_no_circle_of_tasks() {
    let words = waits("lesson_18_lock_twice", "wrong", 0.0, 0);
    assert_eq!(
        words[1],
        "it holds this lock itself, so the lock is never released"
    );
    assert!(
        !words.iter().any(|words| words.contains("each")),
        "{words:?}"
    );
}

#[test]
fn the_causes_go_on_past_a_timer_to_the_start() {
    let mut replay = concurrent();
    replay.seek(replay.at_moment(Moment::from_seconds(2.0)));
    let causes = insight::why(&replay, TaskId(2), Language::Rust);
    let is = |start: &str| causes.iter().any(|link| link.words.starts_with(start));
    assert!(
        is("the timer of #2 world fires") && is("#2 world sets a timer"),
        "{causes:?}"
    );
    assert!(is("#0 main spawns #2 world"), "{causes:?}");
}

/// Two tasks that take two locks in opposite order, run until none of them can continue.
fn two_locks() -> Replay {
    let ended = Builder::new().record(true).on_idle(OnIdle::End).run(async {
        let x = Arc::new(Mutex::named("x", ()));
        let y = Arc::new(Mutex::named("y", ()));
        let take = |first: &Arc<Mutex<()>>, second: &Arc<Mutex<()>>| {
            let (first, second) = (Arc::clone(first), Arc::clone(second));
            async move {
                let _first = first.lock().await;
                sleep(Duration::from_secs(1)).await;
                let _second = second.lock().await;
            }
        };
        let a = spawn(take(&x, &y)).named("a");
        let b = spawn(take(&y, &x)).named("b");
        a.await;
        b.await;
    });
    let mut replay = Replay::new(ended.log);
    replay.seek(replay.end());
    replay
}

#[test]
fn two_tasks_that_hold_each_others_lock_are_a_circle() {
    let replay = two_locks();
    let links = insight::blocked_on(&replay, TaskId(1), Language::Rust);
    let words: Vec<&str> = links.iter().map(|link| link.words.as_str()).collect();
    assert_eq!(
        words,
        [
            "#1 a waits: lock y (held by #2 b)",
            "held by #2 b; #1 a is 1st of 1 in line",
            "#2 b waits: lock x (held by #1 a)",
            "held by #1 a; #2 b is 1st of 1 in line",
            "deadlock: #1 a -> #2 b -> #1 a: each waits for the next one, so none can continue",
        ]
    );
    let mut driver = Driver::coloured((120, 40)).open(replay);
    driver.press("G3jw");
    let popup = driver.panel("Why? #1 a");
    assert!(popup.contains("#1 a -> #2 b -> #1 a"), "{popup}");
    assert!(popup.contains("none can continue"), "{popup}");
}

#[test]
fn a_chain_of_causes_names_locks_and_timers() {
    let mut replay = run_named("lesson_16_lost_update", "right");
    replay.seek(replay.end());
    let mut words = Vec::new();
    for task in 0..u32::try_from(replay.tables().tasks().len()).unwrap() {
        let causes = insight::why(&replay, TaskId(task), Language::Rust);
        words.extend(causes.into_iter().map(|link| link.words));
    }
    let has = |what: &str| words.iter().any(|words| words.contains(what));
    assert!(has("releases lock `"), "{words:?}");
    assert!(has("the timer of #"), "{words:?}");
    assert!(!has("resource ") && !has("timer 0"), "{words:?}");
}

/// Once, this key held up the screen for as long as the rest of a long trace took to read.
#[test]
fn a_search_for_a_change_continues_from_frame_to_frame() {
    let run = Builder::new().record(true).run(async {
        spawn(async {}).await;
        for _ in 0..80_000 {
            yield_now().await;
        }
    });
    let replay = Replay::new(run.log);
    assert!(replay.end().0 > 250_000, "{}", replay.end().0);
    let mut driver = Driver::coloured((120, 40)).open(replay);
    driver.press("A:task 1\n:100\nf");
    assert!(driver.picture().contains("looking for a change of #1"));
    assert_eq!(driver.at(), 100);
    driver.press("\u{1b}");
    assert!(driver.picture().contains("no longer looking for a change"));
    driver.frame(0);
    assert!(!driver.picture().contains("looking for a change of"));
    driver.press("f");
    for _ in 0..5 {
        driver.frame(0);
    }
    assert_eq!(driver.at(), 100);
    let picture = driver.picture();
    assert!(picture.contains("nothing more happens to #1"), "{picture}");
    driver.press("GF");
    for _ in 0..5 {
        driver.frame(0);
    }
    assert!(driver.at() < 100, "the last change of task 1");
}

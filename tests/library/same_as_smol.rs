//! The public API is smol's: the same programs, compiled against `smol` and against this crate,
//! behave the same.

mod differences;

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use loopscope::{
    Builder,
    insight::Language,
    replay::Replay,
    runtime::{self, LiveTrace, LoopControl, WatchOptions},
    scene::plain,
    sleep,
    trace::{
        ClockKind, Event, Log, Meta, Outcome, PollOutcome, Position, TaskEvent, TaskId, TimerEvent,
    },
};

/// A program, and the text that it returns.
type Program = (&'static str, fn() -> String);

mod on_smol {
    mod tasks {
        use smol as rt;
        include!("same_as_smol/tasks.rs");
    }
    mod waits {
        use smol as rt;
        include!("same_as_smol/waits.rs");
    }
    mod io {
        use smol as rt;
        include!("same_as_smol/io.rs");
    }
    mod guards {
        use smol as rt;
        include!("same_as_smol/guards.rs");
    }
    mod threads {
        use smol as rt;
        include!("same_as_smol/threads.rs");
    }
    pub(crate) const ALL: [&[super::Program]; 3] = [tasks::ALL, waits::ALL, io::ALL];
    pub(crate) const THREADS: &[super::Program] = threads::ALL;
}

mod on_loopscope {
    mod tasks {
        use loopscope as rt;
        include!("same_as_smol/tasks.rs");
    }
    mod waits {
        use loopscope as rt;
        include!("same_as_smol/waits.rs");
    }
    mod io {
        use loopscope as rt;
        include!("same_as_smol/io.rs");
    }
    mod guards {
        use loopscope as rt;
        include!("same_as_smol/guards.rs");
    }
    mod threads {
        use loopscope as rt;
        include!("same_as_smol/threads.rs");
    }
    pub(crate) const ALL: [&[super::Program]; 3] = [tasks::ALL, waits::ALL, io::ALL];
    pub(crate) const THREADS: &[super::Program] = threads::ALL;
}

#[test]
fn programs_behave_as_on_smol() {
    let pairs = on_smol::ALL.iter().zip(on_loopscope::ALL);
    for ((name, on_smol), (_, on_loopscope)) in pairs.flat_map(|(a, b)| a.iter().zip(b)) {
        assert_eq!(on_loopscope(), on_smol(), "{name}");
    }
}

/// What a program of several threads returns that hangs.
const HANGS: &str = "Timeout";

#[test]
fn programs_on_several_threads_behave_as_on_smol() {
    let mut wrong = String::new();
    for ((name, on_smol), (_, on_loopscope)) in on_smol::THREADS.iter().zip(on_loopscope::THREADS) {
        let (got, mut expected) = (on_loopscope(), on_smol());
        // On a busy machine `lock_blocking_inside_block_on` has hung on smol itself.
        if expected == HANGS && got != HANGS {
            expected = on_smol();
        }
        if got != expected {
            let _ = writeln!(wrong, "{name}: {got}, and on smol {expected}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn recorded_programs_behave_the_same() {
    for (name, program) in on_loopscope::ALL.iter().copied().flatten() {
        let (recorded, log) = std::thread::spawn(|| recorded(*program)).join().unwrap();
        assert_eq!(recorded, program(), "{name}");
        let replay = Replay::new(log);
        assert!(!replay.is_damaged(), "{name}");
        every_turn_is_of_a_living_task(name, &replay);
    }
}

/// Runs a program on a thread whose loop is recorded.
fn recorded(program: fn() -> String) -> (String, Log) {
    let feed = LiveTrace::new();
    let wanted = WatchOptions {
        live: Some(feed.clone()),
        control: LoopControl::new(),
        ..WatchOptions::default()
    };
    assert!(runtime::watch(wanted));
    let said = program();
    runtime::end(Outcome::Finished);
    let meta = Meta::default();
    let bytes = feed.take();
    (said, Log { bytes, meta })
}

/// Polls do not overlap, and a task is polled only between its spawn and its end.
fn every_turn_is_of_a_living_task(name: &str, replay: &Replay) {
    let (mut living, mut runs) = (BTreeSet::new(), None);
    for (position, event, _) in replay.events_from(Position(0)) {
        match event {
            Event::Task(TaskEvent::Spawn { task, .. }) => assert!(living.insert(task)),
            Event::Task(TaskEvent::PollStart { task }) => {
                assert!(living.contains(&task), "{name}, {position:?}: {task:?}");
                assert_eq!(runs.replace(task), None, "{name}, {position:?}");
            }
            Event::Task(TaskEvent::PollEnd { task, outcome, .. }) => {
                assert_eq!(runs.take(), Some(task), "{name}, {position:?}");
                if outcome != PollOutcome::Pending {
                    living.remove(&task);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn tasks_spawned_before_the_loop_are_recorded() {
    let (said, log) = std::thread::spawn(|| {
        recorded(|| {
            let early = loopscope::spawn_local(async { 1 }).named("early");
            loopscope::block_on(early).to_string()
        })
    })
    .join()
    .unwrap();
    assert_eq!(said, "1");
    let replay = Replay::new(log);
    let spawned = replay
        .events_from(Position(0))
        .filter(|(_, event, _)| matches!(event, Event::Task(TaskEvent::Spawn { .. })));
    assert_eq!(spawned.count(), 2);
}

#[test]
fn tasks_of_a_smol_executor_are_recorded() {
    async fn nested(times: u32) {
        for _ in 0..times {
            loopscope::future::yield_now().await;
        }
    }
    let (_, log) = std::thread::spawn(|| {
        recorded(|| {
            let executor = loopscope::LocalExecutor::new();
            let tasks = [executor.spawn(nested(2)), executor.spawn(nested(3))];
            loopscope::block_on(executor.run(async {
                for task in tasks {
                    task.await;
                }
            }));
            String::new()
        })
    })
    .join()
    .unwrap();
    let replay = Replay::new(log);
    let tables = replay.tables();
    let names: Vec<_> = (0..3)
        .map(|task| tables.task(TaskId(task)).map(|info| tables.text(info.name)))
        .collect();
    assert_eq!(names[1..], [Some("nested"), Some("nested")]);
    let turns = |of: u32| {
        let starts = replay.events_from(Position(0));
        starts
            .filter(|(_, event, _)| {
                *event == Event::Task(TaskEvent::PollStart { task: TaskId(of) })
            })
            .count()
    };
    assert_eq!((turns(1), turns(2)), (3, 4));
}

/// An executor polls its tasks inside of a poll of the loop, often in the tick of their spawn.
#[test]
fn no_note_defers_a_task_that_an_executor_polls_at_once() {
    let run = Builder::new()
        .clock(ClockKind::Virtual)
        .record(true)
        .run(async {
            let executor = loopscope::LocalExecutor::new();
            let tasks = [1, 2].map(|n| executor.spawn(sleep(Duration::from_secs(n))));
            executor
                .run(async {
                    for task in tasks {
                        task.await;
                    }
                })
                .await;
        });
    let mut log = Vec::new();
    plain::write_log(&Replay::new(run.log), Language::Rust, &mut log).unwrap();
    let log = String::from_utf8(log).unwrap();
    // The first task starts in this tick. The second one starts in the next, so its note holds.
    assert!(!log.contains("#1 Sleep does NOT start now"), "{log}");
    assert!(log.contains("#2 Sleep does NOT start now"), "{log}");
    assert!(!log.contains("does NOT run now"), "{log}");
}

/// The nested task, the outer one and the others are polled one after another.
#[test]
fn a_block_on_inside_of_a_task_is_recorded_in_the_same_trace() {
    let run = Builder::new()
        .clock(ClockKind::Virtual)
        .record(true)
        .run(async {
            let other = loopscope::spawn(sleep(Duration::from_secs(1))).named("other");
            loopscope::block_on(async { sleep(Duration::from_secs(2)).await });
            assert!(other.is_finished());
            sleep(Duration::from_secs(1)).await;
            loopscope::now().seconds()
        });
    assert_eq!(run.value, Some(3.0));
    let replay = Replay::new(run.log);
    every_turn_is_of_a_living_task("nested", &replay);
    let setters = replay
        .events_from(Position(0))
        .filter_map(|(_, event, _)| match event {
            Event::Timer(TimerEvent::Set { task, .. }) => Some(task.map(|task| task.0)),
            _ => None,
        });
    assert_eq!(setters.collect::<Vec<_>>(), [Some(1), Some(2), Some(0)]);
    assert_eq!(replay.tables().tasks().len(), 3);
}

/// `patch/smol` takes the place of smol in the dependencies of a program, loopscope's among them.
#[test]
fn the_library_depends_on_the_parts_of_smol_alone() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let (_, after) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, rest) = after.split_once("\n[dev-dependencies]\n").unwrap();
    let names = |text: &str| {
        let named = text
            .lines()
            .filter_map(|line| line.split(['.', ' ']).next());
        named.filter(|name| *name == "smol").count()
    };
    assert_eq!((names(dependencies), names(rest)), (0, 1));
    let patch = std::fs::read_to_string(folder.join("patch/smol/Cargo.toml")).unwrap();
    assert!(patch.contains("name = \"smol\"\n"), "{patch}");
}

//! Recording into a file, and keeping only the newest part.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use loopscope::{
    Builder, Run,
    future::yield_now,
    replay::Replay,
    runtime::Store,
    spawn_named,
    trace::{ClockKind, Event, Meta, Position, TaskId, file},
};

/// A file in memory.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<Vec<u8>>>);

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn turns() {
    let other = spawn_named("other", async {
        for _ in 0..100_000 {
            yield_now().await;
        }
    });
    other.await;
}

fn run(builder: Builder) -> Run<()> {
    let run = builder.clock(ClockKind::Virtual).run(turns());
    assert_eq!(run.value, Some(()));
    run
}

#[test]
fn a_file_holds_what_memory_would() {
    let held = Held::default();
    let store = Store::new(held.clone(), &Meta::default()).unwrap();
    let stored = run(Builder::new().store(store));
    assert!(stored.store_error.is_none() && stored.log.bytes.is_empty());
    let (log, damage) = file::read(held.0.lock().unwrap().as_slice()).unwrap();
    assert_eq!(damage, None);
    assert!(log.bytes == run(Builder::new().record(true)).log.bytes);
}

#[test]
fn a_flight_recorder_keeps_the_newest_part_and_a_gap() {
    let whole = Replay::new(run(Builder::new().record(true)).log);
    let most = 150_000;
    let kept = run(Builder::new().max_memory(most)).log;
    assert!(kept.bytes.len() < most + 1_000);
    let kept = Replay::new(kept);
    assert!(!kept.is_damaged());
    let gap = kept.index().gaps()[0];
    assert_eq!(gap.position, Position(1));
    let (events, all) = (kept.end().0, whole.end().0);
    assert_eq!(events - 1 + gap.events, all);
    assert_eq!(kept.tables().task_name(TaskId(1)), "other");
    let rest = |replay: &Replay, from: u32| -> Vec<Event> {
        let events = replay.events_from(Position(from));
        events.map(|(_, event, _)| event).collect()
    };
    assert!(rest(&kept, 1) == rest(&whole, gap.events));
    assert_eq!(kept.index().head().outcome, whole.index().head().outcome);
}

//! Recording into a file, and keeping only the newest part.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use loopscope::{
    Builder, Run,
    future::yield_now,
    replay::Replay,
    runtime::{LiveTrace, Store},
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

async fn many_polls() {
    let other = spawn_named("other", async {
        for _ in 0..100_000 {
            yield_now().await;
        }
    });
    other.await;
}

fn run(builder: Builder) -> Run<()> {
    let run = builder.clock(ClockKind::Virtual).run(many_polls());
    assert_eq!(run.value, Some(()));
    run
}

#[test]
fn a_file_holds_the_same_records_as_memory() {
    let held = Held::default();
    let store = Store::new(held.clone(), &Meta::default()).unwrap();
    let stored = run(Builder::new().store(store));
    assert!(stored.store_error.is_none() && stored.log.bytes.is_empty());
    assert!(records(&held) == run(Builder::new().record(true)).log.bytes);
}

/// The records in a file that is complete.
fn records(file: &Held) -> Vec<u8> {
    let (log, damage) = file::read(file.0.lock().unwrap().as_slice()).unwrap();
    assert_eq!(damage, None);
    log.bytes
}

#[test]
fn a_reader_and_a_file_both_get_the_whole_trace() {
    let (held, live) = (Held::default(), LiveTrace::new());
    let store = Store::new(held.clone(), &Meta::default()).unwrap();
    let both = run(Builder::new().store(store).live_trace(live.clone()));
    assert!(both.store_error.is_none() && both.log.bytes.is_empty());
    let whole = run(Builder::new().record(true)).log.bytes;
    assert!(live.take() == whole);
    assert!(records(&held) == whole);
}

#[test]
fn a_file_that_is_begun_later_has_the_whole_trace() {
    let (held, live) = (Held::default(), LiveTrace::new());
    let mut taken = Vec::new();
    let run = Builder::new().live_trace(live.clone()).run(async {
        many_polls().await;
        taken = live.take();
        many_polls().await;
        let store = Store::new(held.clone(), &Meta::default()).unwrap();
        live.record(store, &taken).unwrap();
        many_polls().await;
    });
    assert_eq!(run.value, Some(()));
    assert!(!live.is_recorded(), "the end of the run ends the file");
    taken.extend(live.take());
    assert!(records(&held) == taken);
}

/// A disk that takes nothing while `blocked` is locked.
struct SlowDisk(Arc<Mutex<()>>);

impl Write for SlowDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        drop(self.0.lock().unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Guards against an earlier defect: while the loop waited for the disk, it held the lock that a
/// reader needs.
#[test]
fn a_reader_gets_records_while_the_loop_waits_for_the_disk() {
    let (live, blocked) = (LiveTrace::new(), Arc::new(Mutex::new(())));
    let (is_recorded, recorded) = mpsc::channel();
    let (go, went) = mpsc::channel();
    let (theirs, disk) = (live.clone(), SlowDisk(Arc::clone(&blocked)));
    let the_loop = thread::spawn(move || {
        let live = theirs.clone();
        let run = Builder::new().live_trace(theirs).run(async move {
            let store = Store::new(disk, &Meta::default()).unwrap();
            live.record(store, &live.take()).unwrap();
            is_recorded.send(()).unwrap();
            went.recv().unwrap();
            for _ in 0..20 {
                many_polls().await;
            }
        });
        assert_eq!(run.value, Some(()));
    });
    recorded.recv().unwrap();
    let disk_is_blocked = blocked.lock().unwrap();
    go.send(()).unwrap();
    // The buffer of a store takes one mebibyte. When that much has arrived, the loop waits.
    let mut taken = 0;
    while taken < 1 << 20 {
        taken += live.take().len();
        thread::yield_now();
    }
    assert!(!live.is_ended(), "the loop has not waited for the disk");
    drop(disk_is_blocked);
    the_loop.join().unwrap();
}

#[test]
fn a_closed_file_is_complete_and_takes_no_more() {
    let held = Held::default();
    let store = Store::new(held.clone(), &Meta::default()).unwrap();
    let whole = run(Builder::new().record(true)).log.bytes;
    assert!(store.push(|to| to.extend_from_slice(&whole)));
    store.handle().close();
    assert!(records(&held) == whole);
    assert!(!store.push(|to| to.extend_from_slice(&whole)));
    assert!(store.finish().is_ok());
    assert!(records(&held) == whole);
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
    let rest = |replay: &Replay, from: u64| -> Vec<Event> {
        let events = replay.events_from(Position(from));
        events.map(|(_, event, _)| event).collect()
    };
    assert!(rest(&kept, 1) == rest(&whole, gap.events));
    assert_eq!(kept.index().head().outcome, whole.index().head().outcome);
}

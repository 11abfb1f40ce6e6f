//! The words of every kind of event, on one trace that has them all.

use loopscope::insight;
use loopscope::replay::{EventStep, Replay};
use loopscope::trace::{
    Advance, ClockKind, Event, LocationId, Log, Meta, Outcome, PollOutcome, Position, ResourceId,
    ResourceKind, ResourceOp, TaskEvent, TaskId, TimerId, Wait, WakeEffect, Writer,
};
use unicode_width::UnicodeWidthStr as _;

const S: u64 = 1_000_000_000;
const MS: u64 = 1_000_000;

const CHANNEL: ResourceId = ResourceId(0);
const LOCK: ResourceId = ResourceId(1);
const SEMAPHORE: ResourceId = ResourceId(2);
const EVENT: ResourceId = ResourceId(3);
const LISTENER: ResourceId = ResourceId(5);
const STREAM: ResourceId = ResourceId(6);
const POOL: ResourceId = ResourceId(7);

const VALUE: ResourceId = ResourceId(11);

const MADE: [(ResourceKind, &str, u32); 12] = [
    (ResourceKind::Channel, "jobs", 2),
    (ResourceKind::Lock, "db", 1),
    (ResourceKind::Semaphore, "limit", 3),
    (ResourceKind::Event, "ready", 0),
    (ResourceKind::Future, "answer", 0),
    (ResourceKind::Listener, "127.0.0.1:8000", 0),
    (ResourceKind::Stream, "TcpStream 127.0.0.1:40000", 0),
    (ResourceKind::Pool, "read file", 0),
    (ResourceKind::Group, "all", 0),
    (ResourceKind::Io, "stdin", 0),
    (ResourceKind::Foreign, "ask", 0),
    (ResourceKind::Value, "balance", 0),
];

/// The main task makes everything, spawns a worker and waits for a connection or a deadline.
fn first_turns(to: &mut Writer) -> LocationId {
    let (main, worker) = (to.intern("main"), to.intern("worker"));
    let at = to.location("src/../scenarios/program.rs", 2, 5);
    to.spawn(main, LocationId::UNKNOWN, false);
    begin_tick(to, 1);
    to.poll_start(TaskId(0));
    for ((kind, name, limit), slot) in MADE.into_iter().zip(0..) {
        let name = to.intern(name);
        to.resource_new(ResourceId(slot), kind, name, at, limit);
    }
    to.spawn(worker, at, true);
    to.used(LOCK, ResourceOp::Acquired, 0);
    to.used(LISTENER, ResourceOp::Begun, 0);
    to.wait(Wait::Operation(LISTENER), at, false);
    to.timer_set(TimerId(0), 5 * S);
    to.wait(Wait::Timer(TimerId(0)), at, true);
    to.poll_end(PollOutcome::Pending, 3 * MS);
    to.tick_end();
    begin_tick(to, 1);
    to.poll_start(TaskId(1));
    to.wait(Wait::Receive(CHANNEL), at, false);
    to.poll_end(PollOutcome::Pending, MS);
    to.tick_end();
    at
}

fn begin_tick(to: &mut Writer, ready: u32) {
    to.tick_start();
    to.timers(0);
    to.run(ready);
}

/// An accepted connection, items, a redundant wake, a callback, a lock taken twice.
fn connection(to: &mut Writer, at: LocationId) {
    to.tick_start();
    to.park(Some(4 * S));
    to.advance(S, Advance::Waited);
    to.wakes_from(None);
    to.wake(TaskId(0), WakeEffect::Enqueued);
    to.timers(0);
    to.run(1);
    to.poll_start(TaskId(0));
    to.used(LISTENER, ResourceOp::Ended, 0);
    to.used(LISTENER, ResourceOp::Accepted, 0);
    to.timer_cancelled(TimerId(0));
    to.used(CHANNEL, ResourceOp::Sent, 1);
    to.wake(TaskId(1), WakeEffect::Enqueued);
    to.used(CHANNEL, ResourceOp::Sent, 2);
    to.wake(TaskId(1), WakeEffect::Redundant);
    let done = to.intern("on_done");
    let callback = to.callback_scheduled(done);
    to.wait(Wait::Acquire(LOCK), at, false);
    to.poll_end(PollOutcome::Pending, 2 * MS);
    to.tick_end();
    begin_tick(to, 2);
    to.poll_start(TaskId(1));
    for (resource, op, value) in [
        (CHANNEL, ResourceOp::Received, 1),
        (STREAM, ResourceOp::Connected, 0),
        (STREAM, ResourceOp::Read, 64),
        (STREAM, ResourceOp::Wrote, 64),
        (STREAM, ResourceOp::Read, 0),
        (LOCK, ResourceOp::Released, 1),
        (SEMAPHORE, ResourceOp::Acquired, 2),
        (EVENT, ResourceOp::Set, 0),
        (EVENT, ResourceOp::Cleared, 0),
        (CHANNEL, ResourceOp::Closed, 0),
        (POOL, ResourceOp::Begun, 0),
        (VALUE, ResourceOp::Loaded, 7),
        (VALUE, ResourceOp::Stored, 8),
    ] {
        to.used(resource, op, value);
    }
    to.resource_dropped(STREAM);
    to.cancel_asked(TaskId(0), false);
    to.cancel_asked(TaskId(0), true);
    to.wait(Wait::Operation(POOL), at, false);
    to.poll_end(PollOutcome::Pending, MS);
    to.callback_start(callback);
    to.output("the answer");
    to.callback_end(callback, MS);
    to.tick_end();
}

/// A thread wakes the worker, which works and fails; the main task is cancelled.
fn the_end(to: &mut Writer) {
    to.gap(3);
    to.tick_start();
    to.park(None);
    to.advance(S, Advance::Waited);
    let pool = to.intern("pool-1");
    to.wakes_from(Some(pool));
    to.wake(TaskId(1), WakeEffect::Enqueued);
    to.timers(0);
    to.run(1);
    to.poll_start(TaskId(1));
    to.advance(S, Advance::Worked);
    to.timer_set(TimerId(0), S);
    to.failed("index out of bounds");
    to.poll_end(PollOutcome::Panicked, MS);
    to.tick_end();
    to.tick_start();
    to.advance(S, Advance::Jumped);
    to.timers(1);
    to.timer_fired(TimerId(0));
    to.wake(TaskId(1), WakeEffect::TooLate);
    to.run(1);
    to.poll_start(TaskId(0));
    to.cancel_delivered(TaskId(0));
    to.poll_end(PollOutcome::Cancelled, MS);
    to.tick_end();
    to.end(Outcome::Stalled);
}

fn trace() -> Replay {
    let mut to = Writer::new();
    let at = first_turns(&mut to);
    connection(&mut to, at);
    the_end(&mut to);
    Replay::new(Log {
        bytes: to.take(),
        meta: Meta {
            clock: ClockKind::Real,
            ..Meta::default()
        },
    })
}

#[test]
fn every_event_has_words() {
    let mut replay = trace();
    assert!(!replay.is_damaged());
    for position in 1..=replay.end().0 {
        replay.seek(Position(position));
        let event = replay.event_before(Position(position)).unwrap();
        let told = insight::narrate(&replay, insight::Language::Rust);
        assert!(told.what.ends_with('.'), "{event:?}: {}", told.what);
        assert!(told.what.width() <= 150, "{}", told.what);
        let before = replay.state_at(Position(position - 1));
        let step = EventStep::after(&replay, &before).unwrap();
        assert!(!insight::event_words(&step, insight::Language::Rust).is_empty());
    }
}

#[test]
fn every_kind_of_event_has_the_expected_words() {
    let mut replay = trace();
    let mut told = Vec::new();
    for position in 1..=replay.end().0 {
        replay.seek(Position(position));
        told.push(insight::narrate(&replay, insight::Language::Rust).what);
    }
    for expected in [
        "#0 main creates channel `jobs`, with room for 2.",
        "#0 main hands work to another thread: `read file`.",
        "#0 main takes lock `db`.",
        "#0 main also waits at line 2: timer due 5.000. The first of its waits to end wakes it.",
        "#0 main suspends: RUNNING -> TIMERS (timer due 5.000, or 1 other wait).",
        "#1 worker suspends: RUNNING -> PENDING (an item in channel `jobs`).",
        "I/O is ready, so #0 main moves from TIMERS to READY.",
        "The timer of #0 main, due 5.000, is removed from TIMERS before it fires.",
        "#0 main puts an item into channel `jobs` (now 1 of 2).",
        "#0 main wakes #1 worker, which was waiting for an item in channel `jobs`: PENDING -> READY.",
        "#0 main wakes #1 worker again: it is already in READY, once.",
        "#1 worker reads 64 bytes from 127.0.0.1:40000.",
        "#1 worker reads the end of 127.0.0.1:40000: nothing more will come.",
        "#1 worker takes a permit of semaphore `limit` (2 of 3 free).",
        "#1 worker requests that #0 main be cancelled.",
        "#1 worker drops the handle of #0 main.",
        "#0 main creates shared value `balance`.",
        "#1 worker reads value `balance`: 7.",
        "#1 worker writes value `balance`: it is now 8.",
        "Callback on_done prints \"the answer\".",
        "3 events are missing here.",
        "Thread pool-1 wakes #1 worker: from UNKNOWN to READY.",
        "#1 worker runs for 1.000 s without yielding; the clock is now 3.008.",
        "#1 worker fails with \"index out of bounds\".",
        "#1 worker moves from RUNNING to FAILED.",
        "#0 main is cancelled: its future is dropped.",
        "#0 main moves from RUNNING to CANCELLED.",
    ] {
        let said = told.iter().any(|what| what == expected);
        assert!(said, "{expected:?} in {told:#?}");
    }
}

/// Once, the narration said "makes a event".
#[test]
fn an_unnamed_resource_gets_an_article() {
    let said =
        [(ResourceKind::Event, "event"), (ResourceKind::Lock, "lock")].map(|(kind, name)| {
            let mut to = Writer::new();
            let main = to.intern("main");
            let at = to.location("src/../scenarios/program.rs", 2, 5);
            to.spawn(main, LocationId::UNKNOWN, false);
            begin_tick(&mut to, 1);
            to.poll_start(TaskId(0));
            let name = to.intern(name);
            to.resource_new(ResourceId(0), kind, name, at, 0);
            let mut replay = Replay::new(Log {
                bytes: to.take(),
                meta: Meta::default(),
            });
            replay.seek(replay.end());
            insight::narrate(&replay, insight::Language::Rust).what
        });
    assert_eq!(
        said,
        [
            "#0 main creates an event (unset).",
            "#0 main creates a lock."
        ]
    );
}

#[test]
fn taking_a_lock_twice_is_explained() {
    let mut replay = trace();
    let twice = replay
        .events_from(Position(0))
        .find(|(_, event, _)| {
            matches!(
                event,
                Event::Task(TaskEvent::Wait {
                    on: Wait::Acquire(_),
                    ..
                })
            )
        })
        .unwrap();
    replay.seek(twice.0);
    let told = insight::narrate(&replay, insight::Language::Rust);
    assert_eq!(told.why.unwrap(), "#0 main has it");
    assert_eq!(told.note.unwrap().rule.rust, "a lock cannot be taken twice");
}

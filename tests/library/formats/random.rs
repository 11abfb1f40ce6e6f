//! Properties of imports and exports, on random events and files.

use arbtest::arbtest;
use loopscope::{
    export,
    import::{ImportFormat, TraceBuilder},
    replay::{Replay, State},
    trace::{
        Advance, CallbackEvent, CallbackId, Event, LocationId, Log, LoopEvent, Meta, Moment,
        Outcome, PollOutcome, Position, ResourceEvent, ResourceId, ResourceKind, ResourceOp, Span,
        TaskEvent, TaskId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
    },
};

use super::{read, written};
use crate::support::run_named;

/// Time for each property, in milliseconds.
const BUDGET: u64 = 700;

type Random<'a, 'b> = &'a mut arbitrary::Unstructured<'b>;
type Made<T> = arbitrary::Result<T>;

/// A trace of events in any order that the format allows: overlapping polls, any wakes, timers that
/// were never set.
fn trace(random: Random<'_, '_>) -> Made<Log> {
    let mut to = TraceBuilder::new();
    for _ in 0..random.int_in_range(0..=60)? {
        let at = to.now().0 + random.int_in_range(0..=3)? * 1000;
        let event = event(&mut to, random)?;
        to.event(Moment(at), &event).unwrap();
    }
    Ok(to.finish(Meta::default()))
}

fn event(to: &mut TraceBuilder, random: Random<'_, '_>) -> Made<Event> {
    let tasks = to.tasks();
    if tasks == 0 || random.ratio(1, 10)? {
        return spawn(to, random);
    }
    match random.int_in_range(0..=2)? {
        0 => of_a_task(to, random),
        1 => of_a_thing(to, random),
        _ => Ok(*random.choose(&[
            Event::Loop(LoopEvent::TickStart),
            Event::Loop(LoopEvent::TickEnd),
            Event::Loop(LoopEvent::Park { until: None }),
            Event::Loop(LoopEvent::RunPhase { ready: 7 }),
            Event::Gap { events: 9 },
            Event::Loop(LoopEvent::Advance {
                by: Span::ZERO,
                why: Advance::Worked,
            }),
            Event::Loop(LoopEvent::End {
                outcome: Outcome::Stalled,
            }),
        ])?),
    }
}

fn spawn(to: &mut TraceBuilder, random: Random<'_, '_>) -> Made<Event> {
    let tasks = to.tasks();
    let name = to.name(random.choose(&["a", "b;c", "\u{1b}[2J", "日本"])?);
    let at = if random.arbitrary()? {
        to.location("a.rs", random.int_in_range(1..=9)?, 4)
    } else {
        LocationId::UNKNOWN
    };
    let parent = random.arbitrary::<bool>()? && tasks > 0;
    let parent = parent.then(|| one(tasks, random)).transpose()?;
    Ok(Event::Task(TaskEvent::Spawn {
        task: TaskId(tasks),
        name,
        at,
        parent,
    }))
}

fn of_a_task(to: &mut TraceBuilder, random: Random<'_, '_>) -> Made<Event> {
    let task = one(to.tasks(), random)?;
    let small = random.int_in_range(0..=300)?;
    let outcomes = [
        PollOutcome::Pending,
        PollOutcome::Ready,
        PollOutcome::Panicked,
        PollOutcome::Failed,
    ];
    let effects = [
        WakeEffect::Enqueued,
        WakeEffect::Redundant,
        WakeEffect::TooLate,
    ];
    let waits = [
        Wait::Unknown,
        Wait::Yield,
        Wait::Timer(TimerId(small)),
        Wait::Join(task),
        Wait::Receive(ResourceId(small)),
        Wait::All(ResourceId(small)),
        Wait::Any(ResourceId(small)),
    ];
    Ok(match random.int_in_range(0..=7)? {
        0 => Event::Task(TaskEvent::PollStart { task }),
        1 => Event::Task(TaskEvent::PollEnd {
            task,
            outcome: *random.choose(&outcomes)?,
            took: Span::ZERO,
        }),
        2 => Event::Task(TaskEvent::Wake {
            task,
            by: waker(to, small, random)?,
            effect: *random.choose(&effects)?,
        }),
        3 => Event::Task(TaskEvent::Wait {
            task,
            on: *random.choose(&waits)?,
            at: LocationId::UNKNOWN,
            at_creation: random.arbitrary()?,
            also: random.arbitrary()?,
        }),
        4 => Event::Timer(TimerEvent::Set {
            timer: TimerId(small),
            task: random.arbitrary::<bool>()?.then_some(task),
            // Later than any moment at which it is written.
            deadline: Moment(to.now().0 + 1_000_000),
        }),
        5 => Event::Task(TaskEvent::Joined {
            task,
            joined: one(to.tasks(), random)?,
            at: LocationId::UNKNOWN,
        }),
        6 => Event::Resource(ResourceEvent::Member {
            resource: ResourceId(small),
            task,
        }),
        _ => Event::Task(TaskEvent::CancelRequested {
            task,
            dropped: random.arbitrary()?,
        }),
    })
}

fn of_a_thing(to: &mut TraceBuilder, random: Random<'_, '_>) -> Made<Event> {
    let small = random.int_in_range(0..=300)?;
    let kinds = [
        ResourceKind::Channel,
        ResourceKind::Group,
        ResourceKind::Scope,
        ResourceKind::Generator,
    ];
    let ops = [
        ResourceOp::Sent,
        ResourceOp::Entered,
        ResourceOp::Left,
        ResourceOp::Resumed,
        ResourceOp::Yielded,
        ResourceOp::SetError,
        ResourceOp::Tried,
        ResourceOp::Failed,
    ];
    Ok(match random.int_in_range(0..=6)? {
        0 => Event::Timer(TimerEvent::Fired {
            timer: TimerId(small),
        }),
        1 => Event::Callback(CallbackEvent::Scheduled {
            callback: CallbackId(to.callbacks()),
            name: to.name("callback"),
        }),
        2 => Event::Resource(ResourceEvent::Created {
            resource: ResourceId(small),
            kind: *random.choose(&kinds)?,
            name: to.name("jobs"),
            at: LocationId::UNKNOWN,
            limit: small,
            at_first_use: random.arbitrary()?,
        }),
        3 => Event::Resource(ResourceEvent::Op {
            resource: ResourceId(small),
            op: *random.choose(&ops)?,
            value: small,
        }),
        4 => Event::Resource(ResourceEvent::Bytes {
            resource: ResourceId(small),
            text: to.text("GET /\\r\\n"),
        }),
        5 => Event::Resource(ResourceEvent::Dropped {
            resource: ResourceId(small),
        }),
        _ => Event::Output {
            text: to.text("a \"line\"\t\\"),
            at: if random.arbitrary()? {
                to.location("a.rs", 7, 4)
            } else {
                LocationId::UNKNOWN
            },
        },
    })
}

fn one(tasks: u32, random: Random<'_, '_>) -> Made<TaskId> {
    random.int_in_range(0..=tasks - 1).map(TaskId)
}

fn waker(to: &mut TraceBuilder, small: u32, random: Random<'_, '_>) -> Made<WokenBy> {
    let tasks = to.tasks();
    Ok(match random.int_in_range(0..=5)? {
        0 => WokenBy::Unknown,
        1 => WokenBy::Timer(TimerId(small)),
        2 => WokenBy::Io,
        3 => WokenBy::Thread(to.name("pool")),
        4 => WokenBy::Loop,
        _ => WokenBy::Task(one(tasks, random)?),
    })
}

#[test]
fn random_events_round_trip_as_json_lines() {
    let events = |replay: &Replay| -> Vec<_> {
        let events = replay.events_from(Position(0));
        events
            .map(|(position, event, cursor)| (position, event, cursor.now()))
            .collect()
    };
    arbtest(|random| {
        let replay = Replay::new(trace(random)?);
        assert!(!replay.is_damaged());
        let lines = written(|to| export::jsonl(&replay, to));
        let again = Replay::new(read(ImportFormat::Jsonl, &lines).unwrap().log);
        assert_eq!(events(&again), events(&replay));
        assert_eq!(again.index().head(), &moved(&replay, &again));
        let twice = written(|to| export::jsonl(&again, to));
        assert_eq!(
            String::from_utf8_lossy(&twice),
            String::from_utf8_lossy(&lines)
        );
        let third = read(ImportFormat::Jsonl, &twice).unwrap().log;
        assert_eq!(third, *again.log());
        Ok(())
    })
    .budget_ms(BUDGET);
}

/// The last state of a run, for comparison with the same run in other bytes.
fn moved(replay: &Replay, bytes: &Replay) -> State {
    let mut head = replay.index().head().clone();
    head.cursor = bytes.index().head().cursor;
    head
}

#[test]
fn every_export_accepts_random_events() {
    arbtest(|random| {
        let replay = Replay::new(trace(random)?);
        let chrome = written(|to| export::chrome(&replay, to));
        assert!(serde_json::from_slice::<serde_json::Value>(&chrome).is_ok());
        let folded = written(|to| export::folded(&replay, export::Weight::Polls, to));
        for line in String::from_utf8(folded).unwrap().lines() {
            let (stack, number) = line.rsplit_once(' ').unwrap();
            assert!(!stack.is_empty() && number.parse::<u64>().is_ok(), "{line}");
        }
        super::perfetto::check(&replay);
        Ok(())
    })
    .budget_ms(BUDGET);
}

/// A file with some bytes replaced.
fn broken(file: &[u8], random: Random<'_, '_>) -> Made<Vec<u8>> {
    let mut broken = file.to_vec();
    for _ in 0..random.int_in_range(1..=4)? {
        let Some(last) = broken.len().checked_sub(1) else {
            break;
        };
        let at = random.int_in_range(0..=last)?;
        match random.int_in_range(0..=3)? {
            0 => broken[at] = random.arbitrary()?,
            1 => broken[at] = *random.choose(b"{}[],:\"0129-.e\n")?,
            2 => drop(broken.remove(at)),
            _ => broken.truncate(at + 1),
        }
    }
    Ok(broken)
}

#[test]
fn broken_files_never_panic() {
    let console = include_bytes!("../../fixtures/console.jsonl");
    let lines = written(|to| export::jsonl(&run_named("gather", "error"), to));
    let chrome = written(|to| export::chrome(&run_named("say_after", "concurrent"), to));
    let files = [
        (ImportFormat::Console, &console[..4000]),
        (ImportFormat::Jsonl, &lines),
        (ImportFormat::Chrome, &chrome),
    ];
    arbtest(|random| {
        let (format, file) = *random.choose(&files)?;
        if let Ok(imported) = read(format, &broken(file, random)?) {
            let replay = Replay::new(imported.log);
            assert!(!replay.is_damaged());
            let mut state = State::new();
            while state.step(&replay.log().bytes).is_some() {}
            assert_eq!(&state, replay.index().head());
        }
        Ok(())
    })
    .budget_ms(2 * BUDGET);
}

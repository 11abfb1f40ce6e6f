//! Events that programs cause: returned errors, shared values, awaits that do not suspend.

use loopscope::{
    SharedValue, future, insight,
    replay::{Replay, Status},
    sleep, spawn, spawn_local,
    trace::{Event, PollOutcome, Position, ResourceEvent, ResourceOp, TaskEvent, TaskId},
    try_spawn,
};

use super::{events, ms, replay, run, run_real};

/// The narration of the events of one kind.
fn told(replay: &mut Replay, wanted: impl Fn(&Event) -> bool) -> Vec<insight::Narration> {
    let events = replay.events_from(Position(0));
    let places: Vec<_> = events
        .filter(|(_, event, _)| wanted(event))
        .map(|(position, _, _)| position)
        .collect();
    let narrate = |position| {
        replay.seek(position);
        insight::narrate(replay, insight::Language::Rust)
    };
    places.into_iter().map(narrate).collect()
}

#[test]
fn a_returned_error_is_recorded_and_returned() {
    let run = run(async {
        let failing = try_spawn(async { Err::<(), _>("disk full") });
        let fine = try_spawn(async { Ok::<_, &str>(1) });
        (failing.await, fine.await)
    });
    assert_eq!(run.value, Some((Err("disk full"), Ok(1))));
    let mut replay = replay(run);
    let head = replay.index().head();
    let status = |task| head.tasks.get(TaskId(task)).unwrap().status();
    assert_eq!([status(1), status(2)], [Status::Failed, Status::Done]);
    assert_eq!(replay.index().errors().len(), 1);
    let failed = |event: &Event| {
        matches!(
            event,
            Event::Task(
                TaskEvent::Failed { .. }
                    | TaskEvent::PollEnd {
                        outcome: PollOutcome::Failed,
                        ..
                    }
            )
        )
    };
    let told = told(&mut replay, failed);
    assert!(told[0].what.ends_with("fails with \"disk full\"."));
    let note = told[1].note.as_ref().unwrap();
    assert_eq!(note.rule.rust, "one failure stops no other task");
}

#[test]
fn the_trace_tells_a_dropped_handle_from_a_cancel() {
    let replay = replay(run(async {
        drop(spawn(sleep(ms(1))));
        spawn(sleep(ms(1))).cancel().await;
    }));
    let asked = events(&replay).into_iter().filter_map(|event| match event {
        Event::Task(TaskEvent::CancelRequested { task, dropped }) => Some((task.0, dropped)),
        _ => None,
    });
    assert_eq!(asked.collect::<Vec<_>>(), [(1, true), (2, false)]);
}

#[test]
fn a_lost_update_is_recorded_only_for_a_stale_write() {
    let mut replay = replay(run(async {
        let value = SharedValue::new("balance", 100);
        let (other, third) = (value.clone(), value.clone());
        let read = value.get();
        spawn_local(async move { other.set(other.get() + 5) }).await;
        value.set(read + 1);
        spawn_local(async move { third.set(third.get() + 5) }).await;
        value.set(value.get() + 1);
    }));
    let stored = |event: &Event| {
        matches!(
            event,
            Event::Resource(ResourceEvent::Op {
                op: ResourceOp::Stored,
                ..
            })
        )
    };
    let rules: Vec<_> = told(&mut replay, stored)
        .into_iter()
        .map(|told| told.note.map(|note| note.rule.rust))
        .collect();
    let lost = Some("anything can change across an await");
    assert_eq!(rules, [None, None, lost, None, None]);
    let values = replay.index().history().values();
    let seen: Vec<_> = values[0]
        .accesses
        .iter()
        .filter(|access| access.stored)
        .map(|access| access.value)
        .collect();
    assert_eq!(seen, [100, 105, 101, 106, 107]);
}

#[test]
fn awaiting_a_ready_value_is_recorded() {
    let mut replay = replay(run(async {
        future::ready(1).await + future::ready(2).await
    }));
    let polls = events(&replay)
        .iter()
        .filter(|event| matches!(event, Event::Task(TaskEvent::PollStart { .. })))
        .count();
    assert_eq!(polls, 1);
    let told = told(&mut replay, |event| {
        matches!(event, Event::Resource(ResourceEvent::Op { .. }))
    });
    assert_eq!(told.len(), 2);
    for told in told {
        assert_eq!(
            told.note.unwrap().rule.rust,
            "awaiting something ready does not yield"
        );
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the fault that the note is about"
)]
fn who_blocks_the_thread_on_a_real_clock_is_told_whom_that_kept_waiting() {
    let run = run_real(async {
        let heart = spawn(sleep(ms(50)));
        spawn(async { std::thread::sleep(ms(150)) }).await;
        heart.await;
    });
    let mut replay = replay(run);
    let turn = insight::longest_poll(&replay).unwrap();
    assert_eq!(turn.task, TaskId(2));
    replay.seek(turn.end);
    let note = insight::narrate(&replay, insight::Language::Rust)
        .note
        .unwrap();
    assert_eq!(note.rule.rust, "only an await yields");
    assert!(note.text.contains("could not run"), "{}", note.text);
}

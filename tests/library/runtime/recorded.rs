//! What the trace knows of groups, of resources' creation, and of awaits that do not suspend.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use loopscope::{
    FutureExt as _, TaskGroup, as_completed,
    channel::unbounded,
    first_completed,
    future::{OneShot, or, yield_now},
    gather,
    lock::{ManualResetEvent, Mutex, Semaphore},
    replay::{GroupProgress, Replay, Status},
    resumable, scope, sleep, spawn,
    stream::{self, StreamExt as _},
    trace::{
        Event, Outcome, Position, ResourceEvent, ResourceId, ResourceKind, ResourceOp, TaskEvent,
        TaskId, Wait, WokenBy,
    },
    try_gather,
};

use super::{events, ms, replay, run};

async fn job(milliseconds: u64) -> u64 {
    sleep(ms(milliseconds)).await;
    milliseconds
}

/// The waits of the main task, in their order, with whether each is an additional one.
fn waits_of_main(replay: &Replay) -> Vec<(Wait, bool)> {
    let waits = events(replay).into_iter().filter_map(|event| match event {
        Event::Task(TaskEvent::Wait {
            task: TaskId(0),
            on,
            also,
            ..
        }) => Some((on, also)),
        _ => None,
    });
    waits.collect()
}

fn members(replay: &Replay) -> Vec<(u32, u32)> {
    let members = events(replay).into_iter().filter_map(|event| match event {
        Event::Resource(ResourceEvent::Member { resource, task }) => Some((resource.0, task.0)),
        _ => None,
    });
    members.collect()
}

/// How often the main task was polled.
fn polls_of_main(replay: &Replay) -> u64 {
    replay.index().head().tasks.get(TaskId(0)).unwrap().polls()
}

const GROUP: ResourceId = ResourceId(0);

#[test]
fn a_gather_of_many_is_one_wait_for_all() {
    let run = run(async { gather((1..=20).map(job)).await.len() });
    assert_eq!(run.value, Some(20));
    let replay = replay(run);
    assert_eq!(waits_of_main(&replay), [(Wait::All(GROUP), false)]);
    let all: Vec<_> = (1..=20).map(|task| (0, task)).collect();
    assert_eq!(members(&replay), all);
    assert_eq!(polls_of_main(&replay), 2);
}

#[test]
fn the_state_counts_the_ended_members_of_a_group() {
    let mut replay = replay(run(async { gather([3, 1, 2].map(job)).await.len() }));
    let mut progress = Vec::new();
    for position in 0..=replay.end().0 {
        replay.seek(Position(position));
        let group = replay.state().group(GROUP);
        progress.extend(group.map(|group| (group.ended, group.total)));
        if let Some(GroupProgress { total, .. }) = group {
            assert_eq!(
                u32::try_from(replay.state().members(GROUP).count()),
                Ok(total)
            );
        }
    }
    progress.dedup();
    let expected = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 3), (2, 3), (3, 3)];
    assert_eq!(progress, expected);
}

#[test]
fn the_last_member_to_end_wakes_the_waiter() {
    let replay = replay(run(async { gather([3, 1, 2].map(job)).await.len() }));
    let woken = events(&replay).into_iter().filter_map(|event| match event {
        Event::Task(TaskEvent::Wake {
            task: TaskId(0),
            by,
            ..
        }) => Some(by),
        _ => None,
    });
    assert_eq!(woken.collect::<Vec<_>>(), [WokenBy::Task(TaskId(1))]);
}

#[test]
fn as_completed_waits_for_any_member() {
    let replay = replay(run(async {
        let mut results = as_completed([20, 10].map(job));
        while results.next().await.is_some() {}
    }));
    assert_eq!(waits_of_main(&replay)[0], (Wait::Any(GROUP), false));
    assert!(
        waits_of_main(&replay)
            .iter()
            .all(|(on, _)| *on == Wait::Any(GROUP))
    );
    assert_eq!(members(&replay), [(0, 1), (0, 2)]);
}

#[test]
fn first_completed_records_each_member_once() {
    let replay = replay(run(async {
        let mut tasks: Vec<_> = [3, 1, 2].map(|time| spawn(job(time))).into();
        while first_completed(&mut tasks).await.is_some() {}
    }));
    assert_eq!(members(&replay), [(0, 1), (0, 2), (0, 3)]);
    assert_eq!(waits_of_main(&replay), [(Wait::Any(GROUP), false)]);
}

#[test]
fn a_task_taken_out_of_the_list_leaves_the_group() {
    let replay = replay(run(async {
        let mut tasks: Vec<_> = [3, 1, 2].map(|time| spawn(job(time))).into();
        first_completed(&mut tasks).await;
        let other = tasks.remove(0);
        first_completed(&mut tasks).await;
        other.await;
    }));
    // The second call finds only the last task, so it waits for another group.
    assert_eq!(members(&replay), [(0, 1), (0, 2), (0, 3), (1, 3)]);
}

#[test]
fn a_group_that_fails_is_woken_at_once_and_records_the_error() {
    let fails = async |after: u64| {
        sleep(ms(after)).await;
        if after == 2 {
            Err("no luck")
        } else {
            Ok(after)
        }
    };
    let tried = replay(run(async move {
        assert_eq!(try_gather([1, 2, 3].map(fails)).await, Err("no luck"));
    }));
    assert_eq!(polls_of_main(&tried), 2);
    let head = tried.index().head();
    assert_eq!(head.tasks.get(TaskId(2)).unwrap().status(), Status::Failed);

    let grouped = replay(run(async move {
        let mut group = TaskGroup::new();
        for after in [1, 2, 3] {
            group.spawn(fails(after));
        }
        assert_eq!(group.join().await, Err("no luck"));
    }));
    let waits = waits_of_main(&grouped);
    assert_eq!(waits, [(Wait::All(GROUP), false)]);
}

#[test]
fn a_dropped_group_does_not_count_in_the_next_one() {
    let mut replay = replay(run(async {
        let failing = [1, 5].map(|after| async move {
            sleep(ms(after)).await;
            Err::<(), _>(after)
        });
        // The second task keeps running, and its group is dropped.
        assert_eq!(try_gather(failing).await, Err(1));
        gather([job(10)]).await;
    }));
    let end = replay.end().0;
    for position in 0..=end {
        replay.seek(Position(position));
        if let Some(group) = replay.state().group(GROUP) {
            assert!(group.ended <= group.total);
        }
    }
}

/// Each resource that was created: its kind, the running task, and whether it was its first use.
fn created(replay: &mut Replay) -> Vec<(ResourceKind, Option<u32>, bool)> {
    let places: Vec<_> = replay
        .events_from(Position(0))
        .filter_map(|(position, event, _)| match event {
            Event::Resource(ResourceEvent::Created {
                kind, at_first_use, ..
            }) => Some((position, kind, at_first_use)),
            _ => None,
        })
        .collect();
    let by = |(position, kind, at_first_use)| {
        replay.seek(position);
        let task = replay.state().running.task().map(|task| task.0);
        (kind, task, at_first_use)
    };
    places.into_iter().map(by).collect()
}

#[test]
fn a_named_lock_is_recorded_where_it_is_created() {
    let mut named = replay(run(async {
        let slots = Arc::new(Semaphore::named("slots", 2));
        let lock = Arc::new(Mutex::named("lock", ()));
        spawn(async move {
            drop(slots.acquire().await);
            drop(lock.lock().await);
        })
        .await;
    }));
    assert_eq!(
        created(&mut named),
        [
            (ResourceKind::Semaphore, Some(0), false),
            (ResourceKind::Lock, Some(0), false)
        ]
    );
    let mut unnamed = replay(run(async {
        let slots = Arc::new(Semaphore::new(2));
        spawn(async move { drop(slots.acquire().await) }).await;
    }));
    assert_eq!(
        created(&mut unnamed),
        [(ResourceKind::Semaphore, Some(1), true)]
    );
}

#[test]
fn awaiting_a_task_that_has_ended_is_recorded() {
    let replay = replay(run(async {
        let task = spawn(async { 7 });
        yield_now().await;
        task.await + spawn(async { 8 }).await
    }));
    let joined = events(&replay).into_iter().filter_map(|event| match event {
        Event::Task(TaskEvent::Joined { task, joined, .. }) => Some((task.0, joined.0)),
        _ => None,
    });
    assert_eq!(joined.collect::<Vec<_>>(), [(0, 1)]);
}

/// The operations on resources of one kind, with their values.
fn operations(replay: &mut Replay, wanted: ResourceKind) -> Vec<(ResourceOp, u32)> {
    let uses: Vec<_> = replay
        .events_from(Position(0))
        .filter_map(|(position, event, _)| match event {
            Event::Resource(ResourceEvent::Op {
                resource,
                op,
                value,
            }) => Some((position, resource, op, value)),
            _ => None,
        })
        .collect();
    let of_kind = |(position, resource, op, value)| {
        replay.seek(position);
        let kind = replay.state().resource(resource)?.kind;
        (kind == wanted).then_some((op, value))
    };
    uses.into_iter().filter_map(of_kind).collect()
}

#[test]
fn awaiting_a_shared_task_again_is_recorded() {
    let replay = replay(run(async {
        let task = spawn(job(3)).shared();
        task.clone().await + task.clone().await + task.await
    }));
    let joined = events(&replay)
        .into_iter()
        .filter(|event| matches!(event, Event::Task(TaskEvent::Joined { .. })));
    assert_eq!(joined.count(), 2);
}

#[test]
fn a_scope_is_left_on_every_way_out() {
    let mut replay = replay(run(async {
        let cancelled = spawn(async {
            let _scope = scope("transaction");
            sleep(ms(9)).await;
        });
        yield_now().await;
        cancelled.cancel().await;
    }));
    let expected = [(ResourceOp::Entered, 1), (ResourceOp::Left, 0)];
    assert_eq!(operations(&mut replay, ResourceKind::Scope), expected);
}

#[test]
fn each_resumption_of_a_generator_is_recorded() {
    let mut replay = replay(run(async {
        for number in resumable("numbers", 1..3) {
            assert!(number < 3);
        }
    }));
    let expected = [
        (ResourceOp::Resumed, 1),
        (ResourceOp::Yielded, 1),
        (ResourceOp::Resumed, 2),
        (ResourceOp::Yielded, 2),
        (ResourceOp::Resumed, 3),
        (ResourceOp::Closed, 0),
    ];
    assert_eq!(operations(&mut replay, ResourceKind::Generator), expected);
}

#[test]
fn a_polled_future_yields_while_it_is_pending() {
    let mut replay = replay(run(async {
        let mut future = pin!(resumable("once", yield_now()));
        let context = &mut Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(context).is_pending());
        assert!(future.as_mut().poll(context).is_ready());
        sleep(ms(1)).await;
    }));
    let expected = [
        (ResourceOp::Resumed, 1),
        (ResourceOp::Yielded, 1),
        (ResourceOp::Resumed, 2),
        (ResourceOp::Closed, 0),
    ];
    assert_eq!(operations(&mut replay, ResourceKind::Generator), expected);
}

#[test]
fn a_stream_is_resumed_once_for_each_value() {
    let mut replay = replay(run(async {
        let numbers = stream::unfold(1, async |number| {
            sleep(ms(1)).await;
            (number < 3).then_some((number, number + 1))
        });
        let mut numbers = pin!(resumable("numbers", numbers));
        while numbers.next().await.is_some() {}
    }));
    let operations = operations(&mut replay, ResourceKind::Generator);
    let resumed = operations
        .iter()
        .filter(|(op, _)| *op == ResourceOp::Resumed);
    assert_eq!((resumed.count(), operations.len()), (3, 6));
}

#[test]
fn a_future_that_gets_an_error_is_recorded_as_such() {
    let mut replay = replay(run(async {
        let future = OneShot::<Result<u32, &str>>::new();
        future.fail("no").unwrap();
        assert!(future.resolve(Ok(1)).is_err());
        assert_eq!(future.await, Err("no"));
    }));
    assert_eq!(
        operations(&mut replay, ResourceKind::Future),
        [(ResourceOp::SetError, 1), (ResourceOp::Received, 1)]
    );
}

#[test]
fn a_member_of_a_gather_can_be_named() {
    let replay = replay(run(async {
        gather([1, 2].map(|time| job(time).task_named(&format!("job {time}")))).await;
    }));
    let names = [0, 1, 2].map(|task| replay.tables().task_name(TaskId(task)).to_owned());
    assert_eq!(names[1..], ["job 1", "job 2"]);
}

#[test]
fn waiting_forever_for_a_list_is_a_deadlock() {
    let run = run(async {
        let (_sender, receiver) = loopscope::channel::bounded::<u32>(1);
        let mut tasks: Vec<_> = (0..3)
            .map(|_| {
                let receiver = receiver.clone();
                spawn(async move { receiver.recv().await.is_ok() })
            })
            .collect();
        first_completed(&mut tasks).await;
    });
    assert_eq!(run.outcome, Outcome::Deadlock);
}

/// Whether the last wait of main is an additional one, if main first waits for a branch that never
/// completes or for a timer, and then sleeps.
fn waits_for_more_after_a_select(is_first: bool, forever: impl Future<Output = ()>) -> bool {
    let replay = replay(run(async move {
        let limit = sleep(ms(5));
        if is_first {
            or(forever, limit).await;
        } else {
            or(limit, forever).await;
        }
        sleep(ms(10)).await;
    }));
    let waits = waits_of_main(&replay);
    assert!(waits.len() >= 3 && waits[1].1, "{waits:?}");
    waits[waits.len() - 1].1
}

#[test]
fn the_wait_after_a_select_is_alone() {
    let (_items, none) = unbounded::<u8>();
    let lock = Mutex::new(());
    let locked = lock.try_lock();
    let event = ManualResetEvent::new();
    for is_first in [true, false] {
        let received = async { assert!(none.recv().await.is_err()) };
        assert!(!waits_for_more_after_a_select(is_first, received));
        let acquired = async { drop(lock.lock().await) };
        assert!(!waits_for_more_after_a_select(is_first, acquired));
        assert!(!waits_for_more_after_a_select(is_first, event.wait()));
    }
    drop(locked);
}

//! Circles that one run alone does not close, a hang beside an open listener, and work and connections whose
//! harm shows only in several polls.

use std::sync::Arc;

use loopscope::{
    future::or,
    insight::{Findings, Hang, Severity},
    lock::{Mutex, Semaphore},
    replay::Replay,
    sleep, spawn,
    trace::{
        Advance, LocationId, Log, PollOutcome, ResourceId, ResourceKind, ResourceOp, TaskId,
        TimerId, Wait, WakeEffect, Writer,
    },
};

use super::{report_of, running::replay_of as run, words};
use crate::support::ms;

const MS: u64 = 1_000_000;

/// The worst finding of a rule.
fn worst(replay: &Replay, id: &str) -> Option<Severity> {
    let report = report_of(replay);
    let own = report.all().filter(|finding| finding.rule.id() == id);
    own.map(|finding| finding.severity).max()
}

fn replay_of(mut written: Writer) -> Replay {
    Replay::new(Log {
        bytes: written.take(),
        ..Log::default()
    })
}

/// Tasks each take two locks in one order, and later in the other order; at most one holds a lock at any
/// time. With `together`, the second part of one task comes while the first parts of others are still to come.
fn both_orders(together: bool) -> Replay {
    run(async move {
        let locks = Arc::new((Mutex::new(()), Mutex::new(())));
        let take = |reversed: bool, after: u64| {
            let locks = Arc::clone(&locks);
            async move {
                sleep(ms(after)).await;
                let (first, second) = if reversed {
                    (&locks.1, &locks.0)
                } else {
                    (&locks.0, &locks.1)
                };
                let _first = first.lock().await;
                let _second = second.lock().await;
            }
        };
        if together {
            let people: Vec<_> = (0..3)
                .map(|number| {
                    let (early, late) = (take(false, number * 10 + 1), take(true, 100));
                    spawn(async move {
                        early.await;
                        late.await;
                    })
                })
                .collect();
            for person in people {
                person.await;
            }
        } else {
            spawn(take(false, 1)).await;
            spawn(take(true, 1)).await;
        }
    })
}

/// The task that takes the locks in both orders first is one and the same, so its own orders are no circle.
#[test]
fn orders_of_all_tasks_count_and_not_only_those_of_the_first() {
    assert_eq!(
        worst(&both_orders(true), "lockorder"),
        Some(Severity::Warning)
    );
}

#[test]
fn orders_of_tasks_that_never_run_together_are_an_info() {
    assert_eq!(
        worst(&both_orders(false), "lockorder"),
        Some(Severity::Info)
    );
}

/// A server listens, and main waits for room in a channel from which it alone has taken items, or one more
/// task has.
fn full_beside_a_listener(is_read_by_another: bool) -> Option<Hang> {
    let mut to = Writer::new();
    let name = to.intern("task");
    for _ in 0..2 {
        to.spawn(name, LocationId::UNKNOWN, false);
    }
    let (listener, channel) = (ResourceId(0), ResourceId(1));
    to.poll_start(TaskId(0));
    to.resource_new(
        listener,
        ResourceKind::Listener,
        name,
        LocationId::UNKNOWN,
        0,
    );
    to.resource_new(channel, ResourceKind::Channel, name, LocationId::UNKNOWN, 1);
    to.used(channel, ResourceOp::Sent, 1);
    to.used(channel, ResourceOp::Received, 0);
    to.used(channel, ResourceOp::Sent, 1);
    to.poll_end(PollOutcome::Pending, 10);
    to.poll_start(TaskId(1));
    if is_read_by_another {
        to.used(channel, ResourceOp::Received, 0);
    }
    to.used(listener, ResourceOp::Begun, 1);
    to.wait(Wait::Operation(listener), LocationId::UNKNOWN, false);
    to.poll_end(PollOutcome::Pending, 10);
    to.poll_start(TaskId(0));
    to.used(channel, ResourceOp::Sent, 1);
    to.wait(Wait::Send(channel), LocationId::UNKNOWN, false);
    to.poll_end(PollOutcome::Pending, 10);
    to.park(None);
    Findings::hang(&replay_of(to))
}

#[test]
fn a_task_that_fills_its_own_channel_hangs_although_a_server_listens() {
    assert_eq!(full_beside_a_listener(false), Some(Hang::Circle));
    assert_eq!(full_beside_a_listener(true), None);
}

/// One tick in which three tasks of one place compute, while a timer is due.
fn computes_in_turn(each: u64) -> Replay {
    let mut to = Writer::new();
    let (name, at) = (to.intern("session"), to.location("main.rs", 7, 1));
    for _ in 0..4 {
        to.spawn(name, at, false);
    }
    for _ in 0..20 {
        to.tick_start();
        to.run(4);
        for task in 0..4 {
            to.poll_start(TaskId(task));
            to.wait(Wait::Yield, at, false);
            to.wake(TaskId(task), WakeEffect::Enqueued);
            to.poll_end(PollOutcome::Pending, 1_000);
        }
        to.tick_end();
    }
    to.tick_start();
    to.run(4);
    to.poll_start(TaskId(0));
    to.timer_set(TimerId(0), 2 * MS);
    to.wait(Wait::Timer(TimerId(0)), at, false);
    to.poll_end(PollOutcome::Pending, 1_000);
    for task in 1..4 {
        to.poll_start(TaskId(task));
        to.poll_end(PollOutcome::Ready, each);
    }
    to.tick_end();
    to.tick_start();
    to.timers(1);
    to.timer_fired(TimerId(0));
    to.wake(TaskId(0), WakeEffect::Enqueued);
    to.run(1);
    to.poll_start(TaskId(0));
    to.poll_end(PollOutcome::Ready, 1_000);
    to.tick_end();
    replay_of(to)
}

#[test]
fn polls_of_medium_length_in_one_tick_are_as_one_long_poll() {
    let replay = computes_in_turn(60 * MS);
    let found = worst(&replay, "blocking");
    assert_eq!(
        found,
        Some(Severity::Warning),
        "{:?}",
        words(&replay, &report_of(&replay))
    );
    assert_eq!(worst(&computes_in_turn(25 * MS), "blocking"), None);
}

/// A client reads five messages and then nothing for 10 s, until its peer closes the connection.
fn silent_until_the_end(messages: u32) -> Option<Severity> {
    let mut to = Writer::new();
    let (name, at) = (to.intern("feed"), to.location("main.rs", 9, 1));
    to.spawn(name, at, false);
    let stream = ResourceId(0);
    to.poll_start(TaskId(0));
    to.resource_new(stream, ResourceKind::Stream, name, at, 0);
    to.wait(Wait::Operation(stream), at, false);
    to.poll_end(PollOutcome::Pending, 10);
    for message in 0..=messages {
        let is_last = message == messages;
        to.park(None);
        to.advance(if is_last { 10_000 } else { 20 } * MS, Advance::Waited);
        to.tick_start();
        to.wake(TaskId(0), WakeEffect::Enqueued);
        to.run(1);
        to.poll_start(TaskId(0));
        to.used(stream, ResourceOp::Read, if is_last { 0 } else { 16 });
        if is_last {
            to.poll_end(PollOutcome::Ready, 10);
        } else {
            to.poll_end(PollOutcome::Pending, 10);
        }
        to.tick_end();
    }
    worst(&replay_of(to), "halfopen")
}

#[test]
fn a_silence_that_ends_with_the_connection_is_told() {
    assert_eq!(silent_until_the_end(5), Some(Severity::Info));
    assert_eq!(silent_until_the_end(1), None);
}

/// Main takes permits for its sends, which give them back unless they fail. At last it gives up.
fn sends(fail: bool) -> Replay {
    run(async move {
        let permits = Arc::new(Semaphore::new(3));
        let mut running = Vec::new();
        for number in 0..12 {
            let taken = or(async { Some(permits.acquire().await) }, async {
                sleep(ms(1_500)).await;
                None
            });
            let Some(permit) = taken.await else {
                break;
            };
            permit.forget();
            let permits = Arc::clone(&permits);
            running.push(spawn(async move {
                sleep(ms(10)).await;
                if !fail || number % 2 == 0 {
                    permits.add_permits(1);
                }
            }));
        }
        for send in running {
            send.await;
        }
    })
}

#[test]
fn permits_that_no_task_can_give_back_are_found_at_the_limit_of_a_wait() {
    let replay = sends(true);
    let report = report_of(&replay);
    assert!(
        worst(&replay, "permitleak").is_some(),
        "{:?}",
        words(&replay, &report)
    );
    assert_eq!(worst(&sends(false), "permitleak"), None);
}

/// A client connects a hundred times, uses each connection once, and releases all of them together, or each
/// after its use.
fn connections(are_kept: bool) -> Replay {
    let mut to = Writer::new();
    let (name, at) = (to.intern("client"), to.location("main.rs", 5, 1));
    to.spawn(name, at, false);
    for number in 0..101 {
        to.tick_start();
        to.run(1);
        to.poll_start(TaskId(0));
        if number < 100 {
            let stream = ResourceId(if are_kept { number } else { 0 });
            to.resource_new(stream, ResourceKind::Stream, name, at, 0);
            to.used(stream, ResourceOp::Wrote, 1);
            if !are_kept {
                to.resource_dropped(stream);
            }
        } else if are_kept {
            (0..100).for_each(|stream| to.resource_dropped(ResourceId(stream)));
        }
        to.timer_set(TimerId(0), 10 * MS);
        to.wait(Wait::Timer(TimerId(0)), at, false);
        to.poll_end(PollOutcome::Pending, 1_000);
        to.tick_end();
        to.tick_start();
        to.park(Some(10 * MS));
        to.advance(10 * MS, Advance::Waited);
        to.timers(1);
        to.timer_fired(TimerId(0));
        to.wake(TaskId(0), WakeEffect::Enqueued);
        to.run(0);
        to.tick_end();
    }
    to.tick_start();
    to.run(1);
    to.poll_start(TaskId(0));
    to.poll_end(PollOutcome::Ready, 1_000);
    replay_of(to)
}

#[test]
fn connections_that_are_released_together_were_kept() {
    assert_eq!(
        worst(&connections(true), "handleleak"),
        Some(Severity::Info)
    );
    assert_eq!(worst(&connections(false), "handleleak"), None);
}

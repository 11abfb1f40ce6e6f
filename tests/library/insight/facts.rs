//! The facts that sentences are drawn from, on small programs and scenarios.

use loopscope::{
    insight::{
        self, DelayKind, StuckReason, WaitMode, WakeFact, WakeReason, holders, queue_of,
        waiting_for,
    },
    replay::{EventStep, Replay, Running},
    trace::{
        Event, LoopEvent, Moment, Outcome, Position, ResourceId, ResourceKind, ResourceOp, Span,
        TaskEvent, TaskId, TimerEvent, Wait, WokenBy,
    },
};

use super::programs::{CONCURRENT, concurrent, replay, sequential};
use crate::{
    scripted::{Do, S},
    support::run_named,
};

/// What `ask` answers about the first step for which it answers anything.
fn first<T>(replay: &Replay, ask: impl Fn(&EventStep<'_>) -> Option<T>) -> T {
    let mut steps = replay.steps(Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        if let Some(answer) = ask(&step) {
            return answer;
        }
    }
    panic!("no step has an answer");
}

/// All wakes of a run.
fn wakes(replay: &Replay) -> Vec<WakeFact> {
    let mut all = Vec::new();
    let mut steps = replay.steps(Position(0)..replay.end());
    while let Some(step) = steps.next_step() {
        all.extend(insight::woken_by(&step));
    }
    all
}

fn ids(tasks: impl IntoIterator<Item = TaskId>) -> Vec<u32> {
    tasks.into_iter().map(|task| task.0).collect()
}

#[test]
fn a_semaphore_has_holders_and_a_line() {
    let mut replay = run_named("lesson_17_own_semaphore", "right");
    // The last task has begun to wait.
    let mut line = Vec::new();
    let mut held = Vec::new();
    for position in 1..=replay.end().0 {
        replay.seek(Position(position));
        let state = replay.state();
        let semaphore = (0..8).map(ResourceId).find(|id| {
            let kind = state.resource(*id).map(|resource| resource.kind);
            kind == Some(ResourceKind::Semaphore)
        });
        let Some(semaphore) = semaphore else {
            continue;
        };
        let now = ids(queue_of(&replay, state, semaphore));
        if now.len() > line.len() {
            line = now;
            held = ids(holders(state, semaphore).iter().map(|held| held.task));
        }
    }
    assert_eq!(held, [1, 2]);
    assert_eq!(line, [3, 4, 5, 6]);
}

#[test]
fn a_hold_names_whom_it_delays_and_by_how_much() {
    let asleep = vec![Do::Sleep(S, 8)];
    let script = vec![
        Do::Spawn("a", asleep, 2),
        Do::Yield,
        Do::Work(2 * S),
        Do::Join(1, 3),
    ];
    let replay = replay("", script, CONCURRENT);
    let held = first(&replay, |step| {
        let works = matches!(step.event, Event::Loop(LoopEvent::Advance { .. }));
        works.then(|| insight::hold(step)).flatten()
    });
    assert_eq!(held.by, Running::Task(TaskId(0)));
    assert_eq!(held.length(), Span(2 * S));
    let worst = held.worst().unwrap();
    assert_eq!(worst.task, TaskId(1));
    assert_eq!(worst.kind, DelayKind::Due(Moment(S)));
    assert_eq!(worst.by, Span(S));
    let late = first(&replay, |step| {
        let fires = matches!(step.event, Event::Timer(TimerEvent::Fired { .. }));
        fires.then(|| insight::late(step)).flatten()
    });
    assert_eq!((late.task, late.by), (TaskId(1), Span(S)));
    assert_eq!(late.held.unwrap().by, Running::Task(TaskId(0)));
}

#[test]
fn waits_of_two_tasks_overlap_and_sleeps_of_one_do_not() {
    let both = concurrent();
    let spans = insight::wait_spans(&both, both.end(), 100);
    let sleeps: Vec<_> = spans
        .iter()
        .filter(|span| matches!(span.on, Wait::Timer(_)))
        .collect();
    assert_eq!(sleeps.len(), 2);
    assert_eq!(insight::overlap(sleeps[0], sleeps[1]), Span(S));
    let one = sequential();
    let spans = insight::wait_spans(&one, one.end(), 100);
    assert_eq!(insight::most_at_once(&spans), 1);
    assert_eq!(insight::overlap(&spans[0], &spans[1]), Span::ZERO);
    let series = first(&one, insight::in_series);
    assert_eq!((series.first, series.second), (Span(S), Span(2 * S)));
}

#[test]
fn a_wait_for_a_group_counts_its_tasks() {
    let replay = run_named("gather", "order");
    let modes: Vec<WaitMode> = wakes(&replay)
        .iter()
        .filter_map(|wake| match wake.cause {
            WakeReason::Ended { mode, .. } => Some(mode),
            _ => None,
        })
        .collect();
    assert_eq!(modes, [WaitMode::All { total: 3, ended: 3 }]);
    let suspends = first(&replay, |step| match step.event {
        Event::Task(TaskEvent::PollEnd { task, .. }) => waiting_for(step.before, task),
        _ => None,
    });
    assert_eq!(suspends.mode, WaitMode::All { total: 3, ended: 0 });
}

#[test]
fn a_sender_is_woken_by_what_was_received() {
    let replay = run_named("lesson_19_queue_depth", "right");
    let received = wakes(&replay)
        .into_iter()
        .find_map(|wake| match wake.cause {
            WakeReason::Operation { op, event, .. } => {
                (op == ResourceOp::Received).then_some((wake.by, event))
            }
            _ => None,
        });
    let Some((by, event)) = received else {
        panic!("{:?}", wakes(&replay));
    };
    assert_eq!(by, WokenBy::Task(TaskId(2)));
    assert!(matches!(
        replay.event_before(event),
        Some(Event::Resource(_))
    ));
}

#[test]
fn tasks_that_join_each_other_wait_in_a_circle() {
    let script = vec![Do::Spawn("a", vec![Do::Join(0, 8)], 2), Do::Join(1, 3)];
    let mut replay = replay("", script, CONCURRENT);
    replay.seek(replay.end());
    let ending = insight::ending(replay.state()).unwrap();
    assert_eq!(ending.outcome, Outcome::Deadlock);
    assert_eq!(ids(ending.circle), [0, 1]);
    let why: Vec<StuckReason> = ending.stuck.iter().map(|stuck| stuck.why).collect();
    assert_eq!(
        why,
        [StuckReason::Joins(TaskId(1)), StuckReason::Joins(TaskId(0))]
    );
}

#[test]
fn a_lock_that_its_holder_awaits_is_held_by_itself() {
    let mut replay = run_named("lesson_18_lock_twice", "wrong");
    replay.seek(replay.end());
    let ending = insight::ending(replay.state()).unwrap();
    assert!(matches!(ending.stuck[0].why, StuckReason::HoldsItself(_)));
    let task = ending.stuck[0].task;
    assert_eq!(ids(ending.circle), [task.0]);
}

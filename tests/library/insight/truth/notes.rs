//! The condition of each note, looked up in the ledger.

use loopscope::{
    insight::{LESSONS, Note},
    replay::EventStep,
    trace::{
        Event, LoopEvent, Moment, Outcome, ResourceEvent, ResourceKind, ResourceOp, Span,
        TaskEvent, TaskId, TimerEvent, Wait,
    },
};

use super::{labels, ledger::Ledger, number_after};

/// The shortest delay and the shortest hold that a note may mention.
const NOTABLE: Span = Span(10_000_000);

const MAIN: TaskId = TaskId(0);

pub(super) fn note_is_true(ledger: &Ledger, step: &EventStep<'_>, note: &Note) {
    let text = note.text.as_str();
    let rule = note.rule.rust;
    if let Some(number) = note.lesson {
        let lesson = &LESSONS[usize::from(number) - 1];
        assert_eq!(lesson.rule, note.rule, "{text}");
    }
    match (note.lesson, rule) {
        (Some(1), _) => waits_add_up(ledger, step, text),
        (Some(2), _) => spawned_and_awaited(ledger, step),
        (Some(3), _) => never_ran(ledger, step, text),
        (Some(4), _) => spawn_starts_nothing(ledger, step, text),
        (Some(5), _) => ready_at_once(ledger, step, text),
        (Some(6 | 7), _) => loop_was_blocked(ledger, step, text),
        (Some(8), _) => fired_late(ledger, step, text),
        (Some(9), _) => result_is_kept(ledger, step, text),
        (Some(10 | 11), _) => failure_is_seen(ledger, step, note),
        (Some(12), _) => main_has_ended(ledger, step, text),
        (Some(13 | 14), _) => cancel_was_requested(ledger, step, note),
        (Some(15), _) => limit_was_overdue(ledger, step),
        (Some(16), _) => update_was_lost(ledger, step, text),
        (Some(17), _) => another_semaphore_exists(ledger, step, text),
        (Some(18), _) => lock_is_its_own(ledger, step, text),
        (Some(19), _) => items_pile_up(ledger, step, text),
        (Some(20), _) => tick_had_its_list(ledger, step, text),
        (Some(21), _) => race_was_lost(ledger, step),
        (Some(22), _) => polls_in_vain(ledger, step, text),
        (None, "ready is not running") => was_ready(ledger, step, text),
        (None, "equal deadlines: first set, first fired") => others_are_due(ledger, step, text),
        (None, "two wakes, one poll" | "an ended task cannot be woken") => {
            let wake = matches!(step.event, Event::Task(TaskEvent::Wake { .. }));
            assert!(wake, "{text}");
        }
        (Some(_) | None, _) => panic!("a note with an unknown rule: {note:?}"),
    }
}

fn first_label(text: &str) -> TaskId {
    labels(text).first().map(|(task, _)| *task).unwrap()
}

fn waits_add_up(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    assert_eq!(ledger.all_tasks, 1, "{text}");
    assert_eq!(ledger.timers.len(), 1, "{text}");
    let row = ledger.row(MAIN);
    assert_eq!(row.also, 0, "{text}");
    let generators = ledger.things.values();
    let by_hand = generators.filter(|thing| thing.kind == ResourceKind::Generator);
    assert_eq!(by_hand.count(), 0, "{text}");
    let timer = ledger.timers.values().next().unwrap();
    let first = row.slept.last().copied().unwrap();
    let second = timer.deadline.since(step.before.timer_queue()[0].1.set_at);
    let sum = Span(first.0 + second.0);
    let said = format!("{first} + {second} = {sum} s.");
    assert!(text.ends_with(&said), "{text} is not {said}");
}

fn spawned_and_awaited(ledger: &Ledger, step: &EventStep<'_>) {
    let Event::Task(TaskEvent::Wait {
        task,
        on: Wait::Join(joined),
        ..
    }) = step.event
    else {
        panic!("{:?}", step.event);
    };
    assert_eq!(ledger.row(joined).parent, Some(task));
}

fn never_ran(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    match step.event {
        Event::Task(TaskEvent::CancelDelivered { task }) => {
            assert_eq!(
                ledger.row(task).polls,
                1,
                "only the poll that cancels it: {text}"
            );
        }
        Event::Resource(ResourceEvent::Dropped { resource }) => {
            assert!(!ledger.things[&resource].polled, "{text}");
        }
        _ => panic!("{text}"),
    }
}

fn spawn_starts_nothing(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Task(TaskEvent::Spawn { task, parent, .. }) = step.event else {
        panic!("{text}");
    };
    assert_eq!(parent, ledger.running, "{text}");
    assert_eq!(first_label(text), task);
    assert_eq!(labels(text)[1].0, parent.unwrap(), "{text}");
}

fn ready_at_once(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Resource(ResourceEvent::Op {
        resource,
        op: ResourceOp::Received | ResourceOp::Acquired,
        ..
    }) = step.event
    else {
        panic!("{text}");
    };
    let task = ledger.running.unwrap();
    assert_eq!(first_label(text), task);
    let row = ledger.row(task);
    let waited = row
        .suspended_on
        .iter()
        .any(|on| matches!(on, Wait::Receive(it) | Wait::Acquire(it) if *it == resource));
    // A wait that has ended before may be listed still; then the poll has done something since.
    let first_in_poll = step.before.position == ledger.poll_start;
    assert!(row.polls == 1 || !waited || !first_in_poll, "{text}");
}

/// How long a task was delayed by the running poll, if it was.
fn delay(ledger: &Ledger, task: TaskId, now: Moment) -> Span {
    let since = |from: Moment| now.since(from.max(ledger.poll_began));
    let due = ledger.timers.values().filter(|timer| timer.task == task);
    let due = due.filter(|timer| timer.deadline < now);
    let by_timer = due.map(|timer| since(timer.deadline)).max();
    let by_queue = ledger.row(task).ready_since.map(since);
    by_timer.max(by_queue).unwrap_or_default()
}

fn loop_was_blocked(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let task = first_label(text);
    assert_ne!(
        Some(task),
        ledger.running,
        "the running task is not delayed: {text}"
    );
    assert!(step.at().since(ledger.poll_began) >= NOTABLE, "{text}");
    assert!(delay(ledger, task, step.at()) >= NOTABLE, "{text}");
}

/// `#2 work held the loop from 0.000 to 1.000`.
fn hold_is_true(ledger: &Ledger, text: &str) {
    let Some(at) = text.find(" held the loop from ") else {
        return;
    };
    let holder = labels(&text[..at]).last().map(|(task, _)| *task);
    let mut polls = ledger.long_polls.iter();
    let found = polls.any(|poll| {
        let said = format!(" held the loop from {} to {}", poll.from, poll.to);
        holder.is_none_or(|holder| holder == poll.task) && text.contains(&said)
    });
    assert!(found, "{text}");
}

fn fired_late(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Timer(TimerEvent::Fired { timer }) = step.event else {
        panic!("{text}");
    };
    let timer = ledger.timers[&timer];
    assert!(step.at().since(timer.deadline) >= NOTABLE, "{text}");
    hold_is_true(ledger, text);
}

fn was_ready(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Task(TaskEvent::PollStart { task }) = step.event else {
        panic!("{text}");
    };
    let since = ledger.row(task).ready_since.unwrap();
    assert!(step.at().since(since) >= NOTABLE, "{text}");
    hold_is_true(ledger, text);
}

fn result_is_kept(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Task(TaskEvent::PollEnd { task, .. }) = step.event else {
        panic!("{text}");
    };
    let waiting = first_label(text);
    assert!(ledger.awaits(waiting, task), "{text}");
    let Wait::All(group) = ledger.row(waiting).wait else {
        panic!("{text}");
    };
    let (total, ended) = ledger.progress(group);
    assert!(ended + 1 < total, "{text}");
    assert_eq!(number_after(text, "for all "), Some(total), "{text}");
    assert_eq!(
        number_after(text, "of them, and "),
        Some(ended + 1),
        "{text}"
    );
}

fn failure_is_seen(ledger: &Ledger, step: &EventStep<'_>, note: &Note) {
    let Event::Task(TaskEvent::PollEnd { task, .. }) = step.event else {
        panic!("{note:?}");
    };
    let text = note.text.as_str();
    let mut others = ledger.unfinished();
    let awaited = others.any(|(other, _)| other != task && ledger.awaits(other, task));
    assert_eq!(awaited, note.lesson == Some(10), "{text}");
    if text.contains("siblings") {
        let parent = ledger.row(task).parent;
        let mut others = ledger.unfinished();
        let sibling = others.any(|(other, row)| other != task && row.parent == parent);
        assert!(sibling, "{text}");
    } else if awaited {
        assert!(ledger.awaits(first_label(text), task), "{text}");
    }
}

fn main_has_ended(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let ends = matches!(
        step.event,
        Event::Task(TaskEvent::PollEnd { task: MAIN, .. })
            | Event::Loop(LoopEvent::End {
                outcome: Outcome::Finished
            })
    );
    assert!(ends, "{text}");
    let left = ledger
        .unfinished()
        .filter(|(task, _)| *task != MAIN)
        .count();
    let said = number_after(text, "").unwrap_or(1);
    assert_eq!(said, left as u64, "{text}");
}

fn cancel_was_requested(ledger: &Ledger, step: &EventStep<'_>, note: &Note) {
    let Event::Task(TaskEvent::CancelRequested { task, dropped }) = step.event else {
        panic!("{note:?}");
    };
    // A twin in Python cancels explicitly what a drop cancels in Rust.
    assert!(dropped || note.lesson == Some(14), "{note:?}");
    assert!(ledger.running.is_some(), "{note:?}");
    assert_eq!(first_label(&note.text), task);
}

fn limit_was_overdue(ledger: &Ledger, step: &EventStep<'_>) {
    let Event::Timer(TimerEvent::Cancelled { timer }) = step.event else {
        panic!("{:?}", step.event);
    };
    let timer = ledger.timers[&timer];
    assert!(step.at().since(timer.deadline) >= NOTABLE);
    assert_eq!(Some(timer.task), ledger.running);
    assert!(!ledger.row(timer.task).cancelled);
}

fn race_was_lost(ledger: &Ledger, step: &EventStep<'_>) {
    let Event::Timer(TimerEvent::Cancelled { timer }) = step.event else {
        panic!("{:?}", step.event);
    };
    let timer = ledger.timers[&timer];
    assert_eq!(Some(timer.task), ledger.running);
    assert!(timer.set < ledger.poll_start, "it was never waited for");
    assert!(
        !ledger.row(timer.task).cancelled,
        "a cancelled task loses no race"
    );
}

fn update_was_lost(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let is_write = matches!(
        step.event,
        Event::Resource(ResourceEvent::Op {
            op: ResourceOp::Stored,
            ..
        })
    );
    assert!(is_write, "{text}");
    assert_eq!(labels(text).last().map(|(task, _)| *task), ledger.running);
}

fn another_semaphore_exists(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Resource(ResourceEvent::Created { at, .. }) = step.event else {
        panic!("{text}");
    };
    let things = ledger.things.values();
    let same = things.filter(|thing| thing.kind == ResourceKind::Semaphore && thing.at == at);
    let same = same.count() as u64;
    assert!(same > 0, "{text}");
    let said = number_after(text, "already created ").unwrap_or(1);
    assert_eq!(said, same, "{text}");
}

fn lock_is_its_own(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Task(TaskEvent::Wait {
        task,
        on: Wait::Acquire(lock),
        ..
    }) = step.event
    else {
        panic!("{text}");
    };
    assert!(ledger.holders.contains(&(lock, task)), "{text}");
}

fn items_pile_up(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Resource(ResourceEvent::Op {
        resource,
        op: ResourceOp::Sent,
        value,
    }) = step.event
    else {
        panic!("{text}");
    };
    assert_eq!(ledger.things[&resource].limit, 0, "{text}");
    assert_eq!(number_after(text, ""), Some(u64::from(value)), "{text}");
    assert!(
        ledger.unfinished().count() >= 2,
        "no task could take items out: {text}"
    );
}

fn tick_had_its_list(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Task(TaskEvent::Wake { task, .. }) = step.event else {
        panic!("{text}");
    };
    assert!(
        ledger.in_run_phase && ledger.running != Some(task),
        "{text}"
    );
    assert_eq!(
        number_after(text, "Tick "),
        Some(u64::from(ledger.tick)),
        "{text}"
    );
}

fn polls_in_vain(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Task(TaskEvent::PollEnd { task, .. }) = step.event else {
        panic!("{text}");
    };
    let row = ledger.row(task);
    assert!(row.own_wakes >= 10, "{text}");
    assert_eq!(
        number_after(text, "That was poll "),
        Some(u64::from(row.polls)),
        "{text}"
    );
}

fn others_are_due(ledger: &Ledger, step: &EventStep<'_>, text: &str) {
    let Event::Timer(TimerEvent::Fired { timer }) = step.event else {
        panic!("{text}");
    };
    let fired = ledger.timers[&timer];
    let timers = ledger.timers.values();
    let same = timers.filter(|other| other.deadline == fired.deadline && other.set > fired.set);
    let said = if text.starts_with("Another") {
        Some(1)
    } else {
        number_after(text, "")
    };
    assert_eq!(said, Some(same.count() as u64), "{text}");
}

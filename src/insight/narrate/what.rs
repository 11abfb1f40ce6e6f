//! The first line of a narration: what happened, and between which queues a task moved.

use crate::replay::{Status, TaskPhase};
use crate::trace::{
    Advance, Aspect, CallbackEvent, Event, LoopEvent, PollOutcome, ResourceEvent, ResourceId,
    ResourceKind, ResourceOp, TaskEvent, TaskId, TimerEvent, TimerId, Wait, WakeEffect, WokenBy,
};

use super::{
    super::words::{
        columns, fit, missing_words, op_words, outcome_words, queue_name, resource_kind_word,
        seconds, woken_by_words,
    },
    Told,
};

pub(super) fn what(step: &Told<'_>) -> String {
    match step.event {
        Event::Loop(event) => of_loop(step, event),
        Event::Task(event) => of_task(step, event),
        Event::Timer(event) => of_timer(step, event),
        Event::Resource(event) => of_resource(step, event),
        Event::Callback(event) => of_callback(step, event),
        Event::Output { text, .. } => format!(
            "{} prints \"{}\".",
            step.actor(),
            fit(step.tables().text(text), 44)
        ),
        Event::Gap { events } => format!("{}.", missing_words(events)),
    }
}

fn of_loop(step: &Told<'_>, event: LoopEvent) -> String {
    let (tick, now) = (step.before.tick(), step.at());
    match event {
        LoopEvent::TickStart => format!("Tick {}: check I/O and other threads.", tick + 1),
        LoopEvent::Park { until: Some(until) } => {
            format!("Nothing is ready: the loop parks until {until}, the next deadline.")
        }
        LoopEvent::Park { until: None } => {
            "Nothing is ready: the loop parks until I/O or another thread wakes a task.".to_owned()
        }
        LoopEvent::Advance { by, why } => match (seconds(by), why) {
            (by, Advance::Waited) => format!("The loop waited {by} s; the clock is now {now}."),
            (by, Advance::Jumped) => format!("The virtual clock jumps {by} s ahead, to {now}."),
            (by, Advance::Passed) => format!("{by} s pass; the clock is now {now}."),
            (by, Advance::Worked) => format!(
                "{} runs for {by} s without yielding; the clock is now {now}.",
                step.actor()
            ),
        },
        LoopEvent::TimerPhase { due: 0 } => "No timer is due.".to_owned(),
        LoopEvent::TimerPhase { due: 1 } => "One timer is due: it fires now.".to_owned(),
        LoopEvent::TimerPhase { due } => {
            format!("{due} timers are due: they fire, earliest deadline first.")
        }
        LoopEvent::RunPhase { ready: 0 } => format!("Tick {tick} has nothing to run."),
        LoopEvent::RunPhase { ready: 1 } => {
            format!("Tick {tick} will run exactly the one entry that is READY now.")
        }
        LoopEvent::RunPhase { ready } => {
            format!("Tick {tick} will run exactly the {ready} entries that are READY now.")
        }
        LoopEvent::TickEnd => format!("Tick {tick} ends."),
        LoopEvent::End { outcome } => {
            format!("{}, at {now}.", outcome_words(outcome, step.language))
        }
    }
}

fn of_task(step: &Told<'_>, event: TaskEvent) -> String {
    let label = |task| step.label(task);
    match event {
        TaskEvent::Spawn {
            task,
            parent: Some(parent),
            ..
        } => format!(
            "{} spawns {}: it joins the back of READY.",
            label(parent),
            label(task)
        ),
        TaskEvent::Spawn { task, .. } if !step.meta().has(Aspect::Queues) => {
            format!("{} is spawned.", label(task))
        }
        TaskEvent::Spawn { task, .. } => {
            format!("{} is the first task: it goes into READY.", label(task))
        }
        TaskEvent::Wake { task, by, effect } => wake(step, task, by, effect),
        TaskEvent::PollStart { task } => {
            let poll = step.before.tasks.get(task).map_or(1, |row| row.polls + 1);
            format!(
                "{} moves from {} to RUNNING: poll {poll}.",
                label(task),
                queue_name(step.status(task))
            )
        }
        TaskEvent::Wait {
            task, on, at, also, ..
        } => {
            let at = step
                .quote(at)
                .map_or_else(String::new, |quote| format!(" at {}", quote.words()));
            let on = step.wait_on(on);
            let verb = if also { "also waits" } else { "has to wait" };
            format!("{} {verb}{at}: {on}.", label(task))
        }
        TaskEvent::Joined { task, joined, .. } => format!(
            "{} awaits {}, which has already ended: it continues at once.",
            label(task),
            label(joined)
        ),
        TaskEvent::PollEnd { task, outcome, .. } => poll_end(step, task, outcome),
        TaskEvent::Failed { task, message } => format!(
            "{} fails: \"{}\".",
            label(task),
            fit(step.tables().text(message), 44)
        ),
        TaskEvent::CancelRequested {
            task,
            dropped: true,
        } => format!("{} drops the handle of {}.", step.actor(), label(task)),
        TaskEvent::CancelRequested { task, .. } => {
            format!(
                "{} requests that {} be cancelled.",
                step.actor(),
                label(task)
            )
        }
        TaskEvent::CancelDelivered { task } => {
            format!("{} is cancelled: its future is dropped.", label(task))
        }
    }
}

/// Which task a wake moves, between which queues, and what woke it.
fn wake(step: &Told<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) -> String {
    let woken = step.label(task);
    let waker = woken_by_words(step.tables(), by);
    match effect {
        WakeEffect::Redundant => {
            return format!("{waker} wakes {woken} again: it is already in READY, once.");
        }
        WakeEffect::TooLate => return format!("{waker} wakes {woken}, which has already ended."),
        WakeEffect::Enqueued => {}
    }
    let from = step.status(task);
    if from == Status::Running {
        return if by == WokenBy::Task(task) {
            format!("{woken} wakes itself: it will be READY again after this poll.")
        } else {
            format!("{waker} wakes {woken} while it runs: READY again after this poll.")
        };
    }
    let moves = format!("{woken} moves from {} to READY", queue_name(from));
    let row = step.before.tasks.get(task);
    if row.is_some_and(|row| row.cancel_requested) && matches!(by, WokenBy::Io | WokenBy::Loop) {
        return format!("{moves}, to be cancelled.");
    }
    if let Some(Wait::Join(joined)) = row.map(|row| row.wait)
        && finishes(step, joined, by)
    {
        return format!("{} finished, so {moves}.", step.label(joined));
    }
    match by {
        WokenBy::Timer(_) => format!("Its timer fired, so {moves}."),
        WokenBy::Io => format!("I/O is ready, so {moves}."),
        WokenBy::Task(_)
        | WokenBy::Callback(_)
        | WokenBy::Thread(_)
        | WokenBy::Loop
        | WokenBy::Unknown => {
            format!("{waker} wakes {woken}: from {} to READY.", queue_name(from))
        }
    }
}

/// Whether the wake of a task that joins another comes from the end of that other task: from its
/// last poll, or right after it.
fn finishes(step: &Told<'_>, joined: TaskId, by: WokenBy) -> bool {
    by == WokenBy::Task(joined) || step.status(joined).ended()
}

fn poll_end(step: &Told<'_>, task: TaskId, outcome: PollOutcome) -> String {
    let label = step.label(task);
    let row = step.before.tasks.get(task);
    let to = match outcome {
        PollOutcome::Ready => return format!("{label} completes: it moves from RUNNING to DONE."),
        PollOutcome::Panicked | PollOutcome::Failed => Status::Failed,
        PollOutcome::Cancelled => Status::Cancelled,
        PollOutcome::Pending => {
            let mut phase = row.map_or(TaskPhase::ABSENT, |row| row.phase);
            phase.end_poll(outcome);
            phase.status()
        }
    };
    if let (Status::Timer | Status::Pending, Some(row)) = (to, row) {
        let moves = format!("{label} suspends: RUNNING -> {}", queue_name(to));
        let left = super::WHAT.saturating_sub(columns(&moves) + " ().".len());
        let wait = if row.wait == Wait::Unknown && !step.meta().has(Aspect::Waits) {
            "not recorded".to_owned()
        } else {
            step.wait_on(row.wait)
        };
        return format!("{moves} ({}).", fit(&wait, left));
    }
    format!("{label} moves from RUNNING to {}.", queue_name(to))
}

fn of_timer(step: &Told<'_>, event: TimerEvent) -> String {
    match event {
        TimerEvent::Set { task, deadline, .. } => format!(
            "{} sets a timer: due {deadline}, in {} s.",
            step.label(task),
            seconds(deadline.since(step.before.now()))
        ),
        TimerEvent::Fired { timer } => format!("{} fires.", timer_words(step, timer)),
        TimerEvent::Cancelled { timer } => format!(
            "{} is removed from TIMERS before it fires.",
            timer_words(step, timer)
        ),
    }
}

fn timer_words(step: &Told<'_>, timer: TimerId) -> String {
    match step.before.timer(timer) {
        Some(timer) => format!(
            "The timer of {}, due {},",
            step.label(timer.task),
            timer.deadline
        ),
        None => "A timer".to_owned(),
    }
}

fn of_resource(step: &Told<'_>, event: ResourceEvent) -> String {
    match event {
        ResourceEvent::Created {
            kind,
            name,
            at_first_use: true,
            ..
        } => {
            let (kind, name) = (
                resource_kind_word(kind, step.language),
                step.tables().text(name),
            );
            let label = if name == kind {
                kind.to_owned()
            } else {
                format!("{kind} {}", fit(name, 34))
            };
            format!("{} is the first to use {label}.", step.actor())
        }
        ResourceEvent::Created {
            kind, name, limit, ..
        } => created(step, kind, step.tables().text(name), limit),
        ResourceEvent::Op {
            resource,
            op,
            value,
        } => operation(step, resource, op, value),
        ResourceEvent::Member { resource, task } => {
            let name = step.resource_name(step.before.resource(resource), resource);
            format!("{} becomes a member of {name}.", step.label(task))
        }
        ResourceEvent::Bytes { text, .. } => format!(
            "The bytes are \"{}\".",
            fit(step.tables().text(text), super::WHAT.saturating_sub(17))
        ),
        ResourceEvent::Dropped { resource } => {
            let name = step.resource_name(step.before.resource(resource), resource);
            format!("{name} is dropped.")
        }
    }
}

fn created(step: &Told<'_>, kind: ResourceKind, name: &str, limit: u32) -> String {
    let (actor, name) = (step.actor(), fit(name, 34));
    // A resource without a name of its own is named after its kind.
    let creates = |kind: &str| match kind {
        "event" if name == kind => format!("{actor} creates an event"),
        _ if name == kind => format!("{actor} creates a {kind}"),
        _ => format!("{actor} creates {kind} {name}"),
    };
    match (kind, limit) {
        (ResourceKind::Channel, 0) => format!("{}, with no limit.", creates("channel")),
        (ResourceKind::Channel, limit) => format!("{}, with room for {limit}.", creates("channel")),
        (ResourceKind::Semaphore, limit) => {
            format!("{}, with {limit} permits.", creates("semaphore"))
        }
        (ResourceKind::Lock, _) => format!("{}.", creates("lock")),
        (ResourceKind::Event, _) => format!("{} (unset).", creates("event")),
        (ResourceKind::Future, _) => format!("{}, without a value.", creates("future")),
        (ResourceKind::Foreign, _) => format!("{}.", creates("future")),
        (ResourceKind::Group, _) => format!("{}.", creates("group")),
        (ResourceKind::Listener, _) => format!("{actor} listens: {name}."),
        (ResourceKind::Stream, _) => format!("{actor} has a connection: {name}."),
        (ResourceKind::Pool, _) => format!("{actor} hands work to another thread: {name}."),
        (ResourceKind::Io, _) => format!("{actor} uses {name}."),
        (ResourceKind::Value, _) => format!("{actor} creates shared value {name}."),
        (ResourceKind::Scope, _) => format!("{}.", creates("scope")),
        (ResourceKind::Generator, _) => format!("{}.", creates("generator")),
    }
}

fn operation(step: &Told<'_>, id: ResourceId, op: ResourceOp, value: u32) -> String {
    let actor = step.actor();
    // The words show the resource as it is after the operation.
    let mut after = step.before.resource(id).copied();
    if let Some(after) = &mut after {
        after.apply(op, value, step.before.running.task());
    }
    let name = step.resource_name(after.as_ref(), id);
    let is_future = after.is_some_and(|resource| resource.kind == ResourceKind::Future);
    let verb = op_words(op, step.language);
    match op {
        ResourceOp::Read if value == 0 => format!("{actor} reads the end of {name}."),
        ResourceOp::Read | ResourceOp::Wrote => format!("{actor} {verb} {name}: {value} bytes."),
        ResourceOp::Loaded => format!("{actor} reads {name}: {value}."),
        ResourceOp::Stored => format!("{actor} writes {name}: it is now {value}."),
        ResourceOp::Received if is_future => format!("{actor} takes the value of {name}."),
        ResourceOp::Set if is_future => format!("{actor} resolves {name}."),
        ResourceOp::SetError => format!("{actor} resolves {name} with an error."),
        ResourceOp::Sent => format!("{actor} puts an item into {name}."),
        ResourceOp::Received => format!("{actor} takes an item out of {name}."),
        ResourceOp::Closed
        | ResourceOp::Acquired
        | ResourceOp::Released
        | ResourceOp::Set
        | ResourceOp::Cleared
        | ResourceOp::Begun
        | ResourceOp::Ended
        | ResourceOp::Abandoned
        | ResourceOp::Accepted
        | ResourceOp::Connected
        | ResourceOp::Entered
        | ResourceOp::Left
        | ResourceOp::Resumed
        | ResourceOp::Yielded => format!("{actor} {verb} {name}."),
    }
}

fn of_callback(step: &Told<'_>, event: CallbackEvent) -> String {
    match event {
        CallbackEvent::Scheduled { name, .. } => format!(
            "{} schedules callback {}: it joins the back of READY.",
            step.actor(),
            fit(step.tables().text(name), 24)
        ),
        CallbackEvent::Start { callback } => {
            let mut queue = step.before.callbacks.iter();
            let waiting = queue.find(|waiting| waiting.callback == callback);
            let name = waiting.map_or("", |waiting| step.tables().text(waiting.name));
            format!("Callback {} moves from READY to RUNNING.", fit(name, 24))
        }
        CallbackEvent::End { .. } => format!("{} returns.", step.actor()),
    }
}

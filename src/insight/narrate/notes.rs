//! Notes correct common misconceptions: what happens instead of what many people expect, and the
//! rule behind it.
//!
//! A note is attached to the event at which the misconception fails, and to no other. A rule that
//! has a [`Lesson`](super::super::Lesson) is the constant that the lesson uses, which is how the
//! note finds its lesson.

use crate::replay::{State, Status, TickPhase};
use crate::trace::{
    Advance, Aspect, Event, LocationId, LoopEvent, Outcome, PollOutcome, ResourceEvent, ResourceId,
    ResourceKind, ResourceOp, Span, TaskEvent, TaskId, TickPolicy, TimerEvent, Wait, WakeEffect,
    WokenBy,
};

use super::{super::lesson::rule, Note, SEARCHED, Told, lateness, note};

/// A poll of at least this length gets a note: no other task can run meanwhile.
const LONG: Span = Span(100_000_000);

/// A shorter poll did no work: it only checked whether the task can continue.
const BRIEF: Span = Span(1_000_000);

/// How often a task may yield before a note says that it polls.
const YIELDS: u32 = 10;

const MAIN: TaskId = TaskId(0);

pub(super) fn note_for(step: &Told<'_>) -> Option<Note> {
    // The rules are those of this program's own loop. An imported recording is of another loop.
    if !step.meta().has(Aspect::Queues) {
        return None;
    }
    match step.event {
        Event::Task(event) => of_task(step, event),
        Event::Timer(TimerEvent::Fired { timer }) => lateness::fired(step, timer),
        Event::Timer(TimerEvent::Cancelled { timer }) => lateness::cancelled(step, timer),
        Event::Resource(event) => of_resource(step, event),
        Event::Loop(LoopEvent::Advance {
            by,
            why: Advance::Worked,
        }) => lateness::blocked(step, by),
        Event::Loop(LoopEvent::End {
            outcome: Outcome::Finished,
        }) => survivors(step, MAIN),
        Event::Timer(TimerEvent::Set { .. })
        | Event::Loop(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

fn of_task(step: &Told<'_>, event: TaskEvent) -> Option<Note> {
    match event {
        TaskEvent::Spawn {
            task,
            parent: Some(parent),
            ..
        } => note(
            format!(
                "{} does NOT start now: {} continues; poll 1 is in tick {}.",
                step.label(task),
                step.label(parent),
                step.tick_of_poll()
            ),
            rule::SPAWN_QUEUES,
        ),
        TaskEvent::Spawn { parent: None, .. }
        | TaskEvent::Joined { .. }
        | TaskEvent::Failed { .. } => None,
        TaskEvent::Wake { task, by, effect } => wake(step, task, by, effect),
        TaskEvent::PollStart { task } => lateness::poll_start(step, task),
        TaskEvent::Wait { task, on, at, .. } => wait(step, task, on, at),
        TaskEvent::PollEnd { took, .. } if took >= LONG => lateness::blocked(step, took),
        TaskEvent::PollEnd { task, outcome, .. } => poll_end(step, task, outcome),
        TaskEvent::CancelRequested { task, dropped } => cancel_requested(step, task, dropped),
        TaskEvent::CancelDelivered { task } => {
            let never_polled = polls_before(step.before, task) == 0;
            let text = format!(
                "{} was never polled: not one line of it ran.",
                step.label(task)
            );
            never_polled
                .then(|| note(text, rule::NEVER_POLLED))
                .flatten()
        }
    }
}

/// How often a task was polled, without the current poll.
fn polls_before(state: &State, task: TaskId) -> u32 {
    let current = u32::from(state.running.task() == Some(task));
    let row = state.tasks.get(task);
    row.map_or(0, |row| row.polls.saturating_sub(current))
}

fn wake(step: &Told<'_>, task: TaskId, by: WokenBy, effect: WakeEffect) -> Option<Note> {
    let label = step.label(task);
    match effect {
        WakeEffect::Redundant => note(
            format!("{label} will not run twice: it is in READY only once."),
            "two wakes, one poll",
        ),
        WakeEffect::TooLate => note(
            format!("Nothing happens: {label} does not join READY."),
            "an ended task cannot be woken",
        ),
        WakeEffect::Enqueued => {
            let tick = step.before.tick();
            let next = tick + 1;
            let misses_tick = step.before.phase == TickPhase::Run
                && by != WokenBy::Task(task)
                && step.meta().tick_policy == TickPolicy::Snapshot;
            let text = format!(
                "{label} does NOT run now. Tick {tick} took its list before this wake; it runs in tick {next}."
            );
            misses_tick.then(|| note(text, rule::SNAPSHOT)).flatten()
        }
    }
}

fn cancel_requested(step: &Told<'_>, task: TaskId, dropped: bool) -> Option<Note> {
    let label = step.label(task);
    if dropped {
        return note(
            format!("{label} does NOT keep running: dropping this handle cancels it."),
            rule::HANDLE_TYPE,
        );
    }
    note(
        format!("{label} has NOT ended yet: it gets one more poll to clean up."),
        rule::CANCEL_REQUEST,
    )
}

fn wait(step: &Told<'_>, task: TaskId, on: Wait, at: LocationId) -> Option<Note> {
    match on {
        Wait::Acquire(resource) => {
            let lock = step.before.resource(resource)?;
            if lock.kind != ResourceKind::Lock || lock.user != Some(task) {
                return None;
            }
            let label = step.label(task);
            note(
                format!("{label} itself holds it, and can never release it from here."),
                rule::LOCK_TWICE,
            )
        }
        Wait::Join(joined) => join(step, task, joined, at),
        Wait::Unknown
        | Wait::Yield
        | Wait::Timer(_)
        | Wait::Send(_)
        | Wait::Receive(_)
        | Wait::Operation(_)
        | Wait::All(_)
        | Wait::Any(_) => None,
    }
}

/// A task awaits another one in the statement that spawned it.
fn join(step: &Told<'_>, task: TaskId, joined: TaskId, at: LocationId) -> Option<Note> {
    let spawned = step.tables().task(joined)?;
    let spawned_at = step.tables().location(spawned.at)?;
    let here = step.tables().location(at)?;
    let is_child = spawned.parent == Some(task);
    // Where the location of the `.await` is unknown, the trace has that of the spawn in its place.
    // Then the two columns are equal.
    let same_line = (spawned_at.file, spawned_at.line) == (here.file, here.line);
    let same_statement = same_line && here.column > spawned_at.column;
    let cancelled = step.before.tasks.get(joined)?.cancel_requested;
    if !is_child || !same_statement || cancelled || has_sibling(step, joined) {
        return None;
    }
    let label = step.label(task);
    note(
        format!("Spawned and awaited in one statement: {label} does nothing beside it."),
        rule::SPAWN_FIRST,
    )
}

/// Whether an unfinished task was spawned at the same location by the same parent. Then the two
/// were spawned together, as `gather` does, and their waits overlap.
fn has_sibling(step: &Told<'_>, task: TaskId) -> bool {
    let Some(spawned) = step.tables().task(task) else {
        return false;
    };
    let mut others = step.before.tasks.unfinished().take(SEARCHED);
    others.any(|(other, _)| {
        let info = step.tables().task(other).filter(|_| other != task);
        info.is_some_and(|info| (info.parent, info.at) == (spawned.parent, spawned.at))
    })
}

fn poll_end(step: &Told<'_>, task: TaskId, outcome: PollOutcome) -> Option<Note> {
    let row = step.before.tasks.get(task)?;
    match outcome {
        PollOutcome::Pending if row.wait == Wait::Yield && row.phase.queued() => {
            // A task that worked in this poll yields to be fair to others, not to ask again.
            let asks = step.at().since(row.since) < BRIEF;
            let is_due = row.polls >= YIELDS && row.polls.is_multiple_of(YIELDS);
            let text = format!(
                "That was poll {}: asking again and again costs polls.",
                row.polls
            );
            (asks && is_due)
                .then(|| note(text, rule::DO_NOT_POLL))
                .flatten()
        }
        PollOutcome::Pending if matches!(row.wait, Wait::Timer(_)) && !row.phase.queued() => {
            let text = "Nothing else was spawned, so nothing happens meanwhile: the waits add up.";
            let alone = step.before.unfinished() <= 1;
            alone
                .then(|| note(text.to_owned(), rule::AWAIT_WAITS))
                .flatten()
        }
        PollOutcome::Ready if task == MAIN => survivors(step, task),
        PollOutcome::Ready => lateness::result_kept(step, task),
        PollOutcome::Panicked | PollOutcome::Failed if task == MAIN => None,
        PollOutcome::Panicked | PollOutcome::Failed if is_awaited(step, task) => note(
            "Its siblings keep running: only the task that awaits it sees the failure.".to_owned(),
            rule::ONE_FAILURE,
        ),
        PollOutcome::Panicked | PollOutcome::Failed => note(
            "No task awaits it: the error stays unseen, and the others keep running.".to_owned(),
            rule::ERROR_SEEN,
        ),
        PollOutcome::Pending | PollOutcome::Cancelled => None,
    }
}

/// Whether another task waits for the end of this one.
fn is_awaited(step: &Told<'_>, task: TaskId) -> bool {
    let mut others = step.before.tasks.unfinished().take(SEARCHED);
    others.any(|(_, row)| {
        let awaits = match row.wait {
            Wait::Join(joined) => joined == task,
            Wait::All(group) | Wait::Any(group) => step.before.is_member(group, task),
            Wait::Unknown
            | Wait::Yield
            | Wait::Timer(_)
            | Wait::Send(_)
            | Wait::Receive(_)
            | Wait::Acquire(_)
            | Wait::Operation(_) => false,
        };
        awaits && row.status() != Status::Running
    })
}

/// The main task has completed, others have not.
fn survivors(step: &Told<'_>, main: TaskId) -> Option<Note> {
    let current = usize::from(step.before.running.task() == Some(main));
    let text = match step.before.unfinished().saturating_sub(current) {
        0 => return None,
        1 => "One task has not ended: it is dropped mid-way.".to_owned(),
        left => format!("{left} tasks have not ended: they are dropped mid-way."),
    };
    note(text, rule::MAIN_ENDS)
}

fn of_resource(step: &Told<'_>, event: ResourceEvent) -> Option<Note> {
    match event {
        ResourceEvent::Created {
            kind: ResourceKind::Semaphore,
            at,
            ..
        } => another_semaphore(step, at),
        ResourceEvent::Created { .. }
        | ResourceEvent::Member { .. }
        | ResourceEvent::Bytes { .. } => None,
        ResourceEvent::Op {
            resource,
            op,
            value,
        } => operation(step, resource, op, value),
        ResourceEvent::Dropped { resource } => never_polled(step, resource),
    }
}

fn operation(step: &Told<'_>, id: ResourceId, op: ResourceOp, value: u32) -> Option<Note> {
    let resource = step.before.resource(id)?;
    let unbounded = resource.kind == ResourceKind::Channel && resource.limit == 0;
    if unbounded && op == ResourceOp::Sent && value > 2 && value > resource.peak {
        return note(
            format!("{value} items wait, and nothing ever makes the sender wait."),
            rule::UNBOUNDED,
        );
    }
    let task = step.before.running.task()?;
    if op == ResourceOp::Stored {
        return outdated_write(step, id, task);
    }
    let row = step.before.tasks.get(task)?;
    let waited = match op {
        ResourceOp::Received if resource.kind == ResourceKind::Future => {
            row.wait == Wait::Acquire(id)
        }
        ResourceOp::Received => row.wait == Wait::Receive(id),
        ResourceOp::Acquired => row.wait == Wait::Acquire(id),
        ResourceOp::Sent
        | ResourceOp::Closed
        | ResourceOp::Released
        | ResourceOp::Set
        | ResourceOp::Cleared
        | ResourceOp::Begun
        | ResourceOp::Ended
        | ResourceOp::Abandoned
        | ResourceOp::Read
        | ResourceOp::Wrote
        | ResourceOp::Accepted
        | ResourceOp::Connected
        | ResourceOp::Loaded
        | ResourceOp::Stored
        | ResourceOp::Entered
        | ResourceOp::Left
        | ResourceOp::Resumed
        | ResourceOp::Yielded
        | ResourceOp::SetError => return None,
    };
    let label = step.label(task);
    let text = format!("It was ready at once, so {label} continues without suspending.");
    (!waited).then(|| note(text, rule::READY_AWAIT)).flatten()
}

/// A task writes a shared value that another task has written since this one read it.
fn outdated_write(step: &Told<'_>, id: ResourceId, task: TaskId) -> Option<Note> {
    let value = step.history().value(id, step.before.position)?;
    let missed = value.missed(task, step.before.position)?;
    let by = missed
        .task
        .map_or("a callback".to_owned(), |by| step.label(by));
    note(
        format!(
            "The {} of {by} is lost: {} had read the value before that.",
            missed.value,
            step.label(task)
        ),
        rule::ACROSS_AWAIT,
    )
}

/// A line creates a semaphore while another one from the same line still exists.
fn another_semaphore(step: &Told<'_>, at: LocationId) -> Option<Note> {
    let mut others = step.before.resources.iter().take(SEARCHED).flatten();
    if !others.any(|other| other.kind == ResourceKind::Semaphore && other.at == at) {
        return None;
    }
    note(
        "This line has already created one: each limits only the tasks that use it.".to_owned(),
        rule::SEMAPHORE_SHARED,
    )
}

/// A named future is dropped without ever having been polled.
fn never_polled(step: &Told<'_>, resource: ResourceId) -> Option<Note> {
    let future = step.before.resource(resource)?;
    if future.kind != ResourceKind::Foreign || future.user.is_some() {
        return None;
    }
    note(
        "It was created and dropped: not one line of it ran.".to_owned(),
        rule::NEVER_POLLED,
    )
}

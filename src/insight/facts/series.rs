//! Which waits overlapped, and which came one after the other.

use crate::replay::{EventStep, Replay};
use crate::trace::{
    Event, LocationId, Moment, PollOutcome, Position, ResourceEvent, ResourceKind, Span, TaskEvent,
    TaskId, TimerEvent, Wait, WakeEffect,
};

/// How many events before a sleep are searched for the sleep before it.
const BACK: u64 = 512;

/// A wait of a task, from the poll in which it suspended to the wake that ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitSpan {
    /// The task.
    pub task: TaskId,
    /// What it waited for.
    pub on: Wait,
    /// The location of the `.await`.
    pub at: LocationId,
    /// When it suspended.
    pub from: Moment,
    /// When it was woken, or the end of the searched events if it was not.
    pub to: Moment,
    /// The position after the poll in which it suspended.
    pub suspended: Position,
    /// The position after the wake; `None` if it still waits.
    pub woken: Option<Position>,
}

impl WaitSpan {
    /// How long it waited.
    pub fn length(&self) -> Span {
        self.to.since(self.from)
    }
}

/// How long two waits overlapped.
pub fn overlap(a: &WaitSpan, b: &WaitSpan) -> Span {
    a.to.min(b.to).since(a.from.max(b.from))
}

/// The waits up to a position, in the order in which they began: at most `most` of them.
pub fn wait_spans(replay: &Replay, until: Position, most: usize) -> Vec<WaitSpan> {
    let mut spans: Vec<WaitSpan> = Vec::new();
    // For each task, the index of its wait that has not ended.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut steps = replay.steps(Position(0)..until);
    while let Some(step) = steps.next_step() {
        let (position, at) = (step.position(), step.at());
        match step.event {
            Event::Task(TaskEvent::PollEnd {
                task,
                outcome: PollOutcome::Pending,
                ..
            }) if spans.len() < most => {
                let Some(row) = step
                    .before
                    .tasks
                    .get(task)
                    .filter(|row| !row.phase.queued())
                else {
                    continue;
                };
                if open.len() <= task.index() {
                    open.resize(task.index() + 1, None);
                }
                open[task.index()] = Some(spans.len());
                spans.push(WaitSpan {
                    task,
                    on: row.wait,
                    at: row.wait_at,
                    from: at,
                    to: at,
                    suspended: position,
                    woken: None,
                });
            }
            Event::Task(TaskEvent::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            }) => {
                let ended = open.get_mut(task.index()).and_then(Option::take);
                if let Some(span) = ended.and_then(|at| spans.get_mut(at)) {
                    (span.to, span.woken) = (at, Some(position));
                }
            }
            Event::Task(_)
            | Event::Loop(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }
    let now = steps.state().now();
    for span in spans.iter_mut().filter(|span| span.woken.is_none()) {
        span.to = now.max(span.from);
    }
    spans
}

/// The most waits that overlapped at one moment. A wait that takes no time counts nowhere.
pub fn most_at_once(spans: &[WaitSpan]) -> usize {
    let real = || spans.iter().filter(|span| span.to > span.from);
    let mut borders: Vec<(Moment, bool)> = real()
        .map(|span| (span.from, true))
        .chain(real().map(|span| (span.to, false)))
        .collect();
    // At one moment the waits that end come first: they do not overlap those that begin.
    borders.sort_unstable();
    let (mut open, mut most) = (0_usize, 0);
    for (_, begins) in borders {
        open = if begins {
            open + 1
        } else {
            open.saturating_sub(1)
        };
        most = most.max(open);
    }
    most
}

/// Two sleeps of the only task of a run, one after the other: they add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeriesFact {
    /// The task.
    pub task: TaskId,
    /// The length of the sleep that is over.
    pub first: Span,
    /// The length of the sleep that begins.
    pub second: Span,
    /// The position after the event in which the timer of the first sleep was set.
    pub first_set: Position,
    /// The position after the poll in which the task suspends for the second.
    pub suspended: Position,
}

/// The sleep that begins with this event and the one before it, if nothing could overlap with
/// either: no other task was ever spawned, no second timer is pending, the task waits for nothing
/// else, and it drives no futures by hand.
pub fn in_series(step: &EventStep<'_>) -> Option<SeriesFact> {
    let Event::Task(TaskEvent::PollEnd {
        task,
        outcome: PollOutcome::Pending,
        ..
    }) = step.event
    else {
        return None;
    };
    let row = step.before.tasks.get(task)?;
    let Wait::Timer(timer) = row.wait else {
        return None;
    };
    let alone = step.tables().tasks().len() == 1 && row.also == 0 && !row.phase.queued();
    if !alone || step.before.timers.len() != 1 || drives_by_hand(step) {
        return None;
    }
    let second = step.before.timer(timer)?;
    let (first, first_set) = sleep_before(step, second.set)?;
    Some(SeriesFact {
        task,
        first,
        second: second.deadline.since(second.set_at),
        first_set,
        suspended: step.position(),
    })
}

/// Whether the program polls futures itself, as a hand-made loop does: what the task waits for is
/// then the wait of all of them.
fn drives_by_hand(step: &EventStep<'_>) -> bool {
    let mut resources = step.before.resources.values();
    resources.any(|resource| resource.kind == ResourceKind::Generator)
}

/// The length of the sleep that ended before another one was set, if it was the only thing that the
/// task waited for in between.
fn sleep_before(step: &EventStep<'_>, until: Position) -> Option<(Span, Position)> {
    let from = Position(until.0.saturating_sub(BACK));
    let mut set = None;
    let mut slept = None;
    for (position, event, cursor) in step.replay.events_from(from) {
        if position >= until {
            break;
        }
        match event {
            Event::Timer(TimerEvent::Set { deadline, .. }) => {
                set = Some((deadline.since(cursor.now), position));
            }
            Event::Timer(TimerEvent::Fired { .. }) => slept = set.take(),
            Event::Task(TaskEvent::Wait { on, also, .. })
                if also || !matches!(on, Wait::Timer(_)) =>
            {
                (set, slept) = (None, None);
            }
            Event::Timer(TimerEvent::Cancelled { .. })
            | Event::Resource(ResourceEvent::Created {
                kind: ResourceKind::Generator,
                ..
            })
            | Event::Gap { .. } => (set, slept) = (None, None),
            Event::Task(_)
            | Event::Loop(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. } => {}
        }
    }
    slept.filter(|(length, _)| *length > Span::ZERO)
}

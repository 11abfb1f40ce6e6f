//! What a task is doing, in one byte.

use crate::trace::{Event, PollOutcome, TaskEvent, Wait, WakeEffect};

use super::Status;

/// What a task is doing: its [`Status`], whether it stands in the ready queue, and whether it is a timer that it
/// waits for. This small machine is the meaning of the task events, for the state and for the timeline.
///
/// It may be `Running` and queued at once: woken during its own poll, it will be ready when that ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TaskPhase(u8);

const STATUS: u8 = 0b0000_1111;
const QUEUED: u8 = 0b0001_0000;
const TIMER: u8 = 0b0010_0000;

/// Events are missing, and it has not said what it waits for since.
const LOST: u8 = 0b1000_0000;

/// The bits that it has. The one that is left over belongs to who packs them.
pub(super) const BITS: u8 = STATUS | QUEUED | TIMER | LOST;

impl TaskPhase {
    /// Before it was spawned.
    pub const ABSENT: TaskPhase = TaskPhase(Status::Absent as u8);

    /// Spawned where events are missing.
    pub const UNKNOWN: TaskPhase = TaskPhase(Status::Unknown as u8 | LOST);

    /// What it is doing.
    #[inline]
    pub fn status(self) -> Status {
        Status::ALL[usize::from(self.0 & STATUS)]
    }

    /// Whether it stands in the ready queue.
    #[inline]
    pub fn queued(self) -> bool {
        self.0 & QUEUED != 0
    }

    /// Whether events are missing that would say what it waits for: it says so only when that changes.
    #[inline]
    pub fn wait_is_unknown(self) -> bool {
        self.0 & LOST != 0
    }

    /// All seven bits, for packing.
    pub(super) fn bits(self) -> u8 {
        self.0
    }

    pub(super) fn from_bits(bits: u8) -> TaskPhase {
        TaskPhase(bits & BITS)
    }

    /// Whether it has ended, in whatever way.
    #[inline]
    pub fn ended(self) -> bool {
        self.0 & STATUS >= Status::Done as u8
    }

    /// Put into the ready queue, by a spawn or a wake.
    #[inline]
    pub fn enqueue(&mut self) {
        self.0 |= QUEUED;
        if self.0 & STATUS != Status::Running as u8 {
            self.set(Status::Ready);
        }
    }

    /// Its turn begins.
    #[inline]
    pub fn start(&mut self) {
        self.0 = (self.0 & (TIMER | LOST)) | Status::Running as u8;
    }

    /// It says what it waits for.
    #[inline]
    pub fn wait(&mut self, on: Wait) {
        let timer = if matches!(on, Wait::Timer(_)) {
            TIMER
        } else {
            0
        };
        self.0 = (self.0 & !(TIMER | LOST)) | timer;
    }

    /// What it does is not known any more, unless it has ended.
    #[inline]
    pub fn mark_unknown(&mut self) {
        if !self.ended() && *self != TaskPhase::ABSENT {
            *self = TaskPhase::UNKNOWN;
        }
    }

    /// Its turn ends.
    #[inline]
    pub fn end(&mut self, outcome: PollOutcome) {
        match outcome {
            PollOutcome::Pending if self.queued() => self.set(Status::Ready),
            PollOutcome::Pending if self.wait_is_unknown() => self.set(Status::Unknown),
            PollOutcome::Pending if self.0 & TIMER != 0 => self.set(Status::Timer),
            PollOutcome::Pending => self.set(Status::Pending),
            PollOutcome::Ready => self.0 = Status::Done as u8,
            PollOutcome::Panicked | PollOutcome::Failed => self.0 = Status::Failed as u8,
            PollOutcome::Cancelled => self.0 = Status::Cancelled as u8,
        }
    }

    /// Applies an event, if it is about task `task`: the same steps as above, for who has no [`State`](super::State).
    #[inline]
    pub fn apply(&mut self, event: &Event) {
        match *event {
            Event::Task(
                TaskEvent::Spawn { .. }
                | TaskEvent::Wake {
                    effect: WakeEffect::Enqueued,
                    ..
                },
            ) => self.enqueue(),
            Event::Task(TaskEvent::PollStart { .. }) => self.start(),
            Event::Task(TaskEvent::Wait {
                on, also: false, ..
            }) => self.wait(on),
            Event::Task(TaskEvent::PollEnd { outcome, .. }) => self.end(outcome),
            Event::Gap { .. } => self.mark_unknown(),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. } => {}
        }
    }

    #[inline]
    fn set(&mut self, status: Status) {
        self.0 = (self.0 & !STATUS) | status as u8;
    }
}

impl std::fmt::Debug for TaskPhase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?}{}",
            self.status(),
            if self.queued() { "+queued" } else { "" }
        )
    }
}

/// The task whose lane an event changes.
#[inline]
pub(super) fn affected_task(event: &Event) -> Option<u32> {
    match *event {
        Event::Task(
            TaskEvent::PollStart { task }
            | TaskEvent::PollEnd { task, .. }
            | TaskEvent::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            }
            | TaskEvent::Wait { task, .. }
            | TaskEvent::Spawn { task, .. },
        ) => Some(task.0),
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => None,
    }
}

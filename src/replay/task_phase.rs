//! What a task is doing, in one byte.
//!
//! The byte is a [`Status`] and three flags. A task's events move it as follows:
//!
//! ```text
//!             spawn                poll starts             poll ends, completed    Done
//!   Absent ─────────> Ready ───────────────────> Running ────────────────────────> Failed
//!                       ^                           │                              Cancelled
//!                       │  wake                     │ poll ends, suspended
//!                       ├────────── Timer <─────────┤ the last wait was for a timer
//!                       ├────────── Pending <───────┤ it was for anything else
//!                       └───────────────────────────┘ woken during the poll
//! ```
//!
//! * `QUEUED`: the task is in the ready queue. A `Ready` task always has it, a `Timer`, `Pending`
//!   or ended task never. A `Running` task has it when it was woken during its own poll; when that
//!   poll ends without completing, the task is `Ready` at once.
//! * `TIMER`: the task's last declared wait was for a timer. It outlives polls, because a task
//!   declares a wait only when it differs from the one before.
//! * `LOST`: a gap hid the task's last declared wait. It is set by a gap and cleared by the next
//!   declaration, and excludes `TIMER`. A task that suspends with it becomes `Unknown` rather than
//!   `Timer` or `Pending`.
//!
//! A gap turns every unfinished task into `Unknown`, with `LOST`. With its next event
//! the task returns to the diagram above.

use crate::trace::{PollOutcome, TaskEvent, TaskId, Wait, WakeEffect};

/// What a task is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It has not been spawned yet.
    #[default]
    Absent,
    /// It is in the ready queue.
    Ready,
    /// It is being polled.
    Running,
    /// It waits for a deadline.
    Timer,
    /// It waits for another task, a resource or I/O.
    Pending,
    /// Not known: events are missing, and none that followed was about this task.
    Unknown,
    /// It completed.
    Done,
    /// It panicked, or returned an error that it reports.
    Failed,
    /// It was cancelled.
    Cancelled,
}

impl Status {
    pub(super) const ALL: [Status; 9] = [
        Status::Absent,
        Status::Ready,
        Status::Running,
        Status::Timer,
        Status::Pending,
        Status::Unknown,
        Status::Done,
        Status::Failed,
        Status::Cancelled,
    ];

    /// Whether the task has ended: it completed, failed or was cancelled.
    pub fn ended(self) -> bool {
        self >= Status::Done
    }
}

/// What a task is doing: its [`Status`], and what is needed to find the next one.
///
/// [`State`](super::State) keeps one for each task. The timeline keeps nothing else, so that it can
/// paint millions of events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TaskPhase(u8);

const STATUS: u8 = 0b0000_1111;
const QUEUED: u8 = 0b0001_0000;
const TIMER: u8 = 0b0010_0000;
const LOST: u8 = 0b1000_0000;

/// The bits in use. [`LaneEntry`](super::lanes::LaneEntry) stores a flag of its own in the free
/// one.
pub(super) const BITS: u8 = STATUS | QUEUED | TIMER | LOST;

impl TaskPhase {
    /// The phase before the spawn.
    pub(crate) const ABSENT: TaskPhase = TaskPhase(Status::Absent as u8);

    /// The phase of a task that was spawned inside a gap, or was unfinished before one.
    pub(crate) const UNKNOWN: TaskPhase = TaskPhase(Status::Unknown as u8 | LOST);

    /// The status.
    #[inline]
    pub fn status(self) -> Status {
        Status::ALL[usize::from(self.0 & STATUS)]
    }

    /// Whether the task is in the ready queue.
    #[inline]
    pub fn queued(self) -> bool {
        self.0 & QUEUED != 0
    }

    /// Whether the task's last declared wait is unknown, because a gap hid it.
    #[inline]
    pub fn wait_is_unknown(self) -> bool {
        self.0 & LOST != 0
    }

    /// Whether the task has ended: it completed, failed or was cancelled.
    #[inline]
    pub fn ended(self) -> bool {
        self.0 & STATUS >= Status::Done as u8
    }

    /// Whether the task is ready, polled or suspended, as far as events tell: it has not ended, and
    /// no gap hides its status.
    #[inline]
    pub(super) fn is_current(self) -> bool {
        self.0 & STATUS < Status::Unknown as u8
    }

    pub(super) fn bits(self) -> u8 {
        self.0
    }

    pub(super) fn from_bits(bits: u8) -> TaskPhase {
        TaskPhase(bits & BITS)
    }

    /// The task is put into the ready queue, by a spawn or a wake.
    #[inline]
    pub(crate) fn enqueue(&mut self) {
        self.0 |= QUEUED;
        if self.0 & STATUS != Status::Running as u8 {
            self.set(Status::Ready);
        }
    }

    /// A poll starts.
    #[inline]
    pub(crate) fn start_poll(&mut self) {
        self.0 = (self.0 & (TIMER | LOST)) | Status::Running as u8;
    }

    /// The task declares what it waits for.
    #[inline]
    pub(crate) fn wait(&mut self, on: Wait) {
        let timer = if matches!(on, Wait::Timer(_)) {
            TIMER
        } else {
            0
        };
        self.0 = (self.0 & !(TIMER | LOST)) | timer;
    }

    /// The poll ends.
    #[inline]
    pub(crate) fn end_poll(&mut self, outcome: PollOutcome) {
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

    /// Events are missing.
    #[inline]
    pub(crate) fn mark_unknown(&mut self) {
        if !self.ended() && *self != TaskPhase::ABSENT {
            *self = TaskPhase::UNKNOWN;
        }
    }

    /// Applies a change that was found with [`PhaseChange::of`].
    #[inline]
    pub(crate) fn apply(&mut self, change: PhaseChange) {
        match change {
            PhaseChange::Enqueue => self.enqueue(),
            PhaseChange::StartPoll => self.start_poll(),
            PhaseChange::Wait(on) => self.wait(on),
            PhaseChange::EndPoll(outcome) => self.end_poll(outcome),
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

/// What an event does to the phase of one task, for readers that keep no [`State`](super::State).
///
/// [`State::apply`](super::State::apply) makes the same changes, and keeps the times as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhaseChange {
    /// It was spawned or woken.
    Enqueue,
    /// A poll starts.
    StartPoll,
    /// It declares what it waits for.
    Wait(Wait),
    /// The poll ends.
    EndPoll(PollOutcome),
}

impl PhaseChange {
    /// The task whose phase an event changes, and how.
    #[inline]
    pub(crate) fn of(event: &TaskEvent) -> Option<(TaskId, PhaseChange)> {
        match *event {
            TaskEvent::PollStart { task } => Some((task, PhaseChange::StartPoll)),
            TaskEvent::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            }
            | TaskEvent::Spawn { task, .. } => Some((task, PhaseChange::Enqueue)),
            TaskEvent::PollEnd { task, outcome, .. } => Some((task, PhaseChange::EndPoll(outcome))),
            TaskEvent::Wait { task, on, .. } => Some((task, PhaseChange::Wait(on))),
            TaskEvent::Wake {
                effect: WakeEffect::Redundant | WakeEffect::TooLate,
                ..
            }
            | TaskEvent::Joined { .. }
            | TaskEvent::Failed { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. } => None,
        }
    }
}

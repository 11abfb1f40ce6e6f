//! A task at a position.

use crate::trace::{LocationId, Moment, PollOutcome, Position, Span, Wait, WokenBy};

use super::{Status, TaskPhase};

/// A position in four-byte alignment, for tables with a row for each task: eight would add padding
/// to each row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(Rust, packed(4))]
pub(super) struct StoredPosition(Position);

impl StoredPosition {
    #[inline]
    pub(super) fn new(position: Position) -> StoredPosition {
        StoredPosition(position)
    }

    #[inline]
    pub(super) fn get(self) -> Position {
        self.0
    }
}

/// A task at a position.
///
/// The number of polls has 44 bits, enough for five years of 100,000 polls a second: the lower 32 are
/// counted on each poll, and the upper 12 share a field with four flags.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskState {
    /// What it is doing.
    pub phase: TaskPhase,
    /// How many things it may wait for besides [`TaskState::wait`].
    pub also: u8,
    /// [`CANCEL_REQUESTED`], [`WAIT_AT_CREATION`], [`KNOWN`], [`PARTLY_LOST`], and above them the
    /// upper bits of the number of polls.
    pub(super) flags: u16,
    /// The lower bits of the number of polls.
    polls: u32,
    /// What it waits for, or waited for last.
    pub wait: Wait,
    /// The `.await` at which it waits, or waited last; or, with
    /// [`TaskState::wait_at_creation`], where the awaited object was created.
    pub wait_at: LocationId,
    woken: StoredPosition,
    /// The cause of that event: of a spawn, the parent.
    pub woken_by: WokenBy,
    /// When it last changed its status.
    pub since: Moment,
    /// How long it was polled, without the current poll.
    pub running: Span,
    /// How long it was in the ready queue, without the current stay.
    pub ready: Span,
    /// How long it waited, without the current wait.
    pub waiting: Span,
    /// The length of its longest poll, without the current one.
    pub longest: Span,
}

/// A state has a row for each task, and every keyframe copies those of the unfinished ones.
const _: () = assert!(size_of::<TaskState>() == 76);

/// The task's cancellation was requested.
const CANCEL_REQUESTED: u16 = 1;

/// The `.await` of the task's last wait is not known.
const WAIT_AT_CREATION: u16 = 2;

/// The task was spawned, or had an event, since the last gap.
pub(super) const KNOWN: u16 = 4;

/// A gap hides a part of the task's life.
const PARTLY_LOST: u16 = 8;

/// The last request to cancel the task was delivered.
const CANCEL_DELIVERED: u16 = 16;

/// One poll in the upper bits of the number of polls: 2^32 polls.
const HIGH_POLL: u16 = 32;

impl TaskState {
    pub(super) fn spawned(now: Moment, position: Position, by: WokenBy) -> TaskState {
        let mut phase = TaskPhase::ABSENT;
        phase.enqueue();
        TaskState {
            phase,
            also: 0,
            flags: KNOWN,
            polls: 0,
            wait: Wait::Unknown,
            wait_at: LocationId::UNKNOWN,
            woken: StoredPosition::new(position),
            woken_by: by,
            since: now,
            running: Span::ZERO,
            ready: Span::ZERO,
            waiting: Span::ZERO,
            longest: Span::ZERO,
        }
    }

    /// What the task is doing.
    #[inline]
    pub fn status(&self) -> Status {
        self.phase.status()
    }

    /// Whether a gap hides a part of the task's life, so that its numbers and times are too low.
    #[inline]
    pub fn is_partly_lost(&self) -> bool {
        self.flags & PARTLY_LOST != 0
    }

    /// How often the task was polled, the current poll included; `None` if a gap hides some of its
    /// polls.
    pub fn known_polls(&self) -> Option<u64> {
        Some(self.polls()).filter(|_| !self.is_partly_lost())
    }

    /// How often the task was polled, the current poll included, without the polls that a gap hides.
    #[inline]
    pub fn polls(&self) -> u64 {
        u64::from(self.flags / HIGH_POLL) << 32 | u64::from(self.polls)
    }

    /// Whether the task's cancellation was requested.
    #[inline]
    pub fn cancel_requested(&self) -> bool {
        self.flags & CANCEL_REQUESTED != 0
    }

    /// Whether the task is about to be cancelled: that was requested, and is not delivered yet. A task of asyncio
    /// may continue after the delivery.
    #[inline]
    pub fn is_being_cancelled(&self) -> bool {
        self.flags & (CANCEL_REQUESTED | CANCEL_DELIVERED) == CANCEL_REQUESTED
    }

    /// Whether the `.await` of the last wait is not known, as in
    /// [`TaskEvent::Wait`](crate::trace::TaskEvent::Wait).
    #[inline]
    pub fn wait_at_creation(&self) -> bool {
        self.flags & WAIT_AT_CREATION != 0
    }

    /// The position after the event that put the task into the ready queue last.
    #[inline]
    pub fn woken(&self) -> Position {
        self.woken.get()
    }

    /// How long the task was polled, was ready, and waited, up to `now`.
    pub fn times(&self, now: Moment) -> [Span; 3] {
        let current = now.since(self.since);
        let mut times = [self.running, self.ready, self.waiting];
        match self.status() {
            Status::Running => times[0] += current,
            Status::Ready => times[1] += current,
            Status::Timer | Status::Pending => times[2] += current,
            Status::Absent
            | Status::Unknown
            | Status::Done
            | Status::Failed
            | Status::Cancelled => {}
        }
        times
    }

    /// Whether the next gap will change the task.
    #[inline]
    pub(super) fn is_known(&self) -> bool {
        self.flags & KNOWN != 0
    }

    /// A task that was spawned inside a gap.
    pub(super) fn unknown(now: Moment, position: Position) -> TaskState {
        let mut row = TaskState::spawned(now, position, WokenBy::Loop);
        row.mark_unknown(now);
        row
    }

    pub(super) fn mark_unknown(&mut self, now: Moment) {
        self.phase.mark_unknown();
        self.flags &= !(CANCEL_REQUESTED | WAIT_AT_CREATION | KNOWN);
        self.flags |= PARTLY_LOST;
        self.also = 0;
        self.wait = Wait::Unknown;
        self.wait_at = LocationId::UNKNOWN;
        self.since = now;
    }

    /// Ends a time in which the status was unknown: it counts neither as running nor as waiting.
    pub(super) fn end_unknown(&mut self, now: Moment) {
        if self.status() == Status::Unknown {
            self.since = now;
        }
    }

    #[inline]
    pub(super) fn enqueue(&mut self, now: Moment, position: Position, by: WokenBy) {
        if matches!(self.status(), Status::Timer | Status::Pending) {
            self.waiting += now.since(self.since);
            self.since = now;
        }
        self.woken = StoredPosition::new(position);
        self.woken_by = by;
        self.phase.enqueue();
    }

    #[inline]
    pub(super) fn start_poll(&mut self, now: Moment) {
        if self.phase.queued() {
            self.ready += now.since(self.since);
        } else {
            // An imported recording may lack the wake; then the task waited until now.
            self.waiting += now.since(self.since);
        }
        self.since = now;
        self.also = 0;
        self.polls = self.polls.wrapping_add(1);
        if self.polls == 0 {
            self.flags = self.flags.wrapping_add(HIGH_POLL);
        }
        self.phase.start_poll();
    }

    pub(super) fn request_cancel(&mut self) {
        self.flags |= CANCEL_REQUESTED;
        self.flags &= !CANCEL_DELIVERED;
    }

    pub(super) fn deliver_cancel(&mut self) {
        self.flags |= CANCEL_DELIVERED;
    }

    pub(super) fn set_wait(&mut self, on: Wait, at: LocationId, at_creation: bool, also: bool) {
        self.flags &= !WAIT_AT_CREATION;
        if at_creation {
            self.flags |= WAIT_AT_CREATION;
        }
        self.also = if also { self.also.saturating_add(1) } else { 0 };
        self.wait = on;
        self.wait_at = at;
        self.phase.wait(on);
    }

    #[inline]
    pub(super) fn end_poll(&mut self, now: Moment, outcome: PollOutcome) {
        let took = now.since(self.since);
        self.running += took;
        self.longest = self.longest.max(took);
        self.since = now;
        self.phase.end_poll(outcome);
    }
}

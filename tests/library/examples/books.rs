//! Counts of a recording: tasks spawned and ended, bytes read and written.

use loopscope::{
    Run,
    replay::Replay,
    trace::{Event, PollOutcome, Position, ResourceEvent, ResourceOp, TaskEvent},
};

/// Sums over a whole recording.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    /// Tasks that were spawned, the main task among them.
    pub(crate) spawned: usize,
    /// Tasks that completed.
    pub(crate) done: usize,
    /// Tasks that were cancelled.
    pub(crate) cancelled: usize,
    /// Accepted connections.
    pub(crate) accepted: usize,
    /// Bytes that were read.
    pub(crate) read: usize,
    /// Bytes that were written.
    pub(crate) wrote: usize,
}

impl Books {
    /// Counts the events of a complete recording.
    pub(crate) fn of<T>(run: Run<T>) -> Books {
        let replay = Replay::new(run.log);
        assert!(!replay.is_damaged());
        let mut books = Books::default();
        for (_, event, _) in replay.events_from(Position(0)) {
            books.enter(event);
        }
        books
    }

    fn enter(&mut self, event: Event) {
        match event {
            Event::Task(TaskEvent::Spawn { .. }) => self.spawned += 1,
            Event::Task(TaskEvent::PollEnd { outcome, .. }) => match outcome {
                PollOutcome::Ready => self.done += 1,
                PollOutcome::Cancelled => self.cancelled += 1,
                PollOutcome::Panicked | PollOutcome::Failed => panic!("a task failed"),
                PollOutcome::Pending => {}
            },
            Event::Resource(ResourceEvent::Op { op, value, .. }) => match op {
                ResourceOp::Accepted => self.accepted += 1,
                ResourceOp::Read => self.read += value as usize,
                ResourceOp::Wrote => self.wrote += value as usize,
                _ => {}
            },
            Event::Gap { events } => panic!("{events} events are missing"),
            _ => {}
        }
    }
}

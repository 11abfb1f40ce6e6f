//! Who held the loop up: the longest turn of a run.

use crate::{
    replay::Replay,
    trace::{Event, Moment, Position, Span, TaskEvent, TaskId},
};

/// One turn of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongestPoll {
    /// Whose.
    pub task: TaskId,
    /// The position after its end; of a turn that goes on, the end of the trace.
    pub end: Position,
    /// How long it took, in nanoseconds.
    pub took: Span,
}

/// The longest turn so far, the earliest of several that took as long. None before the first turn.
///
/// Reads the whole trace: about 10 ns an event.
pub fn longest_poll(replay: &Replay) -> Option<LongestPoll> {
    let mut begun: Option<(TaskId, Moment)> = None;
    let mut longest: Option<LongestPoll> = None;
    let mut last = (Position(0), Moment::default());
    let mut ended = |(task, since): (TaskId, Moment), end: Position, now: Moment| {
        let took = now.since(since);
        if longest.is_none_or(|longest| took > longest.took) {
            longest = Some(LongestPoll { task, end, took });
        }
    };
    for (position, event, cursor) in replay.events_from(Position(0)) {
        let now = cursor.now;
        last = (position, now);
        match event {
            Event::Task(TaskEvent::PollStart { task }) => begun = Some((task, now)),
            Event::Task(TaskEvent::PollEnd { .. }) => {
                if let Some(turn) = begun.take() {
                    ended(turn, position, now);
                }
            }
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => {}
        }
    }
    if let Some(turn) = begun {
        ended(turn, last.0, last.1);
    }
    longest
}

//! The turn that comes next, and who else could have it.

use crate::trace::{CallbackEvent, Event, LoopEvent, Position, TaskEvent, TaskId};

use super::Replay;

/// A turn that the loop gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextPoll {
    /// Which of the run, from 1.
    pub number: u32,
    /// The position before it.
    pub before: Position,
    /// The tasks that the tick has still to run, in their order. (A callback among them is left out.)
    pub ready: Vec<TaskId>,
}

impl Replay {
    /// The next turn that begins at this position or later; none once the main task has ended, for what is left is only
    /// cancelled then.
    pub fn upcoming_poll(&self) -> Option<NextPoll> {
        let mut before = None;
        for (after, event, _) in self.events_from(self.position()) {
            match event {
                Event::Task(TaskEvent::PollStart { .. })
                | Event::Callback(CallbackEvent::Start { .. }) => {
                    before = Some(Position(after.0 - 1));
                    break;
                }
                Event::Loop(LoopEvent::End { .. }) => return None,
                Event::Loop(_)
                | Event::Task(_)
                | Event::Timer(_)
                | Event::Resource(_)
                | Event::Callback(_)
                | Event::Output { .. }
                | Event::Gap { .. } => {}
            }
        }
        let before = before?;
        let state = self.state_at(before);
        let main = state.tasks.get(TaskId(0))?;
        if main.phase.ended() {
            return None;
        }
        let taken = self.list_taken(state.tick(), before);
        let ready = state.ready().into_iter();
        Some(NextPoll {
            number: state.cursor.polls + 1,
            before,
            ready: ready
                .filter(|(_, row)| row.woken <= taken)
                .map(|(task, _)| task)
                .collect(),
        })
    }

    /// When a tick last took its list of what to run, before this position: who was woken later waits for the next one.
    fn list_taken(&self, tick: u32, before: Position) -> Position {
        let start = self.tick_start(tick);
        self.events_from(start)
            .take_while(|(after, _, _)| *after <= before)
            .filter(|(_, event, _)| matches!(event, Event::Loop(LoopEvent::RunPhase { .. })))
            .last()
            .map_or(start, |(after, _, _)| after)
    }
}

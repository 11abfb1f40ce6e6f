//! Questions about what comes next, for whoever wants to know before looking.
//!
//! What is asked for is who gets the slot next, or what happens instead: the clock moves on, the run ends. The wrong
//! answers are things that could be believed: others in the ready queue, tasks that sleep or wait, the next deadline.

use crate::replay::{Replay, Running, State};
use crate::trace::{Advance, Event, LoopEvent, Moment, Outcome, Position, Span, TaskEvent, TaskId};

use super::words::task_label;

/// A question, with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What could come next, sorted by their words so that the order gives nothing away.
    pub choices: Vec<String>,
    /// Which of them does.
    pub right: usize,
    /// The position after it.
    pub after: Position,
}

/// How many events to look ahead: a turn may print and send a lot before it is over.
const AHEAD: usize = 4096;

/// The most answers to choose from.
const CHOICES: usize = 4;

/// What comes next after the current position; none where the trace says nothing more about it.
pub fn question(replay: &Replay) -> Option<Question> {
    let label = |task| format!("{} runs", task_label(replay.tables(), task));
    let moves = |to: Moment| format!("nobody: the clock goes on to {to}");
    let mut ahead = replay.events_from(replay.position()).take(AHEAD);
    let (right, after) = ahead.find_map(|(position, event, cursor)| {
        let happens = match event {
            Event::Task(TaskEvent::PollStart { task }) => label(task),
            Event::Loop(LoopEvent::Advance {
                why: Advance::Jumped | Advance::Waited,
                by,
            }) if by > Span::ZERO => moves(cursor.now),
            Event::Loop(LoopEvent::End { outcome }) => ending(outcome).to_owned(),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => return None,
        };
        Some((happens, position))
    })?;
    let state = replay.state();
    let queue = state.next_timers(1);
    let ready = state.ready();
    let others = ready
        .iter()
        .take(CHOICES)
        .map(|(task, _)| label(*task))
        .chain(queue.first().map(|(_, timer)| moves(timer.deadline)))
        .chain(living(state).map(label))
        .chain([ending(Outcome::Finished).to_owned()]);
    let mut choices = vec![right.clone()];
    for other in others {
        if choices.len() < CHOICES && !choices.contains(&other) {
            choices.push(other);
        }
    }
    choices.sort();
    let right = choices.iter().position(|choice| *choice == right)?;
    Some(Question {
        choices,
        right,
        after,
    })
}

/// The first few tasks that have not ended, without the one that has the slot.
fn living(state: &State) -> impl Iterator<Item = TaskId> {
    state
        .tasks
        .unfinished()
        .map(|(task, _)| task)
        .filter(|task| state.running != Running::Task(*task))
        .take(CHOICES)
}

fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Finished => "nobody: the run ends",
        Outcome::Deadlock | Outcome::Stalled => "nobody can run any more",
        Outcome::Panicked => "nobody: the run fails",
        Outcome::Stopped | Outcome::Limit => "nobody: the recording stops",
    }
}

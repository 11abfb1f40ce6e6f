//! Questions about what comes next, for a person who wants to predict it before looking.
//!
//! The question is which task is polled next, or what happens instead: the clock moves, or the run
//! ends. The wrong answers are plausible: other tasks in the ready queue, tasks that wait, the next
//! deadline.

use crate::replay::{Replay, State};
use crate::trace::{Advance, Event, LoopEvent, Moment, Outcome, Position, Span, TaskEvent, TaskId};

use super::words::{task_label, timer_owner};

/// A question, with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What could come next, in alphabetical order, which gives no hint.
    pub choices: Vec<String>,
    /// The index of the right answer.
    pub right: usize,
    /// Why that comes next.
    pub why: String,
    /// The position after the event that is the answer.
    pub after: Position,
}

/// How many events to look ahead. Many may lie between here and the end of the current poll.
const AHEAD: usize = 4096;

/// The most answers to offer.
const CHOICES: usize = 4;

/// Asks what comes after the current position; `None` if the trace contains no answer.
pub fn question(replay: &Replay) -> Option<Question> {
    let label = |task| format!("{} runs", task_label(replay.tables(), task));
    let moves = |to: Moment| format!("no task: the clock moves to {to}");
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
        .chain(unfinished(state).map(label))
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
        why: reason(replay, after),
        after,
    })
}

/// Why the event before a position is the one that comes: a poll, a move of the clock, or the end.
fn reason(replay: &Replay, after: Position) -> String {
    let before = replay.state_at(Position(after.0.saturating_sub(1)));
    let Some(event) = replay.event_before(after) else {
        return String::new();
    };
    if let Event::Task(TaskEvent::PollStart { task }) = event {
        return reason_of_poll(replay, &before, task);
    }
    if let Event::Loop(LoopEvent::Advance { why, .. }) = event {
        let timer = before.next_timers(1).into_iter().next();
        return match (why, timer) {
            (Advance::Jumped, Some((_, timer))) => format!(
                "nothing is READY, and the timer of {} is the next to be due",
                timer_owner(replay.tables(), &timer)
            ),
            _ => "nothing is READY, so the loop waits".to_owned(),
        };
    }
    match before.unfinished() {
        0 => "every task has ended".to_owned(),
        _ if before
            .tasks
            .get(TaskId(0))
            .is_some_and(|main| main.status().ended()) =>
        {
            format!("{} has ended", task_label(replay.tables(), TaskId(0)))
        }
        _ => "no task is READY, and nothing is left that could wake one".to_owned(),
    }
}

fn reason_of_poll(replay: &Replay, before: &State, task: TaskId) -> String {
    let number = before.cursor.polls + 1;
    let mut choices = replay.log().meta.schedule.choices().iter();
    if choices.any(|choice| choice.poll == number) {
        return format!("you chose it for poll {number}");
    }
    let ready = before.ready();
    let first = ready.first().map(|(first, _)| *first);
    match first {
        _ if !replay.has_one_order() => {
            "an executor runs in this loop, and polls its tasks in an order of its own".to_owned()
        }
        Some(first) if first == task && ready.len() == 1 => "it alone was in READY".to_owned(),
        Some(first) if first == task => "it was first in READY".to_owned(),
        _ => "the loop chose it".to_owned(),
    }
}

/// The first few unfinished tasks, without the one that is being polled.
fn unfinished(state: &State) -> impl Iterator<Item = TaskId> {
    state
        .tasks
        .unfinished()
        .map(|(task, _)| task)
        .filter(|task| state.running.task() != Some(*task))
        .take(CHOICES)
}

fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Finished => "no task: the run ends",
        Outcome::Deadlock | Outcome::Stalled => "no task can ever run again",
        Outcome::Panicked => "no task: the run fails",
        Outcome::Stopped | Outcome::Limit => "no task: the recording stops",
    }
}

//! What a run does at a moment, in one sentence, for the comparison of two runs.

use crate::insight::{Language, seconds, task_label, timer_owner};
use crate::replay::{Replay, Running};
use crate::trace::Moment;

use super::{news::Detail, story::story};

/// What has just happened in a run, or what it waits for if nothing has. `now` is the time that is
/// shown, which may be later than the last event.
pub(crate) fn moment_sentence(replay: &Replay, now: Moment, language: Language) -> String {
    let (state, end) = (replay.state(), replay.end());
    let head = replay.index().head();
    if replay.position() == end && (now > head.now() || head.outcome.is_some()) {
        return format!("has ended at {}.", seconds(head.now()));
    }
    if now <= state.now() {
        let story = story(replay, Detail::News, language);
        let line = story.lines.get(story.main).or(story.lines.first());
        return line.map_or_else(String::new, |line| line.what.clone());
    }
    let label = |task| task_label(replay.tables(), task);
    match (state.running, state.next_timers(1).first()) {
        (Running::Task(task), _) => {
            let since = state.tasks.get(task).map_or(state.now(), |row| row.since);
            format!("{} has held the loop since {since}.", label(task))
        }
        (Running::Callback(..), _) => "a callback holds the loop.".to_owned(),
        (Running::Nothing, Some((_, timer))) => format!(
            "nothing happens; the timer of {} is due at {}.",
            timer_owner(replay.tables(), timer),
            timer.deadline
        ),
        (Running::Nothing, None) => "nothing happens; the loop waits.".to_owned(),
    }
}

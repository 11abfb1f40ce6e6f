//! Going to another position.

use crate::{
    insight::{self, Lock},
    replay::Replay,
    scene::glance,
    trace::{Event, Moment, Position, TaskId, WakeEffect},
};

use crate::tui::{
    feed::Control,
    message::{Command, Unit},
    model::{Model, Screen, goto::Goto, predict::Predict},
};

/// Goes to a position; the other run follows.
pub(super) fn go(model: &mut Model, position: Position) {
    model.centre = None;
    if let Some(side) = model.side_mut() {
        side.wanted = None;
        if position > side.replay.end() && side.reading().is_some() {
            return wait(model, Goto::Event(position.0));
        }
        side.seek(position);
        side.following = side.is_live() && side.at_end();
    }
    model.settle();
}

/// Two runs that go along by time are looked at at this moment, though nothing may happen at it.
pub(super) fn stay_until(model: &mut Model, moment: Moment) {
    if let Some(side) = model.side_mut() {
        side.stay_until(moment);
    }
    model.settle();
}

/// Goes to a place that was found, in this way; in a file that is still being read as soon as so much of it is there.
pub(super) fn arrive(
    model: &mut Model,
    place: Goto,
    found: Option<(Position, Option<TaskId>)>,
    way: fn(&mut Model, Position),
) {
    let Some((position, task)) = found else {
        return wait(model, place);
    };
    way(model, position);
    if let Goto::Time(seconds) = place {
        stay_until(model, Moment::from_seconds(seconds));
    }
    if let (Some(task), Some(side)) = (task, model.side_mut()) {
        side.selected = task.0;
    }
}

fn wait(model: &mut Model, place: Goto) {
    let Some(side) = model.side_mut() else { return };
    side.wanted = Some(place);
    model.notice = Some(format!("{place} has not been read yet: there in a moment"));
}

/// The same, from where Backspace comes back.
pub(super) fn jump(model: &mut Model, position: Position) {
    model.player.pause();
    if let Some(side) = model.side_mut() {
        side.remember();
    }
    go(model, position);
}

/// One step forward.
pub(super) fn forth(model: &mut Model, unit: Unit) -> Vec<Command> {
    model.player.pause();
    let Some(side) = model.side_mut() else {
        return Vec::new();
    };
    if side.at_end() {
        if side.is_paused_live() {
            side.following = true;
            let control = if unit == Unit::Tick {
                Control::Tick
            } else {
                Control::Poll
            };
            return super::control(model, control);
        }
        model.notice = Some(if side.is_live() {
            "This is the present: space pauses the loop, then t and s let it go on step by step."
                .into()
        } else {
            glance::ending(&side.replay)
        });
        return Vec::new();
    }
    let mut target = next(&side.replay, unit);
    if unit == Unit::Mark
        && let Some(stop) = side.breaks.next(&side.replay)
    {
        target = target.min(stop);
    }
    if let (Some(predict), Some(side)) = (predicting(model), model.side()) {
        target = predict.limit(&side.replay, target);
    }
    if !is_held(model, target) {
        go(model, target);
    }
    Vec::new()
}

fn predicting(model: &Model) -> Option<&Predict> {
    model
        .predict
        .as_ref()
        .filter(|_| model.screen == Screen::Main)
}

/// Whether a question has to be answered before that can be shown. It is said, then.
pub(super) fn is_held(model: &mut Model, target: Position) -> bool {
    let (Some(predict), Some(side)) = (predicting(model), model.side()) else {
        return false;
    };
    let held = predict.holds(&side.replay, target);
    if held {
        model.notice = Some("first say what comes next: a digit answers, Esc passes".into());
    }
    held
}

/// How far playing gets on its way to a position, and what is to be said if it has to stop there.
pub(super) fn stop_before(
    model: &Model,
    side: usize,
    mut target: Position,
) -> (Position, Option<String>) {
    let Some(side) = model.sides.get(side) else {
        return (target, None);
    };
    let here = side.replay.position();
    let stop = side
        .breaks
        .next_from(&side.replay, here, target.0.saturating_sub(here.0));
    if let Some(predict) = predicting(model) {
        target = predict.limit(&side.replay, target);
        let asked = predict.open(&side.replay).map(|question| question.after);
        let before = asked.filter(|after| *after <= stop.unwrap_or(target));
        if let Some(after) = before {
            let words = "which of these comes next? a digit answers, Esc passes".to_owned();
            return (Position(after.0.saturating_sub(1)).max(here), Some(words));
        }
    }
    match stop.filter(|stop| *stop <= target) {
        Some(stop) => (
            stop,
            Some(format!("stopped at a breakpoint, event {}", stop.0)),
        ),
        None => (target, None),
    }
}

/// Selects the task that the last event is about.
pub(super) fn select_subject(model: &mut Model) {
    let Some(side) = model.side_mut() else { return };
    let subject = side
        .replay
        .event_before(side.replay.position())
        .and_then(|event| match event {
            Event::Spawn { task, .. }
            | Event::PollStart { task }
            | Event::PollEnd { task, .. }
            | Event::Wait { task, .. }
            | Event::Failed { task, .. }
            | Event::CancelAsked { task, .. }
            | Event::CancelDelivered { task }
            | Event::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            } => Some(task),
            _ => None,
        });
    if let Some(task) = subject {
        side.selected = task.0;
    }
}

/// One step back.
pub(super) fn back(model: &mut Model, unit: Unit) {
    model.player.pause();
    let Some(side) = model.side() else { return };
    if side.replay.position() == Position(0) {
        model.notice = Some("This is the start: nothing has happened before it.".into());
        return;
    }
    let mut target = previous(&side.replay, unit);
    if unit == Unit::Mark
        && let Some(stop) = side.breaks.previous(&side.replay)
    {
        target = target.max(stop);
    }
    go(model, target);
}

fn next(replay: &Replay, unit: Unit) -> Position {
    match unit {
        Unit::Event => Position(replay.position().0.saturating_add(1)),
        Unit::Poll => replay.next_poll(),
        Unit::Tick => replay.next_tick(),
        Unit::Mark => replay.next_landmark(),
        Unit::Tenth => Position(
            replay
                .position()
                .0
                .saturating_add((replay.end().0 / 10).max(1)),
        ),
    }
}

fn previous(replay: &Replay, unit: Unit) -> Position {
    match unit {
        Unit::Event => Position(replay.position().0.saturating_sub(1)),
        Unit::Poll => replay.previous_poll(),
        Unit::Tick => replay.previous_tick(),
        Unit::Mark => replay.previous_landmark(),
        Unit::Tenth => Position(
            replay
                .position()
                .0
                .saturating_sub((replay.end().0 / 10).max(1)),
        ),
    }
}

/// Goes to the event that caused the one we stand behind.
pub(super) fn cause(model: &mut Model) {
    let Some(side) = model.side() else { return };
    match insight::cause(&side.replay, side.replay.position()) {
        Some(position) => {
            jump(model, position);
            model.notice = Some(format!(
                "the cause: event {}. Backspace returns",
                position.0
            ));
        }
        None => model.notice = Some("this has no cause within the run".into()),
    }
}

/// Returns from the last jump.
pub(super) fn come_back(model: &mut Model) {
    let popped = model.side_mut().and_then(|side| side.jumps.pop());
    match popped {
        Some((position, moment)) => {
            model.player.pause();
            go(model, position);
            if let Some(moment) = moment {
                stay_until(model, moment);
            }
        }
        None => model.notice = Some("there is no jump to return from".into()),
    }
}

/// Goes to the next or the previous difference of two runs.
pub(super) fn difference(model: &mut Model, forward: bool) {
    let [a, b] = model.sides.as_slice() else {
        return;
    };
    let find = if forward {
        insight::difference_after
    } else {
        insight::difference_before
    };
    let Some(found) = find(&a.replay, &b.replay, model.lock) else {
        let way = if forward { "further" } else { "earlier" };
        model.notice = Some(format!("there is no {way} difference"));
        return;
    };
    model.player.pause();
    for (side, position) in model.sides.iter_mut().zip([found.a, found.b]) {
        side.remember();
        side.seek(position);
        side.following = false;
    }
    if model.lock == Lock::Time {
        let moments = model.sides.iter().map(|side| side.replay.state().now());
        let moment = moments.max().unwrap_or_default();
        model
            .sides
            .iter_mut()
            .for_each(|side| side.stay_until(moment));
    }
    model.notice = Some(found.words);
}

/// Which run goes ahead when both play: the longer one, so that the other does not stop it.
pub(super) fn leader(model: &Model) -> usize {
    match (model.screen, model.sides.as_slice()) {
        (Screen::Compare, [a, b]) => {
            let length = |replay: &Replay| (replay.index().head().now(), replay.end());
            usize::from(length(&b.replay) > length(&a.replay))
        }
        _ => model.active,
    }
}

/// The other run follows this one.
pub(super) fn follow(model: &mut Model, leader: usize) {
    let active = std::mem::replace(&mut model.active, leader);
    model.settle();
    model.active = active;
}

//! Changes of the position: steps, jumps, causes, differences.
//!
//! Steps go through [`go`], and jumps through [`jump`]. Both end with [`Model::sync_other`], which
//! moves the other run of a comparison along. Backspace returns from a jump, but not from a step.
//! [`difference`] moves both runs itself, because it knows the position of each.
//!
//! Two things can shorten a step forward:
//!
//! * A breakpoint ends playing and the step to the next landmark.
//! * A question of the quiz ends playing and every step by a [`Unit`]. Such a step ends where the
//!   next question may open, and does not show the event that an open question asks about.
//!
//! Steps back are not shortened, because they show nothing new.

use crate::{
    insight::{self, Difference, SyncBy},
    replay::Replay,
    scene::{
        news::{Detail, next_news},
        summary_line,
    },
    trace::{Aspect, Event, LoopEvent, Moment, Position, TaskEvent, TaskId, WakeEffect},
};

use crate::tui::{
    message::{Command, Unit},
    model::{Model, Screen, goto::Goto, quiz::Quiz, run_pane::RunPane},
    source::Control,
    work::{WorkKind, WorkResult},
};

use super::{
    together,
    units::{next, previous, start},
};

/// Goes to a position, or waits for it if the file has not been read that far.
pub(super) fn go(model: &mut Model, position: Position) {
    model.centre = None;
    model.boundary = None;
    if let Some(pane) = model.pane_mut() {
        if position > pane.replay.end() && pane.reading().is_some() {
            return wait(model, Goto::Event(position.0));
        }
        pane.go(position);
    }
    model.sync_other();
}

/// Makes both runs of a comparison by time display `moment`, even if neither has an event at that
/// time. Outside such a comparison this has no effect.
pub(super) fn stay_until(model: &mut Model, moment: Moment) {
    if let Some(pane) = model.pane_mut() {
        pane.stay_until(moment);
    }
    model.sync_other();
}

/// Goes to `found`, the position to which `place` was resolved, by calling `way`: [`go`] or
/// [`jump`]. If `found` is `None`, the pane waits until enough of the file has been read.
pub(super) fn arrive(
    model: &mut Model,
    place: Goto,
    found: Option<(Position, Option<TaskId>)>,
    way: fn(&mut Model, Position),
) {
    let Some((position, task)) = found else {
        return wait(model, place);
    };
    let told = match place {
        Goto::Event(_) => told_position(model, position),
        Goto::Tick(_) | Goto::Time(_) | Goto::Task(_) | Goto::Longest => position,
    };
    way(model, told);
    if told != position {
        model.notice = Some(format!(
            "event {} is bookkeeping: event {} tells it (A tells all events)",
            position.0, told.0
        ));
    }
    if let Goto::Time(seconds) = place {
        stay_until(model, Moment::from_seconds(seconds));
    }
    if let (Some(task), Some(pane)) = (task, model.pane_mut()) {
        pane.selected = task.0;
    }
}

/// The position that shows the event before `position`: `position` itself, or the next event that
/// carries news, if steps stop only at those. The position after a tick shows the whole tick.
pub(super) fn told_position(model: &Model, position: Position) -> Position {
    let Some(pane) = model.pane() else {
        return position;
    };
    let told = match pane.replay.event_before(position) {
        Some(Event::Loop(LoopEvent::TickEnd)) | None => true,
        Some(event) => model.detail.tells(&event),
    };
    if told {
        return position;
    }
    next_news(&pane.replay, position).unwrap_or(position)
}

fn wait(model: &mut Model, place: Goto) {
    let Some(pane) = model.pane_mut() else { return };
    pane.wait_for(place);
    model.notice = Some(format!(
        "{place} has not been read yet: going there in a moment"
    ));
}

/// Goes to a position from which Backspace returns.
pub(super) fn jump(model: &mut Model, position: Position) {
    model.player.pause();
    if let Some(pane) = model.pane_mut() {
        pane.remember();
    }
    go(model, position);
}

/// The unit of a step: a poll instead of a tick if a trace that is shown has no ticks. Recordings of
/// other programs have none.
fn known_unit(model: &mut Model, unit: Unit) -> Unit {
    let shown = |model: &Model| match model.screen {
        Screen::Compare => model.panes.iter().all(has_ticks),
        Screen::Main | Screen::Picker => model.pane().is_none_or(has_ticks),
    };
    if unit != Unit::Tick || shown(model) {
        return unit;
    }
    model.notice = Some("this recording has no ticks: t and T step by poll".into());
    Unit::Poll
}

fn has_ticks(pane: &RunPane) -> bool {
    pane.replay.log().meta.has(Aspect::Queues)
}

/// One step forward; of two runs that are compared, see [`together`].
pub(super) fn step_forward(model: &mut Model, unit: Unit) -> Vec<Command> {
    model.player.pause();
    let unit = known_unit(model, unit);
    if together::tick(model, unit, true) {
        return Vec::new();
    }
    let leader = together::leader(model, unit, true);
    let active = std::mem::replace(&mut model.active, leader);
    let commands = step_active(model, unit);
    model.active = active;
    commands
}

/// One step of the active run.
///
/// At the newest event of a paused live run there is no event to go to. The shell is then asked to
/// run the loop for one tick or one poll, and the pane follows the run.
fn step_active(model: &mut Model, unit: Unit) -> Vec<Command> {
    let detail = model.detail;
    let language = model.language;
    let Some(pane) = model.pane_mut() else {
        return Vec::new();
    };
    if is_last(pane, unit, detail) {
        if pane.is_paused_live() {
            pane.follow();
            let step = if unit == Unit::Tick {
                Control::Tick
            } else {
                Control::Poll
            };
            return control(model, step);
        }
        model.notice = Some(if pane.is_live() {
            "This is the newest event. Space pauses the loop; then t and s run it step by step."
                .into()
        } else {
            summary_line::ending(&pane.replay, language.for_run(&pane.replay))
        });
        return Vec::new();
    }
    let mut target = next(&pane.replay, unit, detail);
    if unit == Unit::Landmark
        && let Some(stop) = pane.breakpoints.next(&pane.replay, target)
    {
        target = stop;
    }
    if let (Some(quiz), Some(pane)) = (open_quiz(model), model.pane()) {
        target = quiz.limit(&pane.replay, target);
    }
    if !is_held(model, target) {
        go(model, target);
    }
    Vec::new()
}

/// Whether a step forward finds nothing in the run. A live loop that waits has written bookkeeping
/// after the last event that carries news: a step by event passes over it.
fn is_last(pane: &RunPane, unit: Unit, detail: Detail) -> bool {
    let passes_over = unit == Unit::Event && detail == Detail::News && pane.is_live();
    pane.at_end() || (passes_over && next_news(&pane.replay, pane.replay.position()).is_none())
}

/// The quiz, if one is in progress on this screen.
pub(super) fn open_quiz(model: &Model) -> Option<&Quiz> {
    model.quiz.as_ref().filter(|_| model.screen == Screen::Main)
}

/// Whether a question of the quiz has to be answered before `target` can be shown. If so, the
/// status line says so.
pub(super) fn is_held(model: &mut Model, target: Position) -> bool {
    let (Some(quiz), Some(pane)) = (open_quiz(model), model.pane()) else {
        return false;
    };
    let held = quiz.holds(&pane.replay, target);
    if held {
        model.notice = Some("first answer what runs next: press a digit, or Esc to skip".into());
    }
    held
}

/// The position at which playing towards `target` stops; if that is before `target`, also a text
/// that says why.
///
/// 1. Find the first breakpoint up to `target`.
/// 2. In predict mode, `target` becomes the position where the next question may open, if that comes
///    first.
/// 3. If a question is open and the event that it asks about comes before the breakpoint and before
///    `target`, playing stops before that event.
/// 4. Otherwise playing stops at the breakpoint or at `target`, whichever comes first.
pub(super) fn stop_before(
    model: &Model,
    pane: usize,
    mut target: Position,
) -> (Position, Option<String>) {
    let Some(pane) = model.panes.get(pane) else {
        return (target, None);
    };
    let here = pane.replay.position();
    let stop = pane.breakpoints.next(&pane.replay, target);
    if let Some(quiz) = open_quiz(model) {
        target = quiz.limit(&pane.replay, target);
        let asked = quiz.open(&pane.replay).map(|question| question.after);
        let before = asked.filter(|after| *after <= stop.unwrap_or(target));
        if let Some(after) = before {
            let words = "What runs next? Press a digit, or Esc to skip".to_owned();
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
    let Some(pane) = model.pane_mut() else { return };
    let last = pane.replay.event_before(pane.replay.position());
    let Some(Event::Task(event)) = last else {
        return;
    };
    let subject = match event {
        TaskEvent::Spawn { task, .. }
        | TaskEvent::PollStart { task }
        | TaskEvent::PollEnd { task, .. }
        | TaskEvent::Wait { task, .. }
        | TaskEvent::Joined { task, .. }
        | TaskEvent::Failed { task, .. }
        | TaskEvent::CancelRequested { task, .. }
        | TaskEvent::CancelDelivered { task }
        | TaskEvent::Wake {
            task,
            effect: WakeEffect::Enqueued,
            ..
        } => task,
        // A wake without effect is about the task that woke, not about the one that was woken.
        TaskEvent::Wake {
            effect: WakeEffect::Redundant | WakeEffect::TooLate,
            ..
        } => return,
    };
    pane.selected = subject.0;
}

/// One step back; of two runs that are compared, see [`together`].
pub(super) fn step_back(model: &mut Model, unit: Unit) {
    model.player.pause();
    let unit = known_unit(model, unit);
    if together::tick(model, unit, false) {
        return;
    }
    let leader = together::leader(model, unit, false);
    let active = std::mem::replace(&mut model.active, leader);
    step_active_back(model, unit);
    model.active = active;
}

fn step_active_back(model: &mut Model, unit: Unit) {
    let Some(pane) = model.pane() else { return };
    let start = start(&pane.replay, model.detail);
    if pane.replay.position() <= start {
        model.notice = Some("This is the start: nothing has happened before it.".into());
        return;
    }
    let mut target = previous(&pane.replay, unit, model.detail).max(start);
    if unit == Unit::Landmark
        && let Some(stop) = pane.breakpoints.previous(&pane.replay, target)
    {
        target = target.max(stop);
    }
    go(model, target);
}

/// Goes to the first event.
pub(super) fn first(model: &mut Model) {
    let Some(pane) = model.pane() else { return };
    let position = start(&pane.replay, model.detail);
    jump(model, position);
}

/// Goes to the cause of the event that panel 5 describes. If the panel describes a tick, the event is
/// the one with the note.
///
/// A cause without news is shown at the next event with news. If that is the event itself (a fired
/// timer and the wake that it causes are one step), the search continues with the cause of the cause.
pub(super) fn cause(model: &mut Model) {
    let Some(pane) = model.pane() else { return };
    let told = pane
        .told
        .at(&pane.replay, model.detail, model.language_for(pane));
    let main = told.story.main_line().map(|line| line.position);
    let here = main.unwrap_or_else(|| pane.replay.position());
    let mut cause = insight::cause(&pane.replay, here);
    while let Some(position) = cause {
        let told = told_position(model, position);
        if told < here {
            jump(model, told);
            model.notice = Some(format!("the cause: event {}. Backspace returns", told.0));
            return;
        }
        cause = insight::cause(&pane.replay, position);
    }
    model.notice = Some("the run holds no event that caused this one".into());
}

/// Returns from the last jump.
pub(super) fn jump_back(model: &mut Model) {
    let popped = model.pane_mut().and_then(|pane| pane.jumps.pop());
    match popped {
        Some((position, moment)) => {
            model.player.pause();
            go(model, position);
            if let Some(moment) = moment {
                stay_until(model, moment);
            }
        }
        None => model.notice = Some("no jump to return from".into()),
    }
}

/// Goes to the next or the previous difference of two runs.
pub(super) fn difference(model: &mut Model, forward: bool) {
    if model.works.looks_for_difference() {
        model.notice = Some("still looking for a difference: Esc stops".into());
        return;
    }
    if model.works.is_busy() {
        model.notice =
            Some("the searches that were stopped have not ended yet: wait a moment".into());
        return;
    }
    let lock = model.lock;
    match model.work_on(WorkKind::Difference { lock, forward }) {
        Some(WorkResult::Difference(found)) => found_difference(model, found, forward),
        Some(WorkResult::Comparison(_) | WorkResult::OtherPoll(_)) | None => {
            model.notice = Some("looking for a difference: Esc stops".into());
        }
    }
}

/// Goes to a difference that was found, or says that there is none.
pub(super) fn found_difference(model: &mut Model, found: Option<Difference>, forward: bool) {
    let Some(found) = found else {
        let way = if forward { "further" } else { "earlier" };
        model.notice = Some(format!("there is no {way} difference"));
        return;
    };
    model.player.pause();
    // The two positions belong together, so each pane goes to its own and none follows the other.
    for (pane, position) in model.panes.iter_mut().zip([found.a, found.b]) {
        pane.remember();
        pane.seek(position);
        pane.stop_following();
    }
    if model.lock == SyncBy::Time {
        let moments = model.panes.iter().map(|pane| pane.replay.state().now());
        let moment = moments.max().unwrap_or_default();
        model
            .panes
            .iter_mut()
            .for_each(|pane| pane.stay_until(moment));
    }
    model.notice = Some(found.words);
}

/// The run that leads while two runs play: the longer one, so that playing does not stop at the end
/// of the shorter one.
pub(super) fn leader(model: &Model) -> usize {
    match (model.screen, model.panes.as_slice()) {
        (Screen::Compare, [a, b]) => {
            let length = |replay: &Replay| (replay.index().head().now(), replay.end());
            usize::from(length(&b.replay) > length(&a.replay))
        }
        _ => model.active,
    }
}

/// Moves the other run to the position that matches that of `leader`, which need not be the active
/// run.
pub(super) fn sync_to(model: &mut Model, leader: usize) {
    let active = std::mem::replace(&mut model.active, leader);
    model.sync_other();
    model.active = active;
}

/// The command that controls the live loop of the active run.
pub(super) fn control(model: &Model, control: Control) -> Vec<Command> {
    vec![Command::Control {
        pane: model.active,
        control,
    }]
}

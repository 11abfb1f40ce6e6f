//! Breakpoints, and where a task's current wait or run ends and began.

use crate::{
    insight::{kind_word, task_label},
    replay::{Replay, ScanResult, State, Status},
    scene::program::{self, Language},
    trace::{Event, Position, TaskId, WakeEffect},
};

use crate::tui::model::{Model, Panel, Screen, breaks::Break, side::Side};

use super::walk;

/// Sets or takes away a breakpoint on what the panel with the keys is about.
pub(super) fn toggle(model: &mut Model) {
    let panel = if model.screen == Screen::Main {
        model.focus
    } else {
        Panel::Tasks
    };
    let language = model.language;
    let Some(side) = model.side_mut() else { return };
    let Some(new) = wanted(side, panel, language) else {
        model.notice = Some("there is nothing here to stop at".into());
        return;
    };
    let what = match &new {
        Break::Task(task) => format!("when {} runs", task_label(side.replay.tables(), *task)),
        Break::Line { line, .. } => format!("when a task comes to line {line} or goes on from it"),
        Break::Kind(word) => format!("at each event of the kind \"{word}\""),
    };
    let set = side.breaks.toggle(new);
    model.notice = Some(if set {
        format!(
            "breakpoint {what}: c goes on to it, C back (all: {})",
            side.breaks.words()
        )
    } else {
        format!("no breakpoint any more {what}")
    });
}

fn wanted(side: &Side, panel: Panel, language: Language) -> Option<Break> {
    match panel {
        // What runs is the Rust: there is nothing to stop at in its twin.
        Panel::Program if language == Language::Python => None,
        Panel::Program => {
            let program = program::program(&side.replay, side.task(), Language::Rust);
            let line = side
                .line
                .or(program.focus)
                .filter(|line| *line < program.lines.len())?;
            Some(Break::Line {
                file: program.file.to_owned(),
                line: u32::try_from(line + 1).ok()?,
            })
        }
        Panel::Why => {
            let event = side.replay.event_before(side.replay.position())?;
            Some(Break::Kind(kind_word(&event)))
        }
        Panel::Output => Some(Break::Kind(kind_word(&Event::Output {
            text: crate::trace::TextId(0),
        }))),
        Panel::Loop | Panel::Tasks | Panel::Timeline => {
            (!side.replay.state().tasks.is_empty()).then(|| Break::Task(side.task()))
        }
    }
}

/// Takes all breakpoints away.
pub(super) fn clear(model: &mut Model) {
    let Some(side) = model.side_mut() else { return };
    let words = if side.breaks.is_empty() {
        "there is no breakpoint: b sets one".to_owned()
    } else {
        format!("breakpoints taken away: {}", side.breaks.words())
    };
    side.breaks.clear();
    model.notice = Some(words);
}

/// Goes to where the selected task's current stretch ends, or to where it began.
pub(super) fn finish(model: &mut Model, forward: bool) {
    let Some(side) = model.side() else { return };
    let task = side.task();
    let name = task_label(side.replay.tables(), task);
    let found = border(&side.replay, task, forward);
    let Some(position) = found else {
        model.notice = Some(if forward {
            format!("nothing more happens to {name} in this run")
        } else {
            format!("nothing happened to {name} before this")
        });
        return;
    };
    if forward && walk::is_held(model, position) {
        return;
    }
    model.player.pause();
    walk::go(model, position);
}

/// The next position at which a task does something else than before, or the last one.
fn border(replay: &Replay, task: TaskId, forward: bool) -> Option<Position> {
    let changes = &mut |before: &State, event: &Event, _| changes(before, event, task);
    let found = if forward {
        replay.scan_forward(replay.position(), u32::MAX, changes)
    } else {
        replay.scan_back(replay.position(), u32::MAX, changes)
    };
    match found {
        ScanResult::At(position) => Some(position),
        ScanResult::NotFound | ScanResult::Paused(_) => None,
    }
}

/// Whether an event takes a task from one place of the loop to another.
fn changes(before: &State, event: &Event, task: TaskId) -> bool {
    match *event {
        Event::Spawn { task: it, .. }
        | Event::PollStart { task: it }
        | Event::PollEnd { task: it, .. } => it == task,
        Event::Wake {
            task: it,
            effect: WakeEffect::Enqueued,
            ..
        } => {
            // One that is woken in its own turn goes on running.
            let status = before.tasks.get(task).map(crate::replay::TaskState::status);
            it == task && status != Some(Status::Running)
        }
        _ => false,
    }
}

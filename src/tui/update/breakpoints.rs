//! Breakpoints, and where a task's current wait or run ends and began.

use crate::{
    insight::{event_kind, task_label},
    replay::{EventStep, Replay, ScanResult, State, Status},
    scene::source_view::{self, Language},
    trace::{Event, Position, TaskEvent, TaskId, WakeEffect},
};

use crate::tui::model::{Model, Panel, Screen, breakpoints::Breakpoint, run_pane::RunPane};

use super::navigate;

/// Sets or takes away a breakpoint on what the panel with the keys is about.
pub(super) fn toggle(model: &mut Model) {
    let panel = if model.screen == Screen::Main {
        model.focus
    } else {
        Panel::Tasks
    };
    let language = model.language;
    let Some(pane) = model.pane_mut() else { return };
    let Some(new) = wanted(pane, panel, language) else {
        model.notice = Some("there is nothing here to stop at".into());
        return;
    };
    let what = match &new {
        Breakpoint::Task(task) => format!("when {} runs", task_label(pane.replay.tables(), *task)),
        Breakpoint::Line { line, .. } => {
            format!("when a task comes to line {line} or goes on from it")
        }
        Breakpoint::Kind(word) => format!("at each event of the kind \"{word}\""),
    };
    let set = pane.breakpoints.toggle(new);
    model.notice = Some(if set {
        format!(
            "breakpoint {what}: c goes on to it, C back (all: {})",
            pane.breakpoints.words()
        )
    } else {
        format!("no breakpoint any more {what}")
    });
}

fn wanted(pane: &RunPane, panel: Panel, language: Language) -> Option<Breakpoint> {
    match panel {
        // What runs is the Rust: there is nothing to stop at in its twin.
        Panel::Program if language == Language::Python => None,
        Panel::Program => {
            let program = source_view::source_view(&pane.replay, pane.task(), Language::Rust);
            let line = pane
                .line
                .or(program.focus)
                .filter(|line| *line < program.lines.len())?;
            Some(Breakpoint::Line {
                file: program.file.to_owned(),
                line: u32::try_from(line + 1).ok()?,
            })
        }
        Panel::Why => {
            let event = pane.replay.event_before(pane.replay.position())?;
            Some(Breakpoint::Kind(event_kind(&event)))
        }
        Panel::Output => Some(Breakpoint::Kind(event_kind(&Event::Output {
            text: crate::trace::TextId(0),
        }))),
        Panel::Loop | Panel::Tasks | Panel::Timeline => {
            (!pane.replay.state().tasks.is_empty()).then(|| Breakpoint::Task(pane.task()))
        }
    }
}

/// Takes all breakpoints away.
pub(super) fn clear(model: &mut Model) {
    let Some(pane) = model.pane_mut() else { return };
    let words = if pane.breakpoints.is_empty() {
        "there is no breakpoint: b sets one".to_owned()
    } else {
        format!("breakpoints taken away: {}", pane.breakpoints.words())
    };
    pane.breakpoints.clear();
    model.notice = Some(words);
}

/// Goes to where the selected task's current stretch ends, or to where it began.
pub(super) fn stretch(model: &mut Model, forward: bool) {
    let Some(pane) = model.pane() else { return };
    let task = pane.task();
    let name = task_label(pane.replay.tables(), task);
    let found = border(&pane.replay, task, forward);
    let Some(position) = found else {
        model.notice = Some(if forward {
            format!("nothing more happens to {name} in this run")
        } else {
            format!("nothing happened to {name} before this")
        });
        return;
    };
    if forward && navigate::is_held(model, position) {
        return;
    }
    model.player.pause();
    navigate::go(model, position);
}

/// The next position at which a task does something else than before, or the last one.
fn border(replay: &Replay, task: TaskId, forward: bool) -> Option<Position> {
    let changes = &mut |step: &EventStep<'_>| changes(step.before, &step.event, task);
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
        Event::Task(
            TaskEvent::Spawn { task: it, .. }
            | TaskEvent::PollStart { task: it }
            | TaskEvent::PollEnd { task: it, .. },
        ) => it == task,
        Event::Task(TaskEvent::Wake {
            task: it,
            effect: WakeEffect::Enqueued,
            ..
        }) => {
            // One that is woken in its own turn goes on running.
            let status = before.tasks.get(task).map(crate::replay::TaskState::status);
            it == task && status != Some(Status::Running)
        }
        _ => false,
    }
}

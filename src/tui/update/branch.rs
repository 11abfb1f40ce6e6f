//! "What if": another task runs first at some poll, and the run continues from there as a branch
//! beside the original.
//!
//! A branch is the same run request with another schedule, so it is started like any other run. Only
//! runs on the virtual clock have branches, because the run up to the poll must repeat exactly, and
//! programs of which snapshots are taken. In a live loop that is paused at its newest event, the
//! choice is made in the loop itself. When another
//! run replaces a branch on the screen, the branch's position is remembered, and it is restored when
//! the branch is shown again.

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    insight::{SyncBy, TogetherStep, task_label},
    replay::Axis,
    trace::{ClockKind, Schedule},
};

use crate::tui::{
    message::{Action, Command, PaneSlot},
    model::lists::{Branch, WhatIf, WhatIfRow},
    model::{Model, Overlay, run_pane::RunPane},
    source::{Control, RunRequest},
    work::{WorkKind, WorkResult},
};

use super::together;

/// The most branches that are listed. When there are more, the oldest is removed.
const MOST: usize = 50;

/// Opens the list of tasks that could run at the next poll.
pub(super) fn open(model: &mut Model) {
    model.player.pause();
    let Some(pane) = model.pane() else { return };
    let status = pane.status.unwrap_or_default();
    let chooses = takes_choice(pane);
    let is_fixed = !chooses && !status.returns;
    if is_fixed && pane.replay.log().meta.clock != ClockKind::Virtual {
        model.notice = Some(
            "a run on the real clock cannot be repeated, so it has no branches: use the virtual clock".into(),
        );
        return;
    }
    if is_fixed && pane.status.is_some_and(|status| !status.ended) {
        model.notice = Some("the run is still being recorded: try again in a moment".into());
        return;
    }
    let poll = if chooses {
        pane.replay.newest_choice()
    } else {
        pane.replay.upcoming_poll()
    };
    match &poll {
        None if model.branches.is_empty() => {
            model.notice = Some("no task is polled after this: go back first".into());
        }
        Some(poll) if poll.ready.len() < 2 && model.branches.is_empty() => {
            model.notice = Some(format!(
                "no choice at poll {}: only one task is ready. Press s for the next poll",
                poll.number
            ));
        }
        _ => {
            // The first task is the one that the run polls: choosing it would change nothing.
            let row = usize::from(poll.is_some());
            model.overlay = Overlay::WhatIf(WhatIf { poll, row });
        }
    }
}

/// Whether the next poll of the live loop itself can be given to another task: the loop is paused, and
/// the user looks at its newest event.
fn takes_choice(pane: &RunPane) -> bool {
    let chooses = pane.status.is_some_and(|status| status.chooses);
    chooses && pane.is_paused_live() && pane.at_end()
}

/// A key while the list is open.
pub(super) fn choose(
    model: &mut Model,
    mut list: WhatIf,
    action: Option<Action>,
    key: KeyEvent,
) -> Vec<Command> {
    let rows = list.entries(&model.branches);
    let bottom = rows.len().saturating_sub(1);
    if key.code == KeyCode::Enter {
        return match rows.get(list.row) {
            Some(WhatIfRow::Task(task)) => {
                let number = list.poll.as_ref().map_or(0, |poll| poll.number);
                let Some(pane) = model.pane() else {
                    return Vec::new();
                };
                if takes_choice(pane) {
                    let label = task_label(pane.replay.tables(), *task);
                    let task = *task;
                    model.notice = Some(format!(
                        "poll {number} is of {label}: s or space runs it; on the command line: --schedule {number}:{}",
                        task.0
                    ));
                    return vec![Command::Control {
                        pane: model.active,
                        control: Control::Choose(task),
                    }];
                }
                let mut what = RunRequest::of(&pane.replay);
                what.schedule = what.schedule.before(number).with(number, *task);
                start(model, &Branch { what, at: None })
            }
            Some(WhatIfRow::Branch(branch)) => {
                let branch = (*branch).clone();
                show_again(model, &branch)
            }
            None => Vec::new(),
        };
    }
    match action {
        Some(Action::Down | Action::StepForward(_)) => list.row = (list.row + 1).min(bottom),
        Some(Action::Up | Action::StepBack(_)) => list.row = list.row.saturating_sub(1),
        Some(Action::Close | Action::Leave | Action::WhatIf) => return Vec::new(),
        _ => {}
    }
    model.overlay = Overlay::WhatIf(list);
    Vec::new()
}

/// Starts a branch beside the active run, which becomes the first of the two.
fn start(model: &mut Model, branch: &Branch) -> Vec<Command> {
    let what = branch.what.clone();
    if !model.branches.iter().any(|known| known.what == what) {
        if model.branches.len() == MOST {
            model.branches.remove(0);
        }
        model.branches.push(branch.clone());
    }
    let mut commands = Vec::new();
    if model.active == 1 {
        model.panes.reverse();
        model.active = 0;
        commands.push(Command::Swap);
    }
    commands.push(Command::Launch {
        what,
        slot: PaneSlot::Second,
    });
    commands
}

/// Remembers the positions of the branches that are shown, before other runs replace them.
pub(super) fn remember(model: &mut Model) {
    for pane in &model.panes {
        let what = RunRequest::of(&pane.replay);
        let known = model.branches.iter_mut().find(|known| known.what == what);
        if let Some(branch) = known {
            branch.at = Some(pane.replay.position());
        }
    }
}

/// After a run was opened beside another one: if it is a branch of that run, shows its effect.
///
/// The order of polls is what a branch changes, so both runs are synchronized by polls and drawn on
/// the axis of polls. They go to the first poll that differs. A branch that was shown before
/// returns to the position at which it was left. What was set before is restored when another run
/// is opened.
pub(super) fn opened(model: &mut Model) {
    model.branch_waits = false;
    if let Some((lock, axis)) = model.before_branch.take() {
        (model.lock, model.axis) = (lock, axis);
    }
    let [a, b] = model.panes.as_slice() else {
        return;
    };
    let what = RunRequest::of(&b.replay);
    let (meta, original) = (&b.replay.log().meta, &a.replay.log().meta);
    let of_this = meta.scenario == original.scenario && meta.variant == original.variant;
    if what.schedule.is_empty() || !of_this {
        return;
    }
    model.before_branch = Some((model.lock, model.axis));
    (model.lock, model.axis) = (SyncBy::Poll, Axis::Poll);
    let known = model.branches.iter().find(|known| known.what == what);
    if let Some(position) = known.and_then(|branch| branch.at) {
        model.panes[1].stand_at(position);
        model.active = 1;
        model.sync_other();
        return;
    }
    model.branch_waits = true;
    show_effect(model);
}

/// Shows the effect of a branch: looks for the first poll that differs, beside the screen if the runs
/// are long.
pub(super) fn show_effect(model: &mut Model) {
    let [a, b] = model.panes.as_slice() else {
        return;
    };
    if !model.branch_waits {
        return;
    }
    let language = model.language.for_runs(&a.replay, &b.replay);
    let kind = WorkKind::OtherPoll;
    let found = model.works.ask(kind, [&a.replay, &b.replay], language);
    if let Some(WorkResult::OtherPoll(step)) = found {
        show_other_poll(model, step);
    }
}

/// Goes to the first poll that differs between a run and its branch. If there is none while one of
/// them still grows, this waits for its end.
pub(super) fn show_other_poll(model: &mut Model, step: Option<TogetherStep>) {
    let [a, b] = model.panes.as_slice() else {
        return;
    };
    let schedule = &b.replay.log().meta.schedule;
    let command = format!("on the command line: --schedule {schedule}");
    let grows = |pane: &RunPane| pane.status.is_some_and(|status| !status.ended);
    model.branch_waits = step.is_none() && (grows(a) || grows(b));
    let Some(step) = step else {
        if !model.branch_waits {
            model.notice = Some(format!("identical: the choice changes nothing; {command}"));
        }
        return;
    };
    together::go(model, step);
    let [a, b] = [0, 1].map(|at| {
        let replay = &model.panes[at].replay;
        let task = replay.state().running.task();
        task.map_or_else(String::new, |task| task_label(replay.tables(), task))
    });
    let poll = model.panes[1].replay.state().cursor.polls() + 1;
    model.notice = Some(format!(
        "poll {poll} is of {a} in A, of {b} in B; {command}"
    ));
}

/// Shows a branch again, beside the original run.
fn show_again(model: &mut Model, branch: &Branch) -> Vec<Command> {
    let original = RunRequest {
        schedule: Schedule::default(),
        ..branch.what.clone()
    };
    let is_shown = |at: usize| {
        let pane = model.panes.get(at);
        pane.is_some_and(|pane| RunRequest::of(&pane.replay) == original)
    };
    if is_shown(model.active) {
        return start(model, branch);
    }
    model.second_run = Some(branch.what.clone());
    vec![Command::Launch {
        what: original,
        slot: PaneSlot::First,
    }]
}

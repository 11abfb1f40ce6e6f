//! "What if": another task runs first, and the run goes on from there as a branch beside the original.

use crossterm::event::{KeyCode, KeyEvent};

use crate::trace::{ClockKind, Schedule};

use crate::tui::{
    message::{Action, Command, PaneSlot},
    model::branch::{Branch, WhatIf, WhatIfRow},
    model::{Model, Overlay},
    source::RunRequest,
};

/// The most branches that are listed: the oldest goes.
const MOST: usize = 50;

/// Opens the list of who could have the next turn.
pub(super) fn open(model: &mut Model) {
    model.player.pause();
    let Some(pane) = model.pane() else { return };
    if pane.replay.log().meta.clock != ClockKind::Virtual {
        model.notice = Some(
            "on the real clock the order is not ours to choose: the run could not be had again"
                .into(),
        );
        return;
    }
    if pane.status.is_some_and(|status| !status.ended) {
        model.notice = Some("the run is still being recorded: a moment, then again".into());
        return;
    }
    let turn = pane.replay.upcoming_poll();
    match &turn {
        None if model.branches.is_empty() => {
            model.notice = Some("nobody has a turn after this: go back first".into());
        }
        Some(turn) if turn.ready.len() < 2 && model.branches.is_empty() => {
            model.notice = Some(format!(
                "at poll {} there is nobody else to choose: s goes to the next one",
                turn.number
            ));
        }
        _ => model.overlay = Overlay::WhatIf(WhatIf { turn, row: 0 }),
    }
}

/// A key while the list is open.
pub(super) fn choose(
    model: &mut Model,
    mut list: WhatIf,
    action: Option<Action>,
    key: KeyEvent,
) -> Vec<Command> {
    let entries = list.entries(&model.branches);
    let bottom = entries.len().saturating_sub(1);
    if key.code == KeyCode::Enter {
        return match entries.get(list.row) {
            Some(WhatIfRow::Task(task)) => {
                let number = list.turn.as_ref().map_or(0, |turn| turn.number);
                let Some(pane) = model.pane() else {
                    return Vec::new();
                };
                let mut what = RunRequest::of(&pane.replay);
                what.schedule = what.schedule.before(number).with(number, *task);
                start(model, &Branch { what, at: None })
            }
            Some(WhatIfRow::Branch(branch)) => {
                let branch = (*branch).clone();
                come_back(model, &branch)
            }
            None => Vec::new(),
        };
    }
    match action {
        Some(Action::Down | Action::StepForward(_)) => list.row = (list.row + 1).min(bottom),
        Some(Action::Up | Action::StepBack(_)) => list.row = list.row.saturating_sub(1),
        Some(Action::Quit) => return vec![Command::Quit],
        Some(Action::Close | Action::WhatIf) => return Vec::new(),
        _ => {}
    }
    model.overlay = Overlay::WhatIf(list);
    Vec::new()
}

/// Starts a branch beside the run that has the keys.
fn start(model: &mut Model, branch: &Branch) -> Vec<Command> {
    let what = branch.what.clone();
    if !model.branches.iter().any(|known| known.what == what) {
        if model.branches.len() == MOST {
            model.branches.remove(0);
        }
        model.branches.push(branch.clone());
    }
    model.notice = Some(format!(
        "a branch; the command line has it with --schedule {}",
        what.schedule
    ));
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

/// Remembers where the branches stand that are shown: others take their places.
pub(super) fn remember(model: &mut Model) {
    for pane in &model.panes {
        let what = RunRequest::of(&pane.replay);
        let known = model.branches.iter_mut().find(|known| known.what == what);
        if let Some(branch) = known {
            branch.at = Some(pane.replay.position());
        }
    }
}

/// The run that has just been opened goes to where it stood when it was left, if it is a branch that was shown before.
pub(super) fn resume(model: &mut Model, at: usize) {
    let Some(pane) = model.panes.get_mut(at) else {
        return;
    };
    let what = RunRequest::of(&pane.replay);
    let known = model.branches.iter().find(|known| known.what == what);
    if let Some(position) = known.and_then(|branch| branch.at) {
        pane.stand_at(position);
        model.active = at;
        model.sync_other();
    }
}

/// Shows a branch again, beside the run by the rules.
fn come_back(model: &mut Model, branch: &Branch) -> Vec<Command> {
    let original = RunRequest {
        schedule: Schedule::default(),
        ..branch.what.clone()
    };
    let is_there = |at: usize| {
        let pane = model.panes.get(at);
        pane.is_some_and(|pane| RunRequest::of(&pane.replay) == original)
    };
    if is_there(model.active) {
        return start(model, branch);
    }
    model.second_run = Some(branch.what.clone());
    vec![Command::Launch {
        what: original,
        slot: PaneSlot::First,
    }]
}

//! The list of ready-to-run and run times.

use std::time::Duration;

use crate::scene::latency::span_words;

use crate::tui::{
    message::{Action, Command, Unit},
    model::{Model, Overlay, latency::LatencyList},
};

use super::navigate;

/// How far the keys for a page move.
const PAGE: usize = 10;

/// Reads a slice of each run while the list is open. Draws only if there are new times.
pub(super) fn frame(model: &mut Model, now: Duration) -> Vec<Command> {
    if read(model, Some(now)) {
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

fn read(model: &mut Model, now: Option<Duration>) -> bool {
    if !matches!(model.overlay, Overlay::Latency(_)) {
        return false;
    }
    let mut is_new = false;
    for pane in &mut model.panes {
        is_new |= pane.latency.advance(&pane.replay, now);
    }
    is_new
}

/// Opens the list. A short run is read at once.
pub(super) fn list(model: &mut Model) {
    if model.panes.is_empty() {
        return;
    }
    model.player.pause();
    model.overlay = Overlay::Latency(LatencyList::default());
    read(model, None);
}

/// A key while the list is open: chooses a tab or a row, goes to the poll of the row, or closes the
/// list. Any other action closes it, and is returned to be carried out.
pub(super) fn choose(
    model: &mut Model,
    mut list: LatencyList,
    action: Option<Action>,
) -> Option<Action> {
    let report = model.pane()?.latency.report();
    let bottom = report.map_or(0, |report| list.len(report).saturating_sub(1));
    // A live run may have other rows than when the row was chosen.
    list.row = list.row.min(bottom);
    match action {
        Some(Action::Down) => list.row = (list.row + 1).min(bottom),
        Some(Action::Up) => list.row = list.row.saturating_sub(1),
        Some(Action::PageDown | Action::StepForward(Unit::TenPercent)) => {
            list.row = (list.row + PAGE).min(bottom);
        }
        Some(Action::PageUp | Action::StepBack(Unit::TenPercent)) => {
            list.row = list.row.saturating_sub(PAGE);
        }
        Some(Action::First) => list.row = 0,
        Some(Action::Last) => list.row = bottom,
        Some(Action::NextPanel) => change_tab(&mut list, true),
        Some(Action::PreviousPanel) => change_tab(&mut list, false),
        Some(Action::StepForward(Unit::Event) | Action::StepBack(Unit::Event)) => {
            list.by_polls = !list.by_polls;
            list.row = 0;
        }
        Some(Action::GoToCause | Action::ShowAlone) => {
            go_to(model, list);
            return None;
        }
        Some(Action::Close | Action::Leave | Action::Latency) => return None,
        Some(action) => return Some(action),
        None => {}
    }
    model.overlay = Overlay::Latency(list);
    None
}

fn change_tab(list: &mut LatencyList, forward: bool) {
    list.tab = list.tab.neighbour(forward);
    list.row = 0;
}

/// Goes to the start of the poll to which the chosen row leads, and selects its task.
fn go_to(model: &mut Model, list: LatencyList) {
    let report = model.pane().and_then(|pane| pane.latency.report());
    let Some(worst) = report.and_then(|report| list.target(report)) else {
        model.notice = Some("this row has no poll to go to".into());
        return;
    };
    let shown = navigate::told_position(model, worst.position);
    navigate::jump(model, shown);
    if let (Some(pane), Some(task)) = (model.pane_mut(), worst.task) {
        pane.choose(task);
    }
    let time = span_words(worst.span);
    let what = if list.by_polls {
        format!("this poll takes {time}")
    } else {
        format!("this poll begins {time} after its task became ready")
    };
    model.notice = Some(format!(
        "{what}, event {}: R lists the others, Backspace returns",
        worst.position.0
    ));
}

//! The list of findings, and the way through the evidence of one of them.
//!
//! While a finding is open, `n` and `N` go to the next and the previous piece of its evidence, as they
//! go to the hits of a search. Esc closes the finding.

use std::time::Duration;

use crate::{
    insight::{Finding, RULES},
    replay::Axis,
};

use crate::tui::{
    message::{Action, Command, Unit},
    model::{Model, Overlay, Screen, path_line::PathLine, run_pane::RunPane},
};

use super::navigate;

/// How far the keys for a page move.
const PAGE: usize = 10;

/// Looks for findings in a slice of each run that is shown. Draws only if a report has changed.
pub(super) fn frame(model: &mut Model, now: Duration) -> Vec<Command> {
    if model.screen == Screen::Picker {
        return Vec::new();
    }
    let mut is_new = false;
    for pane in &mut model.panes {
        is_new |= pane.look_for_findings(&model.checks, Some(now));
    }
    is_new |= read_path(model);
    if is_new {
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

/// Shows the critical path on the axis of time, or hides it.
pub(super) fn critical_path(model: &mut Model) {
    let conceals = model.conceals_findings();
    let Some(pane) = model.pane_mut() else { return };
    if !pane.path.is_off() {
        pane.path = PathLine::Off;
        model.notice = Some("the critical path is hidden".into());
        return;
    }
    if conceals {
        let at_end = "the critical path of a lesson's run is shown at its end: G goes there";
        model.notice = Some(at_end.into());
        return;
    }
    let begun = pane.path.begin(&pane.replay);
    match begun {
        Ok(()) => {
            model.axis = Axis::Time;
            model.notice = Some("looking for the critical path".into());
            read_path(model);
        }
        Err(why) => model.notice = Some(why.words()),
    }
}

/// Reads a slice of each run whose critical path is looked for. Returns whether one is known now.
fn read_path(model: &mut Model) -> bool {
    let (preferred, is_whole) = (model.language, model.future);
    let mut is_known = false;
    for pane in &mut model.panes {
        let language = preferred.for_run(&pane.replay);
        if let Some(words) = pane.path.advance(&pane.replay, language) {
            // The line ends at the position, as the lanes do.
            let all = if is_whole || pane.at_end() {
                ""
            } else {
                "u shows all of it, "
            };
            model.notice = Some(format!("{words}; {all}K hides it"));
            is_known = true;
        }
    }
    is_known
}

/// Opens the list, at the finding that is open. If the list would be empty, the status line says why.
pub(super) fn list(model: &mut Model) {
    if model.conceals_findings() {
        let at_end = "what is wrong with a lesson's run is shown at its end: G goes there";
        model.notice = Some(at_end.into());
        return;
    }
    let Some(pane) = model.pane() else { return };
    let findings = &pane.findings;
    let rows = findings.rows();
    if rows.is_empty() {
        model.notice = Some(nothing(pane));
        return;
    }
    let open = findings.open.as_ref();
    let same = |open: &Finding| {
        let is_same = |finding: &Finding| {
            (finding.rule, finding.spot, finding.task) == (open.rule, open.spot, open.task)
        };
        rows.iter().position(|row| is_same(row.finding))
    };
    let row = open.and_then(|open| same(&open.finding)).unwrap_or(0);
    model.player.pause();
    model.overlay = Overlay::Findings(row);
}

/// Why there is no finding to list.
fn nothing(pane: &RunPane) -> String {
    if pane.findings.is_pending() {
        return "still looking for what is wrong: a count in the header says when it is known"
            .into();
    }
    let all = RULES.len();
    let checked = all - pane.findings.report().not_looked_for.len();
    format!("no findings: {checked} of {all} rules were checked on this run")
}

/// A key while the list is open: chooses a row, opens its finding, or closes the list. Any other
/// action closes it, and is returned to be carried out.
pub(super) fn choose(model: &mut Model, row: usize, action: Option<Action>) -> Option<Action> {
    let pane = model.pane()?;
    let last = pane.findings.rows().len().saturating_sub(1);
    // A live run may have fewer findings than when the row was chosen.
    let row = row.min(last);
    let row = match action {
        Some(Action::Down | Action::StepForward(Unit::Event)) => (row + 1).min(last),
        Some(Action::Up | Action::StepBack(Unit::Event)) => row.saturating_sub(1),
        Some(Action::PageDown | Action::StepForward(Unit::TenPercent)) => (row + PAGE).min(last),
        Some(Action::PageUp | Action::StepBack(Unit::TenPercent)) => row.saturating_sub(PAGE),
        Some(Action::First) => 0,
        Some(Action::Last) => last,
        Some(Action::GoToCause) => {
            open(model, row);
            return None;
        }
        Some(Action::Close | Action::Leave | Action::Findings) => return None,
        Some(action) => return Some(action),
        None => row,
    };
    model.overlay = Overlay::Findings(row);
    None
}

/// Opens the finding in a row, and goes to the first piece of its evidence. A search ends, because
/// `n` and `N` now go through the evidence.
fn open(model: &mut Model, row: usize) {
    model.search = None;
    let Some(pane) = model.pane_mut() else { return };
    let Some(open) = pane.findings.open(&pane.replay, row) else {
        return;
    };
    if open.evidence.is_empty() {
        pane.findings.open = None;
        model.notice = Some("no event of this run proves it: it is about its end".into());
        return;
    }
    go_to(model, 0);
}

/// Goes to the next or the previous piece of evidence of the finding that is open.
pub(super) fn step(model: &mut Model, forward: bool) {
    let open = model.pane().and_then(|pane| pane.findings.open.as_ref());
    let Some(open) = open else { return };
    let next = if forward {
        Some(open.at + 1).filter(|next| *next < open.evidence.len())
    } else {
        open.at.checked_sub(1)
    };
    if let Some(next) = next {
        go_to(model, next);
    } else {
        let end = if forward { "last" } else { "first" };
        model.notice = Some(format!("this is the {end} piece of evidence: Esc ends"));
    }
}

/// Goes to a piece of evidence, and selects the task of the finding.
fn go_to(model: &mut Model, at: usize) {
    let open = model.pane().and_then(|pane| pane.findings.open.as_ref());
    let Some((open, evidence)) = open.and_then(|open| Some((open, open.evidence.get(at)?))) else {
        return;
    };
    let (event, all, task) = (evidence.position, open.evidence.len(), open.finding.task);
    let id = open.finding.rule.id();
    let shown = navigate::told_position(model, event);
    navigate::jump(model, shown);
    if let Some(pane) = model.pane_mut() {
        if let Some(open) = &mut pane.findings.open {
            open.at = at;
            open.shown = shown;
        }
        if let Some(task) = task {
            pane.selected = task.0;
        }
    }
    model.notice = Some(format!(
        "{id}: evidence {} of {all}, event {}: n next, N previous, Esc ends",
        at + 1,
        event.0
    ));
}

/// Closes the finding: from now on `n` and `N` step again.
pub(super) fn close(model: &mut Model) {
    if let Some(pane) = model.pane_mut() {
        pane.findings.open = None;
    }
    model.notice = Some("the finding is closed: n and N step by events again".into());
}

//! The loops of a program that has several: they start, grow, and are chosen from a list.

use crate::tui::{
    message::{Action, Command},
    model::{Model, Overlay, Screen, run_pane::RunPane},
    source::SourceStatus,
};

use super::runs;

/// How far the keys for a page move.
const PAGE: usize = 10;

/// What is known of a loop that has started.
pub(super) struct StartedLoop {
    pub(super) name: String,
    pub(super) is_main: bool,
}

/// A loop has started: the status line says so, and how to see it. If it is the loop of the main
/// thread, it is shown at once, unless the user has already pressed a key.
pub(super) fn started(
    model: &mut Model,
    started: StartedLoop,
    pane: RunPane,
    first: (usize, String),
) -> Vec<Command> {
    let StartedLoop { name, is_main } = started;
    let replaces = is_main && !model.loops.is_touched && model.screen == Screen::Main;
    let words = format!("another loop has started: {name}; o lists the loops");
    let Some(hidden) = model.add_loop((name, is_main), pane, first) else {
        return vec![Command::CloseLoops];
    };
    if replaces {
        return [vec![Command::Draw], show(model, hidden)].concat();
    }
    model.notice = Some(words);
    vec![Command::Draw]
}

/// A loop that is not on the screen has more records or another status. Only the list shows that.
pub(super) fn on_data(
    model: &mut Model,
    hidden: usize,
    bytes: &[u8],
    status: SourceStatus,
) -> Vec<Command> {
    let Some(run) = model.loops.hidden.get_mut(hidden) else {
        return Vec::new();
    };
    if runs::take(run, bytes, status) {
        run.stop_following();
    }
    match model.overlay {
        Overlay::Loops(_) => vec![Command::Draw],
        _ => Vec::new(),
    }
}

/// Opens the list of loops, at the one that is shown.
pub(super) fn open(model: &mut Model) {
    let rows = model.loop_rows();
    let is_of_loops = model.pane().is_some_and(|pane| pane.loop_number.is_some());
    let shown = rows.iter().position(|row| row.hidden.is_none());
    match shown.filter(|_| is_of_loops) {
        Some(row) => model.overlay = Overlay::Loops(row),
        None => model.notice = Some("this run has one loop".into()),
    }
}

/// A key while the list of loops is open.
pub(super) fn choose(model: &mut Model, row: usize, action: Option<Action>) -> Vec<Command> {
    use crate::tui::message::Unit::{Event, TenPercent};
    let rows = model.loop_rows();
    let last = rows.len().saturating_sub(1);
    let row = match action {
        Some(Action::Down | Action::StepForward(Event)) => (row + 1).min(last),
        Some(Action::Up | Action::StepBack(Event)) => row.saturating_sub(1),
        Some(Action::PageDown | Action::StepForward(TenPercent)) => (row + PAGE).min(last),
        Some(Action::PageUp | Action::StepBack(TenPercent)) => row.saturating_sub(PAGE),
        Some(Action::First) => 0,
        Some(Action::Last) => last,
        Some(Action::GoToCause) => return show_row(model, row),
        Some(Action::Close | Action::Leave | Action::Loops) => return Vec::new(),
        Some(Action::Suspend) => {
            model.overlay = Overlay::Loops(row);
            return vec![Command::Suspend];
        }
        _ => row,
    };
    model.overlay = Overlay::Loops(row);
    Vec::new()
}

/// What follows the word `loop` in a text that was typed after `:`.
pub(super) fn typed_name(text: &str) -> Option<&str> {
    let text = text.trim().trim_start_matches(':').trim_start();
    text.strip_prefix("loop ").map(str::trim)
}

/// Shows the loop that was typed: by its number or its name.
pub(super) fn go_to(model: &mut Model, name: &str) -> Vec<Command> {
    if let Some(row) = model.loop_named(name) {
        return show_row(model, row);
    }
    let count = model.loops.count().max(1);
    model.notice = Some(format!("no loop `{name}`: this run has {count}"));
    Vec::new()
}

fn show_row(model: &mut Model, row: usize) -> Vec<Command> {
    let hidden = model.loop_rows().get(row).map(|row| row.hidden);
    match hidden {
        Some(Some(hidden)) => show(model, hidden),
        Some(None) | None => Vec::new(),
    }
}

/// Shows a loop in place of the active run, which keeps its position in the list. What belongs to
/// one run only, such as a search, ends.
fn show(model: &mut Model, hidden: usize) -> Vec<Command> {
    if !model.exchange_loop(hidden) {
        model.notice = Some("the run on the screen is not of this program: Tab changes it".into());
        return Vec::new();
    }
    model.player.pause();
    model.search = None;
    model.quiz = None;
    model.show(model.screen);
    model.notice = model.pane().and_then(|pane| model.loop_title(pane));
    vec![Command::ShowLoop {
        pane: model.active,
        hidden,
    }]
}

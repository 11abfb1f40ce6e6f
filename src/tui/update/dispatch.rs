//! Keys: to the overlay that is open, or to the action that the table of keys gives them.
//!
//! ```text
//!   key ─┬─ an overlay is open ──> its handler ──> may pass an action on
//!        └─ none ──> keymap::action ──────────────────────> dispatch ──> the action's function
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::layout::Rect;

use crate::tui::{
    keymap, layout,
    message::{Action, Command, PickerAction, Unit},
    model::{Model, Overlay, Panel, PromptKind, Screen, run_pane::RunPane, topmost::Topmost},
    widgets::popups::{help_length, help_rows, why_length, why_target},
};

use super::{
    branch, findings, guide, language, latency, loops, navigate, picker, playing, prompt, runs,
    stops, view_settings as view,
};

/// How far the keys for a page move.
const PAGE: usize = 10;

/// Handles a key. An open overlay receives the key before the table does; Ctrl+C always quits.
pub(super) fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Command> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let action = keymap::action(model.key_scope(), &key);
    if matches!(action, Some(Action::Quit)) && key.modifiers.contains(KeyModifiers::CONTROL) {
        return vec![Command::Quit];
    }
    model.notice = None;
    model.loops.is_touched = true;
    if model.boundary.take().is_some() && key.code == KeyCode::Esc {
        model.notice = Some("no longer looking for a change".into());
        return vec![Command::Draw];
    }
    // The overlay is taken out of the model. Its handler puts it back if it stays open.
    let mut commands = match std::mem::take(&mut model.overlay) {
        Overlay::Prompt(kind, text) => prompt::typed(model, kind, text, key),
        Overlay::Mark { set } => {
            prompt::marked(model, set, key);
            Vec::new()
        }
        Overlay::Why(row) => in_why(model, row, action, key),
        Overlay::Numbers => match action {
            Some(Action::Close | Action::Leave | Action::Numbers | Action::ShowAlone) | None => {
                Vec::new()
            }
            Some(action) => dispatch(model, action, key),
        },
        Overlay::Help(top) => in_help(model, top, action),
        Overlay::WhatIf(list) => branch::choose(model, list, action, key),
        Overlay::Loops(row) => loops::choose(model, row, action),
        Overlay::Findings(row) => match findings::choose(model, row, action) {
            Some(action) => dispatch(model, action, key),
            None => Vec::new(),
        },
        Overlay::Latency(list) => match latency::choose(model, list, action) {
            Some(action) => dispatch(model, action, key),
            None => Vec::new(),
        },
        Overlay::ConfirmClear => {
            stops::confirmed(model, key);
            Vec::new()
        }
        Overlay::AskLanguage => language::choose(model, action, key),
        Overlay::None => in_screen(model, action, key),
    };
    commands.push(Command::Draw);
    commands
}

/// A key while the first runs are loaded: the keys that leave the screen leave it.
pub(super) fn pressed_while_loading(model: &Model, key: KeyEvent) -> Vec<Command> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    match (keymap::action(model.key_scope(), &key), key.code) {
        (Some(Action::Quit | Action::Leave | Action::Close), _) | (_, KeyCode::Esc) => {
            vec![Command::Quit]
        }
        (Some(Action::Suspend), _) => vec![Command::Suspend],
        (_, _) => Vec::new(),
    }
}

/// A key while no overlay is open: for the guide, the open question or the search, or else for the
/// table of keys.
fn in_screen(model: &mut Model, action: Option<Action>, key: KeyEvent) -> Vec<Command> {
    if let Some(commands) = guide::pressed(model, key) {
        return commands;
    }
    if stops::answered(model, key) {
        return Vec::new();
    }
    match (action, key.code) {
        // A search takes the keys `n` and `N`, else an open finding does; the arrows still step.
        (Some(_), KeyCode::Char('n')) if is_repeat(model, key) => {
            dispatch(model, Action::NextHit, key)
        }
        (Some(_), KeyCode::Char('N')) if is_repeat(model, key) => {
            dispatch(model, Action::PreviousHit, key)
        }
        (Some(Action::StepForward(Unit::Event)), KeyCode::Char('n'))
            if model.has_open_finding() =>
        {
            findings::step(model, true);
            Vec::new()
        }
        (Some(Action::StepBack(Unit::Event)), KeyCode::Char('N')) if model.has_open_finding() => {
            findings::step(model, false);
            Vec::new()
        }
        (Some(action), _) => dispatch(model, action, key),
        (None, _) => Vec::new(),
    }
}

/// Whether `n` and `N` repeat a search now, and the key is not `Ctrl+N`.
fn is_repeat(model: &Model, key: KeyEvent) -> bool {
    model.screen != Screen::Picker
        && model.is_searching()
        && !key.modifiers.contains(KeyModifiers::CONTROL)
}

/// A key while the help is open: scrolls it, suspends, or closes the help.
fn in_help(model: &mut Model, top: usize, action: Option<Action>) -> Vec<Command> {
    let body = layout::frame(model, Rect::new(0, 0, model.size.0, model.size.1)).body;
    let rows = help_rows(model, body);
    let last = help_length(model).saturating_sub(rows);
    let page = rows.saturating_sub(1).max(1);
    let top = top.min(last);
    let top = match action {
        Some(
            Action::Down | Action::StepForward(Unit::Event) | Action::Pick(PickerAction::Down),
        ) => top + 1,
        Some(Action::Up | Action::StepBack(Unit::Event) | Action::Pick(PickerAction::Up)) => {
            top.saturating_sub(1)
        }
        Some(
            Action::PageDown
            | Action::StepForward(Unit::TenPercent)
            | Action::Pick(PickerAction::PageDown)
            | Action::Play,
        ) => top + page,
        Some(
            Action::PageUp
            | Action::StepBack(Unit::TenPercent)
            | Action::Pick(PickerAction::PageUp),
        ) => top.saturating_sub(page),
        Some(Action::First | Action::Pick(PickerAction::First)) => 0,
        Some(Action::Last | Action::Pick(PickerAction::Last)) => last,
        Some(Action::Suspend) => {
            model.overlay = Overlay::Help(top);
            return vec![Command::Suspend];
        }
        _ => return Vec::new(),
    };
    model.overlay = Overlay::Help(top.min(last));
    Vec::new()
}

/// A key while the "why" overlay is open: chooses a row, follows it, or closes the overlay. Any
/// other action closes it and is then carried out.
fn in_why(model: &mut Model, row: usize, action: Option<Action>, key: KeyEvent) -> Vec<Command> {
    let Some(pane) = model.pane() else {
        return Vec::new();
    };
    let last = why_length(pane).saturating_sub(1);
    let row = match action {
        Some(Action::Down) => (row + 1).min(last),
        Some(Action::Up) => row.saturating_sub(1),
        Some(Action::PageDown | Action::StepForward(Unit::TenPercent)) => (row + 10).min(last),
        Some(Action::PageUp | Action::StepBack(Unit::TenPercent)) => row.saturating_sub(10),
        Some(Action::GoToCause) => {
            if let Some(position) = why_target(pane, row) {
                navigate::jump(model, position);
                model.notice = Some(format!("event {}: Backspace returns", position.0));
            }
            return Vec::new();
        }
        Some(Action::Close | Action::Leave | Action::Why) => return Vec::new(),
        Some(action) => return dispatch(model, action, key),
        None => row,
    };
    model.overlay = Overlay::Why(row);
    Vec::new()
}

/// Calls the handler of an action. `key` tells the panels' digits apart.
pub(super) fn dispatch(model: &mut Model, action: Action, key: KeyEvent) -> Vec<Command> {
    match action {
        Action::Play => return playing::toggle(model),
        Action::Speed(change) => playing::change_speed(model, change),
        Action::StepForward(unit) => return navigate::step_forward(model, unit),
        Action::StepBack(unit) => navigate::step_back(model, unit),
        Action::First => navigate::first(model),
        Action::Last => navigate::jump(model, model.pane().map(RunPane::end).unwrap_or_default()),
        Action::StretchEnd => stops::stretch(model, true),
        Action::StretchStart => stops::stretch(model, false),
        Action::Goto => model.overlay = Overlay::Prompt(PromptKind::Position, String::new()),
        Action::GoToCause => go_to_cause(model),
        Action::JumpBack => navigate::jump_back(model),
        Action::SetMark => model.overlay = Overlay::Mark { set: true },
        Action::GoToMark => model.overlay = Overlay::Mark { set: false },
        Action::Find => prompt::find(model),
        Action::NextHit => prompt::hit(model, true),
        Action::PreviousHit => prompt::hit(model, false),
        Action::ToggleBreakpoint => stops::toggle_breakpoint(model),
        Action::ClearBreakpoints => stops::ask_to_clear(model),
        Action::Why => show_why(model),
        Action::Quiz => stops::toggle_quiz(model),
        Action::Input => prompt::input(model),
        Action::Record => return runs::record(model),
        Action::NextPanel => next_panel(model, true),
        Action::PreviousPanel => next_panel(model, false),
        Action::Panel => numbered_panel(model, key),
        Action::Down => view::scroll(model, true, 1),
        Action::Up => view::scroll(model, false, 1),
        Action::PageDown => view::scroll(model, true, PAGE),
        Action::PageUp => view::scroll(model, false, PAGE),
        Action::Future => view::future(model),
        Action::Detail => view::detail(model),
        Action::Language => return language::switch(model),
        Action::Axis => view::axis(model),
        Action::ZoomIn => view::zoom_in(model),
        Action::ZoomOut => view::zoom_out(model),
        Action::PanRight => view::pan(model, true),
        Action::PanLeft => view::pan(model, false),
        Action::Maximise => model.maximised = !model.maximised,
        Action::Larger => model.sizes.change(model.focus, true),
        Action::Smaller => model.sizes.change(model.focus, false),
        Action::Theme => view::background(model),
        Action::Palette => view::palette(model),
        Action::Mouse => return view::mouse(model),
        Action::Copy => return view::copy(model),
        Action::Compare => return runs::compare(model),
        Action::WhatIf => branch::open(model),
        Action::Numbers => model.overlay = Overlay::Numbers,
        Action::NextDifference => navigate::difference(model, true),
        Action::PreviousDifference => navigate::difference(model, false),
        Action::Lock => view::lock(model),
        Action::Swap => return runs::swap(model),
        Action::ShowAlone => model.show(Screen::Main),
        Action::OpenPicker => picker::show(model),
        Action::Loops => loops::open(model),
        Action::Findings => findings::list(model),
        Action::Latency => latency::list(model),
        Action::CriticalPath => findings::critical_path(model),
        Action::NextLesson => return guide::neighbour_lesson(model, true),
        Action::PreviousLesson => return guide::neighbour_lesson(model, false),
        Action::Pick(action) => return picker::dispatch(model, action),
        Action::Close => close(model),
        Action::Leave => return leave(model),
        Action::Help => model.overlay = Overlay::Help(0),
        Action::Suspend => return vec![Command::Suspend],
        Action::Quit => return vec![Command::Quit],
    }
    Vec::new()
}

/// Esc: skips the open question, else closes the topmost thing. Never quits.
fn close(model: &mut Model) {
    if model.screen == Screen::Main && !model.is_searching() && stops::skip_question(model) {
        return;
    }
    let _ = close_topmost(model);
}

/// The key `q`: closes the topmost thing, or quits if nothing is open.
fn leave(model: &mut Model) -> Vec<Command> {
    if close_topmost(model) {
        Vec::new()
    } else {
        vec![Command::Quit]
    }
}

/// Closes the topmost thing. Returns whether there was one.
fn close_topmost(model: &mut Model) -> bool {
    if model.works.cancel_difference() {
        model.notice = Some("no longer looking for a difference".into());
        return true;
    }
    let Some(topmost) = model.topmost() else {
        return false;
    };
    match topmost {
        Topmost::Search => prompt::end_search(model),
        Topmost::Finding => findings::close(model),
        Topmost::Quiz => stops::toggle_quiz(model),
        Topmost::Maximised => model.maximised = false,
        Topmost::Guide => guide::close(model),
        Topmost::Comparison => {
            model.show(Screen::Main);
            model.notice = Some("this run alone: v compares again, q quits".into());
        }
        Topmost::ScenarioFilter => model.picker.set_filter(""),
        Topmost::ScenarioList => picker::close(model),
    }
    true
}

/// Enter: in the panels of tasks and of the timeline, shows why the selected task is in its state.
/// In any other panel, goes to the cause of the last event.
fn go_to_cause(model: &mut Model) {
    if matches!(model.focus, Panel::Tasks | Panel::Timeline) {
        show_why(model);
    } else {
        navigate::cause(model);
    }
}

fn show_why(model: &mut Model) {
    let spawned = model
        .pane()
        .is_some_and(|pane| !pane.replay.state().tasks.is_empty());
    if spawned {
        model.player.pause();
        model.overlay = Overlay::Why(0);
    } else {
        model.notice = Some("there is no task yet".into());
    }
}

/// Gives the focus to the panel whose number was pressed.
fn numbered_panel(model: &mut Model, key: KeyEvent) {
    let KeyCode::Char(digit) = key.code else {
        return;
    };
    let found = Panel::ALL
        .into_iter()
        .find(|panel| digit.to_digit(10) == u32::try_from(panel.number()).ok());
    if let Some(panel) = found {
        focus(model, panel);
    }
}

fn focus(model: &mut Model, panel: Panel) {
    model.focus = panel;
    if panel != Panel::Why {
        model.top = panel;
    }
}

/// Gives the focus to the next or the previous panel. In a comparison, makes the other run active.
fn next_panel(model: &mut Model, forward: bool) {
    if model.screen == Screen::Compare {
        model.active = (model.active + 1) % model.panes.len().max(1);
        return;
    }
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let all = layout::tab_order(model, area);
    let current = if layout::turns_top(model, area) {
        model.top
    } else {
        model.focus
    };
    let at = all.iter().position(|panel| *panel == current).unwrap_or(0);
    let next = if forward { at + 1 } else { at + all.len() - 1 };
    if let Some(&panel) = all.get(next % all.len().max(1)) {
        focus(model, panel);
    }
}

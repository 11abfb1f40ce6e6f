//! Passes a key to the overlay that is open, or to the action that the table of keys gives it.

use crossterm::event::{KeyEvent, KeyEventKind, KeyModifiers};

use crate::tui::{
    keymap,
    message::{Action, Command, PickerAction, Unit},
    model::{Model, Overlay},
    widgets::popups::{help_length, why_length, why_target},
};

use super::{branch, dispatch::dispatch, navigate, prompt, quiz};

/// A key was pressed. An overlay takes keys before the table does; Ctrl+C quits in any case.
pub(super) fn pressed(model: &mut Model, key: KeyEvent) -> Vec<Command> {
    if key.kind == KeyEventKind::Release {
        return Vec::new();
    }
    let action = keymap::action(model.key_scope(), &key);
    if matches!(action, Some(Action::Quit)) && key.modifiers.contains(KeyModifiers::CONTROL) {
        return vec![Command::Quit];
    }
    model.notice = None;
    // Each handler puts its overlay back if it is to stay open.
    let mut commands = match std::mem::take(&mut model.overlay) {
        Overlay::Prompt(kind, text) => prompt::typed(model, kind, text, key),
        Overlay::Mark { set } => {
            prompt::marked(model, set, key);
            Vec::new()
        }
        Overlay::Why(row) => in_why(model, row, action, key),
        Overlay::Numbers => match action {
            Some(Action::Close | Action::Numbers | Action::ShowAlone) | None => Vec::new(),
            Some(action) => dispatch(model, action, key),
        },
        Overlay::Help(top) => in_help(model, top, action),
        Overlay::WhatIf(list) => branch::choose(model, list, action, key),
        Overlay::None if quiz::answered(model, key) => Vec::new(),
        Overlay::None => action.map_or_else(Vec::new, |action| dispatch(model, action, key)),
    };
    commands.push(Command::Draw);
    commands
}

/// A key while the help is open: scrolls it, quits or suspends; any other key closes the help.
fn in_help(model: &mut Model, top: usize, action: Option<Action>) -> Vec<Command> {
    let last = help_length(model).saturating_sub(1);
    let top = match action {
        Some(Action::Down | Action::StepForward(_) | Action::Pick(PickerAction::Down)) => {
            top.saturating_add(1).min(last)
        }
        Some(Action::Up | Action::StepBack(_) | Action::Pick(PickerAction::Up)) => {
            top.saturating_sub(1)
        }
        Some(Action::Quit) => return vec![Command::Quit],
        Some(Action::Suspend) => {
            model.overlay = Overlay::Help(top);
            return vec![Command::Suspend];
        }
        _ => return Vec::new(),
    };
    model.overlay = Overlay::Help(top);
    Vec::new()
}

/// A key while the "why" overlay is open: chooses a row, follows it, or closes the overlay. Any other action closes
/// it and is then carried out.
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
        Some(Action::Close | Action::Why) => return Vec::new(),
        Some(action) => return dispatch(model, action, key),
        None => row,
    };
    model.overlay = Overlay::Why(row);
    Vec::new()
}

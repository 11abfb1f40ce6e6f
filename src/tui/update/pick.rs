//! What keys do in the list of what can be run.

use crate::tui::{
    feed::Selection,
    message::{Action, Command, Slot},
    model::{Model, Overlay, Screen},
};

/// A key in the list of what can be run.
pub(super) fn pick(model: &mut Model, action: Action) -> Vec<Command> {
    const PAGE: usize = 10;
    let entries = model.picker.entries();
    let last = entries.len().saturating_sub(1);
    let row = model.picker.row;
    match action {
        Action::Down => model.picker.row = (row + 1).min(last),
        Action::Up => model.picker.row = row.saturating_sub(1),
        Action::PageDown => model.picker.row = (row + PAGE).min(last),
        Action::PageUp => model.picker.row = row.saturating_sub(PAGE),
        Action::First => model.picker.row = 0,
        Action::Last => model.picker.row = last,
        Action::Open | Action::Compare => {
            let entry = entries.get(row).copied();
            let Some(what) = entry.and_then(|entry| model.picker.selection(entry)) else {
                model.notice = Some("there is nothing to run".into());
                return Vec::new();
            };
            if action == Action::Open {
                return vec![Command::Launch {
                    what,
                    slot: Slot::Only,
                }];
            }
            return pick_two(model, what, entry.unwrap_or_default());
        }
        Action::Beside => {
            let entry = entries.get(row).copied();
            let what = entry.and_then(|entry| model.picker.selection(entry));
            match what.filter(|_| !model.sides.is_empty()) {
                Some(what) => {
                    return vec![Command::Launch {
                        what,
                        slot: Slot::Second,
                    }];
                }
                None => {
                    model.notice = Some("no run is open to lay it beside: Enter opens one".into());
                }
            }
        }
        Action::Close if !model.sides.is_empty() => {
            let screen = if model.sides.len() == 2 {
                Screen::Compare
            } else {
                Screen::Main
            };
            model.show(screen);
        }
        Action::Help => model.overlay = Overlay::Help(0),
        Action::Suspend => return vec![Command::Suspend],
        Action::Quit => return vec![Command::Quit],
        _ => {}
    }
    Vec::new()
}

/// A variant and the one after it.
fn pick_two(model: &mut Model, what: Selection, (choice, variant): (usize, usize)) -> Vec<Command> {
    let count = model
        .picker
        .choices
        .get(choice)
        .map_or(0, |choice| choice.variants.len());
    if count < 2 {
        model.notice = Some(format!(
            "{} has no second variant to compare with",
            what.scenario
        ));
        return Vec::new();
    }
    model.wanted = model.picker.selection((choice, (variant + 1) % count));
    vec![Command::Launch {
        what,
        slot: Slot::First,
    }]
}

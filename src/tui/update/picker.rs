//! What keys do in the list of what can be run.

use crate::insight::Lesson;

use crate::tui::{
    message::{Action, Command, PaneSlot},
    model::{Model, Overlay, PromptKind, Screen},
    source::RunRequest,
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
        Action::Find => {
            model.overlay = Overlay::Prompt(PromptKind::Scenario, model.picker.filter.clone());
        }
        Action::Goto => set(model),
        Action::Open | Action::Compare => {
            let entry = model.picker.entry();
            let Some(what) = entry.and_then(|entry| model.picker.request(entry)) else {
                model.notice = Some("there is nothing to run".into());
                return Vec::new();
            };
            if action == Action::Open {
                return vec![Command::Launch {
                    what,
                    slot: PaneSlot::Only,
                }];
            }
            return pick_two(model, what, entry.unwrap_or_default());
        }
        Action::OpenBeside => {
            let what = model
                .picker
                .entry()
                .and_then(|entry| model.picker.request(entry));
            match what.filter(|_| !model.panes.is_empty()) {
                Some(what) => {
                    return vec![Command::Launch {
                        what,
                        slot: PaneSlot::Second,
                    }];
                }
                None => {
                    model.notice = Some("no run is open to lay it beside: Enter opens one".into());
                }
            }
        }
        Action::Close if !model.picker.filter.is_empty() => model.picker.set_filter(""),
        Action::Close if !model.panes.is_empty() => {
            let screen = if model.panes.len() == 2 {
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

/// Asks for a parameter of the chosen scenario, with the first of them written already.
fn set(model: &mut Model) {
    let choice = model.picker.entry().map(|(choice, _)| choice);
    let Some(choice) = choice.and_then(|choice| model.picker.catalogue.get(choice)) else {
        return;
    };
    match choice.params.first() {
        Some(first) => {
            let text = if choice.params.len() == 1 {
                format!("{}=", first.name)
            } else {
                String::new()
            };
            model.overlay = Overlay::Prompt(PromptKind::Parameter, text);
        }
        None => model.notice = Some(format!("{} has nothing to be set", choice.name)),
    }
}

/// A parameter was typed: `NAME=VALUE`. Whether it can be so is asked of who starts it.
pub(super) fn typed(model: &mut Model, text: &str) -> Vec<Command> {
    let entry = model.picker.entry();
    let Some(mut what) = entry.and_then(|entry| model.picker.request(entry)) else {
        return Vec::new();
    };
    let Some((name, value)) = text.split_once('=') else {
        model.notice = Some(format!("`{text}` sets nothing: NAME=VALUE does"));
        return Vec::new();
    };
    let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
    what.params.retain(|(known, _)| *known != name);
    what.params.push((name, value));
    vec![Command::Check(what)]
}

/// What came of that.
pub(super) fn checked(model: &mut Model, what: RunRequest, result: Result<(), String>) {
    model.notice = Some(match result {
        Ok(()) => {
            let set = what
                .params
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let words = format!("{}: {}", what.scenario, set.collect::<Vec<_>>().join(" "));
            model.picker.set.insert(what.scenario, what.params);
            words
        }
        Err(error) => error,
    });
}

/// The lesson after the one that is shown or chosen: its two ways side by side. After the last comes the first.
pub(super) fn next_lesson(model: &mut Model) -> Vec<Command> {
    let number = |name: &str| Lesson::of(name).map(|lesson| lesson.number);
    let here = match model.pane() {
        Some(pane) if model.screen != Screen::Picker => number(&pane.replay.log().meta.scenario),
        _ => {
            let choice = model
                .picker
                .entry()
                .and_then(|(choice, _)| model.picker.catalogue.get(choice));
            choice.and_then(|choice| number(&choice.name))
        }
    };
    let lessons = model.picker.catalogue.iter().enumerate();
    let lessons = lessons.filter_map(|(at, choice)| Some((number(&choice.name)?, at)));
    let mut lessons: Vec<_> = lessons.collect();
    lessons.sort_unstable();
    let later = lessons.iter().find(|(number, _)| Some(*number) > here);
    let Some(&(_, choice)) = later.or(lessons.first()) else {
        model.notice = Some("there are no lessons here".into());
        return Vec::new();
    };
    model.player.pause();
    match model.picker.request((choice, 0)) {
        Some(what) => pick_two(model, what, (choice, 0)),
        None => Vec::new(),
    }
}

/// A variant and the one after it.
fn pick_two(
    model: &mut Model,
    what: RunRequest,
    (choice, variant): (usize, usize),
) -> Vec<Command> {
    let count = model
        .picker
        .catalogue
        .get(choice)
        .map_or(0, |choice| choice.variants.len());
    if count < 2 {
        model.notice = Some(format!(
            "{} has no second variant to compare with",
            what.scenario
        ));
        return Vec::new();
    }
    model.second_run = model.picker.request((choice, (variant + 1) % count));
    vec![Command::Launch {
        what,
        slot: PaneSlot::First,
    }]
}

//! The list of scenarios: what its keys do, and the lessons.

use crate::trace::Schedule;

use crate::tui::{
    message::{Command, PaneSlot, PickerAction},
    model::{
        Model, Overlay, PromptKind, Screen,
        lists::{PickerRow, PickerTab},
    },
    source::{LaunchError, RunRequest},
};

use super::guide;

/// How far the keys for a page move.
const PAGE: usize = 10;

/// Opens the list of scenarios.
pub(super) fn show(model: &mut Model) {
    model.player.pause();
    if model.screen != Screen::Picker {
        model.under_picker = model.screen;
    }
    model.show(Screen::Picker);
}

/// An action of the list.
pub(super) fn dispatch(model: &mut Model, action: PickerAction) -> Vec<Command> {
    let last = model.picker.rows().len().saturating_sub(1);
    let row = &mut model.picker.row;
    match action {
        PickerAction::Down => *row = (*row + 1).min(last),
        PickerAction::Up => *row = row.saturating_sub(1),
        PickerAction::PageDown => *row = (*row + PAGE).min(last),
        PickerAction::PageUp => *row = row.saturating_sub(PAGE),
        PickerAction::First => *row = 0,
        PickerAction::Last => *row = last,
        PickerAction::NextTab | PickerAction::PreviousTab => {
            let other = match model.picker.tab {
                PickerTab::Scenarios => PickerTab::Lessons,
                PickerTab::Lessons => PickerTab::Scenarios,
            };
            model.picker.show_tab(other, &model.progress.lessons);
        }
        PickerAction::Find => {
            model.overlay = Overlay::Prompt(PromptKind::Scenario, model.picker.filter.clone());
        }
        PickerAction::SetParameter => ask_parameter(model),
        PickerAction::Open => return open(model),
        PickerAction::Compare => return compare(model),
        PickerAction::OpenBeside => return open_beside(model),
    }
    Vec::new()
}

/// Returns from the list to the runs that it covers.
pub(super) fn close(model: &mut Model) {
    match (model.panes.len(), model.under_picker) {
        (0, _) => {}
        (2, Screen::Compare) => model.show(Screen::Compare),
        (_, Screen::Compare | Screen::Main | Screen::Picker) => model.show(Screen::Main),
    }
}

/// The run of another variant of the scenario that is shown, by the variant's name.
pub(super) fn variant_named(model: &Model, name: &str) -> Option<RunRequest> {
    let name = name.trim().trim_start_matches(':').trim();
    let mut what = RunRequest::of(&model.pane()?.replay);
    let mut catalogue = model.picker.catalogue.iter();
    let scenario = catalogue.find(|entry| entry.name == what.scenario)?;
    let mut variants = scenario.variants.iter();
    let (variant, _) = variants.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    what.variant.clone_from(variant);
    // The other variant runs on its own clock. A schedule names polls of this variant.
    what.clock = None;
    what.schedule = Schedule::default();
    Some(what)
}

/// The chosen entry and the run that it starts. If the list is empty, the status line says so.
fn chosen(model: &mut Model) -> Option<((usize, usize), RunRequest)> {
    let entry = model.picker.entry();
    let chosen = entry.and_then(|entry| Some((entry, model.picker.request(entry)?)));
    if chosen.is_none() {
        model.notice = Some(if model.picker.rows().is_empty() {
            "there is nothing to run".into()
        } else {
            "this is the tour: choose a scenario below it".into()
        });
    }
    chosen
}

fn open(model: &mut Model) -> Vec<Command> {
    if model.picker.rows().get(model.picker.row) == Some(&PickerRow::Tour) {
        return guide::start_tour(model);
    }
    let Some(((choice, _), what)) = chosen(model) else {
        return Vec::new();
    };
    if model.picker.lists_lessons() {
        return guide::open_lesson(model, choice);
    }
    vec![Command::Launch {
        what,
        slot: PaneSlot::Only,
    }]
}

fn compare(model: &mut Model) -> Vec<Command> {
    let Some((entry, what)) = chosen(model) else {
        return Vec::new();
    };
    pick_two(model, what, entry)
}

fn open_beside(model: &mut Model) -> Vec<Command> {
    let entry = model.picker.entry();
    let what = entry.and_then(|entry| model.picker.request(entry));
    let Some(what) = what.filter(|_| !model.panes.is_empty()) else {
        model.notice = Some("no run is open to compare with: Enter opens one".into());
        return Vec::new();
    };
    vec![Command::Launch {
        what,
        slot: PaneSlot::Second,
    }]
}

/// Opens the prompt for a parameter of the chosen scenario. If there is only one, its name is typed
/// already.
fn ask_parameter(model: &mut Model) {
    let Some(((choice, _), _)) = chosen(model) else {
        return;
    };
    let Some(choice) = model.picker.catalogue.get(choice) else {
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
        None => model.notice = Some(format!("{} has no parameters", choice.name)),
    }
}

/// A parameter was typed: `NAME=VALUE`. The launcher checks it.
pub(super) fn typed(model: &mut Model, text: &str) -> Vec<Command> {
    let entry = model.picker.entry();
    let Some(mut what) = entry.and_then(|entry| model.picker.request(entry)) else {
        return Vec::new();
    };
    let Some((name, value)) = text.split_once('=') else {
        model.notice = Some(format!("not a parameter: `{text}`; write NAME=VALUE"));
        return Vec::new();
    };
    let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
    what.params.retain(|(known, _)| *known != name);
    what.params.push((name, value));
    vec![Command::Check(what)]
}

/// The launcher has checked a parameter: keeps it, or says what is wrong.
pub(super) fn checked(model: &mut Model, what: RunRequest, result: Result<(), LaunchError>) {
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
        Err(error) => error.to_string(),
    });
}

/// Starts a variant of a scenario. The next variant is started beside it once it has been opened.
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

//! The list of scenarios: what its keys do, and the lessons.

use crate::{insight::Lesson, trace::Schedule};

use crate::tui::{
    message::{Command, PaneSlot, PickerAction},
    model::{Model, Overlay, PromptKind, Screen},
    source::{LaunchError, RunRequest},
};

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
    let last = model.picker.entries().len().saturating_sub(1);
    let row = &mut model.picker.row;
    match action {
        PickerAction::Down => *row = (*row + 1).min(last),
        PickerAction::Up => *row = row.saturating_sub(1),
        PickerAction::PageDown => *row = (*row + PAGE).min(last),
        PickerAction::PageUp => *row = row.saturating_sub(PAGE),
        PickerAction::First => *row = 0,
        PickerAction::Last => *row = last,
        PickerAction::NextTab | PickerAction::PreviousTab => model.picker.turn(),
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
        model.notice = Some("there is nothing to run".into());
    }
    chosen
}

fn open(model: &mut Model) -> Vec<Command> {
    let Some((_, what)) = chosen(model) else {
        return Vec::new();
    };
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

/// Opens the lesson after the one that is shown, or that is chosen in the list. After the last
/// lesson comes the first.
pub(super) fn next_lesson(model: &mut Model) -> Vec<Command> {
    neighbour_lesson(model, true)
}

/// Opens the lesson before the one that is shown. Before the first lesson comes the last.
pub(super) fn previous_lesson(model: &mut Model) -> Vec<Command> {
    neighbour_lesson(model, false)
}

fn neighbour_lesson(model: &mut Model, forward: bool) -> Vec<Command> {
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
    let found = if forward {
        let later = lessons.iter().find(|(number, _)| Some(*number) > here);
        later.or(lessons.first())
    } else {
        let mut back = lessons.iter().rev();
        let earlier = back.find(|(number, _)| here.is_none_or(|here| *number < here));
        earlier.or(lessons.last())
    };
    let Some(&(_, choice)) = found else {
        model.notice = Some("there are no lessons in this list".into());
        return Vec::new();
    };
    model.player.pause();
    match model.picker.request((choice, 0)) {
        Some(what) => pick_two(model, what, (choice, 0)),
        None => Vec::new(),
    }
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

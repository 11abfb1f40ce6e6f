//! The guides: the tour and the lessons. They open runs, take predictions, and go from part to part.
//!
//! | key | what it does while a guide is under way |
//! |---|---|
//! | Enter | goes to the next part, once the run on the screen is at its end |
//! | a digit | answers the question of a lesson |
//! | Esc | skips that question; otherwise closes the guide, as `q` does |
//!
//! What the user has finished is kept: a lesson when its answer is shown, the tour when both of its
//! runs are.

use crossterm::event::{KeyCode, KeyEvent};

use crate::insight::Lesson;

use crate::tui::{
    message::{Command, PaneSlot},
    model::{
        Model, Screen,
        guide::{Guide, LessonPath, LessonStage, TourPart},
        lists::PickerTab,
        run_pane::RunPane,
    },
};

/// Starts the tour.
pub(super) fn start_tour(model: &mut Model) -> Vec<Command> {
    tour_part(model, TourPart::InOrder)
}

/// Opens a part of the tour.
fn tour_part(model: &mut Model, part: TourPart) -> Vec<Command> {
    let Some([in_order, concurrent]) = model.picker.tour() else {
        return Vec::new();
    };
    let (first, slot) = match part {
        TourPart::InOrder => (in_order, PaneSlot::Only),
        TourPart::Concurrent => (concurrent, PaneSlot::Only),
        TourPart::Both => (in_order, PaneSlot::First),
    };
    let Some(what) = model.picker.default_request(first) else {
        return Vec::new();
    };
    model.player.pause();
    model.second_run = None;
    model.guide = Some(Guide::Tour(part));
    let mut commands = Vec::new();
    if part == TourPart::Both {
        model.second_run = model.picker.default_request(concurrent);
        if !std::mem::replace(&mut model.progress.tour, true) {
            commands.push(Command::KeepProgress(model.progress.clone()));
        }
    }
    commands.push(Command::Launch { what, slot });
    commands
}

/// Opens the lesson that a scenario teaches.
pub(super) fn open_lesson_of(model: &mut Model, scenario: &str) -> Vec<Command> {
    let mut catalogue = model.picker.catalogue.iter();
    match catalogue.position(|entry| entry.name == scenario) {
        Some(choice) => open_lesson(model, choice),
        None => Vec::new(),
    }
}

/// Opens the lesson of a scenario of the catalogue: states the belief, and starts both runs. Only
/// the first is shown.
pub(super) fn open_lesson(model: &mut Model, choice: usize) -> Vec<Command> {
    let lesson = model.picker.catalogue.get(choice);
    let lesson = lesson.and_then(|entry| Lesson::of(&entry.name));
    let runs = [0, 1].map(|variant| model.picker.default_request((choice, variant)));
    let (Some(lesson), [Some(what), second]) = (lesson, runs) else {
        return Vec::new();
    };
    model.player.pause();
    model.second_run = second;
    model.guide = Some(Guide::Lesson(LessonPath::new(lesson.number)));
    vec![Command::Launch {
        what,
        slot: PaneSlot::First,
    }]
}

/// Opens the lesson after the one that is shown or chosen, or the one before it. After the last
/// lesson comes the first. If none is shown, the first that is not finished is opened.
pub(super) fn neighbour_lesson(model: &mut Model, forward: bool) -> Vec<Command> {
    let number = |name: &str| Lesson::of(name).map(|lesson| lesson.number);
    let here = match model.pane() {
        Some(pane) if model.screen != Screen::Picker => number(&pane.replay.log().meta.scenario),
        _ => None,
    };
    let lessons = model.picker.catalogue.iter().enumerate();
    let lessons = lessons.filter_map(|(at, entry)| Some((number(&entry.name)?, at)));
    let mut lessons: Vec<(u8, usize)> = lessons.collect();
    lessons.sort_unstable();
    let found = match (here, forward) {
        (None, _) => {
            let done = &model.progress.lessons;
            lessons.iter().find(|(number, _)| !done.contains(number))
        }
        (Some(here), true) => lessons.iter().find(|(number, _)| *number > here),
        (Some(here), false) => lessons.iter().rev().find(|(number, _)| *number < here),
    };
    let wrapped = if forward || here.is_none() {
        lessons.first()
    } else {
        lessons.last()
    };
    let Some(&(_, choice)) = found.or(wrapped) else {
        model.notice = Some("there are no lessons in this list".into());
        return Vec::new();
    };
    open_lesson(model, choice)
}

/// A key while a guide is under way, before the table of keys is asked. `None` leaves the key to the
/// table.
pub(super) fn pressed(model: &mut Model, key: KeyEvent) -> Option<Vec<Command>> {
    if model.screen == Screen::Picker {
        return None;
    }
    if key.code == KeyCode::Enter && model.guide_continues() {
        return Some(next_part(model));
    }
    match (model.guide.as_mut()?, key.code) {
        (Guide::Lesson(path), KeyCode::Char(letter)) if path.asks() => {
            let digit = usize::try_from(letter.to_digit(10)?).ok()?;
            let answer = digit.checked_sub(1)?;
            path.answers.get(answer)?;
            path.said = Some(answer);
            path.stage = LessonStage::Run;
            Some(Vec::new())
        }
        (Guide::Lesson(path), KeyCode::Esc) if path.asks() => {
            path.stage = LessonStage::Run;
            Some(Vec::new())
        }
        _ => None,
    }
}

fn next_part(model: &mut Model) -> Vec<Command> {
    match &mut model.guide {
        None => Vec::new(),
        Some(Guide::Tour(TourPart::InOrder)) => tour_part(model, TourPart::Concurrent),
        Some(Guide::Tour(TourPart::Concurrent)) => tour_part(model, TourPart::Both),
        Some(Guide::Tour(TourPart::Both)) => {
            model.guide = None;
            neighbour_lesson(model, true)
        }
        Some(Guide::Lesson(path)) if path.stage == LessonStage::Reveal => {
            neighbour_lesson(model, true)
        }
        Some(Guide::Lesson(path)) => {
            path.stage = LessonStage::Reveal;
            let new = model.progress.lessons.insert(path.number);
            if model.panes.len() == 2 {
                model.show(Screen::Compare);
            }
            let keep = new.then(|| Command::KeepProgress(model.progress.clone()));
            keep.into_iter().collect()
        }
    }
}

/// Ends the guide unless the run that has been opened is part of it, and measures both runs of a
/// lesson.
pub(super) fn on_opened(model: &mut Model) {
    let belongs = |guide: &Guide| {
        let mut metas = model.panes.iter().map(|pane| &pane.replay.log().meta);
        metas.all(|meta| guide.shows(meta))
    };
    if !model.guide.as_ref().is_some_and(belongs) {
        model.guide = None;
    }
    measure(model);
}

/// Says the answers of a lesson in the words of the language that has been chosen. The prediction
/// stays the same answer.
pub(super) fn reword(model: &mut Model) {
    let Some(Guide::Lesson(path)) = &mut model.guide else {
        return;
    };
    let was_right = path.said.map(|said| said == path.right);
    path.answers.clear();
    measure(model);
    if let Some(Guide::Lesson(path)) = &mut model.guide {
        let wrong = usize::from(path.right == 0);
        path.said = was_right.map(|was_right| if was_right { path.right } else { wrong });
    }
}

/// Measures both runs of a lesson, once both are complete.
pub(super) fn measure(model: &mut Model) {
    let language = model.pane().map(|pane| model.language_for(pane));
    let language = language.unwrap_or_default();
    let Some(Guide::Lesson(path)) = &mut model.guide else {
        return;
    };
    let lesson = crate::insight::LESSONS
        .iter()
        .find(|lesson| lesson.number == path.number);
    let complete = |pane: &RunPane| pane.status.is_none_or(|status| status.ended);
    let (Some(lesson), [shown, other]) = (lesson, model.panes.as_slice()) else {
        return;
    };
    if path.answers.is_empty() && complete(shown) && complete(other) {
        path.measured(
            &(lesson.measure)(&shown.replay, language),
            &(lesson.measure)(&other.replay, language),
        );
        if path.stage == LessonStage::Predict && !path.asks() {
            // Both runs measure the same, so there is nothing to predict.
            path.stage = LessonStage::Run;
        }
    }
}

/// Closes the guide and returns to the start screen.
pub(super) fn close(model: &mut Model) {
    let tab = match model.guide.take() {
        Some(Guide::Lesson(_)) => PickerTab::Lessons,
        Some(Guide::Tour(_)) | None => PickerTab::Scenarios,
    };
    let done = model.progress.lessons.clone();
    model.picker.show_tab(tab, &done);
    model.under_picker = Screen::Main;
    model.show(Screen::Picker);
    model.panes.clear();
    model.active = 0;
}

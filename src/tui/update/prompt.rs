//! Lines that are typed after `:`, `/` and `a`, the search that `/` starts, and the letter after
//! `m` and `'`.
//!
//! A prompt receives all keys until Enter or Esc. A filter is applied while it is typed, any other
//! text when Enter is pressed. A search compares the trace slice by slice. The first slices are
//! searched at once, so that a short trace is done before the next picture. Each frame searches one
//! more.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::trace::Moment;

use crate::tui::{
    message::{Command, PaneSlot},
    model::{
        Model, Overlay, Panel, PromptKind, Screen,
        goto::{Goto, GotoError},
        search::{Search, SearchState},
    },
};

use super::{loops, navigate, picker};

/// The most characters that can be typed.
const LONGEST: usize = 60;

/// The most characters in a line for the program.
const LONGEST_INPUT: usize = 4000;

/// How many slices of the trace are searched when a search begins, so that a short trace is
/// searched at once.
const AT_ONCE: usize = 2;

/// Opens the prompt after `/`: in the panel of tasks it filters the list, elsewhere it searches for
/// an event.
pub(super) fn find(model: &mut Model) {
    let filters = model.screen == Screen::Main && model.focus == Panel::Tasks;
    model.overlay = if filters {
        let text = model.pane().map(|pane| pane.filter.text().to_owned());
        Overlay::Prompt(PromptKind::Filter, text.unwrap_or_default())
    } else {
        Overlay::Prompt(PromptKind::Search, String::new())
    };
}

/// Opens the prompt for a line that the program reads.
pub(super) fn input(model: &mut Model) {
    let Some(pane) = model.pane() else { return };
    if pane.is_live() {
        model.overlay = Overlay::Prompt(PromptKind::Input, String::new());
        return;
    }
    let was_live = pane.status.is_some_and(|status| status.live);
    model.notice = Some(if was_live {
        "the run has ended: it reads no input".into()
    } else {
        "a recorded run reads no input: a is for your own program while it runs".into()
    });
}

/// A key while a prompt is open.
pub(super) fn typed(
    model: &mut Model,
    kind: PromptKind,
    mut text: String,
    key: KeyEvent,
) -> Vec<Command> {
    match key.code {
        KeyCode::Esc => {
            text.clear();
            filter(model, kind, &text);
            return Vec::new();
        }
        KeyCode::Enter if kind == PromptKind::Input => {
            return vec![Command::Input {
                pane: model.active,
                line: Some(text),
            }];
        }
        KeyCode::Char('d') if is_end(kind, &text, key) => {
            return vec![Command::Input {
                pane: model.active,
                line: None,
            }];
        }
        KeyCode::Enter => {
            match kind {
                PromptKind::Position => return go_to(model, &text),
                PromptKind::Search => start_search(model, &text),
                PromptKind::Filter => say_filtered(model),
                PromptKind::Input | PromptKind::Scenario => {}
                PromptKind::Parameter => return picker::typed(model, &text),
            }
            return Vec::new();
        }
        KeyCode::Backspace if text.pop().is_none() => return Vec::new(),
        KeyCode::Char(letter)
            if !key.modifiers.contains(KeyModifiers::CONTROL)
                && text.chars().count() < longest(kind) =>
        {
            text.push(letter);
        }
        _ => {}
    }
    filter(model, kind, &text);
    model.overlay = Overlay::Prompt(kind, text);
    Vec::new()
}

/// A pasted text. A prompt takes its first line. Elsewhere its characters would act as keys, so the
/// text is not used.
pub(super) fn pasted(model: &mut Model, pasted: &str) -> Vec<Command> {
    if let Overlay::Prompt(kind, text) = &mut model.overlay {
        let kind = *kind;
        let line = pasted.split(['\r', '\n']).next().unwrap_or_default();
        let left = longest(kind).saturating_sub(text.chars().count());
        text.extend(
            line.chars()
                .filter(|letter| !letter.is_control())
                .take(left),
        );
        let text = text.clone();
        filter(model, kind, &text);
    } else {
        model.notice = Some("a text was pasted, and only a line after : / or a takes one".into());
    }
    vec![Command::Draw]
}

/// Whether the key is Ctrl+D on an empty line, which ends the input as on any terminal.
fn is_end(kind: PromptKind, text: &str, key: KeyEvent) -> bool {
    kind == PromptKind::Input && text.is_empty() && key.modifiers.contains(KeyModifiers::CONTROL)
}

fn longest(kind: PromptKind) -> usize {
    match kind {
        PromptKind::Input => LONGEST_INPUT,
        _ => LONGEST,
    }
}

/// Filters the list while the text is typed.
fn filter(model: &mut Model, kind: PromptKind, text: &str) {
    match kind {
        PromptKind::Filter => {
            if let Some(pane) = model.pane_mut() {
                pane.set_filter(text);
            }
        }
        PromptKind::Scenario => model.picker.set_filter(text),
        PromptKind::Position | PromptKind::Search | PromptKind::Parameter | PromptKind::Input => {}
    }
}

fn say_filtered(model: &mut Model) {
    let Some(pane) = model.pane().filter(|pane| pane.filter.is_on()) else {
        return;
    };
    model.notice = Some(format!(
        "{} of {} tasks contain `{}`: / and then Esc lists all",
        pane.listed(),
        pane.replay.state().tasks.len(),
        pane.filter.text()
    ));
}

/// Goes to the position or to the loop that was typed, or opens the variant whose name was typed.
fn go_to(model: &mut Model, text: &str) -> Vec<Command> {
    if let Some(name) = loops::typed_name(text) {
        return loops::go_to(model, name);
    }
    let target = model.pane().ok_or(GotoError::NoRun).and_then(|pane| {
        let place = Goto::parse_in(text, &pane.replay)?;
        Ok((place, pane.find(place)?))
    });
    match target {
        Ok((place, found)) => {
            navigate::arrive(model, place, found, navigate::jump);
            if let (Goto::Time(seconds), Some(_)) = (place, found) {
                say_nearest(model, seconds);
            }
        }
        Err(error) => match picker::variant_named(model, text) {
            Some(what) => {
                return vec![Command::Launch {
                    what,
                    slot: PaneSlot::Only,
                }];
            }
            None => model.notice = Some(error.to_string()),
        },
    }
    Vec::new()
}

/// Says which event is shown if none happened at the time that was typed.
fn say_nearest(model: &mut Model, seconds: f64) {
    let Some(pane) = model.pane() else { return };
    let at = pane.replay.state().now();
    if at < Moment::from_seconds(seconds) {
        let event = pane.replay.position().0;
        model.notice = Some(format!(
            "the nearest event before {seconds} is event {event}, at {at}"
        ));
    }
}

/// Searches for an event. An empty text repeats the last search.
fn start_search(model: &mut Model, text: &str) {
    if text.is_empty() {
        hit(model, true);
        return;
    }
    let from = model.pane().map(|pane| pane.replay.position());
    model.search = from.map(|from| Search::new(text, from, true));
    model.player.pause();
    search_now(model);
}

/// Goes to the next or the previous hit of the last search.
pub(super) fn hit(model: &mut Model, forward: bool) {
    let (Some(search), Some(pane)) = (&model.search, model.pane()) else {
        model.notice = Some("nothing to repeat: / starts a search".into());
        return;
    };
    model.search = Some(search.again(pane.replay.position(), forward));
    model.player.pause();
    search_now(model);
}

fn search_now(model: &mut Model) {
    for _ in 0..AT_ONCE {
        search_on(model);
    }
    if let (Some(search), Some(pane)) = (&model.search, model.pane()) {
        model.notice = Some(search.words(&pane.replay));
    }
}

/// Searches the next slice of the trace. Returns whether a search is under way.
pub(super) fn search_on(model: &mut Model) -> bool {
    let Some(pane) = model.panes.get(model.active) else {
        return false;
    };
    let language = model.language_for(pane);
    let Some(search) = model.search.as_mut().filter(|search| search.is_looking()) else {
        return false;
    };
    search.search_slice(&pane.replay, model.detail, language);
    let (words, stage) = (search.words(&pane.replay), search.state);
    if let SearchState::Found(position) = stage {
        navigate::jump(model, position);
        navigate::select_subject(model);
    }
    model.notice = Some(words);
    true
}

/// Ends the search: from now on `n` and `N` step again.
pub(super) fn end_search(model: &mut Model) {
    let Some(search) = model.search.as_mut() else {
        return;
    };
    let was_looking = search.is_looking();
    search.state = SearchState::Stopped;
    let stopped = model.pane().zip(model.search.as_ref());
    model.notice = if was_looking {
        stopped.map(|(pane, search)| search.words(&pane.replay))
    } else {
        Some("the search is closed: n and N step by events again".into())
    };
}

/// The letter after `m`, which sets a mark, or after `'`, which goes to one.
pub(super) fn marked(model: &mut Model, set: bool, key: KeyEvent) {
    let KeyCode::Char(letter) = key.code else {
        return;
    };
    let Some(pane) = model.pane_mut() else {
        return;
    };
    let notice = if set {
        let here = pane.replay.position();
        pane.marks.insert(letter, here);
        format!("mark \"{letter}\" set at event {}", here.0)
    } else if let Some(&position) = pane.marks.get(&letter) {
        navigate::jump(model, position);
        format!("at mark \"{letter}\"")
    } else {
        format!("there is no mark \"{letter}\": `m{letter}` sets it")
    };
    model.notice = Some(notice);
}

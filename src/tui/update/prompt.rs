//! What is typed after `:` and `/`, and the letter after `m` and `'`.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::{
    message::Command,
    model::{
        Asked, Model, Overlay, Panel, Screen,
        goto::Goto,
        search::{Search, Stage},
        side::Side,
    },
};

use super::{pick, walk};

/// The longest line that can be typed.
const LONGEST: usize = 60;

/// The longest line that a program can be given.
const LONGEST_INPUT: usize = 4000;

/// How many slices of a search are looked at when it begins: a short trace is answered at once.
const AT_ONCE: usize = 2;

/// Opens the line after `/`: in the panel of tasks it filters the list.
pub(super) fn find(model: &mut Model) {
    let filters = model.screen == Screen::Main && model.focus == Panel::Tasks;
    model.overlay = if filters {
        let text = model.side().map(|side| side.filter.text().to_owned());
        Overlay::Prompt(Asked::Filter, text.unwrap_or_default())
    } else {
        Overlay::Prompt(Asked::Words, String::new())
    };
}

/// Opens the line that the program is to read.
pub(super) fn input(model: &mut Model) {
    if model.side().is_some_and(Side::is_live) {
        model.overlay = Overlay::Prompt(Asked::Input, String::new());
    } else {
        model.notice = Some("a run that is over reads no input".into());
    }
}

/// A key while a line is typed.
pub(super) fn typed(
    model: &mut Model,
    asked: Asked,
    mut text: String,
    key: KeyEvent,
) -> Vec<Command> {
    match key.code {
        KeyCode::Esc => {
            text.clear();
            filter(model, asked, &text);
            return Vec::new();
        }
        KeyCode::Enter if asked == Asked::Input => {
            let line = Some(text);
            return vec![Command::Input { side: 0, line }];
        }
        KeyCode::Char('d') if is_end(asked, &text, key) => {
            return vec![Command::Input {
                side: 0,
                line: None,
            }];
        }
        KeyCode::Enter => {
            match asked {
                Asked::Place => go_to(model, &text),
                Asked::Words => begin(model, &text),
                Asked::Filter => filtered(model),
                Asked::Input | Asked::Scenario => {}
                Asked::Parameter => return pick::typed(model, &text),
            }
            return Vec::new();
        }
        KeyCode::Backspace if text.pop().is_none() => return Vec::new(),
        KeyCode::Char(letter)
            if !key.modifiers.contains(KeyModifiers::CONTROL)
                && text.chars().count() < longest(asked) =>
        {
            text.push(letter);
        }
        _ => {}
    }
    filter(model, asked, &text);
    model.overlay = Overlay::Prompt(asked, text);
    Vec::new()
}

/// Ctrl-D on an empty line, as on any terminal.
fn is_end(asked: Asked, text: &str, key: KeyEvent) -> bool {
    asked == Asked::Input && text.is_empty() && key.modifiers.contains(KeyModifiers::CONTROL)
}

fn longest(asked: Asked) -> usize {
    match asked {
        Asked::Input => LONGEST_INPUT,
        _ => LONGEST,
    }
}

/// The list follows what is typed.
fn filter(model: &mut Model, asked: Asked, text: &str) {
    match asked {
        Asked::Filter => {
            if let Some(side) = model.side_mut() {
                side.set_filter(text);
            }
        }
        Asked::Scenario => model.picker.set_filter(text),
        Asked::Place | Asked::Words | Asked::Parameter | Asked::Input => {}
    }
}

fn filtered(model: &mut Model) {
    let Some(side) = model.side().filter(|side| side.filter.is_on()) else {
        return;
    };
    model.notice = Some(format!(
        "{} of {} tasks hold `{}`: / and Esc list all again",
        side.listed(),
        side.replay.state().tasks.len(),
        side.filter.text()
    ));
}

fn go_to(model: &mut Model, text: &str) {
    let target = Goto::parse(text).and_then(|what| {
        let side = model.side().ok_or("there is no run")?;
        Ok((what, side.find(what)?))
    });
    match target {
        Ok((what, found)) => {
            walk::arrive(model, what, found, walk::jump);
        }
        Err(error) => model.notice = Some(error),
    }
}

/// Starts to look for an event; nothing typed is the last search again.
fn begin(model: &mut Model, text: &str) {
    if text.is_empty() {
        hit(model, true);
        return;
    }
    let from = model.side().map(|side| side.replay.position());
    model.search = from.map(|from| Search::new(text, from, true));
    model.player.pause();
    first(model);
}

/// The next hit of the last search, or the one before.
pub(super) fn hit(model: &mut Model, forward: bool) {
    let (Some(search), Some(side)) = (&model.search, model.side()) else {
        model.notice = Some("nothing has been looked for: / asks for words".into());
        return;
    };
    model.search = Some(search.again(side.replay.position(), forward));
    model.player.pause();
    first(model);
}

fn first(model: &mut Model) {
    for _ in 0..AT_ONCE {
        go_on(model);
    }
    if let (Some(search), Some(side)) = (&model.search, model.side()) {
        model.notice = Some(search.words(&side.replay));
    }
}

/// Looks at the next slice; whether there was anything to look at.
pub(super) fn go_on(model: &mut Model) -> bool {
    let Some(side) = model.sides.get(model.active) else {
        return false;
    };
    let Some(search) = model.search.as_mut().filter(|search| search.is_looking()) else {
        return false;
    };
    search.go_on(&side.replay);
    let (words, stage) = (search.words(&side.replay), search.state);
    if let Stage::Found(position) = stage {
        walk::jump(model, position);
        walk::select_subject(model);
    }
    model.notice = Some(words);
    true
}

/// Stops looking; whether there was anything to stop.
pub(super) fn stop(model: &mut Model) -> bool {
    let Some(search) = model.search.as_mut().filter(|search| search.is_looking()) else {
        return false;
    };
    search.state = Stage::Stopped;
    let words = model.side().zip(model.search.as_ref());
    let words = words.map(|(side, search)| search.words(&side.replay));
    model.notice = words;
    true
}

/// The letter after `m` or `'`.
pub(super) fn marked(model: &mut Model, set: bool, key: KeyEvent) {
    let KeyCode::Char(letter) = key.code else {
        return;
    };
    let Some(side) = model.side_mut() else {
        return;
    };
    let notice = if set {
        let here = side.replay.position();
        side.marks.insert(letter, here);
        format!("mark \"{letter}\" set at event {}", here.0)
    } else if let Some(&position) = side.marks.get(&letter) {
        walk::jump(model, position);
        format!("at mark \"{letter}\"")
    } else {
        format!("there is no mark \"{letter}\": `m{letter}` sets it")
    };
    model.notice = Some(notice);
}

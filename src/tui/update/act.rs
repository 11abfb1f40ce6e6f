//! What each action of the table of keys does.

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    scene::{
        glance,
        program::{self, Language},
    },
    trace::{Position, Schedule},
};

use crate::tui::{
    feed::Control,
    layout::{self, Room},
    message::{Action, Command, Slot, Unit},
    model::{Asked, Model, Overlay, Panel, Screen, side::Side},
};

use super::{ask, branch, control, look, pick, prompt, selection_of, stop, walk};

/// How far the keys for a page move.
const PAGE: usize = 10;

pub(super) fn act(model: &mut Model, action: Action, key: KeyEvent) -> Vec<Command> {
    if matches!(action, Action::Theme | Action::Palette | Action::Mouse) {
        return look::appearance(model, action);
    }
    if action == Action::NextLesson {
        return pick::next_lesson(model);
    }
    if model.screen == Screen::Picker {
        return pick::pick(model, action);
    }
    match action {
        Action::Play => return play(model),
        Action::Forth(unit) => return walk::forth(model, unit),
        Action::Back(unit) => walk::back(model, unit),
        Action::First => walk::jump(model, Position(0)),
        Action::Last => {
            let end = model.side().map(Side::end);
            walk::jump(model, end.unwrap_or_default());
        }
        Action::Finish => stop::finish(model, true),
        Action::Restart => stop::finish(model, false),
        Action::Break => stop::toggle(model),
        Action::ClearBreaks => stop::clear(model),
        Action::Find => prompt::find(model),
        Action::Input => prompt::input(model),
        Action::Record => return record(model),
        Action::NextHit => prompt::hit(model, true),
        Action::PreviousHit => prompt::hit(model, false),
        Action::Cause if matches!(model.focus, Panel::Tasks | Panel::Timeline) => why(model),
        Action::Cause => walk::cause(model),
        Action::Why => why(model),
        Action::Return => walk::come_back(model),
        Action::NextDifference => walk::difference(model, true),
        Action::PreviousDifference => walk::difference(model, false),
        Action::Goto => model.overlay = Overlay::Prompt(Asked::Place, String::new()),
        Action::SetMark => model.overlay = Overlay::Mark { set: true },
        Action::GoMark => model.overlay = Overlay::Mark { set: false },
        Action::Predict => ask::toggle(model),
        Action::Copy => return look::copy(model),
        Action::Numbers => model.overlay = Overlay::Numbers,
        Action::Faster | Action::Slower | Action::Double | Action::Half | Action::Normal => {
            speed(model, action);
        }
        Action::Panel => panel(model, key),
        Action::NextPanel => turn(model, true),
        Action::PreviousPanel => turn(model, false),
        Action::Down => look::scroll(model, true, 1),
        Action::Up => look::scroll(model, false, 1),
        Action::PageDown => look::scroll(model, true, PAGE),
        Action::PageUp => look::scroll(model, false, PAGE),
        Action::Compare => return compare(model),
        Action::Swap => {
            model.sides.reverse();
            model.active = 1 - model.active.min(1);
            model.show(Screen::Compare);
            return vec![Command::Swap];
        }
        Action::Open => model.show(Screen::Main),
        Action::Suspend => return vec![Command::Suspend],
        Action::Quit => return vec![Command::Quit],
        Action::Language => language(model),
        Action::Picker => {
            model.player.pause();
            model.show(Screen::Picker);
        }
        Action::WhatIf => branch::open(model),
        Action::Help => model.overlay = Overlay::Help(0),
        Action::Close => close(model),
        _ => look::look(model, action),
    }
    Vec::new()
}

/// Escape: the innermost thing that can be left.
fn close(model: &mut Model) {
    let left = prompt::stop(model) || ask::pass(model);
    if !left {
        model.maximised = false;
    }
}

fn why(model: &mut Model) {
    let spawned = model
        .side()
        .is_some_and(|side| !side.replay.state().tasks.is_empty());
    if spawned {
        model.player.pause();
        model.overlay = Overlay::Why(0);
    } else {
        model.notice = Some("no task has been spawned yet".into());
    }
}

fn play(model: &mut Model) -> Vec<Command> {
    if model.player.is_playing() {
        model.player.pause();
        return Vec::new();
    }
    let leader = walk::leader(model);
    let Some(side) = model.sides.get_mut(leader) else {
        return Vec::new();
    };
    if side.is_paused_live() {
        side.following = true;
        let end = side.replay.end();
        side.seek(end);
        return control(model, Control::Run);
    }
    if side.is_live() {
        return control(model, Control::Pause);
    }
    if side.at_end() {
        model.notice = Some(format!(
            "{} g goes back to the start.",
            glance::ending(&side.replay)
        ));
    } else if !model.player.has_motion() {
        return walk::forth(model, Unit::Mark);
    } else {
        model.player.play();
    }
    Vec::new()
}

fn speed(model: &mut Model, action: Action) {
    let speed = model.player.speed();
    // A tenth of a small speed would be rounded away.
    let speed = match action {
        Action::Faster => (speed * 1.1).max(speed + 0.01),
        Action::Slower => (speed / 1.1).min(speed - 0.01),
        Action::Double => speed * 2.0,
        Action::Half => speed / 2.0,
        _ => 1.0,
    };
    model.player.set_speed(speed.max(0.01));
}

/// A panel by its number.
fn panel(model: &mut Model, key: KeyEvent) {
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

/// The next panel; with two runs, the other one.
fn turn(model: &mut Model, forward: bool) {
    if model.screen == Screen::Compare {
        model.active = (model.active + 1) % model.sides.len().max(1);
        return;
    }
    let area = ratatui::layout::Rect::new(0, 0, model.size.0, model.size.1);
    let all = layout::turns(model, area);
    let current = if Room::of(area) == Room::Compact && !model.maximised {
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

/// Rust to Python and back, where there is Python.
fn language(model: &mut Model) {
    if !model
        .sides
        .iter()
        .any(|side| program::has_twin(&side.replay))
    {
        model.notice = Some("this program is there in Rust only".into());
        return;
    }
    model.language = match model.language {
        Language::Rust => Language::Python,
        Language::Python => Language::Rust,
    };
    for side in &mut model.sides {
        side.line = None;
    }
}

/// Lays the run beside another variant, or leaves that.
fn compare(model: &mut Model) -> Vec<Command> {
    if model.screen == Screen::Compare {
        model.show(Screen::Main);
        return Vec::new();
    }
    model.player.pause();
    if model.sides.len() == 2 {
        model.show(Screen::Compare);
        return Vec::new();
    }
    let Some(side) = model.side() else {
        return Vec::new();
    };
    let mut what = selection_of(&side.replay);
    let choice = model
        .picker
        .choices
        .iter()
        .find(|choice| choice.name == what.scenario);
    let variants: Vec<&String> = choice.map_or_else(Vec::new, |choice| {
        choice.variants.iter().map(|(name, _)| name).collect()
    });
    let here = variants
        .iter()
        .position(|name| **name == what.variant)
        .unwrap_or(0);
    let Some(other) = variants
        .get((here + 1) % variants.len().max(1))
        .filter(|name| ***name != what.variant)
    else {
        model.notice = Some(format!(
            "there is no other variant of {} to compare with",
            glance::title(&side.replay)
        ));
        return Vec::new();
    };
    what.variant.clone_from(other);
    // Another variant has a clock of its own, and polls of its own.
    what.clock = None;
    what.schedule = Schedule::default();
    vec![Command::Launch {
        what,
        slot: Slot::Second,
    }]
}

/// Asks for a file of the run, from its beginning to its end.
fn record(model: &Model) -> Vec<Command> {
    let log = model.side().map(|side| side.replay.log().clone());
    let ask = |log| Command::Record {
        side: model.active,
        log: Box::new(log),
    };
    log.map(ask).into_iter().collect()
}

//! What each action of the table of keys does.

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    insight::Lock,
    replay::Axis,
    scene::{
        axis, glance,
        program::{self, Language},
    },
    trace::{Position, Schedule},
};

use crate::tui::{
    feed::Control,
    layout::{self, Room},
    message::{Action, Command, Slot},
    model::{Model, Overlay, Panel, Screen},
};

use super::{branch, control, pick, selection_of, walk};

pub(super) fn act(model: &mut Model, action: Action, key: KeyEvent) -> Vec<Command> {
    if model.screen == Screen::Picker {
        return pick::pick(model, action);
    }
    match action {
        Action::Play => return play(model),
        Action::Forth(unit) => return walk::forth(model, unit),
        Action::Back(unit) => walk::back(model, unit),
        Action::First => walk::jump(model, Position(0)),
        Action::Last => {
            let end = model.side().map(|side| side.replay.end());
            walk::jump(model, end.unwrap_or_default());
        }
        Action::Cause => walk::cause(model),
        Action::Return => walk::come_back(model),
        Action::NextDifference => walk::difference(model, true),
        Action::PreviousDifference => walk::difference(model, false),
        Action::Goto => model.overlay = Overlay::Prompt(String::new()),
        Action::SetMark => model.overlay = Overlay::Mark { set: true },
        Action::GoMark => model.overlay = Overlay::Mark { set: false },
        Action::Faster | Action::Slower | Action::Double | Action::Half | Action::Normal => {
            speed(model, action);
        }
        Action::Panel => panel(model, key),
        Action::NextPanel => turn(model, true),
        Action::PreviousPanel => turn(model, false),
        Action::Down => scroll(model, true),
        Action::Up => scroll(model, false),
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
        Action::Future | Action::Axis | Action::ZoomIn | Action::ZoomOut | Action::Lock => {
            look(model, action);
        }
        Action::Language => language(model),
        Action::Picker => {
            model.player.pause();
            model.show(Screen::Picker);
        }
        Action::WhatIf => branch::open(model),
        Action::Help => model.overlay = Overlay::Help(0),
        Action::Close | Action::PageDown | Action::PageUp => {}
    }
    Vec::new()
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
    let all = layout::turns(area);
    let current = if Room::of(area) == Room::Compact {
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

/// Down or up in the panel that has the keys.
fn scroll(model: &mut Model, down: bool) {
    let comparing = model.screen == Screen::Compare;
    let (focus, language) = (model.focus, model.language);
    let Some(side) = model.side_mut() else { return };
    let moved = |value: usize, most: usize| {
        if down {
            value.saturating_add(1).min(most)
        } else {
            value.min(most).saturating_sub(1)
        }
    };
    match focus {
        Panel::Program if !comparing => {
            let program = program::program(&side.replay, side.task(), language);
            let top = side.source_top.or(program.focus).unwrap_or(0);
            let most = program.lines.len().saturating_sub(1);
            side.source_top = Some(moved(top, most));
        }
        Panel::Output if !comparing => {
            let most = (side.replay.state().outputs as usize).saturating_sub(1);
            // Down is towards the newest line.
            side.output_back = if down {
                side.output_back.min(most).saturating_sub(1)
            } else {
                side.output_back.saturating_add(1).min(most)
            };
        }
        Panel::Why if !comparing => side.why_top = moved(side.why_top, 20),
        _ => {
            let most = side.replay.state().tasks.len().saturating_sub(1);
            let selected = moved(side.task().index(), most);
            side.selected = u32::try_from(selected).unwrap_or(0);
        }
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
        side.source_top = None;
    }
}

fn look(model: &mut Model, action: Action) {
    match action {
        Action::Future => model.future = !model.future,
        Action::Axis => {
            model.axis = if model.axis == Axis::Time {
                Axis::Tick
            } else {
                Axis::Time
            };
            model.zoom = model.zoom.min(most_zoom(model));
        }
        Action::ZoomIn => model.zoom = (model.zoom + 1).min(most_zoom(model)),
        Action::ZoomOut => model.zoom = model.zoom.saturating_sub(1),
        _ => {
            model.lock = match model.lock {
                Lock::Time => Lock::Tick,
                Lock::Tick => Lock::Event,
                Lock::Event => Lock::Output,
                Lock::Output => Lock::Time,
            };
            model.settle();
        }
    }
}

fn most_zoom(model: &Model) -> u32 {
    let totals = model
        .sides
        .iter()
        .map(|side| axis::total(&side.replay, model.axis));
    axis::most_zoom(totals.max().unwrap_or(0), model.size.0)
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

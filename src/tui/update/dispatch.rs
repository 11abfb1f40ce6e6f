//! What each action of the table of keys does.

use crossterm::event::{KeyCode, KeyEvent};

use crate::{
    scene::{
        source_view::{self, Language},
        summary_line,
    },
    trace::{Position, Schedule},
};

use crate::tui::{
    layout::{self, SizeClass},
    message::{Action, Command, PaneSlot, Unit},
    model::{Model, Overlay, Panel, PromptKind, Screen, run_pane::RunPane},
    source::Control,
};

use super::{
    branch, breakpoints, control, navigate, picker, prompt, quiz, request_of, view_settings,
};

/// How far the keys for a page move.
const PAGE: usize = 10;

pub(super) fn act(model: &mut Model, action: Action, key: KeyEvent) -> Vec<Command> {
    if matches!(action, Action::Theme | Action::Palette | Action::Mouse) {
        return view_settings::appearance(model, action);
    }
    if action == Action::NextLesson {
        return picker::next_lesson(model);
    }
    if model.screen == Screen::Picker {
        return picker::pick(model, action);
    }
    match action {
        Action::Play => return play(model),
        Action::StepForward(unit) => return navigate::forth(model, unit),
        Action::StepBack(unit) => navigate::back(model, unit),
        Action::First => navigate::jump(model, Position(0)),
        Action::Last => {
            let end = model.pane().map(RunPane::end);
            navigate::jump(model, end.unwrap_or_default());
        }
        Action::StretchEnd => breakpoints::finish(model, true),
        Action::StretchStart => breakpoints::finish(model, false),
        Action::ToggleBreakpoint => breakpoints::toggle(model),
        Action::ClearBreakpoints => breakpoints::clear(model),
        Action::Find => prompt::find(model),
        Action::Input => prompt::input(model),
        Action::Record => return record(model),
        Action::NextHit => prompt::hit(model, true),
        Action::PreviousHit => prompt::hit(model, false),
        Action::GoToCause if matches!(model.focus, Panel::Tasks | Panel::Timeline) => why(model),
        Action::GoToCause => navigate::cause(model),
        Action::Why => why(model),
        Action::JumpBack => navigate::come_back(model),
        Action::NextDifference => navigate::difference(model, true),
        Action::PreviousDifference => navigate::difference(model, false),
        Action::Goto => model.overlay = Overlay::Prompt(PromptKind::Position, String::new()),
        Action::SetMark => model.overlay = Overlay::Mark { set: true },
        Action::GoToMark => model.overlay = Overlay::Mark { set: false },
        Action::Quiz => quiz::toggle(model),
        Action::Copy => return view_settings::copy(model),
        Action::Numbers => model.overlay = Overlay::Numbers,
        Action::Faster
        | Action::Slower
        | Action::DoubleSpeed
        | Action::HalfSpeed
        | Action::NormalSpeed => {
            speed(model, action);
        }
        Action::Panel => panel(model, key),
        Action::NextPanel => turn(model, true),
        Action::PreviousPanel => turn(model, false),
        Action::Down => view_settings::scroll(model, true, 1),
        Action::Up => view_settings::scroll(model, false, 1),
        Action::PageDown => view_settings::scroll(model, true, PAGE),
        Action::PageUp => view_settings::scroll(model, false, PAGE),
        Action::Compare => return compare(model),
        Action::Swap => {
            model.panes.reverse();
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
        _ => view_settings::look(model, action),
    }
    Vec::new()
}

/// Escape: the innermost thing that can be left.
fn close(model: &mut Model) {
    let left = prompt::stop(model) || quiz::pass(model);
    if !left {
        model.maximised = false;
    }
}

fn why(model: &mut Model) {
    let spawned = model
        .pane()
        .is_some_and(|pane| !pane.replay.state().tasks.is_empty());
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
    let leader = navigate::leader(model);
    let Some(pane) = model.panes.get_mut(leader) else {
        return Vec::new();
    };
    if pane.is_paused_live() {
        pane.following = true;
        let end = pane.replay.end();
        pane.seek(end);
        return control(model, Control::Run);
    }
    if pane.is_live() {
        return control(model, Control::Pause);
    }
    if pane.at_end() {
        model.notice = Some(format!(
            "{} g goes back to the start.",
            summary_line::ending(&pane.replay)
        ));
    } else if !model.player.has_motion() {
        return navigate::forth(model, Unit::Landmark);
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
        Action::DoubleSpeed => speed * 2.0,
        Action::HalfSpeed => speed / 2.0,
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
        model.active = (model.active + 1) % model.panes.len().max(1);
        return;
    }
    let area = ratatui::layout::Rect::new(0, 0, model.size.0, model.size.1);
    let all = layout::turns(model, area);
    let current = if SizeClass::of(area) == SizeClass::Compact && !model.maximised {
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
        .panes
        .iter()
        .any(|pane| source_view::has_python(&pane.replay))
    {
        model.notice = Some("this program is there in Rust only".into());
        return;
    }
    model.language = match model.language {
        Language::Rust => Language::Python,
        Language::Python => Language::Rust,
    };
    for pane in &mut model.panes {
        pane.line = None;
    }
}

/// Lays the run beside another variant, or leaves that.
fn compare(model: &mut Model) -> Vec<Command> {
    if model.screen == Screen::Compare {
        model.show(Screen::Main);
        return Vec::new();
    }
    model.player.pause();
    if model.panes.len() == 2 {
        model.show(Screen::Compare);
        return Vec::new();
    }
    let Some(pane) = model.pane() else {
        return Vec::new();
    };
    let mut what = request_of(&pane.replay);
    let choice = model
        .picker
        .catalogue
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
            summary_line::title(&pane.replay)
        ));
        return Vec::new();
    };
    what.variant.clone_from(other);
    // Another variant has a clock of its own, and polls of its own.
    what.clock = None;
    what.schedule = Schedule::default();
    vec![Command::Launch {
        what,
        slot: PaneSlot::Second,
    }]
}

/// Asks for a file of the run, from its beginning to its end.
fn record(model: &Model) -> Vec<Command> {
    let log = model.pane().map(|pane| pane.replay.log().clone());
    let ask = |log| Command::Record {
        pane: model.active,
        log: Box::new(log),
    };
    log.map(ask).into_iter().collect()
}

//! Play, pause, speed, and what a frame changes.
//!
//! A frame does one of two things. If a search is in progress, the frame searches one slice, and
//! playing waits. Otherwise:
//!
//! 1. The player determines the position that playing has reached.
//! 2. [`navigate::stop_before`] limits that position to the next breakpoint or question.
//! 3. The leading run goes to the position. In a comparison the longer run leads, and the other run
//!    goes to the same time, tick, event or output.
//! 4. Playing pauses at a breakpoint, at a question and at the end of the run.

use std::time::Duration;

use crate::scene::summary_line;

use crate::tui::{
    message::{Command, SpeedChange, Unit},
    model::Model,
    source::Control,
};

use super::{navigate, prompt, stops};

/// Starts playing, or pauses. For a live loop, pauses or resumes the loop itself instead.
pub(super) fn toggle(model: &mut Model) -> Vec<Command> {
    if model.player.is_playing() {
        model.player.pause();
        return Vec::new();
    }
    let leader = navigate::leader(model);
    let language = model.language;
    let Some(pane) = model.panes.get_mut(leader) else {
        return Vec::new();
    };
    if pane.is_paused_live() {
        pane.follow();
        return navigate::control(model, Control::Run);
    }
    if pane.is_live() {
        return navigate::control(model, Control::Pause);
    }
    if pane.at_end() {
        model.notice = Some(format!(
            "{} g goes back to the start.",
            summary_line::ending(&pane.replay, language.for_run(&pane.replay))
        ));
    } else if !model.player.has_motion() {
        return navigate::step_forward(model, Unit::Landmark);
    } else {
        model.player.play();
    }
    Vec::new()
}

pub(super) fn change_speed(model: &mut Model, change: SpeedChange) {
    let speed = model.player.speed();
    // Ten percent of a low speed is less than the step that a speed is rounded to.
    let speed = match change {
        SpeedChange::Faster => (speed * 1.1).max(speed + 0.01),
        SpeedChange::Slower => (speed / 1.1).min(speed - 0.01),
        SpeedChange::Double => speed * 2.0,
        SpeedChange::Half => speed / 2.0,
        SpeedChange::Normal => 1.0,
    };
    model.player.set_speed(speed.max(0.01));
}

/// Continues a search, or else playing, at the time `now`. Draws only if something visible has
/// changed.
pub(super) fn frame(model: &mut Model, now: Duration) -> Vec<Command> {
    if !model.moves() {
        return Vec::new();
    }
    if prompt::search_on(model) || stops::search_boundary(model) {
        return vec![Command::Draw];
    }
    let leader = navigate::leader(model);
    let Some(pane) = model.panes.get_mut(leader) else {
        model.player.pause();
        return vec![Command::Draw];
    };
    let before = pane.replay.position();
    let target = model.player.frame(&pane.replay, now);
    let (position, stop) = navigate::stop_before(model, leader, target);
    let language = model.language;
    let Some(pane) = model.panes.get_mut(leader) else {
        return Vec::new();
    };
    // A `seek` to the same position would end the shared time, and so display the time of the last
    // event instead of a later one.
    if position != before {
        pane.seek(position);
    }
    let at_end = pane.at_end();
    if stop.is_some() {
        model.player.pause();
        model.notice = stop;
    } else if at_end {
        model.notice = Some(summary_line::ending(
            &pane.replay,
            language.for_run(&pane.replay),
        ));
    } else if !model.player.is_playing() {
        // The player stopped because its target was the end, but `stop_before` stopped short of it.
        model.player.play();
    }
    let ended = !model.player.is_playing();
    if position != before {
        model.centre = None;
    }
    navigate::sync_to(model, leader);
    if ended || position != before {
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

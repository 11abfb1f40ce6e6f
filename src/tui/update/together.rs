//! Steps of two runs that are shown side by side.
//!
//! * By time, a step by tick goes to the next instant of either run (see
//!   [`next_together`]), and both runs are moved there.
//! * Any other step is made by one run, and the other follows it. It is the run with the focus,
//!   unless the other run has an earlier step to make, or the run with the focus has ended. So no
//!   step passes over something that happens in the other run.
//!
//! A live run is not stepped together with another one: what comes next in it is not known yet.

use crate::insight::{SyncBy, TogetherStep, next_together, previous_together};
use crate::trace::{Moment, Position};

use crate::tui::{
    message::Unit,
    model::{Model, Screen, run_pane::RunPane},
};

use super::units;

/// The two runs of a comparison, if both can be stepped.
fn runs(model: &Model) -> Option<[&RunPane; 2]> {
    match (model.screen, model.panes.as_slice()) {
        (Screen::Compare, [a, b]) if !a.is_live() && !b.is_live() => Some([a, b]),
        _ => None,
    }
}

/// Steps both runs by tick, if they are synchronized by time. Returns whether they are.
pub(super) fn tick(model: &mut Model, unit: Unit, forward: bool) -> bool {
    let Some([a, b]) = runs(model) else {
        return false;
    };
    if unit != Unit::Tick || model.lock != SyncBy::Time {
        return false;
    }
    let now = a.now().max(b.now());
    let find = if forward {
        next_together
    } else {
        previous_together
    };
    let step = find(&a.replay, &b.replay, now).or_else(|| start(model, forward));
    let Some(step) = step else {
        model.notice = Some(if forward {
            "Both runs have ended.".into()
        } else {
            "This is the start: nothing has happened before it.".into()
        });
        return true;
    };
    go(model, step);
    true
}

/// Before the first instant there is only the start of both runs.
fn start(model: &Model, forward: bool) -> Option<TogetherStep> {
    let [a, b] = runs(model)?;
    let [at_a, at_b] = [a, b].map(|pane| units::start(&pane.replay, model.detail));
    let is_after = a.replay.position() > at_a || b.replay.position() > at_b;
    (!forward && is_after).then_some(TogetherStep {
        a: at_a,
        b: at_b,
        at: Moment::START,
    })
}

/// Moves both runs to positions that belong together.
pub(super) fn go(model: &mut Model, step: TogetherStep) {
    model.centre = None;
    for (pane, position) in model.panes.iter_mut().zip([step.a, step.b]) {
        pane.go(position);
    }
    if model.lock == SyncBy::Time {
        let panes = model.panes.iter_mut();
        panes.for_each(|pane| pane.stay_until(step.at));
    }
}

/// The run that makes the next step.
pub(super) fn leader(model: &Model, unit: Unit, forward: bool) -> usize {
    let active = model.active;
    let Some(panes) = runs(model) else {
        return active;
    };
    if unit == Unit::TenPercent {
        return active;
    }
    let (here, other) = (panes[active.min(1)], panes[1 - active.min(1)]);
    let other_leads = if forward {
        let next = |pane: &RunPane| {
            let target = units::next(&pane.replay, unit, model.detail);
            pane.replay.cursor_at(target).now()
        };
        let is_earlier = model.lock == SyncBy::Time && next(other) < next(here);
        !other.at_end() && (here.at_end() || is_earlier)
    } else {
        let at = |pane: &RunPane| pane.replay.state().now();
        let is_later = model.lock == SyncBy::Time && at(other) > at(here);
        let at_start = |pane: &RunPane| pane.replay.position() <= Position(1);
        !at_start(other) && (at_start(here) || is_later)
    };
    if other_leads { 1 - active } else { active }
}

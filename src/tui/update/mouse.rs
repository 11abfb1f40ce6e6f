//! The mouse: clicks, wheel and drags. Every function has a key as well.
//!
//! A drag has three steps. A press on a lane goes to that time and stores the axis value in
//! `Model::drag`. While the mouse moves, the status line shows the part of the axis between that
//! value and the mouse. Releasing the button zooms in on that part.
//!
//! The mouse has no effect on the start screen, and none while an overlay is open.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position as Cell, Rect};

use crate::{
    replay::Axis,
    scene::{axis, format::seconds},
    trace::{Moment, Span},
};

use crate::tui::{
    layout::{self, SizeClass},
    message::{Command, Unit},
    model::{Model, Overlay, Panel, Screen},
    widgets::{
        compare,
        scrubber::{self, ScrubTarget},
        tasks,
        timeline::{self, LaneHit},
    },
};

use super::{navigate, view_settings};

pub(super) fn moused(model: &mut Model, event: MouseEvent) -> Vec<Command> {
    if model.screen == Screen::Picker
        || model.overlay != Overlay::None
        || model.panes.is_empty()
        || !model.mouse
    {
        return Vec::new();
    }
    let mut commands = match event.kind {
        MouseEventKind::ScrollDown | MouseEventKind::ScrollUp => {
            turned(model, event.kind, Cell::new(event.column, event.row))
        }
        MouseEventKind::Down(MouseButton::Left) => {
            let area = area(model);
            let cell = Cell::new(event.column, event.row);
            model.drag = None;
            if !on_scrubber(model, area, cell)
                && !on_lanes(model, cell)
                && !on_panel(model, area, cell)
            {
                return Vec::new();
            }
            Vec::new()
        }
        MouseEventKind::Drag(MouseButton::Left) if model.drag.is_some() => {
            dragged(model, Cell::new(event.column, event.row));
            Vec::new()
        }
        MouseEventKind::Up(MouseButton::Left) if model.drag.is_some() => {
            let cell = Cell::new(event.column, event.row);
            if !released(model, cell) {
                return Vec::new();
            }
            Vec::new()
        }
        _ => return Vec::new(),
    };
    commands.push(Command::Draw);
    commands
}

/// The wheel scrolls the log in panel 5. Everywhere else it steps by one event.
fn turned(model: &mut Model, wheel: MouseEventKind, cell: Cell) -> Vec<Command> {
    let down = wheel == MouseEventKind::ScrollDown;
    let log = layout::find(model, area(model), Panel::Why);
    if log.is_some_and(|rect| rect.contains(cell)) {
        view_settings::scroll_log(model, down, WHEEL);
    } else if down {
        return navigate::step_forward(model, Unit::Event);
    } else {
        navigate::step_back(model, Unit::Event);
    }
    Vec::new()
}

/// How many rows of the log one notch of the wheel scrolls.
const WHEEL: usize = 1;

fn area(model: &Model) -> Rect {
    Rect::new(0, 0, model.size.0, model.size.1)
}

fn hit(model: &Model, cell: Cell) -> Option<LaneHit> {
    let area = area(model);
    if model.screen == Screen::Compare {
        compare::lane_at(
            model,
            layout::frame(model, area).body,
            SizeClass::of(area),
            cell,
        )
    } else {
        layout::find(model, area, Panel::Timeline)
            .and_then(|rect| timeline::hit_in_panel(model, rect, cell))
    }
}

/// The part of the axis between where the mouse was pressed and where it is.
fn dragged_over(model: &Model, cell: Cell) -> Option<(u64, u64)> {
    let start = model.drag?;
    let hit = hit(model, cell)?;
    let here = hit.window.value(hit.column);
    let span = (start.min(here), start.max(here));
    (span.0 < span.1).then_some(span)
}

fn dragged(model: &mut Model, cell: Cell) {
    let Some((from, to)) = dragged_over(model, cell) else {
        return;
    };
    model.notice = Some(match model.axis {
        Axis::Time => format!(
            "{} to {}: {}; release to zoom in",
            seconds(Span(from)),
            seconds(Span(to)),
            seconds(Span(to - from))
        ),
        Axis::Poll => format!("poll {from} to {to}; release to zoom in"),
    });
}

/// Zooms in as far as the whole dragged part stays visible. Returns whether any part was dragged
/// over.
fn released(model: &mut Model, cell: Cell) -> bool {
    let span = dragged_over(model, cell);
    model.drag = None;
    let (Some((from, to)), Some(pane)) = (span, model.pane()) else {
        return false;
    };
    let total = pane.total(model.axis);
    let most = view_settings::most_zoom(model);
    let middle = from + (to - from) / 2;
    let fits = |zoom: &u32| {
        let window = axis::window(model.axis, total, middle, *zoom, model.size.0);
        window.to - window.from >= to - from
    };
    let zoom = (0..=most).take_while(fits).last().unwrap_or(0);
    model.zoom = zoom;
    model.centre = Some(middle);
    model.notice = None;
    true
}

fn on_scrubber(model: &mut Model, area: Rect, cell: Cell) -> bool {
    let row = layout::frame(model, area).scrubber;
    let Some(bar) = scrubber::bar(model, row).filter(|bar| bar.contains(cell)) else {
        return false;
    };
    let Some(pane) = model.pane() else {
        return false;
    };
    match scrubber::target(model, pane, cell.x - bar.x, bar.width) {
        ScrubTarget::Event(position) => navigate::jump(model, position),
        ScrubTarget::Time(moment) => {
            let position = pane.replay.at_moment(moment);
            navigate::jump(model, position);
            navigate::stay_until(model, moment);
        }
    }
    true
}

/// A click on a lane goes to that time and selects the task.
fn on_lanes(model: &mut Model, cell: Cell) -> bool {
    let Some(hit) = hit(model, cell) else {
        return false;
    };
    model.active = hit.pane;
    let Some(pane) = model.pane_mut() else {
        return false;
    };
    if let Some(task) = hit.task {
        pane.selected = task.0;
    }
    // The last value of the column, so that everything drawn in it lies before the new position.
    let value = hit.window.value(hit.column + 1).saturating_sub(1);
    let target = axis::position_at(&pane.replay, hit.window.axis, value);
    navigate::jump(model, target);
    if hit.window.axis == Axis::Time {
        navigate::stay_until(model, Moment(value));
    }
    // The window stays in place, because a drag may start here.
    let window = hit.window;
    model.centre = Some(window.from + (window.to - window.from) / 2);
    model.drag = Some(window.value(hit.column));
    true
}

/// A click on another panel gives it the focus; a click on a task selects the task.
fn on_panel(model: &mut Model, area: Rect, cell: Cell) -> bool {
    if model.screen != Screen::Main {
        return false;
    }
    let body = layout::frame(model, area).body;
    let panels = layout::panels(model, body, SizeClass::of(area));
    match panels.into_iter().find(|(_, rect)| rect.contains(cell)) {
        Some((panel, rect)) => {
            model.focus = panel;
            let language = model.pane().map(|pane| model.language_for(pane));
            let language = language.unwrap_or_default();
            if let (Panel::Tasks, Some(pane)) = (panel, model.pane_mut()) {
                let task = tasks::task_at(pane, rect, cell, language);
                if let Some(task) = task {
                    pane.choose(task);
                }
            }
            true
        }
        None => false,
    }
}

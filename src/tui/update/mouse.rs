//! What the mouse does: it is never needed.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position as Cell, Rect};

use crate::{replay::Replay, scene::axis, trace::Position};

use crate::tui::{
    compare, layout,
    layout::Room,
    message::{Command, Unit},
    model::{Model, Overlay, Panel, Screen},
    scrubber, timeline,
};

use super::walk;

pub(super) fn moused(model: &mut Model, event: MouseEvent) -> Vec<Command> {
    if model.screen == Screen::Picker || model.overlay != Overlay::None || model.sides.is_empty() {
        return Vec::new();
    }
    let mut commands = match event.kind {
        MouseEventKind::ScrollDown => walk::forth(model, Unit::Event),
        MouseEventKind::ScrollUp => {
            walk::back(model, Unit::Event);
            Vec::new()
        }
        MouseEventKind::Down(MouseButton::Left) => {
            let area = Rect::new(0, 0, model.size.0, model.size.1);
            let cell = Cell::new(event.column, event.row);
            if !on_scrubber(model, area, cell)
                && !on_lanes(model, area, cell)
                && !on_panel(model, area, cell)
            {
                return Vec::new();
            }
            Vec::new()
        }
        _ => return Vec::new(),
    };
    commands.push(Command::Draw);
    commands
}

fn on_scrubber(model: &mut Model, area: Rect, cell: Cell) -> bool {
    let row = layout::frame(area, false).scrubber;
    let Some(bar) = scrubber::bar(model, row).filter(|bar| bar.contains(cell)) else {
        return false;
    };
    let Some(side) = model.side() else {
        return false;
    };
    let target = share(&side.replay, cell.x - bar.x, bar.width);
    walk::jump(model, target);
    true
}

/// The position at a column of the scrubber.
fn share(replay: &Replay, column: u16, columns: u16) -> Position {
    let end = u64::from(replay.end().0);
    let last = u64::from(columns.saturating_sub(1).max(1));
    let position = (u64::from(column) * end + last / 2) / last;
    Position(u32::try_from(position).unwrap_or(u32::MAX))
}

/// A click on a lane goes to that time and selects the task.
fn on_lanes(model: &mut Model, area: Rect, cell: Cell) -> bool {
    let comparing = model.screen == Screen::Compare;
    let hit = if comparing {
        compare::lane_at(model, layout::frame(area, false).body, Room::of(area), cell)
    } else {
        layout::find(model, area, Panel::Timeline)
            .and_then(|rect| timeline::lane_at(model, rect, cell))
    };
    let Some(hit) = hit else { return false };
    model.active = hit.side;
    let Some(side) = model.side_mut() else {
        return false;
    };
    if let Some(task) = hit.task {
        side.selected = task.0;
    }
    // The last value of the column, so that what is drawn in it has happened.
    let value = hit.window.value(hit.column + 1).saturating_sub(1);
    let target = axis::position_of(&side.replay, hit.window.axis, value);
    walk::jump(model, target);
    true
}

/// A click on another panel gives it the keys.
fn on_panel(model: &mut Model, area: Rect, cell: Cell) -> bool {
    if model.screen != Screen::Main {
        return false;
    }
    let body = layout::frame(area, false).body;
    let panels = layout::panels(model, body, Room::of(area));
    match panels.into_iter().find(|(_, rect)| rect.contains(cell)) {
        Some((panel, _)) => {
            model.focus = panel;
            true
        }
        None => false,
    }
}

//! Draws the screen from a shared reference: the same model gives the same picture.

use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};

use crate::tui::{
    layout::{self, SizeClass},
    model::{Model, Overlay, Panel, Screen},
    theme,
    widgets::{
        branch, compare, footer, header, help, inspect, loop_panel, output, picker, program,
        scrubber, tasks, timeline::TimelinePanel, why,
    },
};

/// Draws everything.
pub fn view(model: &Model, frame: &mut ratatui::Frame<'_>) {
    let area = frame.area();
    paint(model, area, frame.buffer_mut());
}

/// The same, into any grid of cells.
pub(super) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    draw(model, area, buffer);
    if model.theme.ascii {
        theme::plain(buffer);
    }
}

fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let size = SizeClass::of(area);
    let parts = layout::frame(area, model.screen == Screen::Picker);
    if size == SizeClass::Line {
        footer::line(model, area, buffer);
        return;
    }
    header::draw(model, parts.header, buffer);
    match model.screen {
        Screen::Picker => picker::draw(model, parts.body, buffer),
        Screen::Main => main(model, parts.body, size, buffer),
        Screen::Compare => compare::draw(model, parts.body, size, buffer),
    }
    scrubber::draw(model, parts.scrubber, buffer);
    footer::keys(model, parts.footer, buffer);
    footer::status(model, parts.status, size, buffer);
    match (&model.overlay, model.pane()) {
        (Overlay::Help(top), _) => help::draw(model, parts.body, *top, buffer),
        (Overlay::Why(row), Some(pane)) => inspect::draw(model, pane, *row, parts.body, buffer),
        (Overlay::Numbers, _) => compare::whole(model, parts.body, buffer),
        (Overlay::WhatIf(list), _) => branch::draw(model, list, parts.body, buffer),
        _ => {}
    }
}

fn main(model: &Model, body: Rect, size: SizeClass, buffer: &mut Buffer) {
    let Some(pane) = model.pane() else { return };
    for (panel, area) in layout::panels(model, body, size) {
        match panel {
            Panel::Program => program::draw(model, pane, area, buffer),
            Panel::Loop => loop_panel::draw(model, pane, area, buffer),
            Panel::Tasks => tasks::draw(model, pane, area, buffer),
            Panel::Timeline => TimelinePanel { model, pane }.render(area, buffer),
            Panel::Why => why::draw(model, pane, area, size, buffer),
            Panel::Output => output::draw(model, pane, area, buffer),
        }
    }
}

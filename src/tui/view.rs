//! Draws the whole screen from a shared reference to the model.
//!
//! Drawing changes nothing: the same model gives the same picture. First comes the screen itself,
//! then the popup over it, and last, if the terminal needs it, every glyph is replaced by its ASCII
//! form.

use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};

use crate::tui::{
    layout::{self, SizeClass},
    model::{Model, Overlay, Panel, Screen},
    theme,
    widgets::{
        compare::{CompareScreen, NumbersPopup},
        findings_popup::FindingsPopup,
        footer::{KeyHints, StatusLine, TinyScreen},
        guide_card::GuideCard,
        header::HeaderLine,
        language_popup::LanguagePopup,
        latency_popup::LatencyPopup,
        loading::LoadingScreen,
        loop_panel::LoopPanel,
        loops_popup::LoopsPopup,
        picker::PickerScreen,
        popups::{HelpPopup, WhatIfPopup, WhyPopup},
        program::ProgramPanel,
        scrubber::Scrubber,
        tasks::TasksPanel,
        timeline::TimelinePanel,
        why::{OutputPanel, WhyPanel},
    },
};

/// Draws the screen into a frame of a terminal.
pub fn view(model: &Model, frame: &mut ratatui::Frame<'_>) {
    let area = frame.area();
    paint(model, area, frame.buffer_mut());
}

/// Draws the screen into a buffer.
pub(super) fn paint(model: &Model, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    draw(model, area, buffer);
    if model.theme.ascii {
        theme::plain(buffer);
    }
}

/// Draws the screen, the lines around it, and the popup over it.
fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    if let Some(progress) = &model.loading {
        LoadingScreen { model, progress }.render(area, buffer);
        return;
    }
    let size = SizeClass::of(area);
    let parts = layout::frame(model, area);
    if size == SizeClass::Line {
        TinyScreen { model }.render(area, buffer);
        return;
    }
    HeaderLine { model }.render(parts.header, buffer);
    GuideCard { model, size }.render(parts.card, buffer);
    match model.screen {
        Screen::Picker => PickerScreen { model }.render(parts.body, buffer),
        Screen::Main => main(model, parts.body, size, buffer),
        Screen::Compare => CompareScreen { model, size }.render(parts.body, buffer),
    }
    Scrubber { model }.render(parts.scrubber, buffer);
    KeyHints { model }.render(parts.footer, buffer);
    StatusLine { model, size }.render(parts.status, buffer);
    match (&model.overlay, model.pane()) {
        (&Overlay::Help(top), _) => HelpPopup { model, top }.render(parts.body, buffer),
        (&Overlay::Why(selected), Some(pane)) => WhyPopup {
            model,
            pane,
            selected,
        }
        .render(parts.body, buffer),
        (&Overlay::Findings(row), Some(pane)) => {
            FindingsPopup { model, pane, row }.render(parts.body, buffer);
        }
        (&Overlay::Latency(list), Some(pane)) => {
            LatencyPopup { model, pane, list }.render(parts.body, buffer);
        }
        (Overlay::AskLanguage, _) => LanguagePopup { model }.render(parts.body, buffer),
        (Overlay::Numbers, _) => NumbersPopup { model }.render(parts.body, buffer),
        (&Overlay::Loops(row), _) => LoopsPopup { model, row }.render(parts.body, buffer),
        (Overlay::WhatIf(list), _) => WhatIfPopup { model, list }.render(parts.body, buffer),
        _ => {}
    }
}

/// The panels of the main screen.
fn main(model: &Model, body: Rect, size: SizeClass, buffer: &mut Buffer) {
    let Some(pane) = model.pane() else { return };
    for (panel, area) in layout::panels(model, body, size) {
        match panel {
            Panel::Program => ProgramPanel { model, pane }.render(area, buffer),
            Panel::Loop => LoopPanel { model, pane }.render(area, buffer),
            Panel::Tasks => TasksPanel { model, pane }.render(area, buffer),
            Panel::Timeline => TimelinePanel { model, pane }.render(area, buffer),
            Panel::Why => WhyPanel { model, pane, size }.render(area, buffer),
            Panel::Output => OutputPanel { model, pane }.render(area, buffer),
        }
    }
}

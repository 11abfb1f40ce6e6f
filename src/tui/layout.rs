//! The layout of the screen, by the size of the terminal.
//!
//! ```text
//!   header                              120x36 and up: all panels
//!   1 Program │ 2 Loop │ 3 Tasks        100x30: no panel 6; panel 5 shows the last line of output
//!   4 Timeline                          60x15:  panels 4 and 5; above them one of 1, 2, 3 and 6
//!   5 Why             │ 6 Output                (in a low body: 5, and one of 1, 2, 3, 4 and 6)
//!   scrubber                            40x8:   one panel and the status line
//!   keys, status                        less:   one line that names the size needed
//! ```

use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::model::{Model, Panel, Screen};

/// How much fits on the screen, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SizeClass {
    /// Below 40x8: one line.
    Line,
    /// From 40x8 on: one panel.
    Single,
    /// From 60x15 on: three panels, the top one of which can be switched.
    Compact,
    /// From 100x30 on: all panels except the output.
    Narrow,
    /// From 120x36 on: all panels.
    Full,
}

impl SizeClass {
    pub(super) fn of(area: Rect) -> SizeClass {
        match (area.width, area.height) {
            (..40, _) | (_, ..8) => SizeClass::Line,
            (..60, _) | (_, ..15) => SizeClass::Single,
            (..100, _) | (_, ..30) => SizeClass::Compact,
            (..120, _) | (_, ..36) => SizeClass::Narrow,
            _ => SizeClass::Full,
        }
    }
}

/// The parts that every screen has. A part that is left out is empty.
#[derive(Clone, Debug, Default)]
pub(super) struct ScreenAreas {
    pub(super) header: Rect,
    /// The card of the tour or of a lesson.
    pub(super) card: Rect,
    pub(super) body: Rect,
    pub(super) scrubber: Rect,
    pub(super) footer: Rect,
    pub(super) status: Rect,
}

/// Divides the screen into header, card, body and the lines below. The start screen has no scrubber.
pub(super) fn frame(model: &Model, area: Rect) -> ScreenAreas {
    let (header, scrubber, footer) = match SizeClass::of(area) {
        SizeClass::Line => {
            return ScreenAreas {
                status: area,
                ..ScreenAreas::default()
            };
        }
        SizeClass::Single => (0, 0, 0),
        SizeClass::Compact => (1, 1, 1),
        SizeClass::Narrow | SizeClass::Full => (1, 1, 2),
    };
    let on_picker = model.screen == Screen::Picker;
    let scrubber = if on_picker { 0 } else { scrubber };
    let card = if on_picker || model.guide.is_none() {
        0
    } else {
        card_rows(SizeClass::of(area))
    };
    let [header, card, body, scrubber, footer, status] = area.layout(&Layout::vertical([
        Constraint::Length(header),
        Constraint::Length(card),
        Constraint::Fill(1),
        Constraint::Length(scrubber),
        Constraint::Length(footer),
        Constraint::Length(1),
    ]));
    ScreenAreas {
        header,
        card,
        body,
        scrubber,
        footer,
        status,
    }
}

/// The rows of the card of the tour or of a lesson: its text, and a border where there is room.
fn card_rows(size: SizeClass) -> u16 {
    match size {
        SizeClass::Line | SizeClass::Single => 0,
        SizeClass::Compact => 4,
        SizeClass::Narrow | SizeClass::Full => 6,
    }
}

/// The panels of the main screen that are shown, and their areas.
pub(super) fn panels(model: &Model, body: Rect, size: SizeClass) -> Vec<(Panel, Rect)> {
    match size {
        SizeClass::Line => Vec::new(),
        _ if model.maximised => vec![(model.focus, body)],
        SizeClass::Single => vec![(model.focus, body)],
        SizeClass::Compact => compact(model, body),
        SizeClass::Narrow | SizeClass::Full => full(model, body, size),
    }
}

/// Whether the body is too low to show the timeline beside another panel.
fn is_low(rows: u16) -> bool {
    rows < 16
}

/// The panels that Tab cycles through.
///
/// On a compact screen these are the panels of which only one is shown at the top. On a narrow
/// screen these are all panels except the output, which is not shown. On any other screen, and
/// while a panel is maximised, these are all panels.
pub(super) fn tab_order(model: &Model, area: Rect) -> Vec<Panel> {
    let low = is_low(frame(model, area).body.height);
    let stays = |panel: &Panel| match SizeClass::of(area) {
        _ if model.maximised => false,
        SizeClass::Compact => *panel == Panel::Why || (*panel == Panel::Timeline && !low),
        SizeClass::Narrow => *panel == Panel::Output,
        _ => false,
    };
    Panel::ALL
        .into_iter()
        .filter(|panel| !stays(panel))
        .collect()
}

/// The panels of a compact screen: the one at the top, the timeline if there is room, and panel 5.
fn compact(model: &Model, body: Rect) -> Vec<(Panel, Rect)> {
    if is_low(body.height) {
        let [top, why] = body.layout(&Layout::vertical([
            Constraint::Fill(1),
            Constraint::Length(5),
        ]));
        return vec![(model.top, top), (Panel::Why, why)];
    }
    let rows = timeline_rows(model, 4).min(body.height / 3 + 1);
    let why = if body.height >= 18 { 7 } else { 5 };
    let layout = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(rows),
        Constraint::Length(why),
    ]);
    let [top, timeline, why] = body.layout(&layout);
    let turned = if model.top == Panel::Timeline {
        Panel::Loop
    } else {
        model.top
    };
    vec![
        (turned, top),
        (Panel::Timeline, timeline),
        (Panel::Why, why),
    ]
}

/// All panels; below 120x36 without panel 6, because panel 5 shows the last line of output there.
fn full(model: &Model, body: Rect, size: SizeClass) -> Vec<(Panel, Rect)> {
    let why = if body.height >= 33 { 9 } else { 8 };
    // The top row keeps 13 rows, so that panel 2 can show all queues. The timeline gets at most the
    // others, but never fewer than 10 rows.
    let timeline = timeline_rows(model, 8).min((body.height - why).saturating_sub(13).max(10));
    let layout = Layout::vertical([
        Constraint::Fill(1),
        Constraint::Length(timeline),
        Constraint::Length(why),
    ]);
    let [top, timeline, bottom] = body.layout(&layout);
    let [program, middle, tasks] =
        top.layout(&Layout::horizontal([38, 40, 42].map(Constraint::Fill)));
    let mut panels = vec![
        (Panel::Program, program),
        (Panel::Loop, middle),
        (Panel::Tasks, tasks),
        (Panel::Timeline, timeline),
    ];
    if size == SizeClass::Full {
        let [why, output] = bottom.layout(&Layout::horizontal([
            Constraint::Length(82),
            Constraint::Fill(1),
        ]));
        panels.extend([(Panel::Why, why), (Panel::Output, output)]);
    } else {
        panels.push((Panel::Why, bottom));
    }
    panels
}

/// The rows that the timeline asks for: a lane for each task, and `more`.
fn timeline_rows(model: &Model, more: u16) -> u16 {
    let tasks = model
        .pane()
        .map_or(0, |pane| pane.replay.tables().tasks().len());
    crate::tui::widgets::text::cells(tasks)
        .saturating_add(more)
        .clamp(more + 3, 60)
}

/// The area of a panel of the main screen, if it is shown.
pub(super) fn find(model: &Model, area: Rect, panel: Panel) -> Option<Rect> {
    if model.screen != Screen::Main {
        return None;
    }
    let body = frame(model, area).body;
    let found = panels(model, body, SizeClass::of(area))
        .into_iter()
        .find(|(other, _)| *other == panel);
    found.map(|(_, rect)| rect)
}

//! The last lines: the most useful keys, and one line of what there is to say.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{insight::task_label, scene::glance};

use super::{
    header::standing,
    keymap,
    layout::Room,
    model::{Model, Overlay},
    text::{cut, put, put_at, span, width},
    theme::Theme,
};

/// As many keys as there is room for; help and quit are always among them.
pub(super) fn keys(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width).saturating_sub(1);
    let all: Vec<(String, &str)> = keymap::rows(model.place())
        .filter(|row| !row.short.is_empty())
        .map(|row| (row.brief(), row.short))
        .collect();
    let long = |(key, word): &(String, &str)| width(key) + width(word) + 4;
    let (others, fixed) = all.split_at(all.len().saturating_sub(2));
    let mut rows: Vec<Vec<&(String, &str)>> = vec![Vec::new(); area.height.into()];
    let mut rest = others.iter().peekable();
    let last = rows.len().saturating_sub(1);
    for (at, row) in rows.iter_mut().enumerate() {
        let mut left = columns;
        if at == last {
            left = left.saturating_sub(fixed.iter().map(long).sum());
        }
        while let Some(key) = rest.peek().copied().filter(|key| long(key) <= left) {
            left -= long(key);
            row.push(key);
            rest.next();
        }
        if at == last {
            row.extend(fixed);
        }
    }
    for (row, at) in rows.iter().zip(0..) {
        let mut line = Line::from(" ");
        for (key, word) in row {
            line.push_span(span(key.clone(), Theme::strong()));
            line.push_span(span(format!(" {word}   "), model.theme.quiet()));
        }
        put(buffer, area, at, &line);
    }
}

/// What there is to say: what is being typed, what came of a key, a poll that does not return, how the run ended.
pub(super) fn status(model: &Model, area: Rect, room: Room, buffer: &mut Buffer) {
    let text = match &model.overlay {
        Overlay::Prompt(text) => format!("go to :{text}▏   event 15, tick 3, t 1.5, task 2"),
        Overlay::Mark { set: true } => "set a mark: which letter?".into(),
        Overlay::Mark { set: false } => "go to a mark: which letter?".into(),
        Overlay::WhatIf(_) => "↑ ↓ choose, Enter runs the branch beside this run".into(),
        Overlay::None | Overlay::Help(_) => said(model, room),
    };
    let text = cut(&text, usize::from(area.width).saturating_sub(2));
    put_at(buffer, area, (1, 0), &text, Theme::strong());
}

fn said(model: &Model, room: Room) -> String {
    if let Some(notice) = &model.notice {
        return notice.clone();
    }
    let Some(side) = model.side() else {
        return String::new();
    };
    let polling = side
        .pulse
        .and_then(|pulse| pulse.polling)
        .filter(|(_, time)| time.as_millis() >= 100);
    if let Some((task, time)) = polling {
        let name = task_label(side.replay.tables(), task);
        return format!(
            "{name} has had the loop for {:.1}s: nobody else can run",
            time.as_secs_f64()
        );
    }
    if room <= Room::Single {
        let (here, end) = (side.replay.position().0, side.replay.end().0);
        return format!(
            "{} event {here}/{end} tick {}  ? help",
            standing(model, side),
            side.replay.state().tick()
        );
    }
    if side.at_end() && !side.is_live() {
        return glance::ending(&side.replay);
    }
    if room == Room::Compact && model.screen == super::model::Screen::Main {
        return "Tab turns the top panel over: Program, Loop, Tasks, Output".into();
    }
    String::new()
}

/// All there is room for in a very small terminal. The keys still work.
pub(super) fn line(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width);
    let needs = "loopscope needs 40x8";
    let place = model
        .position()
        .map(|(here, end)| format!("  event {}/{}", here.0, end.0))
        .unwrap_or_default();
    let text = match &model.overlay {
        Overlay::Prompt(text) => format!(":{text}"),
        _ => format!("{needs}{place}"),
    };
    let text = if width(&text) <= columns {
        text
    } else {
        cut("needs 40x8", columns)
    };
    put_at(buffer, area, (0, 0), &text, Theme::strong());
}

//! Two runs side by side, on one axis: lengths can be compared by eye.
//!
//! ```text
//!   A source | B source          where there is room
//!   timelines: A above B
//!   A places | B places | table of both runs
//!   what makes the difference
//! ```

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Position as Cell, Rect},
    style::Style,
    widgets::Widget,
};

use crate::{
    insight::LessonResult,
    scene::{format::seconds, queues, source_view, summary_line},
};

use crate::tui::{
    layout::SizeClass,
    model::{Model, run_pane::RunPane},
    theme::Theme,
    widgets::{
        loop_panel,
        panel::{LETTERS, bordered},
        program as source,
        text::{cells, put, put_at, wrap},
        timeline::{LaneHit, SharedTimeline, hit_in_shared, lanes_wanted},
    },
};

mod table;

pub(crate) use table::whole;

/// The parts of the screen; a part without room has no rows.
struct CompareAreas {
    code: Rect,
    lanes: Rect,
    places: Rect,
    words: Rect,
}

fn parts(model: &Model, body: Rect, size: SizeClass) -> CompareAreas {
    let lanes = cells(lanes_wanted(model)).saturating_add(9);
    let [code, places, words] = match size {
        SizeClass::Line | SizeClass::Single => [0, 0, 0],
        SizeClass::Compact if body.height < 14 => [0, 0, 0],
        SizeClass::Compact if body.height < 19 => [0, 7, 0],
        SizeClass::Compact => [0, 7, 5],
        SizeClass::Narrow => [0, 10, 6],
        // On a tall screen there is room for the whole table and for all that is told.
        SizeClass::Full if body.height >= 50 => [5, 19, 9],
        SizeClass::Full => [5, 10, 6],
    };
    let spare = body.height.saturating_sub(code + places + words);
    let lanes = if code > 0 {
        lanes.clamp(10, 40).min(spare)
    } else {
        spare
    };
    let rows = [
        body.height.saturating_sub(lanes + places + words),
        lanes,
        places,
        words,
    ];
    let [code, lanes, places, words] = body.layout(&Layout::vertical(rows.map(Constraint::Length)));
    CompareAreas {
        code,
        lanes,
        places,
        words,
    }
}

pub(crate) fn draw(model: &Model, body: Rect, size: SizeClass, buffer: &mut Buffer) {
    let [a, b] = model.panes.as_slice() else {
        return;
    };
    let parts = parts(model, body, size);
    let halves = Layout::horizontal([Constraint::Fill(1); 2]);
    if parts.code.height > 2 {
        let areas: [Rect; 2] = parts.code.layout(&halves);
        for ((pane, area), at) in [a, b].into_iter().zip(areas).zip(0..) {
            code(model, pane, at, area, buffer);
        }
    }
    SharedTimeline { model }.render(parts.lanes, buffer);
    if parts.places.height > 2 {
        let widths = if size >= SizeClass::Narrow {
            [30, 30, 40]
        } else {
            [1, 1, 0]
        };
        let [left, right, rest] = parts
            .places
            .layout(&Layout::horizontal(widths.map(Constraint::Fill)));
        for ((pane, area), at) in [a, b].into_iter().zip([left, right]).zip(0..) {
            places(model, pane, at, area, buffer);
        }
        if rest.width > 20 {
            table::draw(model, rest, buffer);
        }
    }
    words(model, parts.words, buffer);
}

/// The run, task and column at a cell of the shared timeline.
pub(crate) fn lane_at(model: &Model, body: Rect, size: SizeClass, cell: Cell) -> Option<LaneHit> {
    hit_in_shared(model, parts(model, body, size).lanes, cell)
}

fn title(pane: &RunPane, at: usize) -> String {
    format!(
        "{}  {}",
        LETTERS[at.min(1)],
        summary_line::short_title(&pane.replay)
    )
}

fn code(model: &Model, pane: &RunPane, at: usize, area: Rect, buffer: &mut Buffer) {
    let state = pane.replay.state();
    let head = pane.replay.index().head();
    let words = format!(
        "tick {}/{}  event {}/{}",
        state.tick(),
        head.tick(),
        pane.replay.position().0,
        pane.replay.end().0
    );
    let inner = bordered(
        model.theme,
        area,
        buffer,
        &title(pane, at),
        &words,
        model.active == at,
    );
    let program = source_view::source_view(&pane.replay, pane.task(), model.language);
    let view = source::SourceView {
        rows: inner.height.into(),
        line: pane.line,
        breakpoints: &pane.breakpoints,
        differing: model
            .differing
            .get(at)
            .filter(|_| model.language == source_view::Language::Rust),
    };
    source::source(model.theme, &program, inner, &view, buffer);
}

fn places(model: &Model, pane: &RunPane, at: usize, area: Rect, buffer: &mut Buffer) {
    let now = seconds(pane.now().0);
    let name = format!("{} at t={now}", LETTERS[at.min(1)]);
    let inner = bordered(model.theme, area, buffer, &name, "", model.active == at);
    let rows = usize::from(inner.height);
    let places = queues::queues(&pane.replay, 8, pane.now());
    let lines = loop_panel::brief_lines(model.theme, &places, inner.width.into());
    for (line, row) in lines.iter().zip(0..) {
        put(buffer, inner, row, line);
    }
    if rows > lines.len() + 1 {
        let line = source::standing_line(model, pane, usize::from(inner.width).saturating_sub(2));
        put_at(buffer, inner, (1, rows - 1), &line, model.theme.dim());
    }
}

/// What makes the difference.
fn words(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(comparison) = model.comparison.as_deref().filter(|_| area.height > 2) else {
        return;
    };
    let title = comparison.lesson.as_ref().map_or_else(
        || "What makes the difference".to_owned(),
        |lesson| format!("Lesson {:02}", lesson.number),
    );
    let keys = if comparison.lesson.is_some() {
        "L next lesson   d next difference"
    } else {
        "d next   D previous difference"
    };
    let inner = bordered(model.theme, area, buffer, &title, keys, false);
    let columns = usize::from(inner.width).saturating_sub(2);
    let mut lines = Vec::new();
    for (name, text) in comparison.lesson.iter().flat_map(LessonResult::lines) {
        lines.extend(wrap(&format!("{name}: {text}"), columns));
    }
    if let Some(first) = &comparison.first {
        lines.extend(
            wrap(&format!("Δ {}", first.words), columns)
                .into_iter()
                .take(2),
        );
    }
    for line in &comparison.lines {
        lines.extend(wrap(line, columns));
    }
    for (line, row) in lines.iter().zip(0..) {
        put_at(
            buffer,
            inner,
            (1, row),
            line,
            if row == 0 {
                Theme::strong()
            } else {
                Style::new()
            },
        );
    }
}

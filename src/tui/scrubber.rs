//! The whole run in one line, and where we are in it.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{replay::Status, trace::Position};

use super::{
    model::Model,
    side::Side,
    text::{cells, cut, put_at, width},
    theme::Theme,
};

/// Columns before the bar: ` |< `.
const LEFT: u16 = 4;

/// What stands after the bar.
fn words(model: &Model, side: &Side, columns: u16) -> String {
    let mut words = format!(" >|  {}/{}", side.replay.position().0, side.end().0);
    let marks: Vec<_> = side
        .marks
        .iter()
        .map(|(letter, at)| format!("{letter}@{}", at.0))
        .collect();
    if !marks.is_empty() && columns >= 100 {
        words.push_str(&cut(&format!("   marks {}", marks.join(" ")), 30));
    }
    if model.sides.len() == 2 {
        words.push_str(if model.active == 0 { "  A" } else { "  B" });
    }
    words.push(' ');
    words
}

/// Where the bar is; none if there is no room for one.
pub(super) fn bar(model: &Model, area: Rect) -> Option<Rect> {
    let side = model.side()?;
    let width = area
        .width
        .checked_sub(LEFT + cells(width(&words(model, side, area.width))))?;
    (area.height > 0 && width >= 5).then(|| Rect::new(area.x + LEFT, area.y, width, 1))
}

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let (Some(side), Some(bar)) = (model.side(), bar(model, area)) else {
        return;
    };
    let theme = model.theme;
    put_at(buffer, area, (1, 0), "|<", theme.quiet());
    let line = format!("├{}┤", "─".repeat(usize::from(bar.width) - 2));
    put_at(buffer, bar, (0, 0), &line, theme.border());
    gaps(side, theme, bar, buffer);
    for (letter, position) in &side.marks {
        put_at(
            buffer,
            bar,
            (column(side, *position, bar.width), 0),
            &letter.to_string(),
            Theme::strong(),
        );
    }
    put_at(
        buffer,
        bar,
        (column(side, side.replay.position(), bar.width), 0),
        "●",
        Theme::strong(),
    );
    let after = usize::from(LEFT) + usize::from(bar.width);
    put_at(
        buffer,
        area,
        (after, 0),
        &words(model, side, area.width),
        theme.quiet(),
    );
}

/// What is missing, and what of the file has not been read yet.
fn gaps(side: &Side, theme: Theme, bar: Rect, buffer: &mut Buffer) {
    let (first, last) = (1, usize::from(bar.width).saturating_sub(2));
    if side.reading().is_some() {
        let read = column(side, side.replay.end(), bar.width) + 1;
        for column in read.max(first)..=last {
            put_at(buffer, bar, (column, 0), "┄", theme.quiet());
        }
    }
    for gap in side.replay.index().gaps() {
        let column = column(side, gap.position, bar.width).clamp(first, last);
        let style = theme.lane(Status::Failed);
        put_at(
            buffer,
            bar,
            (column, 0),
            Theme::pattern(Status::Unknown),
            style,
        );
    }
}

fn column(side: &Side, position: Position, columns: u16) -> usize {
    let end = u64::from(side.end().0.max(1));
    let last = u64::from(columns.saturating_sub(1));
    usize::try_from((u64::from(position.0).min(end) * last + end / 2) / end).unwrap_or(0)
}

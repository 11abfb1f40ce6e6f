//! What stands below the lanes of both runs: where each ends, and the legend.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::{replay::Axis, scene::format::seconds};

use crate::tui::{
    model::Model,
    widgets::{
        compare::LETTERS,
        text::{put_at, width},
        timeline,
    },
};

use super::lanes::Shape;

/// Where each run ends, below the lanes. Both at one place are told in one; of two that are close to each
/// other the later one is left out.
pub(super) fn ends(model: &Model, shape: &Shape, inner: Rect, buffer: &mut Buffer) {
    let left = usize::from(shape.lanes.x - inner.x);
    let op = if inner.width >= 80 { "ends " } else { "" };
    let mut ends: Vec<(usize, String)> = Vec::new();
    for (pane, letter) in model.panes.iter().zip(LETTERS) {
        let Some(end) = timeline::end_column(pane, &shape.window) else {
            continue;
        };
        let total = pane.total(model.axis);
        let total = match model.axis {
            Axis::Time => seconds(total),
            Axis::Poll => total.to_string(),
        };
        match ends.iter_mut().find(|(other, _)| *other == end) {
            Some((_, words)) => words.insert_str(0, "A, "),
            None => ends.push((end, format!("{letter} {op}{total} ┘"))),
        }
    }
    ends.sort();
    let mut free = 0;
    for (end, words) in ends {
        let Some(column) = (end + 1).checked_sub(width(&words)) else {
            continue;
        };
        if column >= free {
            let at = (left + column, shape.below + 1);
            put_at(buffer, inner, at, &words, model.theme.dim());
            free = end + 3;
        }
    }
}

pub(super) fn legend(model: &Model, inner: Rect, due: bool, buffer: &mut Buffer) {
    let row = usize::from(inner.height) - 1;
    let used = timeline::legend(model.theme, inner, row, due, buffer);
    let words = "· not reached yet   □ end";
    let columns = usize::from(inner.width);
    if used + width(words) <= columns {
        put_at(buffer, inner, (used, row), words, model.theme.dim());
    }
}

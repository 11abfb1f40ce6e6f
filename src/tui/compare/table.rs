//! The table of both runs as a whole.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{insight::Comparison, scene::numbers::seconds};

use crate::tui::{
    model::Model,
    panel::bordered,
    text::{cut, pad, put, right, span},
    theme::Theme,
};

/// What a row says: its name, A, B, and by how much B differs.
type Row = (&'static str, String, String, String);

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(comparison) = model.comparison.as_deref() else {
        return;
    };
    let words = if comparison.saved > 0 {
        "B is faster"
    } else {
        ""
    };
    let inner = bordered(model.theme, area, buffer, "Whole run", words, false);
    let columns = usize::from(inner.width);
    let number = (columns.saturating_sub(17) / 3).clamp(5, 11);
    let name = columns.saturating_sub(3 * number + 2);
    let head = format!(
        " {}{}{}{}",
        pad("", name),
        right("A", number),
        right("B", number),
        right("Δ", number)
    );
    put(
        buffer,
        inner,
        0,
        &Line::from(span(cut(&head, columns), model.theme.quiet())),
    );
    for ((title, a, b, change), row) in rows(comparison).into_iter().zip(1..) {
        let line = Line::from(vec![
            span(format!(" {}", pad(title, name)), model.theme.quiet()),
            span(
                format!("{}{}", right(&a, number), right(&b, number)),
                Style::new(),
            ),
            span(right(&change, number), Theme::strong()),
        ]);
        put(buffer, inner, row, &line);
    }
}

/// The rows, the telling ones first: there may not be room for all.
fn rows(comparison: &Comparison) -> Vec<Row> {
    let (a, b) = (&comparison.a, &comparison.b);
    let time = |name, a: u64, b: u64| -> Row { (name, seconds(a), seconds(b), percent(a, b)) };
    let count = |name, a: u32, b: u32| -> Row {
        let change = i64::from(b) - i64::from(a);
        (
            name,
            a.to_string(),
            b.to_string(),
            if change == 0 {
                "=".into()
            } else {
                format!("{change:+}")
            },
        )
    };
    vec![
        time("total", a.total.0, b.total.0),
        count("tasks", a.tasks, b.tasks),
        count("sleeping at once", a.sleeping_at_once, b.sleeping_at_once),
        count("polls", a.polls, b.polls),
        count("ticks", a.ticks, b.ticks),
        (
            "overlap",
            format!("{:.2}x", a.overlap),
            format!("{:.2}x", b.overlap),
            String::new(),
        ),
        time("longest poll", a.longest_poll, b.longest_poll),
        time("best total left", a.bound, b.bound),
        time("cannot overlap", a.serial, b.serial),
        time("waiting, all tasks", a.waiting, b.waiting),
        time("ready, all tasks", a.ready, b.ready),
        time("running, all tasks", a.running, b.running),
        count("timers at once", a.timers_at_once, b.timers_at_once),
    ]
}

/// By how much the second differs from the first.
fn percent(a: u64, b: u64) -> String {
    match (a, b) {
        (a, b) if a == b => "=".into(),
        (0, _) => "new".into(),
        (a, b) => {
            let change = (i128::from(b) - i128::from(a)) * 100 / i128::from(a);
            if change > 999 {
                format!("{}x", b / a)
            } else {
                format!("{change:+} %")
            }
        }
    }
}

//! The table of both runs as a whole.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line};

use crate::{
    insight::{Comparison, Summary},
    scene::numbers::{is_known, seconds},
};

use crate::tui::{
    model::Model,
    panel::{bordered, over},
    text::{cells, cut, pad, put, put_at, right, span, wrap},
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
        "w all rows"
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
    for ((title, a, b, change), row) in known(model, comparison).into_iter().zip(1..) {
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

/// The whole table over the screen, with what its last lines mean.
pub(in crate::tui) fn whole(model: &Model, body: Rect, buffer: &mut Buffer) {
    let Some(comparison) = model.comparison.as_deref() else {
        return;
    };
    let told = [("A", &comparison.a), ("B", &comparison.b)].map(|(name, run)| bound(name, run));
    let width = body.width.min(76);
    let columns = usize::from(width).saturating_sub(4);
    let lines: Vec<String> = told.iter().flat_map(|text| wrap(text, columns)).collect();
    let table = known(model, comparison).len() + 3;
    let height = cells(table + lines.len() + 1).min(body.height);
    let area = over(body, (width, height), buffer);
    draw(model, area, buffer);
    for (line, row) in lines.iter().zip(table..) {
        let inner = Rect {
            height: height.saturating_sub(1),
            ..area
        };
        put_at(buffer, inner, (2, row), line, Style::new());
    }
}

/// Amdahl's bound in words.
fn bound(name: &str, run: &Summary) -> String {
    if run.total.0 == 0 {
        return format!("{name} takes no time at all.");
    }
    let share = u128::from(run.bound) * 100 / u128::from(run.total.0.max(1));
    format!(
        "{name}: {} of {} is code, which can overlap with nothing but waits, and its longest chain of waits and code \
         takes {} ({share} %): with any number of tasks it could not be faster as it is built.",
        seconds(run.serial),
        seconds(run.total.0),
        seconds(run.bound)
    )
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
        time("best total left", a.bound, b.bound),
        time("longest poll", a.longest_poll, b.longest_poll),
        time("cannot overlap", a.serial, b.serial),
        time("waiting, all tasks", a.waiting, b.waiting),
        time("ready, all tasks", a.ready, b.ready),
        time("running, all tasks", a.running, b.running),
        count("timers at once", a.timers_at_once, b.timers_at_once),
    ]
}

/// The rows whose numbers both recordings know.
fn known(model: &Model, comparison: &Comparison) -> Vec<Row> {
    let mut rows = rows(comparison);
    if let [a, b] = model.sides.as_slice() {
        let metas = [a, b].map(|side| &side.replay.log().meta);
        rows.retain(|(name, ..)| is_known(name, metas));
    }
    rows
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

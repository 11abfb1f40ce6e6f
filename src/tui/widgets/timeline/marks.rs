//! What is drawn around the lanes of a timeline and on them.
//!
//! Around: ruler, ticks, position, ends, legend. On the lanes: late timers (`◇`), tasks that wait
//! for themselves (`↺`), the events that prove the open finding (`!`), and the lanes of shared values with their numbers. The positions of the
//! marks come from [`scene`](crate::scene::timeline_marks); here they become cells.

use ratatui::buffer::Buffer;

use crate::{
    insight::waits_for_itself,
    replay::{Axis, Status, Timeline},
    scene::{
        axis::{self, TickLabel},
        format::seconds,
        summary_line, timeline_marks,
    },
};

use crate::trace::Span;
use crate::tui::{
    model::{findings::Evidence, run_pane::RunPane},
    theme::Theme,
    widgets::{
        findings_popup::severity_style,
        panel::{LETTERS, left_out},
        text::{pad, put_at, width},
    },
};

use super::{LaneChart, LaneGroup, Margin, painted_until};

/// Marks the deadline of a timer whose task could not run then, because another task was running.
const DUE: &str = "◇";
/// A task that waits for something that it holds itself.
const ITSELF: &str = "↺";
/// The fewest columns between two numbers of the ruler.
const APART: u16 = 12;

/// The numbers of the axis, and the line below them.
pub(crate) fn ruler(chart: &LaneChart<'_>, position: Option<usize>, buffer: &mut Buffer) {
    let theme = chart.model.theme;
    let Some(labels) = chart.rows.labels else {
        return;
    };
    let marks = axis::ruler(&chart.window, APART);
    let columns = usize::from(chart.lanes.width);
    for mark in &marks {
        // A number that would cross the right border moves left by up to four columns. If that is
        // not enough, it is left out.
        let last = columns.saturating_sub(width(&mark.text));
        let column = usize::from(mark.column).min(last);
        if column + 4 >= usize::from(mark.column) {
            chart.put(buffer, (column, labels), &mark.text, theme.dim());
        }
    }
    let Some(row) = chart.rows.ruler else { return };
    for column in 0..columns {
        let mark = marks.iter().any(|mark| usize::from(mark.column) == column);
        let glyph = match (position == Some(column), column, mark) {
            (true, ..) => "╂",
            (_, 0, _) => "├",
            (_, _, true) => "┼",
            _ => "─",
        };
        chart.put(buffer, (column, row), glyph, theme.border());
    }
}

/// The open finding on the ruler of its run: `!` at each event that proves it, and a thick line
/// between them.
pub(crate) fn evidence(chart: &LaneChart<'_>, buffer: &mut Buffer) {
    let open = chart
        .model
        .pane()
        .and_then(|pane| pane.findings.open.as_ref());
    let (Some(open), Some(row)) = (open, chart.rows.ruler) else {
        return;
    };
    let window = &chart.window;
    let on_axis = |evidence: &Evidence| evidence.on(window.axis);
    let values = || open.evidence.iter().map(on_axis);
    let (Some(first), Some(last)) = (values().min(), values().max()) else {
        return;
    };
    if last < window.from || first >= window.to {
        return;
    }
    let style = severity_style(chart.model.theme, open.finding.severity);
    let column = |value: u64| window.column(value.clamp(window.from, window.to - 1));
    if let (Some(first), Some(last)) = (column(first), column(last)) {
        for column in first..=last.min(usize::from(chart.lanes.width).saturating_sub(1)) {
            chart.put(buffer, (column, row), "━", style);
        }
    }
    for value in values().filter(|value| (window.from..window.to).contains(value)) {
        if let Some(column) = window.column(value) {
            chart.put(buffer, (column, row), "!", style);
        }
    }
}

/// The numbers of the ticks, each where its tasks run. Ticks in the same column, or too near to have
/// labels of their own, share a label: `1-2`.
pub(crate) fn ticks(chart: &LaneChart<'_>, pane: &RunPane, row: usize, buffer: &mut Buffer) {
    let style = chart.model.theme.dim();
    put_at(buffer, chart.inner, (1, row), "ticks", style);
    let until = painted_until(chart.model, pane);
    let ticks = axis::tick_labels(&pane.replay, &chart.window, until);
    for (column, text) in tick_texts(&ticks, chart.lanes.width.into()) {
        chart.put(buffer, (column, row), &text, style);
    }
}

/// The labels of ticks with their columns, so that no tick is left out and no two labels touch.
fn tick_texts(ticks: &[TickLabel], columns: usize) -> Vec<(usize, String)> {
    let text = |from: u64, to: u64| {
        if from == to {
            from.to_string()
        } else {
            format!("{from}-{to}")
        }
    };
    let mut groups: Vec<(usize, u64, u64)> = Vec::new();
    for tick in ticks {
        let column = usize::from(tick.column);
        match groups.last_mut() {
            // The group before takes the tick if its own label would touch that of the tick.
            Some((start, from, to)) if column <= *start + text(*from, *to).len() => {
                *to = tick.tick;
            }
            _ => groups.push((column, tick.tick, tick.tick)),
        }
    }
    // A label that would cross the right border moves to the left. If it then touches the one before
    // it, both become one.
    let place = |&(column, from, to): &(usize, u64, u64)| {
        let label = text(from, to);
        (column.min(columns.saturating_sub(label.len())), label)
    };
    while let [.., before, last] = groups.as_mut_slice() {
        let (column, label) = place(before);
        if column + label.len() < place(last).0 {
            break;
        }
        before.2 = last.2;
        groups.pop();
    }
    let labels = groups.iter().map(place);
    labels.filter(|(_, label)| label.len() <= columns).collect()
}

/// The arrow below the current position, and in a wide panel its meaning in words.
pub(crate) fn position(chart: &LaneChart<'_>, position: Option<usize>, buffer: &mut Buffer) {
    let columns = usize::from(chart.lanes.width);
    let (Some(row), Some(position)) = (chart.rows.position, position) else {
        return;
    };
    if position >= columns {
        return;
    }
    chart.put(buffer, (position, row), "▲", Theme::strong());
    let (Margin::Selection { codes: true }, [group]) = (chart.margin, chart.groups.as_slice())
    else {
        return;
    };
    let forms: &[&str] = if chart.model.future || group.pane.at_end() {
        &["you are here"]
    } else {
        &[
            "you are here   (the future is hidden; press u to show it)",
            "you are here",
        ]
    };
    // The first form that fits to the right of the arrow or to its left.
    let place = |words: &str| {
        let right = position + 2;
        let fits = right + width(words) <= columns;
        let left = position.checked_sub(width(words) + 1);
        if fits { Some(right) } else { left }
    };
    let form = forms.iter().find_map(|words| Some((place(words)?, *words)));
    if let Some((column, words)) = form {
        chart.put(buffer, (column, row), words, chart.model.theme.dim());
    }
}

/// How many lanes are left out, below the names of the tasks: `+8 more`. In a comparison the number
/// of each run follows its letter.
pub(crate) fn hidden(chart: &LaneChart<'_>, buffer: &mut Buffer) {
    let Some(row) = chart.rows.position else {
        return;
    };
    let words: Vec<String> = chart
        .groups
        .iter()
        .filter(|group| group.hidden != (0, 0))
        .map(|group| match chart.groups.len() {
            1 => left_out(group.hidden.0, group.hidden.1),
            _ => format!(
                "{} +{}",
                LETTERS[group.number.min(1)],
                group.hidden.0 + group.hidden.1
            ),
        })
        .collect();
    let style = chart.model.theme.dim();
    put_at(buffer, chart.inner, (1, row), &words.join("  "), style);
}

/// The ends of both runs. Ends in the same column share a label; of two labels that would overlap
/// the later one is left out.
pub(crate) fn ends(chart: &LaneChart<'_>, row: usize, buffer: &mut Buffer) {
    let verb = if chart.inner.width >= 80 { "ends " } else { "" };
    let mut ends: Vec<(usize, String)> = Vec::new();
    for (group, letter) in chart.groups.iter().zip(LETTERS) {
        let Some(end) = chart.end_of(group.pane) else {
            continue;
        };
        let total = group.pane.total(chart.window.axis);
        let total = match chart.window.axis {
            Axis::Time => seconds(Span(total)),
            Axis::Poll => total.to_string(),
        };
        match ends.iter_mut().find(|(other, _)| *other == end) {
            Some((_, words)) if verb.is_empty() => *words = format!("A, B {total} ┘"),
            Some((_, words)) => *words = format!("A and B end at {total} ┘"),
            None => ends.push((end, format!("{letter} {verb}{total} ┘"))),
        }
    }
    ends.sort();
    let mut free = 0;
    for (end, words) in ends {
        let column = (end + 1).checked_sub(width(&words));
        if let Some(column) = column.filter(|column| *column >= free) {
            chart.put(buffer, (column, row), &words, chart.model.theme.dim());
            free = end + 3;
        }
    }
}

/// What the patterns mean, and the marks that were drawn.
pub(crate) fn legend(chart: &LaneChart<'_>, row: usize, any_due: bool, buffer: &mut Buffer) {
    let (theme, inner) = (chart.model.theme, chart.inner);
    let columns = usize::from(inner.width);
    let was_due = format!("{DUE} was due");
    let due = if any_due { width(&was_due) } else { 0 };
    let long = summary_line::LEGEND
        .iter()
        .map(|(_, words)| width(words) + 5);
    let has_path = chart
        .groups
        .iter()
        .any(|group| !group.pane.path.segments().is_empty());
    let path = "━ critical path";
    let path_columns = if has_path { width(path) + 3 } else { 0 };
    let words = if long.sum::<usize>() + due + path_columns <= columns {
        summary_line::LEGEND
    } else {
        summary_line::SHORT_LEGEND
    };
    let mut column = 1;
    for (status, words) in words {
        let pattern = Theme::pattern(status);
        put_at(buffer, inner, (column, row), pattern, theme.lane(status));
        put_at(buffer, inner, (column + 2, row), words, theme.dim());
        column += width(words) + 5;
    }
    if any_due && column + due <= columns {
        put_at(buffer, inner, (column, row), &was_due, theme.dim());
        column += due + 3;
    }
    if has_path && column + width(path) <= columns {
        put_at(buffer, inner, (column, row), path, theme.dim());
        column += width(path) + 3;
    }
    let rest = "· not reached yet   □ end";
    if chart.margin == Margin::Letters && column + width(rest) <= columns {
        put_at(buffer, inner, (column, row), rest, theme.dim());
    }
}

/// Marks late timers, and tasks that wait for themselves, on lanes that have been painted. Returns
/// whether a late timer was marked.
pub(crate) fn on_lanes(
    chart: &LaneChart<'_>,
    group: &LaneGroup<'_>,
    painted: &Timeline,
    buffer: &mut Buffer,
) -> bool {
    let replay = &group.pane.replay;
    let cell = |row: usize, column: usize| painted.rows.get(row)?.get(column).copied();
    let until = painted_until(chart.model, group.pane);
    let mut any_due = false;
    for due in timeline_marks::due_marks(replay, &chart.window, &group.tasks, until) {
        // A mark never hides a poll.
        if cell(due.row, due.column) != Some(Status::Running) {
            let at = (due.column, group.row + due.row);
            chart.put(buffer, at, DUE, Theme::strong());
            any_due = true;
        }
    }
    for ((task, lane), row) in group.tasks.iter().zip(&painted.rows).zip(group.row..) {
        if waits_for_itself(replay.state(), *task) {
            let last = lane.iter().rposition(|cell| *cell != Status::Absent);
            let words = format!("{ITSELF} waits for itself");
            let column = last.map_or(0, |last| last + 2);
            let (column, words) = if column + width(&words) <= lane.len() {
                (column, words.as_str())
            } else {
                (column.min(lane.len().saturating_sub(1)), ITSELF)
            };
            let style = chart.model.theme.state(Status::Failed);
            chart.put(buffer, (column, row), words, style);
        }
    }
    any_due
}

/// The lanes of shared values: each number where it was written.
pub(crate) fn values(chart: &LaneChart<'_>, group: &LaneGroup<'_>, buffer: &mut Buffer) {
    let pane = group.pane;
    let until = painted_until(chart.model, pane);
    let lanes = timeline_marks::value_lanes(&pane.replay, &chart.window, until, group.values);
    for (lane, row) in lanes.iter().zip(group.row + group.tasks.len()..) {
        let name = pad(&lane.name, chart.label);
        let at = (chart.margin.name_column(), row);
        put_at(buffer, chart.inner, at, &name, chart.model.theme.dim());
        for number in &lane.labels {
            let at = (usize::from(number.column), row);
            chart.put(buffer, at, &number.text, Theme::strong());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tick_is_left_out_and_no_labels_touch() {
        for columns in [10_u16, 20, 80] {
            for gap in [0, 1, 2, 3, 5] {
                let ticks: Vec<TickLabel> = (0..40)
                    .map(|number| TickLabel {
                        column: (number * gap).min(columns - 1),
                        tick: u64::from(number) + 1,
                    })
                    .collect();
                let labels = tick_texts(&ticks, columns.into());
                let mut next = 1;
                let mut free = 0;
                for (column, label) in labels {
                    assert!(column >= free, "{label} touches another label");
                    free = column + label.len() + 1;
                    assert!(free - 1 <= columns.into());
                    let (from, to) = label.split_once('-').unwrap_or((&label, &label));
                    assert_eq!(from.parse(), Ok(next), "a tick before {label} is left out");
                    next = to.parse::<u64>().unwrap() + 1;
                }
                assert_eq!(next, 41);
            }
        }
    }

    #[test]
    fn ticks_of_one_column_share_a_label() {
        let at = |column, tick| TickLabel { column, tick };
        let ticks = [
            at(0, 1),
            at(0, 2),
            at(30, 3),
            at(60, 4),
            at(60, 5),
            at(60, 6),
        ];
        let labels = tick_texts(&ticks, 61);
        let expected = [(0, "1-2"), (30, "3"), (58, "4-6")];
        assert_eq!(labels, expected.map(|(at, text)| (at, text.to_owned())));
    }
}

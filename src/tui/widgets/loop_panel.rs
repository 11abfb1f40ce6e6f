//! Panel 2: the loop, drawn as its queues.
//!
//! ```text
//! ┌ 2 Loop ─────────────────────── tick 3 ┐
//! │ READY    first in, first out        1 │   a heading for each queue: name, rule, length
//! │ 1 #0 main   woken by #1 (event 30)    │   its entries, in order
//! │ RUNNING  at most one task         0/1 │
//! │   —                                   │
//! │ TIMERS   earliest deadline first    1 │
//! │   #2 world  due 2.000s in 1.0 ▓▓▓▓░░░░│   the bar: how much of the sleep has passed
//! │ PENDING  I/O, lock, queue, join     0 │
//! │ DONE     latest first               1 │
//! │ phase   1  wait  2  timers  3 ▸run    │   the phases of a tick, the current one marked
//! └───────────────────────────────────────┘
//! ```
//!
//! An entry that has just moved is reversed for that one step, and ends in the queue that it comes
//! from: `#0 main  woken by #1 <- PENDING`. An entry whose task is in another queue is dim.
//!
//! In a low panel each queue is one line: `TIMERS   #2 world  due 2.000s in 1.000s`.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line, widgets::Widget};

use crate::{
    replay::Status,
    scene::{
        queues::{Queue, Queues, queues},
        summary_line,
    },
    trace::Aspect,
};

use crate::tui::{
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::numbered,
        text::{cells, pad, put, put_at, span, width},
    },
};

mod entry;

use entry::{entry_line, entry_words, names, shorten};

/// A queue as it is drawn: the state of its tasks, its name, its order in words.
struct QueueSection<'a> {
    /// The status of its tasks: it gives the queue its colour.
    status: Status,
    name: &'static str,
    rule: &'static str,
    /// The rule in fewer words, for a narrow panel.
    short: &'static str,
    queue: &'a Queue,
}

/// The queues from top to bottom. The rules are those of this program's loop; an imported trace
/// gets none.
fn sections(queues: &Queues, ours: bool) -> [QueueSection<'_>; 5] {
    let section = |status, name, [rule, short]: [&'static str; 2], queue| QueueSection {
        status,
        name,
        rule,
        short,
        queue,
    };
    let ready = ["first in, first out", "oldest first"];
    let running = ["at most one task", "at most one"];
    let timers = ["earliest deadline first", "earliest first"];
    let pending = ["I/O, lock, queue, task", "all other waits"];
    let done = ["latest first", "latest first"];
    let all = [
        section(Status::Ready, "READY", ready, &queues.ready),
        section(Status::Running, "RUNNING", running, &queues.running),
        section(Status::Timer, "TIMERS", timers, &queues.timers),
        section(Status::Pending, "PENDING", pending, &queues.pending),
        section(Status::Done, "DONE", done, &queues.done),
    ];
    all.map(|section| QueueSection {
        rule: match (section.queue.unknown, ours) {
            (true, _) => UNKNOWN,
            (false, true) => section.rule,
            (false, false) => "",
        },
        short: if section.queue.unknown || !ours {
            ""
        } else {
            section.short
        },
        ..section
    })
}

/// Shown where a trace lacks this information.
const UNKNOWN: &str = "not recorded";

/// The fewest rows with which each queue has a heading and lines of its own.
const ROOMY: usize = 10;

/// Panel 2: the queues of the loop.
pub(crate) struct LoopPanel<'a> {
    pub(crate) model: &'a Model,
    pub(crate) pane: &'a RunPane,
}

impl Widget for &LoopPanel<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let (model, pane) = (self.model, self.pane);
        let ours = pane.replay.log().meta.has(Aspect::Queues);
        let hint = if ours {
            format!("tick {}", pane.replay.state().tick())
        } else {
            String::new()
        };
        let inner = numbered(model, Panel::Loop, area, buffer, "Loop", &hint);
        let rows = usize::from(inner.height);
        // More entries than rows are never shown, so no more are asked for.
        let mut queues = queues(
            &pane.replay,
            rows.max(8),
            pane.now(),
            model.language_for(pane),
        );
        let language = model.language_for(pane);
        queues.mark_moves(&pane.told.at(&pane.replay, model.detail, language).story);
        let mut all = sections(&queues, ours);
        if !pane.replay.has_one_order() {
            // READY contains tasks of an executor, which has rules of its own.
            (all[0].rule, all[0].short) = ("", "");
        }
        if rows >= ROOMY {
            roomy(model.theme, &all, inner, buffer);
            phases(model, pane, inner, rows - 1, buffer);
            return;
        }
        compact(model.theme, &all, inner, buffer);
        if rows > all.len() {
            phases(model, pane, inner, rows - 1, buffer);
        }
    }
}

/// Draws each queue in one line. If there is one row too few, PENDING and DONE share the last row.
fn compact(theme: Theme, all: &[QueueSection<'_>; 5], area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width);
    // The line of the phases is left out first. If one row is still missing, the last two queues
    // get half a row each.
    let shared = usize::from(area.height) == all.len() - 1 && columns >= 60;
    for (section, row) in all.iter().zip(0..) {
        let half = shared && row >= 3;
        let width = if half { columns / 2 } else { columns };
        let line = brief(theme, section, width);
        let area = if half && row == 4 {
            Rect {
                x: area.x + cells(width),
                width: area.width - cells(width),
                ..area
            }
        } else {
            area
        };
        put(buffer, area, if half { 3 } else { row }, &line);
    }
}

/// The queues in a line each, as the comparison shows them: `TIMERS   #2 world  due 2.000s in
/// 1.000s`.
pub(crate) fn brief_lines(theme: Theme, queues: &Queues, columns: usize) -> Vec<Line<'static>> {
    sections(queues, true)
        .iter()
        .map(|section| brief(theme, section, columns))
        .collect()
}

/// A queue in one line: its only entry, the names of several, or their number if none is known.
fn brief(theme: Theme, section: &QueueSection<'_>, columns: usize) -> Line<'static> {
    let queue = section.queue;
    let words = match queue.rows.as_slice() {
        [] if queue.unknown => UNKNOWN.into(),
        [] if queue.len == 0 => "—".into(),
        [] => queue.len.to_string(),
        [row] if queue.total() == 1 && !row.aside => entry_words(row, columns.saturating_sub(11)),
        rows => {
            let count = format!("{}: ", queue.len);
            let room = columns.saturating_sub(11 + width(&count));
            format!("{count}{}", names(rows, queue.total(), room))
        }
    };
    let name = pad(&format!(" {}", section.name), 9);
    let words = shorten(&words, columns.saturating_sub(11));
    Line::from(vec![
        span(name, theme.state(section.status)),
        span(format!(" {words}"), Style::new()),
    ])
}

/// All queues, each with a heading and its entries.
fn roomy(theme: Theme, all: &[QueueSection<'_>; 5], area: Rect, buffer: &mut Buffer) {
    let rows = usize::from(area.height) - 1;
    let (given, mut left) = shares(all, rows);
    let mut row = 0;
    for (section, given) in all.iter().zip(given) {
        heading(theme, section, area, row, buffer);
        entries(theme, section, area, (row + 1, given), buffer);
        row += 1 + given;
        if left > 0 && row < rows {
            left -= 1;
            row += 1;
        }
    }
}

/// How many rows each queue gets for its entries, and how many rows are left over.
///
/// 1. Each queue that has entries gets one row.
/// 2. The rest goes row by row to the queue that has the fewest rows and still needs one.
/// 3. What is left gives empty queues a row, so that headings stay in place when entries come and
///    go; only DONE, the last one, does without.
fn shares(all: &[QueueSection<'_>; 5], rows: usize) -> ([usize; 5], usize) {
    let entries = |at: usize| all[at].queue.rows.len();
    let mut given: [usize; 5] = std::array::from_fn(|at| entries(at).min(1));
    let mut left = rows.saturating_sub(all.len() + given.iter().sum::<usize>());
    let needy = |given: &[usize; 5]| {
        (0..5)
            .filter(|&at| entries(at) > given[at])
            .min_by_key(|&at| given[at])
    };
    while let Some(at) = needy(&given).filter(|_| left > 0) {
        given[at] += 1;
        left -= 1;
    }
    for share in given.iter_mut().take(4).filter(|share| **share == 0) {
        if left > 0 {
            *share = 1;
            left -= 1;
        }
    }
    (given, left)
}

/// The heading of a queue: its name, its order, and at the right its length. RUNNING shows `0/1`,
/// because it holds at most one task.
fn heading(theme: Theme, section: &QueueSection<'_>, area: Rect, row: usize, buffer: &mut Buffer) {
    let count = if section.queue.unknown {
        String::new()
    } else if section.status == Status::Running && !section.rule.is_empty() {
        format!("{}/1 ", section.queue.len)
    } else {
        format!("{} ", section.queue.len)
    };
    // A rule that does not fit is given in fewer words, and is never cut.
    let room = usize::from(area.width).saturating_sub(9 + width(&count) + 1);
    let rule = [section.rule, section.short]
        .into_iter()
        .find(|rule| width(rule) <= room)
        .unwrap_or_default();
    let line = Line::from(vec![
        span(
            pad(&format!(" {}", section.name), 9),
            theme.state(section.status),
        ),
        span(rule, theme.dim()),
    ]);
    put(buffer, area, row, &line);
    let column = usize::from(area.width).saturating_sub(width(&count) + 1);
    put_at(
        buffer,
        area,
        (column, row),
        &format!(" {count}"),
        Theme::strong(),
    );
}

/// The entries of a queue in its rows, with the number of those that do not fit.
fn entries(
    theme: Theme,
    section: &QueueSection<'_>,
    area: Rect,
    (top, rows): (usize, usize),
    buffer: &mut Buffer,
) {
    let queue = section.queue;
    if rows == 0 {
        return;
    }
    if queue.total() == 0 {
        let words = if queue.unknown { UNKNOWN } else { "—" };
        put_at(buffer, area, (3, top), words, theme.dim());
        return;
    }
    let labels = queue
        .rows
        .iter()
        .map(|row| width(&row.label))
        .max()
        .unwrap_or(0)
        .clamp(7, 16);
    // If not all entries fit, the last row is `… 5 more`; a single row ends in `+5` instead.
    let total = queue.total();
    let shown = if total > rows {
        rows.saturating_sub(1).max(1)
    } else {
        rows
    };
    let more = if total > shown && shown == rows {
        format!("+{} ", total - shown)
    } else {
        String::new()
    };
    let columns = usize::from(area.width).saturating_sub(width(&more));
    for (entry, at) in queue.rows.iter().take(shown).zip(0..) {
        let line = entry_line(theme, section.status, entry, at, (labels, columns));
        put(buffer, area, top + at, &line);
    }
    put_at(buffer, area, (columns, top), &more, theme.dim());
    if total > shown && shown < rows {
        let more = format!("… {} more", total - shown);
        put_at(buffer, area, (3, top + shown), &more, theme.dim());
    }
}

/// The phases of a tick, with the current one marked.
fn phases(model: &Model, pane: &RunPane, area: Rect, row: usize, buffer: &mut Buffer) {
    let theme = model.theme;
    let numbered = area.width >= 38;
    let (heading, gap) = if area.width < 32 {
        (" phase  ", " ")
    } else {
        (" phase   ", "  ")
    };
    let mut line = Line::from(span(heading, theme.dim()));
    if !pane.replay.log().meta.has(Aspect::Queues) {
        line.push_span(span(UNKNOWN, theme.dim()));
        put(buffer, area, row, &line);
        return;
    }
    let phases = summary_line::phases(pane.replay.state().phase);
    for ((name, now), number) in phases.into_iter().zip(1..) {
        let style = if now { Theme::strong() } else { theme.dim() };
        let number = if numbered {
            format!("{number} ")
        } else {
            String::new()
        };
        let sign = if now { "▸" } else { " " };
        line.push_span(span(format!("{number}{sign}{name}{gap}"), style));
    }
    let left = pane.replay.state().left_in_tick;
    if left > 0 {
        line.push_span(span(format!("{left} left"), theme.dim()));
    }
    put(buffer, area, row, &line);
}

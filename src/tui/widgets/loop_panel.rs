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
    insight::queue_name,
    replay::Status,
    scene::{
        format::seconds,
        queues::{Queue, QueueEntry, Queues, queues},
        summary_line,
    },
    trace::Aspect,
};

use crate::tui::{
    model::{Model, Panel, run_pane::RunPane},
    theme::Theme,
    widgets::{
        panel::numbered,
        text::{cells, cut, pad, put, put_at, span, width},
    },
};

/// A queue as it is drawn: the state of its tasks, its name, its order in words.
struct QueueSection<'a> {
    /// The status of its tasks: it gives the queue its colour.
    status: Status,
    name: &'static str,
    rule: &'static str,
    queue: &'a Queue,
}

/// The queues from top to bottom. The rules are those of this program's loop; an imported trace
/// gets none.
fn sections(queues: &Queues, ours: bool) -> [QueueSection<'_>; 5] {
    let section = |status, name, rule, queue| QueueSection {
        status,
        name,
        rule,
        queue,
    };
    let all = [
        section(Status::Ready, "READY", "first in, first out", &queues.ready),
        section(
            Status::Running,
            "RUNNING",
            "at most one task",
            &queues.running,
        ),
        section(
            Status::Timer,
            "TIMERS",
            "earliest deadline first",
            &queues.timers,
        ),
        section(
            Status::Pending,
            "PENDING",
            "I/O, lock, queue, task",
            &queues.pending,
        ),
        section(Status::Done, "DONE", "latest first", &queues.done),
    ];
    all.map(|section| QueueSection {
        rule: match (section.queue.unknown, ours) {
            (true, _) => UNKNOWN,
            (false, true) => section.rule,
            (false, false) => "",
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
        let all = sections(&queues, ours);
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
        [row] if queue.total() == 1 && !row.aside => {
            let moved = origin(row);
            let gap = if moved.is_empty() { "" } else { "  " };
            format!("{}  {moved}{gap}{}", row.label, row.words)
        }
        rows => {
            let names: Vec<String> = rows.iter().map(brief_name).collect();
            format!("{}: {}", queue.len, names.join(", "))
        }
    };
    let name = pad(&format!(" {}", section.name), 9);
    let words = shorten(&words, columns.saturating_sub(11));
    Line::from(vec![
        span(name, theme.state(section.status)),
        span(format!(" {words}"), Style::new()),
    ])
}

/// An entry in a list of names: with its deadline if it is a timer, in parentheses if its task is in
/// another queue, and with an arrow if it has just moved.
fn brief_name(entry: &QueueEntry) -> String {
    let mut name = entry.label.clone();
    if let Some(deadline) = entry.deadline {
        name = format!("{name} {}", seconds(deadline));
    }
    if entry.from.is_some() {
        name.push_str(" <-");
    }
    if entry.aside {
        name = format!("({name})");
    }
    name
}

/// Where an entry that has just moved comes from: `<- TIMERS`. Empty for any other entry.
fn origin(entry: &QueueEntry) -> String {
    match entry.from {
        None => String::new(),
        Some(Status::Absent) => "<- new".to_owned(),
        Some(from) => format!("<- {}", queue_name(from)),
    }
}

/// The origin of an entry behind its words. The detail of the words and the bar of a timer make room
/// for it. If that is not enough, the arrow stands alone.
fn fitting_origin(entry: &QueueEntry, columns: usize) -> String {
    let from = origin(entry);
    if from.is_empty() {
        return from;
    }
    let whole = format!("{from} ");
    let words = main_words(&entry.words).unwrap_or(&entry.words);
    if width(words) + width(&whole) < columns {
        whole
    } else {
        "<- ".to_owned()
    }
}

/// The words of an entry in at most that many columns. Details, in parentheses or after ` in `, are
/// left out before a word is cut.
fn shorten(words: &str, columns: usize) -> String {
    match main_words(words) {
        Some(main) if width(words) > columns => cut(main, columns),
        _ => cut(words, columns),
    }
}

/// The words before the detail: `due 2.000s in 1.000s` and `woken by #1 (event 30)` have one.
fn main_words(words: &str) -> Option<&str> {
    let detail = words.find(" (").or_else(|| words.find(" in "));
    detail.and_then(|at| words.get(..at))
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
    let line = Line::from(vec![
        span(
            pad(&format!(" {}", section.name), 9),
            theme.state(section.status),
        ),
        span(section.rule, theme.dim()),
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
        let line = entry_line(theme, section, entry, at, (labels, columns));
        put(buffer, area, top + at, &line);
    }
    put_at(buffer, area, (columns, top), &more, theme.dim());
    if total > shown && shown < rows {
        let more = format!("… {} more", total - shown);
        put_at(buffer, area, (3, top + shown), &more, theme.dim());
    }
}

/// An entry: in READY its number, then its name, its words, and for a timer a bar.
fn entry_line(
    theme: Theme,
    section: &QueueSection<'_>,
    entry: &QueueEntry,
    at: usize,
    (labels, columns): (usize, usize),
) -> Line<'static> {
    let queue = section.status == Status::Ready;
    let number = if queue && !entry.aside {
        format!("{:2}", at + 1)
    } else {
        "  ".into()
    };
    let state = theme.state(section.status);
    let (name, plain) = match (entry.aside, entry.from) {
        (true, _) => (theme.dim(), theme.dim()),
        (false, Some(_)) => (Theme::moved(state), Style::new()),
        (false, None) => (state, Style::new()),
    };
    let used = labels + 4;
    let from = fitting_origin(entry, columns.saturating_sub(used + 1));
    let columns = columns.saturating_sub(width(&from));
    let words = shorten(&entry.words, columns.saturating_sub(used + 1));
    let bar = bar(
        entry.share.filter(|_| !entry.aside),
        columns.saturating_sub(used + width(&words) + 2),
    );
    let room = columns.saturating_sub(used + width(&bar) + 1);
    Line::from(vec![
        span(format!("{number} "), theme.dim()),
        span(cut(&entry.label, labels), name),
        span(
            " ".repeat(labels.saturating_sub(width(&entry.label))),
            plain,
        ),
        span(format!(" {}", pad(&words, room)), plain),
        span(from, Theme::strong()),
        span(bar, state),
    ])
}

/// A bar for the share of a timer's time that has passed; empty if there is no room for it.
fn bar(share: Option<u64>, columns: usize) -> String {
    let cells = columns.min(8);
    let Some(share) = share.filter(|_| cells >= 4) else {
        return String::new();
    };
    let full = (usize::try_from(share).unwrap_or(0) * cells / 1000).min(cells);
    format!("{}{}", "▓".repeat(full), "░".repeat(cells - full))
}

/// The phases of a tick, with the current one marked.
fn phases(model: &Model, pane: &RunPane, area: Rect, row: usize, buffer: &mut Buffer) {
    let theme = model.theme;
    let numbered = area.width >= 38;
    let mut line = Line::from(span(" phase   ", theme.dim()));
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
        line.push_span(span(format!("{number}{sign}{name}  "), style));
    }
    let left = pane.replay.state().left_in_tick;
    if left > 0 {
        line.push_span(span(format!("{left} left"), theme.dim()));
    }
    put(buffer, area, row, &line);
}

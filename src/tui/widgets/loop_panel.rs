//! Panel 2, the lesson: the loop drawn as places.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    replay::Status,
    scene::{
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
        text::{cells, cut, pad, put, put_at, right, span, width},
    },
};

/// A place as it is drawn: its state, its name, what rules it, what stands there.
struct QueueSection<'a> {
    status: Status,
    name: &'static str,
    rule: &'static str,
    place: &'a Queue,
}

/// The places; of a loop that is not this program's, without its rules.
fn sections(places: &Queues, ours: bool) -> [QueueSection<'_>; 5] {
    let section = |status, name, rule, place| QueueSection {
        status,
        name,
        rule,
        place,
    };
    let all = [
        section(Status::Ready, "READY", "first in, first out", &places.ready),
        section(
            Status::Running,
            "RUNNING",
            "at most one, ever",
            &places.running,
        ),
        section(
            Status::Timer,
            "TIMERS",
            "by deadline, then by age",
            &places.timers,
        ),
        section(
            Status::Pending,
            "PENDING",
            "I/O, lock, queue, join",
            &places.pending,
        ),
        section(Status::Done, "DONE", "latest first", &places.done),
    ];
    all.map(|section| QueueSection {
        rule: match (section.place.unknown, ours) {
            (true, _) => UNKNOWN,
            (false, true) => section.rule,
            (false, false) => "",
        },
        ..section
    })
}

/// What stands where a recording says nothing.
const UNKNOWN: &str = "not recorded";

/// From this many rows on each place has its own lines.
const ROOMY: usize = 10;

pub(crate) fn draw(model: &Model, pane: &RunPane, area: Rect, buffer: &mut Buffer) {
    let state = pane.replay.state();
    let ours = pane.replay.log().meta.has(Aspect::Queues);
    let words = if ours {
        format!("tick {}", state.tick())
    } else {
        String::new()
    };
    let inner = numbered(model, Panel::Loop, area, buffer, "Loop", &words);
    let rows = usize::from(inner.height);
    let places = queues(&pane.replay, rows.max(8), pane.now());
    let all = sections(&places, ours);
    if rows >= ROOMY {
        roomy(model.theme, &all, inner, buffer);
        phases(model, pane, inner, rows - 1, buffer);
        return;
    }
    // The phase first gives way; then those who wait and those who have ended share a row.
    let columns = usize::from(inner.width);
    let shared = rows == all.len() - 1 && columns >= 60;
    for (section, row) in all.iter().zip(0..) {
        let half = shared && row >= 3;
        let width = if half { columns / 2 } else { columns };
        let line = brief(model.theme, section, width);
        let area = if half && row == 4 {
            Rect {
                x: inner.x + cells(width),
                width: inner.width - cells(width),
                ..inner
            }
        } else {
            inner
        };
        put(buffer, area, if half { 3 } else { row }, &line);
    }
    if rows > all.len() {
        phases(model, pane, inner, rows - 1, buffer);
    }
}

/// A place in one line: `TIMERS   #2 world  due 2.000s in 1.000s`.
pub(crate) fn brief_lines(theme: Theme, places: &Queues, columns: usize) -> Vec<Line<'static>> {
    sections(places, true)
        .iter()
        .map(|section| brief(theme, section, columns))
        .collect()
}

fn brief(theme: Theme, section: &QueueSection<'_>, columns: usize) -> Line<'static> {
    let place = section.place;
    let words = match place.rows.as_slice() {
        [] if place.unknown => UNKNOWN.into(),
        [] if place.len == 0 => "—".into(),
        [] => place.len.to_string(),
        [row] if place.len == 1 => format!("{}  {}", row.label, row.words),
        rows => {
            let names: Vec<&str> = rows.iter().map(|row| row.label.as_str()).collect();
            format!("{}: {}", place.len, names.join(", "))
        }
    };
    let name = pad(&format!(" {}", section.name), 9);
    let words = shorten(&words, columns.saturating_sub(11));
    Line::from(vec![
        span(name, theme.state(section.status)),
        span(format!(" {words}"), ratatui::style::Style::new()),
    ])
}

/// As much as fits: before a word is cut, what is said after the main thing is left out.
fn shorten(words: &str, columns: usize) -> String {
    let main = words
        .find(" (")
        .or_else(|| words.find(" in "))
        .and_then(|at| words.get(..at));
    match main {
        Some(main) if width(words) > columns => cut(main, columns),
        _ => cut(words, columns),
    }
}

/// Each place with a heading and its entries.
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

/// How many rows each place has for its entries, and how many are left over. All but the last have one even if they are
/// empty, so that places stay where they are, unless another place is in need of it.
fn shares(all: &[QueueSection<'_>; 5], rows: usize) -> ([usize; 5], usize) {
    let entries = |at: usize| all[at].place.rows.len();
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

fn heading(theme: Theme, section: &QueueSection<'_>, area: Rect, row: usize, buffer: &mut Buffer) {
    let count = if section.place.unknown {
        String::new()
    } else if section.status == Status::Running && !section.rule.is_empty() {
        format!("{}/1 ", section.place.len)
    } else {
        format!("{} ", section.place.len)
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
        &right(&count, width(&count) + 1),
        Theme::strong(),
    );
}

fn entries(
    theme: Theme,
    section: &QueueSection<'_>,
    area: Rect,
    (top, rows): (usize, usize),
    buffer: &mut Buffer,
) {
    let place = section.place;
    if rows == 0 {
        return;
    }
    if place.len == 0 {
        let words = if place.unknown { UNKNOWN } else { "—" };
        put_at(buffer, area, (3, top), words, theme.dim());
        return;
    }
    let labels = place
        .rows
        .iter()
        .map(|row| width(&row.label))
        .max()
        .unwrap_or(0)
        .clamp(7, 16);
    // The last row says how many more there are, if there are; a single row has that at its end.
    let shown = if place.len > rows {
        rows.saturating_sub(1).max(1)
    } else {
        rows
    };
    let more = if place.len > shown && shown == rows {
        format!("+{} ", place.len - shown)
    } else {
        String::new()
    };
    let columns = usize::from(area.width).saturating_sub(width(&more));
    for (entry, at) in place.rows.iter().take(shown).zip(0..) {
        let line = entry_line(theme, section, entry, at, (labels, columns));
        put(buffer, area, top + at, &line);
    }
    put_at(buffer, area, (columns, top), &more, theme.dim());
    if place.len > shown && shown < rows {
        let more = format!("… {} more", place.len - shown);
        put_at(buffer, area, (3, top + shown), &more, theme.dim());
    }
}

fn entry_line(
    theme: Theme,
    section: &QueueSection<'_>,
    entry: &QueueEntry,
    at: usize,
    (labels, columns): (usize, usize),
) -> Line<'static> {
    let queue = section.status == Status::Ready;
    let number = if queue {
        right(&(at + 1).to_string(), 2)
    } else {
        "  ".into()
    };
    let used = labels + 4;
    let words = shorten(&entry.words, columns.saturating_sub(used + 1));
    let bar = bar(
        entry.share,
        columns.saturating_sub(used + width(&words) + 2),
    );
    let room = columns.saturating_sub(used + width(&bar) + 1);
    Line::from(vec![
        span(format!("{number} "), theme.dim()),
        span(pad(&entry.label, labels), theme.state(section.status)),
        span(
            format!(" {}", pad(&entry.words, room)),
            ratatui::style::Style::new(),
        ),
        span(bar, theme.state(section.status)),
    ])
}

/// How much of a timer's time is over, if there is room to see it.
fn bar(share: Option<u64>, columns: usize) -> String {
    let cells = columns.min(8);
    let Some(share) = share.filter(|_| cells >= 4) else {
        return String::new();
    };
    let full = (usize::try_from(share).unwrap_or(0) * cells / 1000).min(cells);
    format!("{}{}", "▓".repeat(full), "░".repeat(cells - full))
}

/// The three parts of a tick, and in which the loop is.
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

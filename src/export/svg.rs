//! The timeline of a whole run as a picture (SVG): a row a task, and what it did from the start to the end.
//!
//! ```text
//!   title
//!            0.0 s      0.5 s      1.0 s      1.5 s      2.0 s       ruler
//!   #0 main  █──────────────────────────────────────────────────     a rectangle for each stretch of one state
//!   #1 hello █──────────────────────█
//!   █ running  █ ready  █ timer  █ pending  █ failed                 legend
//! ```
//!
//! The picture is as wide as a page whatever the run: it has a thousand columns, and a column shows a turn if there was any
//! in it. So its size depends on the number of tasks alone, of which it shows the first two hundred.

use std::io::{self, Write};

use crate::replay::{Axis, Replay, Status, Window};
use crate::trace::{Aspect, Moment, TaskId};

use super::label;

/// Pixels.
const LABELS: u32 = 180;
const COLUMNS: u16 = 1000;
const RIGHT: u32 = 20;
const HEAD: u32 = 56;
const ROW: u32 = 20;
const BAR: u32 = 12;
const FOOT: u32 = 44;

/// The most rows.
const ROWS: u32 = 200;

/// The most letters of a task's name in front of its row.
const NAME: usize = 22;

/// What a state is called in the picture, and in its style sheet.
const LEGEND: [(Status, &str, &str); 5] = [
    (Status::Running, "run", "running"),
    (Status::Ready, "rdy", "ready"),
    (Status::Timer, "tmr", "asleep on a timer"),
    (Status::Pending, "pnd", "waiting"),
    (Status::Failed, "err", "failed or cancelled"),
];

/// For readers on a light and on a dark ground; the states differ in lightness, too.
const STYLE: &str = "text{font:13px 'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#222}\
.title{font-size:15px;font-weight:bold}.quiet{fill:#667}.line{stroke:#bbc;stroke-width:1}.ground{fill:#fff}\
.run{fill:#167a3e}.rdy{fill:#e0a010}.tmr{fill:#9db7e8}.pnd{fill:#cfd3dc}.err{fill:#c02030}\
@media(prefers-color-scheme:dark){text{fill:#ddd}.quiet{fill:#99a}.line{stroke:#445}.ground{fill:#181a1f}\
.run{fill:#43c478}.tmr{fill:#3f5f9c}.pnd{fill:#3a3f4a}}";

/// Writes the picture, along time or along turns (on a virtual clock a turn takes no time).
pub fn svg(replay: &Replay, axis: Axis, mut to: impl Write) -> io::Result<()> {
    let tasks = u32::try_from(replay.tables().tasks().len()).unwrap_or(u32::MAX);
    let rows = tasks.min(ROWS);
    let width = LABELS + u32::from(COLUMNS) + RIGHT;
    let height = HEAD + rows * ROW + FOOT + if tasks > rows { ROW } else { 0 };
    let title = escape(&label::run(replay));
    writeln!(
        to,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\">\n<title>{title}: what its tasks did</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n\
         <text class=\"title\" x=\"8\" y=\"20\">{title}</text>"
    )?;
    let window = Window {
        axis,
        from: 0,
        to: axis.value(&replay.index().head().cursor).saturating_add(1),
        columns: COLUMNS,
    };
    ruler(&mut to, &window, HEAD + rows * ROW)?;
    let shown: Vec<TaskId> = (0..rows).map(TaskId).collect();
    let timeline = replay.timeline(&window, &shown, replay.end());
    for ((cells, task), row) in timeline.rows.iter().zip(shown).zip(0..) {
        lane(&mut to, replay, task, cells, HEAD + row * ROW)?;
    }
    let mut y = HEAD + rows * ROW;
    if tasks > rows {
        y += ROW;
        let more = tasks - rows;
        writeln!(
            to,
            "<text class=\"quiet\" x=\"8\" y=\"{}\">… and {more} more tasks</text>",
            y - 6
        )?;
    }
    legend(&mut to, replay, y + 26)?;
    writeln!(to, "</svg>")?;
    to.flush()
}

/// The values along the top, at five round places, with a line down at each.
fn ruler(to: &mut impl Write, window: &Window, bottom: u32) -> io::Result<()> {
    let step = round_step((window.to - window.from).div_ceil(5).max(1));
    let mut value = 0;
    while value < window.to {
        let column = window.column(value).unwrap_or(0);
        let x = LABELS as usize + column;
        let words = match window.axis {
            Axis::Time => seconds(value, step),
            Axis::Poll => format!("turn {value}"),
        };
        writeln!(
            to,
            "<text class=\"quiet\" x=\"{x}\" y=\"{}\">{words}</text>\
             <line class=\"line\" x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{bottom}\"/>",
            HEAD - 14,
            HEAD - 8
        )?;
        let Some(next) = value.checked_add(step) else {
            break;
        };
        value = next;
    }
    Ok(())
}

/// The least of 1, 2, 5, 10, 20 … that is no less.
fn round_step(least: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for digit in [1, 2, 5] {
            let step = power.saturating_mul(digit);
            if step >= least {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// A moment with as many places as tell it from the one a step on.
fn seconds(nanoseconds: u64, step: u64) -> String {
    let seconds = Moment(nanoseconds).seconds();
    let (number, unit) = match step {
        100_000_000.. => (seconds, "s"),
        100_000.. => (seconds * 1e3, "ms"),
        _ => (seconds * 1e6, "µs"),
    };
    let text = format!("{number:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{text} {unit}")
}

/// A task's name, and a rectangle for each stretch in which it did one thing.
fn lane(
    to: &mut impl Write,
    replay: &Replay,
    task: TaskId,
    cells: &[Status],
    y: u32,
) -> io::Result<()> {
    let name = label::track(replay.tables(), task);
    let short: String = name.chars().take(NAME).collect();
    let more = if short.len() < name.len() { "…" } else { "" };
    writeln!(
        to,
        "<g><title>{}</title><text x=\"8\" y=\"{}\">{}{more}</text>",
        escape(&name),
        y + BAR,
        escape(&short)
    )?;
    let mut column = 0;
    for stretch in cells.chunk_by(|a, b| class(*a) == class(*b)) {
        let (x, width) = (LABELS as usize + column, stretch.len());
        column += width;
        if let Some(class) = stretch.first().and_then(|status| class(*status)) {
            let (top, height) = if class == "run" {
                (y, BAR)
            } else {
                (y + 3, BAR - 6)
            };
            writeln!(
                to,
                "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/>"
            )?;
        }
    }
    writeln!(to, "</g>")
}

fn class(status: Status) -> Option<&'static str> {
    let status = match status {
        Status::Cancelled => Status::Failed,
        other @ (Status::Absent
        | Status::Ready
        | Status::Running
        | Status::Timer
        | Status::Pending
        | Status::Unknown
        | Status::Done
        | Status::Failed) => other,
    };
    let row = LEGEND.iter().find(|(known, _, _)| *known == status);
    row.map(|(_, class, _)| *class)
}

fn legend(to: &mut impl Write, replay: &Replay, y: u32) -> io::Result<()> {
    let mut x = 8;
    for (status, class, words) in LEGEND {
        // Without wakes, who waits cannot be told from who is ready.
        let words = match status {
            Status::Pending if !replay.log().meta.has(Aspect::Wakes) => "waiting or ready",
            Status::Ready if !replay.log().meta.has(Aspect::Wakes) => continue,
            Status::Absent
            | Status::Ready
            | Status::Running
            | Status::Timer
            | Status::Pending
            | Status::Unknown
            | Status::Done
            | Status::Failed
            | Status::Cancelled => words,
        };
        writeln!(
            to,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\"/>\
             <text class=\"quiet\" x=\"{}\" y=\"{y}\">{words}</text>",
            y - 11,
            x + 18
        )?;
        x += 40 + 8 * u32::try_from(words.len()).unwrap_or(0);
    }
    Ok(())
}

/// A text as XML: what would be markup is written out, what XML does not allow is replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push(' '),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

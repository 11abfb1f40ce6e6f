//! A playback as an asciicast (version 2): a header, then what a terminal would be sent, and when.

use std::{
    fmt::Write as _,
    io::{self, Write},
    time::Duration,
};

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use serde_json::json;

use crate::tui::{
    message::{Action, Command, Message},
    model::Model,
    update,
    widgets::text::{cells, width},
};

use super::{act, ansi::sgr, picture};

/// Between two frames, in milliseconds: as on the screen.
const FRAME: u64 = 33;

/// How long the first and the last picture stand.
const REST: u64 = 1_500;

/// Plays from where the screen stands, for at most `longest`, and writes what is drawn.
///
/// Time is counted in frames, not measured: the same run gives the same bytes.
pub fn write_cast(
    model: &mut Model,
    title: &str,
    longest: Duration,
    mut to: impl Write,
) -> io::Result<()> {
    let (columns, rows) = model.size;
    let header = json!({
        "version": 2,
        "width": columns,
        "height": rows,
        "title": title,
        "env": { "TERM": "xterm-256color" },
    });
    writeln!(to, "{header}")?;
    let mut before = Buffer::empty(Rect::new(0, 0, columns, rows));
    let mut output = "\u{1b}[?25l\u{1b}[0m\u{1b}[2J".to_owned();
    let mut now = 0;
    show(model, &mut before, &mut output);
    event(&mut to, now, &output)?;
    act(model, Action::Play);
    now += REST;
    // A key shows on the screen, too.
    send(model, &mut before, now, &mut to)?;
    let last = now.saturating_add(u64::try_from(longest.as_millis()).unwrap_or(u64::MAX));
    while model.wants_frames() && now < last {
        now += FRAME;
        let commands = update(model, Message::Frame(Duration::from_millis(now)));
        if commands.contains(&Command::Draw) {
            send(model, &mut before, now, &mut to)?;
        }
    }
    event(&mut to, now + REST, "\u{1b}[0m\u{1b}[?25h")
}

/// What has changed on the screen since then.
fn send(model: &Model, before: &mut Buffer, now: u64, to: &mut impl Write) -> io::Result<()> {
    let mut output = String::new();
    show(model, before, &mut output);
    if output.is_empty() {
        return Ok(());
    }
    event(to, now, &output)
}

/// One line of the file: at that many milliseconds, this was written.
fn event(to: &mut impl Write, now: u64, output: &str) -> io::Result<()> {
    let (seconds, rest) = (now / 1000, now % 1000);
    writeln!(
        to,
        "[{seconds}.{rest:03}, \"o\", {}]",
        serde_json::Value::from(output)
    )
}

/// Draws the screen over what was drawn before: the cells that differ, each run of them behind one move of the cursor.
fn show(model: &Model, before: &mut Buffer, output: &mut String) {
    let now = picture(model);
    let mut cursor = None;
    // Every event ends in the plain style, so that the next one can begin with it.
    let plain = sgr(Style::new());
    let mut style = plain.clone();
    for (column, row, cell) in before.diff(&now) {
        if cursor != Some((column, row)) {
            let _ = write!(output, "\u{1b}[{};{}H", row + 1, column + 1);
        }
        let own = sgr(cell.style());
        if own != style {
            output.push_str(&own);
            style = own;
        }
        output.push_str(cell.symbol());
        cursor = Some((column + cells(width(cell.symbol()).max(1)), row));
    }
    if style != plain {
        output.push_str(&plain);
    }
    *before = now;
}

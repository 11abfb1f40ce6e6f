//! A playback as an asciicast, version 2 (<https://docs.asciinema.org/manual/asciicast/v2/>).
//!
//! ```text
//! {"version":2,"width":100,"height":30,...}     the header
//! [0.000, "o", "\\u001b[2J..."]                 the time in seconds, and the output
//! [1.533, "o", "..."]                           only the cells that have changed
//! ```

use std::{
    io::{self, Write},
    time::Duration,
};

use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::json;

use crate::tui::{
    message::{Action, Command, Message},
    model::Model,
    update,
};

use super::{act, picture, sequences};

/// Milliseconds between two frames, as on the screen.
const FRAME: u64 = 33;

/// How long the first and the last picture are shown, in milliseconds.
const REST: u64 = 1_500;

/// Plays from the current position, for at most `longest`, and writes the output of each frame.
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
    output.push_str(&show(model, &mut before));
    event(&mut to, now, &output)?;
    act(model, Action::Play);
    now += REST;
    // The key that starts playing changes the screen already.
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

/// Draws the screen, and writes an event with the changed cells if there are any.
fn send(model: &Model, before: &mut Buffer, now: u64, to: &mut impl Write) -> io::Result<()> {
    let output = show(model, before);
    if output.is_empty() {
        return Ok(());
    }
    event(to, now, &output)
}

/// Writes an event: the output at a time in milliseconds.
fn event(to: &mut impl Write, now: u64, output: &str) -> io::Result<()> {
    let (seconds, rest) = (now / 1000, now % 1000);
    writeln!(
        to,
        "[{seconds}.{rest:03}, \"o\", {}]",
        serde_json::Value::from(output)
    )
}

/// Draws the screen and returns the escape sequences that turn the picture `before` into the new
/// one. The new picture replaces `before`.
fn show(model: &Model, before: &mut Buffer) -> String {
    let now = picture(model);
    let changed = before.diff(&now);
    let output = if changed.is_empty() {
        String::new()
    } else {
        sequences(changed.into_iter())
    };
    *before = now;
    output
}

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

#[cfg(all(test, feature = "formats"))]
mod tests {
    use crate::{
        replay::Replay,
        trace::{DEFINITIONS_READ, LocationId, Log, PollOutcome, TaskId, TextId, Writer},
        tui::{PaneSlot, theme::Theme},
    };

    use super::*;

    #[test]
    fn a_frame_does_not_read_all_definitions_behind_an_event() {
        const DEFINITIONS: u64 = 20_000;
        let mut writer = Writer::new();
        let name = writer.text("task");
        writer.gap(5);
        for number in 0..DEFINITIONS / 2 {
            writer.text(&number.to_string());
            writer.gap_task(TextId::UNKNOWN, LocationId::UNKNOWN, None);
        }
        for number in 0..200 {
            writer.spawn(name, LocationId::UNKNOWN, number > 0);
            writer.tick_start();
            writer.poll_start(TaskId(number));
            writer.poll_end(PollOutcome::Pending, 1_000);
            writer.tick_end();
        }
        let replay = Replay::new(Log {
            bytes: writer.take(),
            ..Log::default()
        });
        let mut model = Model::new(Theme::default(), Vec::new());
        drop(update(&mut model, Message::Resize(120, 40)));
        let launched = Message::Launched {
            slot: PaneSlot::First,
            result: Ok(Box::new(replay)),
            status: None,
        };
        drop(update(&mut model, launched));
        let before = DEFINITIONS_READ.get();
        let mut cast = Vec::new();
        write_cast(&mut model, "hostile", Duration::from_secs(20), &mut cast).unwrap();
        let frames = String::from_utf8(cast).unwrap().lines().count() as u64;
        let read = DEFINITIONS_READ.get() - before;
        assert!(frames > 50, "{frames}");
        assert!(read < frames * DEFINITIONS, "{read} in {frames} frames");
    }
}

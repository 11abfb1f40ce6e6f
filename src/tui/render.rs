//! Pictures of the screen without a terminal: the same update, the same drawing, into a file.
//!
//! ```text
//!   Model ──> picture: a grid of cells ──> svg | ansi | text
//!     │
//!     └ play, a frame at a time ──> cast: only the cells that have changed
//! ```
//!
//! No clock is read, so the same run at the same place gives the same bytes.

mod ansi;
#[cfg(feature = "formats")]
mod cast;
mod grid;
mod svg;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::tui::{
    keymap::{self, Key},
    message::{Action, Message},
    model::Model,
    theme::Background,
    update, view,
};

#[cfg(feature = "formats")]
pub use cast::write_cast;

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// For a browser or a README.
    Svg,
    /// Text with escape sequences, for `cat` on a terminal.
    Ansi,
    /// Text alone.
    Text,
}

/// The screen as it would be drawn now, as cells of the size that it was told last.
pub fn picture(model: &Model) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    let area = buffer.area;
    view::paint(model, area, &mut buffer);
    buffer
}

/// The screen as it would be drawn now. `title` says what it shows, for those who do not see it.
pub fn render(model: &Model, format: PictureFormat, title: &str) -> String {
    let buffer = picture(model);
    match format {
        PictureFormat::Svg => svg::svg(&buffer, model.theme.background == Background::Dark, title),
        PictureFormat::Ansi => ansi::ansi(&buffer),
        PictureFormat::Text => grid::text(&buffer),
    }
}

/// Does what a person does who presses the key of this action; nothing if no key has it on the screen that is shown.
pub fn act(model: &mut Model, action: Action) {
    let row = keymap::rows(model.key_scope()).find(|row| row.action == action);
    if let Some(key) = row.and_then(|row| row.keys.first()) {
        press(model, Key::event(*key));
    }
}

/// Presses the key of every letter, one after the other. What a key asks the world for, a new run say, is not done.
pub fn type_keys(model: &mut Model, keys: &str) {
    for letter in keys.chars() {
        let code = match letter {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\u{1b}' => KeyCode::Esc,
            letter => KeyCode::Char(letter),
        };
        press(model, KeyEvent::new(code, KeyModifiers::NONE));
    }
}

fn press(model: &mut Model, key: KeyEvent) {
    // Nobody is there to carry out what is asked for.
    drop(update(model, Message::Key(key)));
}

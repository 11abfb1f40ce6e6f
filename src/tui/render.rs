//! Pictures and playbacks of the screen without a terminal: the same `update` and the same widgets
//! write into a file.
//!
//! ```text
//!   Model ──> picture: a grid of cells ──> svg | ansi | text
//!     │
//!     ├ press keys ──> animation: one SVG that shows a picture for each key
//!     └ play, a frame at a time ──> cast: only the cells that have changed
//! ```
//!
//! No clock is read, so the same run at the same position gives the same bytes.

mod animation;
#[cfg(feature = "formats")]
mod cast;
#[cfg(test)]
mod contrast;
mod svg;

use crossterm::{
    event::{KeyCode, KeyEvent, KeyModifiers},
    style::force_color_output,
};
use ratatui::{
    backend::{Backend, CrosstermBackend},
    buffer::{Buffer, Cell},
    layout::Rect,
};

use crate::tui::{
    keymap::{self, Key},
    message::{Action, Message},
    model::Model,
    update, view,
    widgets::text::{cells, width},
};

#[cfg(feature = "formats")]
pub use cast::write_cast;

/// The format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum PictureFormat {
    /// SVG, for a browser or a README.
    Svg,
    /// Text with escape sequences, for `cat` on a terminal.
    Ansi,
    /// Text only.
    Text,
}

/// Draws the screen of a model into a new buffer of the model's current size.
pub fn picture(model: &Model) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    let area = buffer.area;
    view::paint(model, area, &mut buffer);
    buffer
}

/// Draws the screen of a model as a text. `title` describes the picture to readers who cannot see
/// it.
pub fn render(model: &Model, format: PictureFormat, title: &str) -> String {
    let buffer = picture(model);
    match format {
        PictureFormat::Svg => svg::svg(&buffer, model.theme.background, title),
        PictureFormat::Ansi => ansi(&buffer),
        PictureFormat::Text => text(&buffer),
    }
}

/// Draws the screen of a model, and again after each of these keys, as one SVG that shows the
/// pictures in turn, each for `seconds`.
pub fn animate(model: &mut Model, keys: &str, seconds: f64, title: &str) -> String {
    let mut pictures = vec![picture(model)];
    for key in keys.chars() {
        type_keys(model, &key.to_string());
        pictures.push(picture(model));
    }
    animation::animation(&pictures, seconds, model.theme.background, title)
}

/// Presses the first key that is bound to an action on the current screen, if there is one.
pub fn act(model: &mut Model, action: Action) {
    let row = keymap::rows(model.key_scope()).find(|row| row.action == action);
    if let Some(key) = row.and_then(|row| row.keys.first()) {
        press(model, Key::event(*key));
    }
}

/// Presses the key of each letter in turn. Commands that need a shell, such as starting another
/// run, are dropped.
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
    // No shell carries out the commands.
    drop(update(model, Message::Key(key)));
}

/// The picture as text, without the blanks at the ends of lines.
fn text(buffer: &Buffer) -> String {
    let line = |row| {
        let symbols = visible_cells(buffer, row).map(|(_, cell)| cell.symbol());
        format!("{}\n", symbols.collect::<String>().trim_end())
    };
    (0..buffer.area.height).map(line).collect()
}

/// The picture as text with escape sequences, line by line. No line moves the cursor, and each ends
/// in the style that the terminal had before.
fn ansi(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in 0..buffer.area.height {
        let line: Vec<&Cell> = visible_cells(buffer, row).map(|(_, cell)| cell).collect();
        if let Some(last) = line.iter().rposition(|cell| **cell != Cell::EMPTY) {
            // The columns are numbered without gaps, or the backend would move the cursor after
            // each wide character.
            let drawn = sequences((0..).zip(&line[..=last]).map(|(at, cell)| (at, 0, *cell)));
            text.push_str(drawn.strip_prefix("\u{1b}[1;1H").unwrap_or(&drawn));
        }
        text.push('\n');
    }
    text
}

/// The escape sequences and text that show these cells at their columns and rows.
fn sequences<'a>(content: impl Iterator<Item = (u16, u16, &'a Cell)>) -> String {
    // The theme has chosen the colours already. Without this call crossterm would drop them if
    // NO_COLOR is set.
    force_color_output(true);
    let mut bytes = Vec::new();
    // A write into a `Vec` does not fail.
    let _ = CrosstermBackend::new(&mut bytes).draw(content);
    String::from_utf8(bytes).unwrap_or_default()
}

/// The cells of a row with their columns, except for the cell behind a wide character.
fn visible_cells(buffer: &Buffer, row: u16) -> impl Iterator<Item = (u16, &Cell)> {
    // Ratatui leaves the cell behind a wide character blank; a terminal and a text have no such
    // cell.
    let mut column = 0;
    std::iter::from_fn(move || {
        let at = column;
        let cell = buffer.cell((at, row))?;
        column += cells(width(cell.symbol()).max(1));
        Some((at, cell))
    })
}

#[cfg(test)]
mod tests {
    use ratatui::style::{Color, Style};

    use super::*;

    #[test]
    fn a_wide_character_hides_the_cell_behind_it() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 2));
        buffer.set_string(0, 0, "a王", Style::new());
        buffer.set_string(3, 0, "bc", Style::new().bold());
        assert_eq!(text(&buffer), "a王bc\n\n");
        let sent = ansi(&buffer);
        assert!(sent.starts_with("a王\u{1b}[1mbc\u{1b}[39m"), "{sent:?}");
        assert!(sent.ends_with("\u{1b}[0m\n\n"), "{sent:?}");
    }

    #[test]
    fn a_style_is_written_as_a_terminal_knows_it() {
        let sent = |style: Style| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
            buffer.set_string(0, 0, "a", style);
            ansi(&buffer)
        };
        let plain = sent(Style::new());
        assert!(plain.starts_with("a\u{1b}[39m") && plain.ends_with("\u{1b}[0m\n"));
        let check = |style, expected| assert_eq!(sent(style), format!("{expected}{plain}"));
        check(Style::new(), "");
        check(Style::new().fg(Color::Reset), "");
        check(Style::new().fg(Color::Cyan), "\u{1b}[38;5;6;49m");
        let both = Style::new().fg(Color::LightCyan).bg(Color::Red);
        check(both, "\u{1b}[38;5;14;48;5;1m");
        check(Style::new().fg(Color::Indexed(74)), "\u{1b}[38;5;74;49m");
        let strong = Style::new().bold().reversed();
        let expected = "\u{1b}[7m\u{1b}[1m\u{1b}[39;48;2;1;2;3m";
        check(strong.bg(Color::Rgb(1, 2, 3)), expected);
    }
}

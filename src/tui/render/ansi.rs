//! A grid as text with escape sequences.

use std::fmt::Write;

use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
};

use super::grid::runs;

/// The modifiers that are written, with their numbers.
const MODIFIERS: [(Modifier, u8); 5] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::REVERSED, 7),
];

/// The grid, line by line. Every line leaves the terminal's style as it was.
pub(super) fn ansi(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in 0..buffer.area.height {
        let mut runs = runs(buffer, row, |_, _| true);
        let plain = sgr(Style::new());
        if let Some(last) = runs.last_mut().filter(|run| sgr(run.style) == plain) {
            last.text.truncate(last.text.trim_end().len());
        }
        for run in runs.iter().filter(|run| !run.text.is_empty()) {
            let style = sgr(run.style);
            if style == plain {
                text.push_str(&run.text);
            } else {
                text.extend([style.as_str(), &run.text, &plain]);
            }
        }
        text.push('\n');
    }
    text
}

/// The sequence that sets exactly this style, whatever was set before.
pub(super) fn sgr(style: Style) -> String {
    let mut codes = String::from("\u{1b}[0");
    for (modifier, code) in MODIFIERS {
        if style.add_modifier.contains(modifier) {
            let _ = write!(codes, ";{code}");
        }
    }
    for (colour, base) in [(style.fg, 30), (style.bg, 40)] {
        if let Some(colour) = colour {
            paint(&mut codes, colour, base);
        }
    }
    codes.push('m');
    codes
}

/// Adds a colour; `base` is 30 for the letters and 40 for the ground.
fn paint(codes: &mut String, colour: Color, base: u8) {
    let _ = match colour {
        Color::Reset => Ok(()),
        Color::Rgb(red, green, blue) => write!(codes, ";{};2;{red};{green};{blue}", base + 8),
        Color::Indexed(number) => write!(codes, ";{};5;{number}", base + 8),
        named => match number(named) {
            number @ 0..8 => write!(codes, ";{}", base + number),
            number => write!(codes, ";{}", base + 60 + number - 8),
        },
    };
}

/// The place of a named colour among the sixteen.
pub(super) fn number(colour: Color) -> u8 {
    const NAMES: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    (0..)
        .zip(NAMES)
        .find(|(_, name)| *name == colour)
        .map_or(7, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_written_as_a_terminal_knows_it() {
        let check = |style: Style, expected: &str| {
            assert_eq!(sgr(style), format!("\u{1b}[{expected}m"));
        };
        check(Style::new(), "0");
        check(Style::new().fg(Color::Reset), "0");
        check(Style::new().fg(Color::Cyan), "0;36");
        check(Style::new().fg(Color::LightCyan).bg(Color::Red), "0;96;41");
        check(Style::new().fg(Color::Indexed(74)), "0;38;5;74");
        let strong = Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED);
        check(strong.bg(Color::Rgb(1, 2, 3)), "0;1;7;48;2;1;2;3");
    }
}

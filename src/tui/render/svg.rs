//! A picture as SVG.
//!
//! The font of the reader is unknown, so no position may depend on the width of a letter:
//!
//! 1. Each row is split into runs of cells that look the same.
//! 2. A run becomes one or more texts. `textLength` stretches each to the width of its cells.
//! 3. Texts are split at double blanks, because an XML reader may collapse blanks. The next text is
//!    placed at its own column.
//! 4. Block glyphs become rectangles: fonts do not agree on how much of a cell they fill.

use std::fmt::Write;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};

use crate::tui::{
    theme::Background,
    widgets::text::{self, cells},
};

use super::visible_cells;

/// Width and height of a cell in tenths of a pixel.
const CELL: (u32, u32) = (84, 160);
/// The baseline of letters, below the top of the cell.
const BASELINE: u32 = 123;

/// The sixteen named colours as xterm shows them, by their numbers.
const NAMED: [(Color, u32); 16] = [
    (Color::Black, 0x00_00_00),
    (Color::Red, 0xCD_00_00),
    (Color::Green, 0x00_CD_00),
    (Color::Yellow, 0xCD_CD_00),
    (Color::Blue, 0x00_00_EE),
    (Color::Magenta, 0xCD_00_CD),
    (Color::Cyan, 0x00_CD_CD),
    (Color::Gray, 0xE5_E5_E5),
    (Color::DarkGray, 0x7F_7F_7F),
    (Color::LightRed, 0xFF_00_00),
    (Color::LightGreen, 0x00_FF_00),
    (Color::LightYellow, 0xFF_FF_00),
    (Color::LightBlue, 0x5C_5C_FF),
    (Color::LightMagenta, 0xFF_00_FF),
    (Color::LightCyan, 0x00_FF_FF),
    (Color::White, 0xFF_FF_FF),
];

/// Draws the buffer. `title` is for readers who cannot see the picture.
pub(super) fn svg(buffer: &Buffer, background: Background, title: &str) -> String {
    let mut svg = head(buffer.area, background, title);
    for number in 0..buffer.area.height {
        svg.push_str(&row(buffer, number, background));
    }
    svg.push_str("</svg>\n");
    svg
}

/// The start of a picture: its size, its font, its title and its background.
pub(super) fn head(area: Rect, background: Background, title: &str) -> String {
    let (letters, ground) = background.terminal_colours();
    let width = pixels(u32::from(area.width) * CELL.0);
    let height = pixels(u32::from(area.height) * CELL.1);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" font-family=\"'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace\" font-size=\"14\" \
         fill=\"{letters}\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{ground}\"/>\n",
        escape(title)
    )
}

/// Draws one row of the buffer.
pub(super) fn row(buffer: &Buffer, row: u16, background: Background) -> String {
    let mut svg = String::new();
    for run in runs(buffer, row) {
        draw(&mut svg, &run, row, background.terminal_colours());
    }
    svg
}

/// Cells side by side that look the same.
#[derive(Debug, PartialEq)]
struct CellRun {
    column: u16,
    /// How many cells it takes: a wide character takes two.
    width: u16,
    text: String,
    style: Style,
    /// How much of each cell its block glyph covers.
    cover: Option<u32>,
}

/// Splits a row into runs, from left to right.
fn runs(buffer: &Buffer, row: u16) -> Vec<CellRun> {
    let mut runs: Vec<CellRun> = Vec::new();
    for (column, cell) in visible_cells(buffer, row) {
        let (symbol, style) = (cell.symbol(), cell.style());
        let cover = symbol.chars().next().and_then(covers);
        let width = cells(text::width(symbol).max(1));
        match runs.last_mut() {
            Some(run) if run.style == style && run.cover == cover => {
                run.text.push_str(symbol);
                run.width += width;
            }
            _ => runs.push(CellRun {
                column,
                width,
                text: symbol.to_owned(),
                style,
                cover,
            }),
        }
    }
    runs
}

/// Draws a run: its background, then its block glyphs or its text.
fn draw(svg: &mut String, run: &CellRun, row: u16, (letters, ground): (&str, &str)) {
    let (x, y) = (u32::from(run.column) * CELL.0, u32::from(row) * CELL.1);
    let width = u32::from(run.width) * CELL.0;
    // The colours of the letters and behind them; `None` leaves the default of the picture.
    let hex = |colour: Option<Color>| colour.and_then(hex);
    let (mut front, mut back) = (hex(run.style.fg), hex(run.style.bg));
    // Reversed text needs both colours, so the defaults of the terminal are written out.
    if run.style.add_modifier.contains(Modifier::REVERSED) {
        let swapped = (
            back.unwrap_or_else(|| ground.into()),
            front.unwrap_or_else(|| letters.into()),
        );
        (front, back) = (Some(swapped.0), Some(swapped.1));
    }
    if let Some(back) = back {
        block(svg, (x, y, width), &format!(" fill=\"{back}\""));
    }
    let fill = front.map_or_else(String::new, |front| format!(" fill=\"{front}\""));
    if let Some(percent) = run.cover {
        let opacity = format!("{fill} fill-opacity=\".{percent}\"");
        let fill = if percent == 100 { &fill } else { &opacity };
        return block(svg, (x, y, width), fill);
    }
    // `textLength` stretches a text to its cells, whatever the width of the reader's font.
    let attributes = attributes(run.style);
    for (column, words) in phrases(&run.text) {
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" textLength=\"{}\"{fill}{attributes}>{}</text>",
            pixels(x + u32::from(column) * CELL.0),
            pixels(y + BASELINE),
            pixels(u32::from(cells(text::width(words))) * CELL.0),
            escape(words)
        );
    }
}

/// The parts of a line between double blanks, with the column of each.
fn phrases(line: &str) -> Vec<(u16, &str)> {
    let mut phrases = Vec::new();
    let mut column = 0;
    for part in line.split("  ") {
        let words = part.trim_start();
        if !words.is_empty() {
            let blanks = text::width(part) - text::width(words);
            phrases.push((cells(column + blanks), words.trim_end()));
        }
        column += text::width(part) + 2;
    }
    phrases
}

/// Draws a rectangle of one row's height.
fn block(svg: &mut String, (x, y, width): (u32, u32, u32), fill: &str) {
    let _ = writeln!(
        svg,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{fill}/>",
        pixels(x),
        pixels(y),
        pixels(width),
        pixels(CELL.1)
    );
}

/// The percentage of a cell that a block glyph covers; `None` for all other characters.
fn covers(glyph: char) -> Option<u32> {
    match glyph {
        '█' => Some(100),
        '▓' => Some(75),
        '▒' => Some(50),
        '░' => Some(25),
        _ => None,
    }
}

/// The attributes of a text for the modifiers of its style.
fn attributes(style: Style) -> String {
    let has = |modifier| style.add_modifier.contains(modifier);
    let mut text = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"bold\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
        (Modifier::DIM, " fill-opacity=\".6\""),
    ] {
        if has(modifier) {
            text.push_str(attribute);
        }
    }
    text
}

/// A colour as `#rrggbb`; `None` for the default colour.
pub(super) fn hex(colour: Color) -> Option<String> {
    let rgb = match colour {
        Color::Reset => return None,
        Color::Rgb(red, green, blue) => u32::from_be_bytes([0, red, green, blue]),
        Color::Indexed(number) => indexed(number),
        named => {
            let row = NAMED.iter().find(|(colour, _)| *colour == named);
            row.map_or(NAMED[7].1, |(_, rgb)| *rgb)
        }
    };
    Some(format!("#{rgb:06x}"))
}

/// One of xterm's 256 colours: the 16 named ones, a cube of 6×6×6 colours, then 24 greys.
fn indexed(number: u8) -> u32 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |number: u8| STEPS[usize::from(number % 6)];
    let [red, green, blue] = match number {
        0..16 => return NAMED[usize::from(number)].1,
        16..232 => [(number - 16) / 36, (number - 16) / 6, number - 16].map(step),
        232.. => [8 + (number - 232) * 10; 3],
    };
    u32::from_be_bytes([0, red, green, blue])
}

/// Writes tenths of a pixel as pixels: `84` is `8.4`.
fn pixels(tenths: u32) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// Escapes a text for XML. Characters that XML does not allow become U+FFFD.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, style: Style) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(0, 0, text, style);
        svg(&buffer, Background::Dark, "a < b")
    }

    #[test]
    fn a_wide_character_takes_two_cells_of_a_run() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        let bold = Style::new().add_modifier(Modifier::BOLD);
        buffer.set_string(0, 0, "a王", Style::new());
        buffer.set_string(3, 0, "bc", bold);
        let runs = runs(&buffer, 0);
        let parts: Vec<_> = runs
            .iter()
            .map(|run| (run.column, run.width, run.text.as_str()))
            .collect();
        assert_eq!(parts, [(0, 3, "a王"), (3, 2, "bc"), (5, 3, "   ")]);
    }

    #[test]
    fn text_cannot_become_markup() {
        let svg = of("<&\">", Style::new());
        assert!(svg.contains(">&lt;&amp;&quot;&gt;</text>"), "{svg}");
        assert!(svg.contains("<title>a &lt; b</title>"), "{svg}");
    }

    #[test]
    fn blocks_are_drawn_and_words_are_as_wide_as_their_cells() {
        let svg = of("█▒ab", Style::new().fg(Color::Rgb(1, 2, 3)));
        assert!(
            svg.contains("<rect x=\"0\" y=\"0\" width=\"8.4\" height=\"16\" fill=\"#010203\"/>")
        );
        assert!(svg.contains("fill-opacity=\".50\""));
        assert!(
            svg.contains("<text x=\"16.8\" y=\"12.3\" textLength=\"16.8\" fill=\"#010203\">ab")
        );
    }

    #[test]
    fn blanks_are_places_and_not_text() {
        let check =
            |line, expected: &[(u16, &str)]| assert_eq!(phrases(line), expected, "{line:?}");
        check("", &[]);
        check("    ", &[]);
        check(" a b", &[(1, "a b")]);
        check("a  b   c ", &[(0, "a"), (3, "b"), (7, "c")]);
        check("王   x", &[(0, "王"), (5, "x")]);
    }

    #[test]
    fn reversed_text_stands_on_the_colour_of_letters() {
        let svg = of("ab", Style::new().add_modifier(Modifier::REVERSED));
        assert!(svg.contains("height=\"16\" fill=\"#d4d4d4\"/>"), "{svg}");
        assert!(svg.contains("fill=\"#1e1e1e\">ab</text>"), "{svg}");
    }

    #[test]
    fn the_256_colours_are_those_of_xterm() {
        let known = [
            (9, 0xFF_00_00),
            (16, 0),
            (74, 0x5F_AF_D7),
            (231, 0xFF_FF_FF),
            (242, 0x6C_6C_6C),
        ];
        for (number, rgb) in known {
            assert_eq!(indexed(number), rgb, "{number}");
        }
    }
}

//! A grid as SVG: every run of one style is a text that is as wide as its cells, whatever font the reader has.

use std::fmt::Write;

use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier, Style},
};

use crate::tui::widgets::text::{self, cells};

use super::{
    ansi::number,
    grid::{CellRun, runs},
};

/// A cell in tenths of a pixel, and how far down in it letters stand.
const CELL: (u32, u32) = (84, 160);
const BASELINE: u32 = 123;

/// What a terminal has where no colour is asked for: letters and ground, dark and light.
const DARK: (&str, &str) = ("#d4d4d4", "#1e1e1e");
const LIGHT: (&str, &str) = ("#1e1e1e", "#ffffff");

/// The sixteen colours as xterm has them.
const SIXTEEN: [u32; 16] = [
    0x00_00_00, 0xCD_00_00, 0x00_CD_00, 0xCD_CD_00, 0x00_00_EE, 0xCD_00_CD, 0x00_CD_CD, 0xE5_E5_E5,
    0x7F_7F_7F, 0xFF_00_00, 0x00_FF_00, 0xFF_FF_00, 0x5C_5C_FF, 0xFF_00_FF, 0x00_FF_FF, 0xFF_FF_FF,
];

/// The picture. `title` is what a reader is told who does not see it.
pub(super) fn svg(buffer: &Buffer, dark: bool, title: &str) -> String {
    let (letters, ground) = if dark { DARK } else { LIGHT };
    let width = pixels(u32::from(buffer.area.width) * CELL.0);
    let height = pixels(u32::from(buffer.area.height) * CELL.1);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" font-family=\"'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace\" font-size=\"14\" \
         fill=\"{letters}\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{ground}\"/>\n",
        escape(title)
    );
    for row in 0..buffer.area.height {
        let alike = |a: &str, b: &str| shade(a) == shade(b);
        for run in runs(buffer, row, alike) {
            draw(&mut svg, &run, row, (letters, ground));
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn draw(svg: &mut String, run: &CellRun, row: u16, (letters, ground): (&str, &str)) {
    let (x, y) = (u32::from(run.column) * CELL.0, u32::from(row) * CELL.1);
    let width = u32::from(run.width) * CELL.0;
    let hex = |colour: Option<Color>| colour.and_then(hex);
    let (mut front, mut back) = (hex(run.style.fg), hex(run.style.bg));
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
    if let Some(percent) = run.text.chars().next().and_then(covers) {
        let opacity = format!("{fill} fill-opacity=\".{percent}\"");
        let fill = if percent == 100 { &fill } else { &opacity };
        return block(svg, (x, y, width), fill);
    }
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

/// Words with one blank between them, and the column of each: whoever reads XML may make one blank of several.
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

/// Block glyphs are drawn, for no two fonts fill the same part of a cell with them: how many percent one covers.
fn covers(glyph: char) -> Option<u32> {
    match glyph {
        '█' => Some(100),
        '▓' => Some(75),
        '▒' => Some(50),
        '░' => Some(25),
        _ => None,
    }
}

fn shade(symbol: &str) -> Option<u32> {
    symbol.chars().next().and_then(covers)
}

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

/// A colour as `#rrggbb`; none for the one that is there when none is asked for.
fn hex(colour: Color) -> Option<String> {
    let rgb = match colour {
        Color::Reset => return None,
        Color::Rgb(red, green, blue) => u32::from_be_bytes([0, red, green, blue]),
        Color::Indexed(number) => indexed(number),
        named => SIXTEEN[usize::from(number(named))],
    };
    Some(format!("#{rgb:06x}"))
}

/// One of the 256: the sixteen, a cube of six steps a side, then greys.
fn indexed(number: u8) -> u32 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |number: u8| STEPS[usize::from(number % 6)];
    let [red, green, blue] = match number {
        0..16 => return SIXTEEN[usize::from(number)],
        16..232 => [(number - 16) / 36, (number - 16) / 6, number - 16].map(step),
        232.. => [8 + (number - 232) * 10; 3],
    };
    u32::from_be_bytes([0, red, green, blue])
}

/// Tenths of a pixel as pixels.
fn pixels(tenths: u32) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{rest}", tenths / 10),
    }
}

/// What XML takes as text. Characters that XML has not, and there are some, become U+FFFD.
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
    use ratatui::layout::Rect;

    use super::*;

    fn of(text: &str, style: Style) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(0, 0, text, style);
        svg(&buffer, true, "a < b")
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

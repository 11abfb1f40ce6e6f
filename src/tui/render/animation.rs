//! Pictures one after the other, as one SVG that repeats them.
//!
//! Most rows of a screen are the same in many of its pictures, so the file does not hold whole
//! pictures:
//!
//! 1. Each row is drawn for each picture. Equal drawings of one row are kept once.
//! 2. A drawing that belongs to all pictures is written as it is. Any other gets a class, and a
//!    style sheet makes the elements of that class visible during their pictures. Drawings with the
//!    same pictures share a class.
//! 3. For readers who have asked their system for less motion, the last picture stays.

use std::fmt::Write;

use ratatui::buffer::Buffer;

use crate::tui::theme::Background;

use super::svg;

/// In which of the pictures something is visible.
type Visible = Vec<bool>;

/// Draws the pictures, each shown for `seconds`, the last one for twice as long. There must be at
/// least one picture, and all must have the same size.
pub(super) fn animation(
    pictures: &[Buffer],
    seconds: f64,
    background: Background,
    title: &str,
) -> String {
    let mut classes: Vec<Visible> = Vec::new();
    let mut body = String::new();
    let rows = pictures.first().map_or(0, |picture| picture.area.height);
    for row in 0..rows {
        for (drawing, visible) in drawings(pictures, row, background) {
            if visible.iter().all(|visible| *visible) {
                body.push_str(&drawing);
                continue;
            }
            let class = classes.iter().position(|known| *known == visible);
            let class = class.unwrap_or_else(|| {
                classes.push(visible);
                classes.len() - 1
            });
            let _ = write!(body, "<g class=\"v{class}\">\n{drawing}</g>\n");
        }
    }
    let mut picture = pictures.first().map_or_else(String::new, |first| {
        svg::head(first.area, background, title)
    });
    picture.push_str(&style_sheet(&classes, seconds));
    picture.push_str(&body);
    picture.push_str("</svg>\n");
    picture
}

/// The different drawings of a row, each with the pictures that it belongs to.
fn drawings(pictures: &[Buffer], row: u16, background: Background) -> Vec<(String, Visible)> {
    let mut drawings: Vec<(String, Visible)> = Vec::new();
    for (number, picture) in pictures.iter().enumerate() {
        let drawing = svg::row(picture, row, background);
        let known = drawings.iter().position(|(known, _)| *known == drawing);
        let at = known.unwrap_or_else(|| {
            drawings.push((drawing, vec![false; pictures.len()]));
            drawings.len() - 1
        });
        drawings[at].1[number] = true;
    }
    drawings.retain(|(drawing, _)| !drawing.is_empty());
    drawings
}

/// Makes the elements of each class visible during their pictures. `step-end` holds each value of
/// an animation until the next one, without a transition.
fn style_sheet(classes: &[Visible], seconds: f64) -> String {
    let mut sheet = String::from("<style>\n");
    for (number, visible) in classes.iter().enumerate() {
        // The last picture counts twice.
        let moments = visible.len() + 1;
        let word = |visible: bool| if visible { "visible" } else { "hidden" };
        let _ = write!(sheet, "@keyframes k{number}{{");
        let mut before = None;
        for (at, visible) in visible.iter().enumerate() {
            if before != Some(visible) {
                let percent = Percent { at, of: moments };
                let _ = write!(sheet, "{percent}{{visibility:{}}}", word(*visible));
            }
            before = Some(visible);
        }
        let at_rest = word(visible.last() == Some(&true));
        let total = seconds * f64::from(u32::try_from(moments).unwrap_or(u32::MAX));
        let _ = writeln!(
            sheet,
            "}}\n.v{number}{{visibility:{at_rest};animation:k{number} {total}s step-end infinite}}"
        );
    }
    sheet
        .push_str("@media(prefers-reduced-motion:reduce){g{animation:none!important}}\n</style>\n");
    sheet
}

/// A part of the whole in percent, in whole numbers: `14.285%`.
struct Percent {
    at: usize,
    of: usize,
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let thousandths = self.at * 100_000 / self.of.max(1);
        write!(f, "{}.{:03}%", thousandths / 1000, thousandths % 1000)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::{layout::Rect, style::Style};

    use super::*;

    #[test]
    fn a_row_that_does_not_change_is_written_once() {
        let picture = |second: &str| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 2));
            buffer.set_string(0, 0, "still", Style::new());
            buffer.set_string(0, 1, second, Style::new());
            buffer
        };
        let pictures = ["one", "two", "one"].map(picture);
        let svg = animation(&pictures, 2.0, Background::Dark, "a < b");
        for (text, times) in [(">still<", 1), (">one<", 1), (">two<", 1), ("<g ", 2)] {
            assert_eq!(svg.matches(text).count(), times, "{text} in {svg}");
        }
        let one = "@keyframes k0{0.000%{visibility:visible}25.000%{visibility:hidden}50.000%{visibility:visible}}\n\
                   .v0{visibility:visible;animation:k0 8s step-end infinite}";
        assert!(svg.contains(one), "{svg}");
        assert!(svg.contains(".v1{visibility:hidden;"), "{svg}");
    }
}

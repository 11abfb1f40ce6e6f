//! The question at the first start: which language the user reads.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::Line,
    widgets::{Paragraph, Widget},
};

use crate::insight::Language;

use crate::tui::{
    model::Model,
    theme::Theme,
    widgets::{
        panel::{bordered, popup},
        text::{cells, span, styled},
    },
};

/// The question at the first start.
pub(crate) struct LanguagePopup<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &LanguagePopup<'_> {
    fn render(self, body: Rect, buffer: &mut Buffer) {
        const LINES: [(Language, &str, &str); 2] = [
            (
                Language::Python,
                "p",
                "Python: `await x`, `create_task`, coroutine, exception",
            ),
            (
                Language::Rust,
                "r",
                "Rust: `x.await`, `spawn`, future, error",
            ),
        ];
        let mut lines = vec![
            styled(" Which language do you read?", Theme::strong()),
            Line::default(),
        ];
        for (language, key, words) in LINES {
            let (sign, style) = if language == self.model.language {
                ("▸", Theme::chosen())
            } else {
                (" ", Style::new())
            };
            lines.push(Line::from(vec![
                span(format!(" {sign} {key}"), Theme::strong()),
                span("  ", Style::new()),
                span(words, style),
            ]));
        }
        lines.push(Line::default());
        let later = " Enter takes the marked one, ↑ ↓ move. e switches the language later.";
        lines.push(styled(later, self.model.theme.dim()));
        let widest = lines.iter().map(Line::width).max().unwrap_or(0);
        let area = popup(body, (cells(widest + 3), cells(lines.len() + 2)), buffer);
        let inner = bordered(self.model.theme, area, buffer, "Welcome", "", true);
        Paragraph::new(lines).render(inner, buffer);
    }
}

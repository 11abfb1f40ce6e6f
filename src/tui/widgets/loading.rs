//! The screen while its first runs are loaded.
//!
//! ```text
//!   loopscope │ loading
//!
//!   big.json: 45 MB of 200 MB
//!   ├━━━━━━━━━───────────────────────────────┤
//!
//!   q quit
//! ```

use ratatui::{buffer::Buffer, layout::Rect, style::Style, widgets::Widget};

use crate::tui::{
    model::Model,
    source::LoadingProgress,
    theme::Theme,
    widgets::text::{cut, put_at},
};

/// The columns of the bar, at most.
const BAR: u64 = 60;

/// What is loaded, how far that is, and how to leave.
pub(crate) struct LoadingScreen<'a> {
    pub(crate) model: &'a Model,
    pub(crate) progress: &'a LoadingProgress,
}

impl Widget for &LoadingScreen<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let columns = usize::from(area.width).saturating_sub(2);
        let words = words(self.progress);
        let (dim, plain) = (self.model.theme.dim(), Style::new());
        let mut put = |row: usize, text: &str, style: Style| {
            if row < usize::from(area.height) {
                put_at(buffer, area, (1, row), &cut(text, columns), style);
            }
        };
        if area.height < 6 {
            put(0, &format!("{words}   q quit"), plain);
            return;
        }
        put(0, "loopscope │ loading", Theme::strong());
        put(2, &words, plain);
        if let Some(of) = self.progress.of {
            let columns = BAR.min(u64::from(area.width).saturating_sub(4));
            put(3, &bar(self.progress.bytes, of, columns), dim);
        }
        put(5, "q quit", dim);
    }
}

/// A bar of this many columns between its ends.
fn bar(bytes: u64, of: u64, columns: u64) -> String {
    let full = u128::from(bytes.min(of)) * u128::from(columns) / u128::from(of.max(1));
    let full = usize::try_from(full).unwrap_or(0);
    let all = usize::try_from(columns).unwrap_or(0);
    format!("├{}{}┤", "━".repeat(full), "─".repeat(all - full))
}

/// What is loaded, and how much of it has been read.
fn words(progress: &LoadingProgress) -> String {
    let what = &progress.what;
    match (progress.bytes, progress.of) {
        (0, _) => what.clone(),
        (bytes, Some(of)) => format!("{what}: {} of {}", megabytes(bytes), megabytes(of)),
        (bytes, None) => format!("{what}: {}", megabytes(bytes)),
    }
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_has_its_columns_whatever_was_read() {
        for (bytes, of) in [(0, 0), (5, 10), (11, 10), (u64::MAX, 1), (1, u64::MAX)] {
            assert_eq!(bar(bytes, of, 20).chars().count(), 22, "{bytes} of {of}");
        }
        assert_eq!(bar(5, 10, 4), "├━━──┤");
    }
}

//! Texts measured in columns of a terminal: wide and combining characters must not break a table.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How many columns a text takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// How many columns a character takes by itself; one that combines with the one before takes none.
pub fn char_columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// A text of at most that many columns; what was cut is shown by `…`.
pub fn fit(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let kept = text.chars().take_while(|&c| {
        let taken = char_columns(c);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    });
    let mut kept: String = kept.collect();
    kept.truncate(kept.trim_end().len());
    if width > 0 {
        kept.push('…');
    }
    kept
}

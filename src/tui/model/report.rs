//! What is on the screen as text, for the clipboard.

use crate::{
    insight,
    scene::plain::{write_comparison, write_state},
};

use crate::tui::model::{Model, Screen};

/// The most bytes that are copied: terminals pass about 100,000 on, and three bytes become four on the way.
const MOST: usize = 72_000;

/// What is told and the state; of two runs, the comparison. And whether all of it is there.
pub(crate) fn text(model: &Model) -> Option<(String, bool)> {
    let mut bytes = Vec::new();
    match (model.screen, model.panes.as_slice()) {
        (Screen::Compare, [a, b]) => {
            let comparison = insight::compare(&a.replay, &b.replay);
            write_comparison(&a.replay, &b.replay, &comparison, &mut bytes).ok()?;
        }
        _ => write_state(&model.pane()?.replay, &mut bytes).ok()?,
    }
    let text = String::from_utf8(bytes).ok()?;
    if text.len() <= MOST {
        return Some((text, true));
    }
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= MOST)
        .last()?;
    let line = text.get(..end)?.rfind('\n').map_or(end, |at| at + 1);
    Some((text.get(..line)?.to_owned(), false))
}

//! How the run is shown: the future, axis, zoom, lock, theme, mouse, scrolling, and the
//! text for the clipboard.
//!
//! The part of the run that the timeline shows has two settings. `zoom` says how often the whole
//! axis is halved; 0 shows all of it. `centre` is the axis value in the middle; if it is `None`,
//! the window follows the position. Scrolling and zooming with the mouse set `centre`, and any step
//! clears it.

use crate::trace::to_usize;
use crate::{
    replay::Axis,
    scene::{
        axis,
        news::Detail,
        plain::{write_comparison, write_state},
        source_view,
    },
};

use crate::tui::{
    message::Command,
    model::{Model, Panel, Screen},
    theme::{Background, Palette},
};

/// Shows or hides the events after the position. They stay hidden during a quiz, which asks about
/// them.
pub(super) fn future(model: &mut Model) {
    if model.quiz.is_some() {
        model.notice = Some("the future stays hidden while you predict: P stops predicting".into());
    } else {
        model.future = !model.future;
    }
}

/// Tells all events one by one, or only those that carry news.
pub(super) fn detail(model: &mut Model) {
    let (detail, words) = match model.detail {
        Detail::News => (
            Detail::AllEvents,
            "all events: n also stops at the loop's own bookkeeping",
        ),
        Detail::AllEvents => (
            Detail::News,
            "events with news: n passes over the loop's own bookkeeping",
        ),
    };
    model.detail = detail;
    model.notice = Some(words.into());
}

/// Changes the timeline's axis between time and polls.
pub(super) fn axis(model: &mut Model) {
    model.axis = match model.axis {
        Axis::Time => Axis::Poll,
        Axis::Poll => Axis::Time,
    };
    model.centre = None;
    model.zoom = model.zoom.min(most_zoom(model));
}

pub(super) fn zoom_in(model: &mut Model) {
    model.zoom = (model.zoom + 1).min(most_zoom(model));
}

pub(super) fn zoom_out(model: &mut Model) {
    model.zoom = model.zoom.saturating_sub(1);
    if model.zoom == 0 {
        model.centre = None;
    }
}

/// Changes what two runs are synchronised by.
pub(super) fn lock(model: &mut Model) {
    model.lock = model.lock.next();
    model.sync_other();
}

pub(super) fn background(model: &mut Model) {
    let (background, words) = match model.theme.background {
        Background::Dark => (Background::Light, "light background"),
        Background::Light => (Background::Dark, "dark background"),
    };
    model.theme.background = background;
    model.notice = Some(words.into());
}

pub(super) fn palette(model: &mut Model) {
    let (palette, words) = match model.theme.palette {
        Palette::TrueColor => (Palette::TwoFiftySix, "256 colours"),
        Palette::TwoFiftySix => (Palette::Sixteen, "16 colours"),
        Palette::Sixteen => (Palette::Off, "no colours"),
        Palette::Off => (Palette::TrueColor, "all colours"),
    };
    model.theme.palette = palette;
    model.notice = Some(words.into());
}

/// Captures mouse events, or stops capturing them, so that the terminal selects text with the
/// mouse.
pub(super) fn mouse(model: &mut Model) -> Vec<Command> {
    model.mouse = !model.mouse;
    model.drag = None;
    model.notice = Some(if model.mouse {
        "mouse on: click, wheel and drag".into()
    } else {
        "mouse off: the terminal selects text with it; M turns it on".into()
    });
    vec![Command::Mouse(model.mouse)]
}

pub(super) fn most_zoom(model: &Model) -> u32 {
    axis::max_zoom(total(model), model.size.0)
}

fn total(model: &Model) -> u64 {
    let totals = model.panes.iter().map(|pane| pane.total(model.axis));
    totals.max().unwrap_or(0)
}

/// Scrolls the timeline by a quarter of what it shows.
pub(super) fn pan(model: &mut Model, forward: bool) {
    if model.zoom == 0 {
        model.notice = Some("the whole run is shown: + zooms in".into());
        return;
    }
    let total = total(model);
    let Some(pane) = model.pane() else { return };
    let here = model.centre.unwrap_or_else(|| pane.axis_value(model.axis));
    let window = axis::window(model.axis, total, here, model.zoom, model.size.0);
    let span = window.to - window.from;
    // From the middle of the window: near the ends of the run the window is not centred on `here`.
    let middle = window.from + span / 2;
    let step = (span / 4).max(1);
    let centre = if forward {
        middle.saturating_add(step)
    } else {
        middle.saturating_sub(step)
    };
    model.centre = Some(centre.min(total));
}

/// Scrolls the panel that has the focus, or moves its selection.
pub(super) fn scroll(model: &mut Model, down: bool, by: usize) {
    let focus = if model.screen == Screen::Main {
        model.focus
    } else {
        Panel::Tasks
    };
    let language = model.language;
    let Some(pane) = model.pane_mut() else { return };
    let moved = |value: usize, most: usize| {
        if down {
            value.saturating_add(by).min(most)
        } else {
            value.min(most).saturating_sub(by)
        }
    };
    match focus {
        Panel::Program => {
            let program = source_view::source_view(&pane.replay, pane.chosen(), language);
            let line = pane.line.or(program.focus).unwrap_or(0);
            let most = program.lines.len().saturating_sub(1);
            pane.line = Some(moved(line, most));
        }
        Panel::Output => {
            let most = to_usize(pane.replay.state().outputs).saturating_sub(1);
            // `output_back` counts from the newest line, so down makes it smaller.
            pane.output_back = if down {
                pane.output_back.min(most).saturating_sub(by)
            } else {
                pane.output_back.saturating_add(by).min(most)
            };
        }
        Panel::Why => scroll_log(model, down, by),
        _ => {
            let row = pane.filter.row(pane.task());
            pane.select_row(moved(row, pane.listed().saturating_sub(1)));
        }
    }
}

/// Scrolls the log in panel 5.
pub(super) fn scroll_log(model: &mut Model, down: bool, by: usize) {
    let Some(pane) = model.pane() else { return };
    let language = model.language_for(pane);
    let most = pane.told.at(&pane.replay, model.detail, language).log.len();
    let Some(pane) = model.pane_mut() else { return };
    // `why_back` counts from the newest row, so down makes it smaller.
    pane.why_back = if down {
        pane.why_back.min(most).saturating_sub(by)
    } else {
        pane.why_back.saturating_add(by).min(most)
    };
}

/// Copies the state, or the comparison, as text.
pub(super) fn copy(model: &mut Model) -> Vec<Command> {
    let Some((text, whole)) = text(model) else {
        if model.works.compares() {
            model.notice = Some("still comparing: try again in a moment".into());
        }
        return Vec::new();
    };
    let lines = text.lines().count();
    model.notice = Some(if whole {
        format!("sent {lines} lines to the terminal's clipboard")
    } else {
        format!("sent the first {lines} lines to the terminal's clipboard, which takes no more")
    });
    vec![Command::Copy(text)]
}

/// The most bytes that are copied. Terminals pass on about 100,000, and base64 makes four bytes of
/// three.
const MOST: usize = 72_000;

/// The explanation and the state, or the comparison of two runs; and whether that is the whole
/// text.
fn text(model: &Model) -> Option<(String, bool)> {
    // One byte more than is copied, to tell whether the text is longer.
    let mut bytes = vec![0; MOST + 1];
    let mut room = bytes.as_mut_slice();
    // The only error is that the room is full: then the rest of the text is not composed.
    let _full = if let (Screen::Compare, [a, b]) = (model.screen, model.panes.as_slice()) {
        let language = model.language.for_runs(&a.replay, &b.replay);
        let comparison = model.comparison.as_deref()?;
        write_comparison(&a.replay, &b.replay, comparison, language, &mut room)
    } else {
        let pane = model.pane()?;
        write_state(&pane.replay, model.language_for(pane), &mut room)
    };
    let length = MOST + 1 - room.len();
    bytes.truncate(length.min(MOST));
    let whole = length <= MOST;
    if !whole {
        let line = bytes.iter().rposition(|byte| *byte == b'\n');
        bytes.truncate(line.map_or(0, |at| at + 1));
    }
    Some((String::from_utf8(bytes).ok()?, whole))
}

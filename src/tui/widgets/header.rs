//! The first line: the run, the position in it, and whether it plays.
//!
//! ```text
//!  loopscope │ say_after ▸ concurrent │ tick 3/6 │ event 31/58 │ t=1.000s virtual │ ! 1 error │ ▮▮ PAUSED
//! ```
//!
//! A narrow screen leaves parts out, those with the highest rank first.

use ratatui::{buffer::Buffer, layout::Rect, style::Style, text::Line, widgets::Widget};

use crate::{
    scene::{format::seconds, summary_line},
    trace,
};

use crate::tui::{
    model::{Model, Screen, run_pane::RunPane},
    theme::Theme,
    widgets::{
        findings_popup::{severity_style, summary_words},
        text::{cut, put, span, width},
    },
};

/// A part of the line.
struct HeaderPart {
    text: String,
    rank: u8,
    style: Style,
}

/// A part in plain style.
fn part(rank: u8, text: impl Into<String>) -> HeaderPart {
    HeaderPart {
        text: text.into(),
        rank,
        style: Style::new(),
    }
}

/// A part in bold. It has rank 0: it is left out last.
fn strong(text: impl Into<String>) -> HeaderPart {
    HeaderPart {
        text: text.into(),
        rank: 0,
        style: Theme::strong(),
    }
}

/// The first line of the screen.
pub(crate) struct HeaderLine<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &HeaderLine<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let model = self.model;
        let mut parts = match (model.screen, model.pane()) {
            (Screen::Main, Some(pane)) => run(model, pane),
            (Screen::Compare, Some(pane)) => both(model, pane),
            _ => vec![
                strong("loopscope"),
                part(1, "choose a scenario"),
                part(2, "? help"),
            ],
        };
        let total = |parts: &[HeaderPart]| {
            parts
                .iter()
                .map(|part| width(&part.text) + 3)
                .sum::<usize>()
        };
        // Parts are dropped one by one, the highest rank first, until the rest fits.
        while total(&parts) > usize::from(area.width) && parts.len() > 1 {
            let worst = parts
                .iter()
                .enumerate()
                .max_by_key(|(_, part)| part.rank)
                .map_or(0, |(at, _)| at);
            parts.remove(worst);
        }
        let theme = model.theme;
        let mut line = Line::from(" ");
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                line.push_span(span(" │ ", theme.border()));
            }
            line.push_span(span(cut(&part.text, area.width.into()), part.style));
        }
        put(buffer, area, 0, &line);
    }
}

/// The parts for one run, in the order in which they are shown.
fn run(model: &Model, pane: &RunPane) -> Vec<HeaderPart> {
    let replay = &pane.replay;
    let state = replay.state();
    let clock = replay.log().meta.clock.as_str();
    let mut parts = vec![
        part(9, "loopscope"),
        HeaderPart {
            style: Theme::strong(),
            ..part(1, summary_line::title(replay))
        },
        part(4, format!("event {}/{}", replay.position().0, pane.end().0)),
        part(2, format!("t={} {clock}", seconds(pane.now()))),
        strong(play_state(model, pane)),
        part(6, format!("speed {}x", model.player.speed())),
        part(7, "? help"),
    ];
    if replay.log().meta.has(trace::Aspect::Queues) {
        let ticks = replay.index().head().tick();
        parts.insert(2, part(3, format!("tick {}/{ticks}", state.tick())));
    }
    if let Some(part) = findings(model, pane, "") {
        parts.insert(parts.len() - 3, part);
    }
    if let Some(words) = model.loop_title(pane) {
        parts.insert(2, part(2, words));
    }
    if let Some(quiz) = &model.quiz {
        parts.insert(
            parts.len() - 2,
            part(3, format!("predicted {}", quiz.score())),
        );
    }
    parts
}

/// The parts for two runs that are compared.
fn both(model: &Model, pane: &RunPane) -> Vec<HeaderPart> {
    let [a, b] = model.panes.as_slice() else {
        return Vec::new();
    };
    let scenario = |pane: &RunPane| pane.replay.log().meta.scenario.clone();
    // Two runs of one scenario differ by their variants, others by their full names.
    let (what, names) = if scenario(a) == scenario(b) {
        let name = |pane: &RunPane| summary_line::short_title(&pane.replay).clone();
        (format!("COMPARE {}", scenario(pane)), [name(a), name(b)])
    } else {
        let name = |pane: &RunPane| summary_line::title(&pane.replay);
        ("COMPARE".to_owned(), [name(a), name(b)])
    };
    let mut parts = vec![
        part(9, "loopscope"),
        part(5, what),
        part(4, format!("A {} ↔ B {}", names[0], names[1])),
        part(1, format!("sync: {}", model.lock.as_str())),
        part(2, format!("t={}", seconds(pane.now()))),
        strong(states(model, [a, b])),
        part(6, format!("{}x", model.player.speed())),
        part(7, "? help"),
    ];
    for (pane, letter) in [(b, "B "), (a, "A ")] {
        if let Some(part) = findings(model, pane, letter) {
            parts.insert(5, part);
        }
    }
    parts
}

/// What is wrong with a run: `! 2 errors, 1 warning`, or `!…` until that is known. Nothing if
/// nothing is wrong, or if it is concealed.
fn findings(model: &Model, pane: &RunPane, letter: &str) -> Option<HeaderPart> {
    if model.conceals_findings() {
        return None;
    }
    if pane.findings.is_pending() {
        return Some(part(5, format!("{letter}!…")));
    }
    let worst = pane.findings.report().worst()?;
    let words = summary_words(&pane.findings, model.size.0 >= 110)?;
    Some(HeaderPart {
        style: severity_style(model.theme, worst),
        ..part(1, format!("{letter}! {words}"))
    })
}

/// The state of two compared runs: once if both have the same, else that of each.
fn states(model: &Model, panes: [&RunPane; 2]) -> String {
    let [a, b] = panes.map(|pane| play_state(model, pane));
    if a == b && !panes.iter().any(|pane| pane.is_live()) {
        a
    } else {
        format!("A {a}, B {b}")
    }
}

/// The state of playback in words.
///
/// * Of a live loop: `▮▮ NOT STARTED`, `● LIVE` or `▮▮ LOOP PAUSED`, followed by the number of
///   events between the position and the newest event if there are any.
/// * Of a file that is still being read: `reading 40 %`.
/// * Of any other run: `▶ PLAYING`, `▮▮ PAUSED`, or, at the end of the run, how it ended.
pub(crate) fn play_state(model: &Model, pane: &RunPane) -> String {
    let (position, end) = (pane.replay.position().0, pane.replay.end().0);
    let behind = end.saturating_sub(position);
    if pane.is_live() {
        let loops = if pane.is_unstarted() {
            "▮▮ NOT STARTED"
        } else if pane.is_paused_live() {
            "▮▮ LOOP PAUSED"
        } else {
            "● LIVE"
        };
        return if behind == 0 {
            loops.into()
        } else {
            format!("{loops}, {behind} events behind (G: back to now)")
        };
    }
    if let Some(percent) = pane.percent() {
        return format!("reading {percent} %");
    }
    if model.player.is_playing() {
        "▶ PLAYING".into()
    } else if pane.at_end() {
        summary_line::ending_word(pane.replay.index().head().outcome).into()
    } else {
        "▮▮ PAUSED".into()
    }
}

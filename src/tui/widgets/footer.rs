//! The last lines: the most useful keys, and one line of what there is to say.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    insight::{quote, task_label},
    scene::summary_line,
    trace::Aspect,
};

use crate::tui::{
    keymap,
    layout::SizeClass,
    model::{Model, Overlay, PromptKind, Screen, run_pane::RunPane},
    theme::Theme,
    widgets::{
        header::standing,
        text::{cut, put, put_at, span, width},
    },
};

/// As many keys as there is room for; help and quit are always among them.
pub(crate) fn keys(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width).saturating_sub(1);
    let all: Vec<(String, &str)> = keymap::rows(model.key_scope())
        .filter(|row| !row.short.is_empty())
        .map(|row| (row.brief(), row.short))
        .collect();
    let gap = if area.width >= 100 { "   " } else { "  " };
    let long = |(key, word): &(String, &str)| width(key) + 1 + width(word) + gap.len();
    let (others, fixed) = all.split_at(all.len().saturating_sub(2));
    let mut rows: Vec<Vec<&(String, &str)>> = vec![Vec::new(); area.height.into()];
    let mut rest = others.iter().peekable();
    let last = rows.len().saturating_sub(1);
    for (at, row) in rows.iter_mut().enumerate() {
        let mut left = columns;
        if at == last {
            left = left.saturating_sub(fixed.iter().map(long).sum());
        }
        while let Some(key) = rest.peek().copied().filter(|key| long(key) <= left) {
            left -= long(key);
            row.push(key);
            rest.next();
        }
        if at == last {
            row.extend(fixed);
        }
    }
    for (row, at) in rows.iter().zip(0..) {
        let mut line = Line::from(" ");
        for (key, word) in row {
            line.push_span(span(key.clone(), Theme::strong()));
            line.push_span(span(format!(" {word}{gap}"), model.theme.dim()));
        }
        put(buffer, area, at, &line);
    }
}

/// What there is to say: what is being typed, what came of a key, a poll that does not return, how the run ended.
pub(crate) fn status(model: &Model, area: Rect, size: SizeClass, buffer: &mut Buffer) {
    let text = match &model.overlay {
        Overlay::Prompt(PromptKind::Position, text) => {
            format!("go to :{text}▏   event 15, tick 3, t 1.5, task 2, longest")
        }
        Overlay::Prompt(PromptKind::Search, text) => {
            format!("find /{text}▏   words of an event, a task's name")
        }
        Overlay::Prompt(PromptKind::Filter, text) => {
            format!("list tasks with /{text}▏   Enter keeps it, Esc lists all")
        }
        Overlay::Prompt(PromptKind::Input, text) => {
            let columns = usize::from(area.width).saturating_sub(50);
            let tail = text.chars().count().saturating_sub(columns);
            let tail: String = text.chars().skip(tail).collect();
            format!("input> {tail}▏   Enter sends it, Ctrl-D ends the input")
        }
        Overlay::Prompt(PromptKind::Scenario, text) => {
            format!("list scenarios with /{text}▏   Enter keeps it, Esc lists all")
        }
        Overlay::Prompt(PromptKind::Parameter, text) => {
            format!("set {text}▏   NAME=VALUE, for the chosen scenario")
        }
        Overlay::Mark { set: true } => "set a mark: which letter?".into(),
        Overlay::Mark { set: false } => "go to a mark: which letter?".into(),
        Overlay::WhatIf(_) => "↑ ↓ choose, Enter runs the branch beside this run".into(),
        Overlay::None | Overlay::Help(_) | Overlay::Why(_) | Overlay::Numbers => said(model, size),
    };
    let text = cut(&text, usize::from(area.width).saturating_sub(2));
    put_at(buffer, area, (1, 0), &text, Theme::strong());
}

/// What a person can do for a program that reads.
const ASKS: &str =
    "The program waits for input: a types a line for it, Ctrl-D there ends its input.";

/// What a loop that stands still means for those outside of it.
const PAUSED: &str = "Loop paused: its sockets wait in the kernel. t, s step it; space goes on.";

fn said(model: &Model, size: SizeClass) -> String {
    // Where the panel that asks has no room, the question stands here.
    if let Some(kind) = kind(model).filter(|_| size <= SizeClass::Single) {
        return kind;
    }
    if model.pane().is_some_and(RunPane::wants_input) {
        return ASKS.into();
    }
    // A loop that hangs is worth more than what came of the last key.
    let hangs = model.pane().and_then(hangs);
    if let Some(said) = hangs.or_else(|| model.notice.clone()) {
        return said;
    }
    let Some(pane) = model.pane() else {
        return String::new();
    };
    if size <= SizeClass::Single {
        let (here, end) = (pane.replay.position().0, pane.replay.end().0);
        let tick = if pane.replay.log().meta.has(Aspect::Queues) {
            format!(" tick {}", pane.replay.state().tick())
        } else {
            String::new()
        };
        return format!("{} event {here}/{end}{tick}  ? help", standing(model, pane));
    }
    if pane.is_paused_live() {
        return PAUSED.into();
    }
    if pane.at_end() && !pane.is_live() {
        return summary_line::ending(&pane.replay);
    }
    if model.maximised && model.screen == Screen::Main {
        return "z or Esc brings the other panels back; Tab shows the next one".into();
    }
    if let (Screen::Compare, SizeClass::Full, [a, b]) = (model.screen, size, model.panes.as_slice())
    {
        let same = summary_line::conditions(&a.replay, &b.replay);
        return format!("▸ marks the lines that only one of the two has │ {same}");
    }
    if size == SizeClass::Compact && model.screen == Screen::Main {
        return "Tab turns the top panel over: Program, Loop, Tasks, Output".into();
    }
    String::new()
}

/// The open question with its answers.
fn kind(model: &Model) -> Option<String> {
    let pane = model.pane().filter(|_| model.screen == Screen::Main)?;
    let question = model.quiz.as_ref()?.open(&pane.replay)?;
    let answers = question.choices.iter().zip(1..);
    let answers: Vec<String> = answers
        .map(|(choice, digit)| format!("{digit} {choice}"))
        .collect();
    Some(format!("Next? {}", answers.join("  ")))
}

/// A poll that does not return: which task's, from where, for how long.
fn hangs(pane: &RunPane) -> Option<String> {
    let (task, time) = pane.status?.long_poll()?;
    let replay = &pane.replay;
    let (tables, meta) = (replay.tables(), &replay.log().meta);
    let name = task_label(tables, task);
    // Where it stood before this turn, or, in its first, where it was spawned.
    let stood = replay.index().head().tasks.get(task).map(|row| row.wait_at);
    let spawned = tables.task(task).map(|info| info.at);
    let from = stood
        .and_then(|at| Some(("on from", quote(meta, tables, at)?)))
        .or_else(|| Some(("spawned at", quote(meta, tables, spawned?)?)));
    let from = from.map_or_else(String::new, |(word, quote)| match quote.text {
        Some(text) => format!(" ({word} line {}: `{text}`)", quote.line),
        None => format!(" ({word} line {})", quote.line),
    });
    Some(format!(
        "{name} has had the loop for {:.1}s{from}: nobody else can run",
        time.as_secs_f64()
    ))
}

/// All there is room for in a very small terminal. The keys still work.
pub(crate) fn line(model: &Model, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width);
    let place = model
        .position()
        .map(|(here, end)| format!("  event {}/{}", here.0, end.0))
        .unwrap_or_default();
    let needs = "needs 40x8";
    // As much as there is room for.
    let forms = match &model.overlay {
        Overlay::Prompt(PromptKind::Position | PromptKind::Parameter, text) => {
            vec![format!(":{text}")]
        }
        Overlay::Prompt(_, text) => vec![format!("/{text}")],
        _ => vec![
            format!("loopscope {needs}{place}"),
            format!("{needs}{place}"),
        ],
    };
    let text = forms.into_iter().find(|text| width(text) <= columns);
    let text = text.unwrap_or_else(|| cut(needs, columns));
    put_at(buffer, area, (0, 0), &text, Theme::strong());
}

//! The last lines of the screen: key hints and the status line.
//!
//! ```text
//!  space play   t/T tick   n/N event   b break on task   / find      keys of the panel or mode
//!  e Python   L/H lesson   v compare   ? help   q quit               help and quit always fit
//!  Loop paused: its sockets wait in the kernel. t and s step it, space resumes.   status
//! ```

mod hints;

use ratatui::{buffer::Buffer, layout::Rect, text::Line, widgets::Widget};

use crate::{
    insight::{Language, quote, task_label},
    scene::summary_line,
    trace::{Aspect, ResourceKind},
};

use hints::{Hint, Hints, hints};

use crate::tui::{
    layout::{self, SizeClass},
    model::{Model, Overlay, PromptKind, Screen, run_pane::RunPane},
    theme::Theme,
    widgets::{
        header::play_state,
        text::{cut, put, put_at, span, width},
    },
};

/// The keys that matter now, as many as fit: those of the panel or the mode first, then those that
/// work everywhere. The last two of them, help and quit, are always shown.
pub(crate) struct KeyHints<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &KeyHints<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let model = self.model;
        let columns = usize::from(area.width).saturating_sub(1);
        let Hints {
            own,
            general,
            fixed,
        } = hints(model);
        // 1. Help and quit keep their columns in the last row.
        // 2. The first row has the keys of the panel or the mode, the last row the keys that work
        //    everywhere. With one row, the first comes before the second.
        // 3. A key that does not fit is left out; the help lists all keys.
        let gap = if area.width >= 100 { "   " } else { "  " };
        let long = |(key, word): &Hint| width(key) + 1 + width(word) + gap.len();
        let mut rows: Vec<Vec<Hint>> = match area.height {
            0 => return,
            1 => vec![[own, general].concat()],
            _ => vec![own, general],
        };
        let last = rows.len() - 1;
        for (at, row) in rows.iter_mut().enumerate() {
            let mut left = columns;
            if at == last {
                left = left.saturating_sub(fixed.iter().map(long).sum());
            }
            row.retain(|hint| {
                let fits = long(hint) <= left;
                left = if fits { left - long(hint) } else { 0 };
                fits
            });
            if at == last {
                row.extend(fixed.iter().cloned());
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
}

/// The status line: the text being typed, or else the [`message`] that matters most.
pub(crate) struct StatusLine<'a> {
    pub(crate) model: &'a Model,
    pub(crate) size: SizeClass,
}

impl Widget for &StatusLine<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let columns = usize::from(area.width);
        let text = cut(
            &status(self.model, self.size, columns),
            columns.saturating_sub(2),
        );
        put_at(buffer, area, (1, 0), &text, Theme::strong());
    }
}

fn status(model: &Model, size: SizeClass, columns: usize) -> String {
    match &model.overlay {
        Overlay::Prompt(PromptKind::Position, text) => {
            format!("go to :{text}▏   15, tick 3, t 1.5, a task's name, longest, a variant")
        }
        Overlay::Prompt(PromptKind::Search, text) => {
            format!("find /{text}▏   words of an event, a task's name")
        }
        Overlay::Prompt(PromptKind::Filter, text) => {
            format!("list tasks with /{text}▏   a name or a state (TMR); Esc lists all")
        }
        Overlay::Prompt(PromptKind::Input, text) => {
            // A long line loses its start: the end, where the user types, must stay visible.
            let room = columns.saturating_sub(50);
            let tail = text.chars().count().saturating_sub(room);
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
        Overlay::ConfirmClear => model.pane().map_or_else(String::new, |pane| {
            let all = pane.breakpoints.words(model.language_for(pane));
            format!("remove all breakpoints ({all})? y removes them, any other key keeps them")
        }),
        Overlay::AskLanguage => {
            "The language you read: p Python, r Rust, Enter the marked one".into()
        }
        Overlay::WhatIf(_) => "↑ ↓ choose, Enter runs the branch beside this run".into(),
        Overlay::Findings(_) => "↑ ↓ choose, Enter goes to the events that prove it".into(),
        Overlay::Latency(list) if list.by_polls => {
            "← → from ready to poll, ↑ ↓ choose, Enter goes to the longest poll of the row".into()
        }
        Overlay::Latency(_) => {
            "← → length of polls, ↑ ↓ choose, Enter goes to the longest of the row".into()
        }
        Overlay::Loops(_) => "↑ ↓ choose, Enter shows the loop at its own position".into(),
        Overlay::None | Overlay::Help(_) | Overlay::Why(_) | Overlay::Numbers => {
            message(model, size)
        }
    }
}

/// Shown while the program reads its standard input.
const WANTS_INPUT: &str =
    "The program waits for input: press a to type a line; Ctrl-D there ends the input.";

/// Shown while a live loop is paused.
const PAUSED: &str = "Loop paused. t and s step it, space resumes.";

/// The same, if the program has sockets.
const PAUSED_WITH_SOCKETS: &str =
    "Loop paused: its sockets wait in the kernel. t and s step it, space resumes.";

/// What a paused live loop waits for: the start, or the continuation.
fn paused(model: &Model, pane: &RunPane) -> String {
    if pane.is_unstarted() {
        return not_started(model, pane);
    }
    let resources = pane.replay.index().head().resources.values();
    let mut kinds = resources.map(|resource| resource.kind);
    let is_socket = |kind| matches!(kind, ResourceKind::Listener | ResourceKind::Stream);
    if kinds.any(is_socket) {
        PAUSED_WITH_SOCKETS.into()
    } else {
        PAUSED.into()
    }
}

/// How to start a live program, and how to reach it if it is a server.
fn not_started(model: &Model, pane: &RunPane) -> String {
    let scenario = &pane.replay.log().meta.scenario;
    let entry = model.picker.catalogue.iter();
    let serves = entry
        .filter(|entry| entry.listens)
        .any(|entry| entry.name == *scenario);
    match model.listen.as_deref().and_then(|at| at.rsplit_once(':')) {
        // The system chooses the port. The program prints it.
        Some((host, "0")) => format!(
            "Not started. Press space, then in another terminal: nc {host} and the port that it prints"
        ),
        Some((host, port)) => {
            format!("Not started. Press space, then in another terminal: nc {host} {port}")
        }
        None if serves => {
            "Not started. Press space: its clients connect. With --listen ADDR, yours can.".into()
        }
        None => "Not started. Press space to run it, or t to run one tick.".into(),
    }
}

/// The first of these messages that applies:
///
/// 1. the question of predict mode, on a screen that shows one panel or none;
/// 2. the result of the last key, and beside it what the program needs now;
/// 3. what the program needs now: it waits for input, or a poll does not return;
/// 4. the state of the run;
/// 5. a hint.
fn message(model: &Model, size: SizeClass) -> String {
    if let Some(question) = open_question(model).filter(|_| size <= SizeClass::Single) {
        return question;
    }
    match (&model.notice, needs(model)) {
        (Some(notice), Some(needs)) => return format!("{notice} │ {needs}"),
        (Some(notice), None) => return notice.clone(),
        (None, Some(needs)) => return needs,
        (None, None) => {}
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
        return format!(
            "{} event {here}/{end}{tick}  ? help",
            play_state(model, pane)
        );
    }
    if pane.is_paused_live() {
        return paused(model, pane);
    }
    if model.maximised && model.screen == Screen::Main {
        return "z or Esc shows the other panels again; Tab shows the next one".into();
    }
    if let Some(ending) = ending(model, pane) {
        return ending;
    }
    if let (Screen::Compare, SizeClass::Full, [a, b]) = (model.screen, size, model.panes.as_slice())
    {
        let same = summary_line::conditions(&a.replay, &b.replay);
        // Only the lines of the programs that run are compared, not those of their twins.
        let marks = model.language.for_runs(&a.replay, &b.replay) == Language::Rust
            && model.differing.iter().any(|lines| !lines.is_empty());
        return if marks {
            format!("+ marks lines that only one of the two programs has │ {same}")
        } else {
            same
        };
    }
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    if layout::turns_top(model, area) && model.screen == Screen::Main {
        return "Tab switches the top panel: Program, Loop, Tasks, Output".into();
    }
    String::new()
}

/// How the run has ended, once its end is shown. Of two runs that are compared, one may end before the
/// other, so both endings are said when both are shown.
fn ending(model: &Model, pane: &RunPane) -> Option<String> {
    let shown = match model.screen {
        Screen::Compare => model.panes.as_slice(),
        Screen::Main | Screen::Picker => std::slice::from_ref(pane),
    };
    let ended = |pane: &RunPane| pane.at_end() && !pane.is_live();
    if !shown.iter().all(ended) {
        return None;
    }
    let words = |pane: &RunPane| summary_line::ending(&pane.replay, model.language_for(pane));
    Some(match shown {
        [a, b] if words(a) == words(b) => format!("A and B: {}", words(a)),
        [a, b] => format!("A: {} B: {}", words(a), words(b)),
        _ => words(pane),
    })
}

/// What the program needs of the user, or does to its loop: it waits for input, or a poll does not
/// return.
fn needs(model: &Model) -> Option<String> {
    let pane = model.pane()?;
    if pane.wants_input() {
        return Some(WANTS_INPUT.into());
    }
    hangs(pane, model.language_for(pane)).filter(|_| pane.is_live())
}

/// The open question with its answers.
fn open_question(model: &Model) -> Option<String> {
    let pane = model.pane().filter(|_| model.screen == Screen::Main)?;
    let question = model.quiz.as_ref()?.open(&pane.replay)?;
    let answers = question.choices.iter().zip(1..);
    let answers: Vec<String> = answers
        .map(|(choice, digit)| format!("{digit} {choice}"))
        .collect();
    Some(format!("Next? {}", answers.join("  ")))
}

/// A poll that does not return: its task, how long it has run, and the line it began at.
fn hangs(pane: &RunPane, language: Language) -> Option<String> {
    let (task, time) = pane.status?.long_poll()?;
    let replay = &pane.replay;
    let (tables, meta) = (replay.tables(), &replay.log().meta);
    let name = task_label(tables, task);
    // No event tells which line is being executed. The poll began at the line of the task's last
    // await. The first poll has no such line, so the line of the spawn is named instead.
    let awaited = replay.index().head().tasks.get(task).map(|row| row.wait_at);
    let spawned_at = tables.task(task).map(|info| info.at);
    let spawned = language.choose("spawned at", "created at");
    let from = awaited
        .and_then(|at| Some(("since", quote(meta, tables, at, language)?)))
        .or_else(|| Some((spawned, quote(meta, tables, spawned_at?, language)?)));
    let from = from.map_or_else(String::new, |(word, quote)| match quote.text {
        Some(text) => format!(" ({word} line {}: `{text}`)", quote.line),
        None => format!(" ({word} line {})", quote.line),
    });
    Some(format!(
        "{name} has blocked the loop for {:.1}s{from}: no other task can run",
        time.as_secs_f64()
    ))
}

/// The only line of a terminal below 40x8. The keys still work there.
pub(crate) struct TinyScreen<'a> {
    pub(crate) model: &'a Model,
}

impl Widget for &TinyScreen<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let model = self.model;
        let columns = usize::from(area.width);
        let place = model
            .position()
            .map(|(here, end)| format!("  event {}/{}", here.0, end.0))
            .unwrap_or_default();
        let needs = "needs 40x8";
        // The text being typed, or the longest of the forms that fits.
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
}

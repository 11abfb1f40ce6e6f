//! The plain output: the run as lines of text, for pipes, tests and screen readers.
//!
//! ```text
//! tick 3  t=1.000  event 32                             a block: one poll, or what woke tasks
//!   #1 hello moves from READY to RUNNING: poll 2.
//!     why: its timer fired (event 19); it was first in READY
//!   prints: hello
//!   ready: #0 main                                      a line for each queue that has changed
//!   timers: #2 world at 2.000
//! ```
//!
//! Only events that carry news have a line. A note is written where its rule occurs first. The last
//! line sums up the run. No line contains a control character.

mod comparison;
mod totals;

use std::collections::HashSet;
use std::io::{self, Write};

use crate::insight::{
    Language, Narration, Note, Phrase, columns, fit, in_parentheses, is_news, narrate_after,
    narrate_whole, seconds, status_code, task_label, title as title_in, wait_words,
};
use crate::replay::{EventStep, Replay, State, Status};
use crate::trace::{
    Aspect, CallbackEvent, Event, LoopEvent, Meta, Position, TaskEvent, sanitize, to_usize,
};

use super::{
    format::{count, known_or_unknown},
    news::Detail,
    queues::{Queue, QueueEntry, queues_of},
    story::story,
    summary_line::number_in_file,
};

pub use comparison::write_comparison;

use totals::LogTotals;

/// With more unfinished tasks than this, the queues are written at most once a tick, and only after
/// as many events as they have entries: the lines take a pass over all entries, and the time for the
/// whole log is to grow with the number of events alone.
const MANY: usize = 64;

/// With more entries in the queues than this, counting those that are aside, the same holds.
const MANY_ENTRIES: usize = 1024;

/// The most lines of a block: a block of an imported recording may have no end.
const MOST_LINES: usize = 4096;

/// How many lines of a block are searched for a reason that is already there.
const SEARCHED_LINES: usize = 64;

/// How many entries of a queue are named; the rest are counted.
const NAMED: usize = 6;

/// The words for an empty queue.
const NONE: &str = "none";

/// Writes the whole run.
pub fn write_log(replay: &Replay, language: Language, to: &mut impl Write) -> io::Result<()> {
    let mut log = LogWriter::new(language);
    log.append(replay, to)?;
    log.finish(replay, to)
}

/// Writes the whole run, or its first `most` events and a line that says so.
///
/// A small file can contain millions of events, and a log has a line for most of them.
pub fn write_log_of(
    replay: &Replay,
    language: Language,
    most: u64,
    to: &mut impl Write,
) -> io::Result<()> {
    let mut log = LogWriter {
        most: Some(most),
        ..LogWriter::new(language)
    };
    log.append(replay, to)?;
    log.finish(replay, to)
}

/// Writes a run while it grows.
#[derive(Default)]
pub struct LogWriter {
    /// The state after the last step that was taken into a block.
    state: State,
    block: PlainBlock,
    totals: LogTotals,
    /// The language in which the run is described.
    language: Language,
    /// How many events are described at most; `None` for no limit.
    most: Option<u64>,
}

impl std::fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogWriter")
            .field("position", &self.state.position)
            .finish_non_exhaustive()
    }
}

impl LogWriter {
    /// A writer that describes the run in this language, see [`Language::for_run`].
    pub fn new(language: Language) -> LogWriter {
        LogWriter {
            language,
            ..LogWriter::default()
        }
    }

    /// Writes the steps that were added to the replay, except for the block that may still grow.
    pub fn append(&mut self, replay: &Replay, to: &mut impl Write) -> io::Result<()> {
        if self.state.position.0 == 0 {
            write_line(to, 0, &title(&replay.log().meta, self.language))?;
        }
        let mut told = self.state.position.0;
        let mut steps = replay.steps_after(std::mem::take(&mut self.state));
        while self.most.is_none_or(|most| told < most)
            && let Some(step) = steps.next_step()
        {
            told = step.position().0;
            if begins_block(&step.event) || self.block.lines.len() >= MOST_LINES {
                let due = self.block.queues_are_due(step.before);
                self.block
                    .flush(replay, (step.before, due), self.language, to)?;
            }
            self.block.add(&step, self.language);
            self.totals.add(&step, self.language);
        }
        self.state = steps.into_state();
        Ok(())
    }

    /// Has to be called after [`Replay::trim`], with the number of events by which it has shifted all
    /// positions.
    pub fn shift_positions(&mut self, replay: &Replay, by: u64) {
        if by > 0 {
            let position = self.state.position.0.saturating_sub(by).max(1);
            self.state = replay.state_at(Position(position));
        }
    }

    /// Writes the last block, when the run has ended.
    pub fn finish(&mut self, replay: &Replay, to: &mut impl Write) -> io::Result<()> {
        self.block
            .flush(replay, (&self.state, true), self.language, to)?;
        let (written, all) = (self.state.position.0, replay.end().0);
        if self.most.is_some_and(|most| written >= most) && written < all {
            let from = number_in_file(replay, self.state.position);
            let words = format!(
                "The log ends here: {written} of {all} events are described, because a file of this size may \
                 take no more time. --load {from}.. describes the rest, --load all everything."
            );
            return write_line(to, 0, &words);
        }
        if self.state.outcome.is_none() {
            write_line(to, 0, "The trace ends here, before the end of the run.")?;
        }
        self.totals.write(replay, &self.state, self.language, to)
    }
}

/// Writes one position: the step that led there, the queues, the tasks.
pub fn write_state(replay: &Replay, language: Language, to: &mut impl Write) -> io::Result<()> {
    let (state, tables) = (replay.state(), replay.tables());
    write_line(to, 0, &title(&replay.log().meta, language))?;
    write_line(to, 0, &header(replay, state))?;
    for (depth, text) in story_lines(replay, language) {
        write_line(to, 1 + depth, &text)?;
    }
    for (name, words) in queue_lines(replay, state, language) {
        write_line(to, 1, &format!("{name}: {words}"))?;
    }
    write_line(to, 0, "tasks")?;
    for (task, row) in state.tasks.iter() {
        let [running, ready, waiting] = row.times(state.now()).map(seconds);
        let wait = match row.status() {
            Status::Timer | Status::Pending => {
                wait_words(&replay.log().meta, tables, state, row, language)
            }
            Status::Absent
            | Status::Ready
            | Status::Running
            | Status::Unknown
            | Status::Done
            | Status::Failed
            | Status::Cancelled => String::new(),
        };
        let label = pad(&task_label(tables, task), 24);
        let text = format!(
            "{label} {:<4}  polls {:<5} run {running}  ready {ready}  wait {waiting}  {wait}",
            status_code(row.status()),
            known_or_unknown(row.known_polls())
        );
        write_line(to, 1, text.trim_end())?;
    }
    write_line(to, 0, "output")?;
    let printed = replay.index().outputs().iter();
    for output in printed.take_while(|line| line.position <= replay.position()) {
        let text = tables.text(output.text);
        let task = output
            .task
            .map(|task| format!("{} ", task_label(tables, task)));
        let task = task.unwrap_or_default();
        write_line(to, 1, &format!("{}  {task}prints: {text}", output.at))?;
    }
    Ok(())
}

/// The sentences at the position: those of a tick with one note, or one event in full.
fn story_lines(replay: &Replay, language: Language) -> Vec<(usize, String)> {
    let story = story(replay, Detail::News, language);
    let mut steps = replay.steps(story.from..story.to);
    let mut lines = Vec::new();
    if story.to == Position(0) {
        lines.extend(story.lines.iter().map(|line| (0, line.what.clone())));
    }
    while let Some(step) = steps.next_step() {
        let told = story
            .lines
            .iter()
            .find(|line| line.position == step.position());
        let Some(told) = told else { continue };
        let mut narration = narrate_whole(&step, language);
        narration.note = narration.note.or(told.note.clone());
        if story.tick.is_some() {
            let is_main = story.main_line().map(|main| main.position) == Some(told.position);
            narration.note = narration.note.filter(|_| is_main);
            narration.why = None;
        }
        lines.extend(narration_lines(&narration, language));
    }
    if story.more_polls > 0 && story.tick.is_some() {
        let polls = count(to_usize(story.more_polls), "more poll");
        lines.push((0, format!("and {polls}")));
    }
    lines
}

/// The lines under one header. They are collected first, because the header contains the number of
/// the last event among them.
#[derive(Default)]
struct PlainBlock {
    lines: Vec<(usize, String)>,
    /// The note of an event without news, kept for the next line.
    note: Option<Note>,
    /// The queues as they were written last.
    queues: Vec<(&'static str, String)>,
    /// The position at which they were written.
    queues_at: Position,
    /// The rules that were explained, in this block or before.
    explained: HashSet<Phrase>,
}

impl PlainBlock {
    fn add(&mut self, step: &EventStep<'_>, language: Language) {
        if !is_news(step) {
            // The next line says the same, but without the note.
            let note = narrate_after(step, language, &self.explained).note;
            self.note = note.or(self.note.take());
            return;
        }
        let note = self.note.take();
        if let Event::Output { text, .. } = step.event {
            self.lines
                .push((1, format!("prints: {}", step.tables().text(text))));
            return;
        }
        let mut narration = narrate_after(step, language, &self.explained);
        if matches!(step.event, Event::Task(TaskEvent::PollEnd { .. })) && narration.note.is_none()
        {
            narration.why = self.unsaid(narration.why);
        }
        let note = narration.note.or(note);
        narration.note = note.filter(|note| self.explained.insert(note.rule));
        self.lines.extend(
            narration_lines(&narration, language)
                .into_iter()
                .map(|(depth, text)| (1 + depth, text)),
        );
    }

    /// The reason, unless a line of this block contains it already.
    fn unsaid(&self, why: Option<String>) -> Option<String> {
        let mut lines = self.lines.iter().rev().take(SEARCHED_LINES);
        why.filter(|why| !lines.any(|(_, text)| text.contains(why)))
    }

    /// Whether to write the queues at the end of this block.
    fn queues_are_due(&self, state: &State) -> bool {
        // A pass over the tasks skips those that have ended, by pages of 256.
        let entries = state.unfinished()
            + state.tasks.len() / 256
            + state.timers.len()
            + state.callbacks.len();
        if state.unfinished() <= MANY && entries <= MANY_ENTRIES {
            return true;
        }
        // After a trim, positions begin anew.
        let passed = state.position.0.checked_sub(self.queues_at.0);
        state.left_in_tick == 0 && passed.is_none_or(|passed| passed >= entries as u64)
    }

    /// Writes the block, and the queues if they are due.
    fn flush(
        &mut self,
        replay: &Replay,
        (state, queues_are_due): (&State, bool),
        language: Language,
        to: &mut impl Write,
    ) -> io::Result<()> {
        if self.lines.is_empty() {
            return Ok(());
        }
        write_line(to, 0, "")?;
        write_line(to, 0, &header(replay, state))?;
        for (depth, text) in self.lines.drain(..) {
            write_line(to, depth, &text)?;
        }
        if queues_are_due {
            self.queues_at = state.position;
            let queues = queue_lines(replay, state, language);
            for (name, words) in &queues {
                let written = self.queues.iter().find(|(known, _)| known == name);
                // Before the first block every queue is empty.
                if words != written.map_or(NONE, |(_, words)| words.as_str()) {
                    write_line(to, 1, &format!("{name}: {words}"))?;
                }
            }
            self.queues = queues;
        }
        Ok(())
    }
}

/// Whether a block begins with this event: there is one for each poll, for the phases before the
/// polls of a tick, and for the end.
fn begins_block(event: &Event) -> bool {
    matches!(
        event,
        Event::Task(TaskEvent::PollStart { .. })
            | Event::Callback(CallbackEvent::Start { .. })
            | Event::Loop(
                LoopEvent::TickStart
                    | LoopEvent::RunPhase { .. }
                    | LoopEvent::TickEnd
                    | LoopEvent::End { .. }
            )
    )
}

/// The lines of a narration, with their indentation.
fn narration_lines(narration: &Narration, language: Language) -> Vec<(usize, String)> {
    let mut lines = vec![(0, narration.what.clone())];
    if let Some(why) = &narration.why {
        lines.push((1, format!("why: {why}")));
    }
    if let Some(note) = &narration.note {
        lines.push((1, format!("note: {}", note.text)));
        lines.push((1, format!("rule: {}", note.ruling(language))));
    }
    lines
}

fn title(meta: &Meta, language: Language) -> String {
    let mut title = meta.scenario.clone();
    if !meta.variant.is_empty() {
        title = format!("{title}:{}", meta.variant);
    }
    for (key, value) in &meta.params {
        title.extend([" ", key, "=", value]);
    }
    if !meta.schedule.is_empty() {
        title = format!("{title} --schedule {}", meta.schedule);
    }
    if !meta.title.is_empty() {
        title = format!("{title}  {}", title_in(meta, language));
    }
    let clock = format!("({} clock, seed {})", meta.clock.as_str(), meta.seed);
    format!("{title}  {clock}").trim_start().to_owned()
}

/// The tick, the time and the number of the last event. A run that is still growing has no total, so
/// none is given.
fn header(replay: &Replay, state: &State) -> String {
    let tick = if replay.log().meta.has(Aspect::Queues) {
        format!("tick {}  ", state.tick())
    } else {
        String::new()
    };
    format!("{tick}t={}  event {}", state.now(), state.position.0)
}

/// The queues, each with its name and its entries.
fn queue_lines(replay: &Replay, state: &State, language: Language) -> Vec<(&'static str, String)> {
    let queues = queues_of(replay, state, MANY, language);
    let in_place = |entry: &QueueEntry, text: String| {
        if entry.aside {
            format!("({text})")
        } else {
            text
        }
    };
    let label = |entry: &QueueEntry| in_place(entry, entry.label.clone());
    let timer = |entry: &QueueEntry| {
        let deadline = entry.deadline.unwrap_or_default();
        in_place(entry, format!("{} at {deadline}", entry.label))
    };
    let pending =
        |entry: &QueueEntry| format!("{} ({})", entry.label, in_parentheses(&entry.words));
    let mut lines = vec![
        ("ready", queue_words(&queues.ready, label)),
        ("running", queue_words(&queues.running, label)),
        ("timers", queue_words(&queues.timers, timer)),
        ("pending", queue_words(&queues.pending, pending)),
    ];
    if queues.unknown_tasks > 0 {
        lines.push(("unknown", queues.unknown_tasks.to_string()));
    }
    lines.push(("done", done_words(state, queues.done)));
    lines
}

fn done_words(state: &State, mut done: Queue) -> String {
    if state.tasks.len() > MANY && done.len > 0 {
        return done.len.to_string();
    }
    // By number, so that the line of one block differs from the next by what was added.
    done.rows.sort_by_key(|entry| entry.task);
    queue_words(&done, |entry| {
        if entry.status == Status::Done {
            return entry.label.clone();
        }
        format!("{} {}", entry.label, status_code(entry.status))
    })
}

/// The first entries of a queue, and the number of the others.
fn queue_words(queue: &Queue, words: impl Fn(&QueueEntry) -> String) -> String {
    if queue.unknown {
        return "not recorded".to_owned();
    }
    if queue.len + queue.aside == 0 {
        return NONE.to_owned();
    }
    let named: Vec<String> = queue.rows.iter().take(NAMED).map(words).collect();
    let named = named.join(", ");
    match (queue.len + queue.aside).saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn pad(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let missing = width.saturating_sub(columns(&text));
    text + &" ".repeat(missing)
}

/// Writes a line, with the characters replaced that could command or mislead a terminal.
fn write_line(to: &mut impl Write, depth: usize, text: &str) -> io::Result<()> {
    for _ in 0..depth {
        to.write_all(b"  ")?;
    }
    // Most lines have no other characters than these, and are written as they are.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        to.write_all(text.as_bytes())?;
        return to.write_all(b"\n");
    }
    let clean: String = text
        .chars()
        .map(|c| match c {
            '\t' | '\n' => ' ',
            c => sanitize(c, ""),
        })
        .collect();
    writeln!(to, "{clean}")
}

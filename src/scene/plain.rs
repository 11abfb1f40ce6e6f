//! The same as on the screen, as lines: for pipes, tests and screen readers.
//!
//! ```text
//! tick 3  t=1.000  event 22/40                          a turn, or what woke tasks: one block
//!   #1 hello moves from READY to RUNNING: its turn number 2.
//!     why: its timer fired (event 19); it was first in READY
//!   > hello                                             a line that the program printed
//!   ready: #0 main | running: none | timers: #2 world at 2.000 | done: #1 hello
//! ```
//!
//! Steps that only prepare another one (a timer set just before its task falls asleep, the borders of phases) have no
//! line of their own, and a rule is told in full the first time only. No line holds a control character.

mod comparison;

use std::collections::HashSet;
use std::io::{self, Write};

use crate::insight::{
    Narration, columns, fit, narrate, narrate_step, seconds, status_code, task_label, wait_words,
};
use crate::replay::{EventStep, Replay, Running, State, Status};
use crate::trace::{
    Advance, Aspect, CallbackEvent, ClockKind, Event, LoopEvent, Meta, Position, Tables, TaskEvent,
    TimerEvent, Wait,
};

pub use comparison::write_comparison;

/// With more living tasks than this the queues are written once a tick: to look them through costs a pass over all.
const MANY: usize = 64;

/// How many entries of a queue are named.
const NAMED: usize = 6;

/// Writes the whole run.
pub fn write_log(replay: &Replay, to: &mut impl Write) -> io::Result<()> {
    let mut log = LogWriter::default();
    log.append(replay, to)?;
    log.finish(replay, to)
}

/// Writes a run as it comes in.
#[derive(Default)]
pub struct LogWriter {
    /// Where the writing stands.
    state: State,
    block: PlainBlock,
}

impl std::fmt::Debug for LogWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogWriter")
            .field("position", &self.state.position)
            .finish_non_exhaustive()
    }
}

impl LogWriter {
    /// Writes what has come in since, up to the last step that is complete.
    pub fn append(&mut self, replay: &Replay, to: &mut impl Write) -> io::Result<()> {
        if self.state.position.0 == 0 {
            write_line(to, 0, &title(&replay.log().meta))?;
        }
        let mut steps = replay.steps_after(std::mem::take(&mut self.state));
        while let Some(step) = steps.next_step() {
            if begins_block(&step.event) {
                self.block.flush(replay, step.before, to)?;
            }
            self.block.add(&step);
        }
        self.state = steps.into_state();
        Ok(())
    }

    /// Goes on where it stands after [`Replay::trim`] has made all positions lower by so much.
    pub fn shift_positions(&mut self, replay: &Replay, by: u32) {
        if by > 0 {
            let position = self.state.position.0.saturating_sub(by).max(1);
            self.state = replay.state_at(Position(position));
        }
    }

    /// Writes what is left, when no more will come.
    pub fn finish(&mut self, replay: &Replay, to: &mut impl Write) -> io::Result<()> {
        self.block.flush(replay, &self.state, to)?;
        if self.state.outcome.is_none() {
            write_line(to, 0, "The trace ends here; the run had not ended.")?;
        }
        Ok(())
    }
}

/// Writes one position: what led there, the queues, the tasks.
pub fn write_state(replay: &Replay, to: &mut impl Write) -> io::Result<()> {
    let (state, tables) = (replay.state(), replay.tables());
    write_line(to, 0, &title(&replay.log().meta))?;
    write_line(to, 0, &header(replay, state))?;
    for (depth, text) in narration_lines(&narrate(replay)) {
        write_line(to, 1 + depth, &text)?;
    }
    write_line(to, 1, &queues(replay, state))?;
    write_line(to, 0, "tasks")?;
    for (task, row) in state.tasks.iter() {
        let [running, ready, waiting] = row.times(state.now()).map(seconds);
        let wait = match row.status() {
            Status::Timer | Status::Pending => wait_words(&replay.log().meta, tables, state, row),
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
            row.polls
        );
        write_line(to, 1, text.trim_end())?;
    }
    write_line(to, 0, "output")?;
    let printed = replay.index().outputs().iter();
    for output in printed.take_while(|line| line.position <= replay.position()) {
        let text = tables.text(output.text);
        write_line(to, 1, &format!("> {}  {text}", output.at))?;
    }
    Ok(())
}

/// The lines between two headers, not written yet: the header tells the last event of them.
#[derive(Default)]
struct PlainBlock {
    lines: Vec<(usize, String)>,
    told: HashSet<&'static str>,
}

impl PlainBlock {
    fn add(&mut self, step: &EventStep<'_>) {
        if is_silent(step) {
            return;
        }
        if let Event::Output { text } = step.event {
            self.lines
                .push((1, format!("> {}", step.tables().text(text))));
            return;
        }
        let mut narration = narrate_step(step);
        if is_prelude(&step.event) {
            // The step after it says the same, but a lesson would be lost.
            if narration.note.is_none() {
                return;
            }
            narration.why = None;
        }
        if matches!(step.event, Event::Task(TaskEvent::PollEnd { .. })) && narration.note.is_none()
        {
            narration.why = self.unsaid(narration.why);
        }
        narration.note = narration.note.filter(|note| self.told.insert(note.rule));
        self.lines.extend(
            narration_lines(&narration)
                .into_iter()
                .map(|(depth, text)| (1 + depth, text)),
        );
    }

    /// Keeps a reason, unless a line of this block gave it already.
    fn unsaid(&self, why: Option<String>) -> Option<String> {
        why.filter(|why| !self.lines.iter().any(|(_, text)| text.contains(why)))
    }

    fn flush(&mut self, replay: &Replay, state: &State, to: &mut impl Write) -> io::Result<()> {
        let few = state.tasks.len() - (state.ended as usize).min(state.tasks.len()) <= MANY;
        if self.lines.is_empty() {
            return Ok(());
        }
        write_line(to, 0, "")?;
        write_line(to, 0, &header(replay, state))?;
        for (depth, text) in self.lines.drain(..) {
            write_line(to, depth, &text)?;
        }
        if few || state.left_in_tick == 0 {
            write_line(to, 1, &queues(replay, state))?;
        }
        Ok(())
    }
}

/// A turn, the phases before the turns, and the end are a block each.
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

/// Steps that move nothing that a person would look for.
fn is_silent(step: &EventStep<'_>) -> bool {
    match step.event {
        Event::Loop(
            LoopEvent::TickStart
            | LoopEvent::TimerPhase { .. }
            | LoopEvent::RunPhase { .. }
            | LoopEvent::TickEnd
            | LoopEvent::Advance {
                why: Advance::Passed,
                ..
            },
        ) => true,
        // On a virtual clock nobody parks: the jump that follows says it.
        Event::Loop(LoopEvent::Park { until }) => {
            until.is_some() && step.meta().clock == ClockKind::Virtual
        }
        Event::Loop(LoopEvent::Advance { by, why }) => by == 0 && why != Advance::Worked,
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => false,
    }
}

/// Steps that say what the next step says again.
fn is_prelude(event: &Event) -> bool {
    match event {
        Event::Timer(TimerEvent::Set { .. } | TimerEvent::Fired { .. }) => true,
        Event::Task(TaskEvent::Wait { also, on, .. }) => !also && *on != Wait::Unknown,
        Event::Loop(_)
        | Event::Task(_)
        | Event::Timer(_)
        | Event::Resource(_)
        | Event::Callback(_)
        | Event::Output { .. }
        | Event::Gap { .. } => false,
    }
}

/// A narration as lines with their depth.
fn narration_lines(narration: &Narration) -> Vec<(usize, String)> {
    let mut lines = vec![(0, narration.what.clone())];
    if let Some(why) = &narration.why {
        lines.push((1, format!("why: {why}")));
    }
    if let Some(note) = &narration.note {
        lines.push((1, format!("note: {}", note.text)));
        lines.push((1, format!("rule: {}", note.ruling())));
    }
    lines
}

fn title(meta: &Meta) -> String {
    let mut title = meta.scenario.clone();
    if !meta.variant.is_empty() {
        title = format!("{title}:{}", meta.variant);
    }
    for (key, value) in &meta.params {
        title = format!("{title} {key}={value}");
    }
    if !meta.schedule.is_empty() {
        title = format!("{title} --schedule {}", meta.schedule);
    }
    if !meta.title.is_empty() {
        title = format!("{title}  {}", meta.title);
    }
    let clock = format!("({} clock, seed {})", meta.clock.as_str(), meta.seed);
    format!("{title}  {clock}").trim_start().to_owned()
}

fn header(replay: &Replay, state: &State) -> String {
    let tick = if replay.log().meta.has(Aspect::Queues) {
        format!("tick {}  ", state.tick())
    } else {
        String::new()
    };
    format!(
        "{tick}t={}  event {}/{}",
        state.now(),
        state.position.0,
        replay.end().0
    )
}

/// Who is where, in one line.
fn queues(replay: &Replay, state: &State) -> String {
    let (meta, tables) = (&replay.log().meta, replay.tables());
    let label = |task| task_label(tables, task);
    let callbacks = state.callbacks.iter();
    let mut ready: Vec<_> = state
        .ready()
        .into_iter()
        .map(|(task, row)| (row.woken, label(task)))
        .chain(callbacks.map(|callback| {
            let name = format!("callback {}", tables.text(callback.name));
            (callback.scheduled, name)
        }))
        .collect();
    ready.sort_by_key(|(since, _)| *since);
    let ready: Vec<_> = ready.into_iter().map(|(_, label)| label).collect();
    let running = match state.running {
        _ if !meta.has(Aspect::Queues) => {
            let rows = state.tasks.unfinished();
            let running = rows.filter(|(_, row)| row.status() == Status::Running);
            some_of(&running.map(|(task, _)| label(task)).collect::<Vec<_>>())
        }
        Running::Nothing => "none".to_owned(),
        Running::Task(task) => label(task),
        Running::Callback(_, name) => format!("callback {}", tables.text(name)),
    };
    let timers: Vec<_> = state
        .timer_queue()
        .into_iter()
        .map(|(_, timer)| format!("{} at {}", label(timer.task), timer.deadline))
        .collect();
    let pending: Vec<_> = state
        .tasks
        .unfinished()
        .filter(|(_, row)| row.status() == Status::Pending)
        .map(|(task, row)| format!("{} ({})", label(task), wait_words(meta, tables, state, row)))
        .collect();
    let known = |part, words: String| {
        if meta.has(part) {
            words
        } else {
            "not recorded".to_owned()
        }
    };
    let mut text = format!(
        "ready: {} | running: {running} | timers: {}",
        known(Aspect::Wakes, some_of(&ready)),
        known(Aspect::Timers, some_of(&timers))
    );
    if !pending.is_empty() {
        text = format!("{text} | pending: {}", some_of(&pending));
    }
    let unknown = state.tasks.unfinished();
    let unknown = unknown.filter(|(_, row)| row.status() == Status::Unknown);
    match unknown.count() {
        0 => {}
        count => text = format!("{text} | unknown: {count}"),
    }
    if state.ended > 0 {
        text = format!("{text} | done: {}", ended(tables, state));
    }
    text
}

fn ended(tables: &Tables, state: &State) -> String {
    if state.tasks.len() > MANY {
        return state.ended.to_string();
    }
    let all = state.tasks.iter();
    let ended: Vec<_> = all
        .filter(|(_, row)| row.status().ended())
        .map(|(task, row)| match row.status() {
            Status::Done => task_label(tables, task),
            other @ (Status::Absent
            | Status::Ready
            | Status::Running
            | Status::Timer
            | Status::Pending
            | Status::Unknown
            | Status::Failed
            | Status::Cancelled) => format!("{} {}", task_label(tables, task), status_code(other)),
        })
        .collect();
    some_of(&ended)
}

/// The first few of a list.
fn some_of(items: &[String]) -> String {
    match items {
        [] => "none".to_owned(),
        items if items.len() <= NAMED => items.join(", "),
        [first @ .., _] => format!(
            "{} and {} more",
            first
                .iter()
                .take(NAMED)
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            items.len() - NAMED
        ),
    }
}

fn pad(text: &str, width: usize) -> String {
    let text = fit(text, width);
    let missing = width.saturating_sub(columns(&text));
    text + &" ".repeat(missing)
}

/// Writes a line, with whatever could command a terminal made harmless.
fn write_line(to: &mut impl Write, depth: usize, text: &str) -> io::Result<()> {
    let clean: String = text
        .chars()
        .map(|c| match c {
            '\t' | '\n' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect();
    writeln!(to, "{}{clean}", "  ".repeat(depth))
}

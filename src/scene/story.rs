//! What has just happened, told in sentences: a whole tick, or one event.
//!
//! What is told at a position follows from the position alone, so a step forward and a step back
//! show the same sentences:
//!
//! * After the end of a tick, and while the loop has found nothing to do since, the **tick** is
//!   told: its most important events, at most [`MOST_LINES`] of them.
//! * At any other position the last **event** that carries news is told, together with the events
//!   without news that led to it. A timer that fires and the wake that it causes are one such step.
//! * With [`Detail::AllEvents`] the last event is told, whether it carries news or not. Only the
//!   end of a tick still tells the tick.
//!
//! The sentences are those of [`narrate_step`]. This module chooses among them:
//!
//! 1. Every event has a weight: a failure matters more than a poll that starts.
//! 2. A tick shows one note, that of the weightiest event with a note, and the event with it.
//! 3. The other lines go to the weightiest events, the earlier of two equal ones first.
//! 4. What is left out is counted.
//!
//! A tick of 10,000 polls must not take longer than a frame, so only the first [`MOST_NARRATED`]
//! events are put into words, and after them as many events of great weight.

use std::{collections::HashMap, ops::Range};

use crate::insight::{Language, Note, is_news, narrate, narrate_step};
use crate::replay::{EventStep, Replay, Status};
use crate::trace::{
    CallbackEvent, Event, LoopEvent, Moment, Position, TaskEvent, TaskId, WakeEffect,
};

use super::news::{Detail, last_news};

mod log;
mod weight;

pub use log::{LogLine, log_before};

use weight::weight;

/// The most sentences of a tick.
pub const MOST_LINES: usize = 6;

/// The most events of a tick that are put into words in order to choose among them.
const MOST_NARRATED: usize = 64;

/// The most tasks whose moves within a tick are kept for the highlight.
const MOST_MOVED: usize = 4096;

/// From this weight on, an event is put into words even if it is far down in a long tick.
const GREAT: u8 = 6;

/// One event in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoryLine {
    /// The position after the event.
    pub position: Position,
    /// What happened.
    pub what: String,
    /// The cause.
    pub why: Option<String>,
    /// The correction of a misconception.
    pub note: Option<Note>,
    /// How much the event matters.
    weight: u8,
    /// The poll that the event is part of, counted from the start of the story.
    poll: u32,
}

/// What is told at a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The tick that is told as a whole; `None` if one event is told.
    pub tick: Option<u32>,
    /// The time at the end of the story.
    pub at: Moment,
    /// The position before the first event that is told.
    pub from: Position,
    /// The position after the last event that is told.
    pub to: Position,
    /// The sentences, in the order of their events.
    pub lines: Vec<StoryLine>,
    /// The index of the line whose note is shown; without a note, that of the weightiest line.
    pub main: usize,
    /// How many polls have no line.
    pub more_polls: u32,
    /// How many events that carry news have no line.
    pub more_events: u32,
    moved: HashMap<TaskId, MovedTask>,
}

/// Where a task was before the story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MovedTask {
    /// Its status before its first move.
    first: Status,
    /// Its status before its last move.
    last: Status,
}

/// The sentences of the current tick, or of the last one.
pub fn tick_story(replay: &Replay, language: Language) -> Vec<StoryLine> {
    match last_news(replay, replay.position()) {
        Some(last) if last.tick > 0 => {
            let from = before_tick(replay, last.tick);
            tell(replay, from..last.position, Some(last.tick), language).lines
        }
        _ => story(replay, Detail::News, language).lines,
    }
}

/// What is told at the current position.
pub fn story(replay: &Replay, detail: Detail, language: Language) -> Story {
    let here = replay.position();
    let before = |position: Position| Position(position.0.saturating_sub(1));
    if here == Position(0) {
        let narration = narrate(replay, language);
        let line = StoryLine {
            what: narration.what,
            why: narration.why,
            ..StoryLine::default()
        };
        return Story {
            lines: vec![line],
            ..Story::default()
        };
    }
    if detail == Detail::AllEvents {
        let ends_tick = replay.event_before(here) == Some(Event::Loop(LoopEvent::TickEnd));
        if !ends_tick {
            return tell(replay, before(here)..here, None, language);
        }
    }
    let Some(last) = last_news(replay, here) else {
        return tell(replay, before(here)..here, None, language);
    };
    if last.tick_ended && last.tick > 0 {
        let from = before_tick(replay, last.tick).min(before(last.position));
        return tell(replay, from..last.position, Some(last.tick), language);
    }
    let from = last_news(replay, before(last.position)).map_or(Position(0), |news| news.position);
    tell(replay, from..last.position, None, language)
}

/// The position before the first event of a tick.
fn before_tick(replay: &Replay, tick: u32) -> Position {
    Position(replay.tick_start(tick).0.saturating_sub(1))
}

/// Tells the events between two positions: those of a tick, or one event and what led to it.
fn tell(replay: &Replay, range: Range<Position>, tick: Option<u32>, language: Language) -> Story {
    let (from, to) = (range.start, range.end);
    let mut teller = Teller {
        language,
        ..Teller::default()
    };
    let mut steps = replay.steps(range);
    while let Some(step) = steps.next_step() {
        let whole = tick.is_none() && step.position() == to;
        teller.hear(&step, whole);
    }
    let at = steps.state().now();
    let mut story = teller.choose();
    story.tick = tick;
    story.at = at;
    (story.from, story.to) = (from, to);
    story
}

/// Hears the events of a story one after the other, and chooses what is told.
#[derive(Default)]
struct Teller {
    language: Language,
    lines: Vec<StoryLine>,
    /// The note of an event without news, kept for the next event that carries news.
    note: Option<Note>,
    news: u32,
    polls: u32,
    moved: HashMap<TaskId, MovedTask>,
}

impl Teller {
    /// `told` says that the event is told in any case.
    fn hear(&mut self, step: &EventStep<'_>, told: bool) {
        self.hear_move(step);
        if is_poll_start(&step.event) {
            self.polls += 1;
        }
        let first = self.lines.len() < MOST_NARRATED;
        if !told && !is_news(step) {
            if first && may_have_note(&step.event) {
                self.note = narrate_step(step, self.language).note.or(self.note.take());
            }
            return;
        }
        self.news += 1;
        let weight = weight(&step.event);
        let late = weight >= GREAT && self.lines.len() < 2 * MOST_NARRATED;
        if !told && !first && !late {
            self.note = None;
            return;
        }
        let narration = narrate_step(step, self.language);
        self.lines.push(StoryLine {
            position: step.position(),
            what: narration.what,
            why: narration.why,
            note: narration.note.or(self.note.take()),
            weight,
            poll: self.polls,
        });
        self.note = None;
    }

    fn hear_move(&mut self, step: &EventStep<'_>) {
        let Event::Task(
            TaskEvent::Spawn { task, .. }
            | TaskEvent::Wake {
                task,
                effect: WakeEffect::Enqueued,
                ..
            }
            | TaskEvent::PollStart { task }
            | TaskEvent::PollEnd { task, .. },
        ) = step.event
        else {
            return;
        };
        let row = step.before.tasks.get(task);
        let last = row.map_or(Status::Absent, crate::replay::TaskState::status);
        if let Some(moved) = self.moved.get_mut(&task) {
            moved.last = last;
        } else if self.moved.len() < MOST_MOVED {
            self.moved.insert(task, MovedTask { first: last, last });
        }
    }

    fn choose(self) -> Story {
        let mut lines = self.lines;
        // `max_by_key` finds the last of several equal elements.
        let key = |line: &StoryLine| (line.note.is_some(), line.weight);
        let main = (0..lines.len()).rev().max_by_key(|&at| key(&lines[at]));
        let main = main.map(|at| lines[at].position);
        keep_weightiest(&mut lines, MOST_LINES, main);
        let mut polls: Vec<u32> = lines.iter().map(|line| line.poll).collect();
        polls.dedup();
        let told = polls.iter().filter(|poll| **poll > 0).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Story {
            main: lines
                .iter()
                .position(|line| Some(line.position) == main)
                .unwrap_or(0),
            more_polls: self.polls.saturating_sub(number(told)),
            more_events: self.news.saturating_sub(number(lines.len())),
            lines,
            moved: self.moved,
            ..Story::default()
        }
    }
}

/// Removes the lines with the least weight until `most` are left. `main` stays.
fn keep_weightiest(lines: &mut Vec<StoryLine>, most: usize, main: Option<Position>) {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&at| {
        let is_main = Some(lines[at].position) == main;
        std::cmp::Reverse((is_main, lines[at].weight, std::cmp::Reverse(at)))
    });
    let mut kept: Vec<usize> = order.into_iter().take(most).collect();
    kept.sort_unstable();
    let mut at = 0;
    lines.retain(|_| {
        at += 1;
        kept.binary_search(&(at - 1)).is_ok()
    });
}

impl Story {
    /// The line whose note is shown.
    pub fn main_line(&self) -> Option<&StoryLine> {
        self.lines.get(self.main)
    }

    /// The story in at most that many lines. The main line stays.
    pub fn shortened(&self, most: usize) -> Story {
        let mut short = self.clone();
        let main = self.main_line().map(|line| line.position);
        keep_weightiest(&mut short.lines, most.max(1), main);
        let kept = short.lines.iter();
        short.main = { kept }
            .position(|line| Some(line.position) == main)
            .unwrap_or(0);
        let removed = self.lines.len() - short.lines.len();
        short.more_events += u32::try_from(removed).unwrap_or(u32::MAX);
        short
    }

    /// The status that a task had before the story, if the story moved it to the status that it has
    /// now. A task that came back to where it was has come from its last place.
    pub fn origin(&self, task: TaskId, now: Status) -> Option<Status> {
        let moved = self.moved.get(&task)?;
        let origin = if moved.first == now {
            moved.last
        } else {
            moved.first
        };
        (origin != now).then_some(origin)
    }
}

fn is_poll_start(event: &Event) -> bool {
    matches!(
        event,
        Event::Task(TaskEvent::PollStart { .. }) | Event::Callback(CallbackEvent::Start { .. })
    )
}

/// Whether an event without news can have a note. Most of these events are borders of phases, for
/// which it would be a waste to compose the sentences.
fn may_have_note(event: &Event) -> bool {
    match event {
        Event::Timer(_) | Event::Task(_) | Event::Resource(_) => true,
        Event::Loop(_) | Event::Callback(_) | Event::Output { .. } | Event::Gap { .. } => false,
    }
}

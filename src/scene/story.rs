//! What has just happened, told in sentences: a whole tick, or one event.
//!
//! The sentences at a position follow from the position alone, so a step forward and a step back
//! show the same sentences:
//!
//! * After the end of a tick, and while the loop has found nothing to do since, they describe the
//!   **tick**: its most important events, at most [`MOST_LINES`] of them.
//! * At any other position they describe the last **event** that carries news, together with the
//!   events without news that led to it. A timer that fires and the wake that it causes are one such
//!   step.
//! * With [`Detail::AllEvents`] they describe the last event, whether it carries news or not. Only
//!   at the end of a tick they still describe the tick.
//!
//! The sentences are those of [`narrate_step`]. This module chooses among them:
//!
//! 1. Every event has a weight: a failure matters more than a poll that starts.
//! 2. A tick shows one note, that of the weightiest event with a note, and the event with it.
//! 3. The other lines go to the weightiest events, the earlier of two equal ones first.
//! 4. What is left out is counted.
//!
//! A tick of 10,000 polls must not take longer than a frame, so only the first `MOST_NARRATED`
//! events are put into words, and after them as many events of great weight.

use std::collections::HashMap;

use crate::insight::{Language, Note, is_news, narrate, narrate_step};
use crate::replay::{EventStep, Replay, Status};
use crate::trace::{
    CallbackEvent, Event, LoopEvent, Moment, Position, TaskEvent, TaskId, WakeEffect,
};

use super::news::{Detail, LastNews, last_news};

mod log;
mod weight;

pub use log::LogLine;

use log::LogTeller;

use weight::weight;

/// The most sentences of a tick.
pub const MOST_LINES: usize = 6;

/// The most events of a tick that are put into words in order to choose among them.
const MOST_NARRATED: usize = 32;

/// The most events of a tick that are looked at. The polls after them are only counted.
const MOST_HEARD: u64 = 50_000;

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
    poll: u64,
}

/// The sentences of panel 5 at a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The tick, if the story is of a whole tick; `None` if it is of one event.
    pub tick: Option<u64>,
    /// The time at the end of the story.
    pub at: Moment,
    /// The position before the first event of the story.
    pub from: Position,
    /// The position after the last event of the story.
    pub to: Position,
    /// The sentences, in the order of their events.
    pub lines: Vec<StoryLine>,
    /// The index of the line whose note is shown; without a note, that of the weightiest line.
    pub main: usize,
    /// How many polls have no line.
    pub more_polls: u64,
    /// How many events that carry news have no line.
    pub more_events: u64,
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
    let last = last_news(replay, replay.position()).filter(|last| last.tick > 0);
    let range = match last {
        Some(last) => ToldRange::of_tick(replay, last),
        None => ToldRange::at(replay, Detail::News),
    };
    range.tell(replay, language, None).lines
}

/// The story at the current position.
pub fn story(replay: &Replay, detail: Detail, language: Language) -> Story {
    ToldRange::at(replay, detail).tell(replay, language, None)
}

/// The same, with the log above it, of at most that many events.
pub fn story_with_log(
    replay: &Replay,
    detail: Detail,
    language: Language,
    most: usize,
) -> (Story, Vec<LogLine>) {
    let range = ToldRange::at(replay, detail);
    let mut log = LogTeller::new(detail, language);
    let start = log.start(replay, range.from, most);
    let story = range.tell(replay, language, Some((start, &mut log)));
    (story, log.lines)
}

/// The events that are told: those of a tick, or one event and what led to it.
#[derive(Clone, Copy, Debug)]
struct ToldRange {
    from: Position,
    to: Position,
    /// The tick, if the story is of a whole tick.
    tick: Option<u64>,
}

impl ToldRange {
    /// The story at the current position.
    fn at(replay: &Replay, detail: Detail) -> ToldRange {
        let here = replay.position();
        let single = ToldRange {
            from: before(here),
            to: here,
            tick: None,
        };
        let ends_tick = || replay.event_before(here) == Some(Event::Loop(LoopEvent::TickEnd));
        if detail == Detail::AllEvents && !ends_tick() {
            return single;
        }
        let Some(last) = last_news(replay, here) else {
            return single;
        };
        if last.tick_ended && last.tick > 0 {
            return ToldRange::of_tick(replay, last);
        }
        let from = last_news(replay, before(last.position));
        let from = from.map_or(Position(0), |news| news.position);
        ToldRange {
            from: from.max(Position(last.position.0.saturating_sub(MOST_HEARD))),
            to: last.position,
            tick: None,
        }
    }

    /// The tick of an event, up to that event.
    fn of_tick(replay: &Replay, last: LastNews) -> ToldRange {
        let start = before(replay.tick_start(last.tick));
        ToldRange {
            from: start.min(before(last.position)),
            to: last.position,
            tick: Some(last.tick),
        }
    }

    /// Tells the range, and the log from an earlier position on. One pass does both, because the
    /// state that it starts from has to be copied.
    fn tell(
        self,
        replay: &Replay,
        language: Language,
        mut log: Option<(Position, &mut LogTeller)>,
    ) -> Story {
        let ToldRange { from, to, tick } = self;
        let mut teller = Teller {
            language,
            ..Teller::default()
        };
        if to == Position(0) {
            teller.lines.push(before_the_first_event(replay, language));
        }
        let start = log.as_ref().map_or(from, |(start, _)| *start);
        let heard = Position(from.0.saturating_add(MOST_HEARD)).min(to);
        let mut steps = replay.steps(start..heard);
        while let Some(step) = steps.next_step() {
            if step.position() > from {
                teller.hear(&step, tick.is_none() && step.position() == to);
            } else if let Some((_, log)) = &mut log {
                log.hear(&step);
            }
        }
        let polls = |position| replay.cursor_at(position).polls;
        let unheard = if heard < to {
            polls(to) - polls(heard)
        } else {
            0
        };
        let mut story = teller.choose();
        story.more_polls += unheard;
        story.at = replay.cursor_at(to).now;
        (story.tick, story.from, story.to) = (tick, from, to);
        story
    }
}

fn before(position: Position) -> Position {
    Position(position.0.saturating_sub(1))
}

fn before_the_first_event(replay: &Replay, language: Language) -> StoryLine {
    let narration = narrate(replay, language);
    StoryLine {
        what: narration.what,
        why: narration.why,
        ..StoryLine::default()
    }
}

/// Takes the events of a story one after the other, and chooses those that get a sentence.
#[derive(Default)]
struct Teller {
    language: Language,
    lines: Vec<StoryLine>,
    /// The note of an event without news, kept for the next event that carries news.
    note: Option<Note>,
    /// How many events without news were asked for a note.
    silent: usize,
    news: u64,
    polls: u64,
    moved: HashMap<TaskId, MovedTask>,
}

impl Teller {
    /// `told` says that the event gets a sentence in any case.
    fn hear(&mut self, step: &EventStep<'_>, told: bool) {
        self.hear_move(step);
        if is_poll_start(&step.event) {
            self.polls += 1;
        }
        let first = self.lines.len() < MOST_NARRATED;
        if !told && !is_news(step) {
            if first && self.silent < MOST_NARRATED && may_have_note(&step.event) {
                self.silent += 1;
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
        let mut polls: Vec<u64> = lines.iter().map(|line| line.poll).collect();
        polls.dedup();
        let told = polls.iter().filter(|poll| **poll > 0).count();
        let number = |count: usize| count as u64;
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
    #[must_use]
    pub fn shortened(&self, most: usize) -> Story {
        let mut short = self.clone();
        let main = self.main_line().map(|line| line.position);
        keep_weightiest(&mut short.lines, most.max(1), main);
        let kept = short.lines.iter();
        short.main = { kept }
            .position(|line| Some(line.position) == main)
            .unwrap_or(0);
        let removed = self.lines.len() - short.lines.len();
        short.more_events += removed as u64;
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

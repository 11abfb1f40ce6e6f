//! The events that are told one by one: where the next and the previous one are, and how many there
//! are.

use crate::insight::carries_news;
use crate::replay::Replay;
use crate::trace::{Event, LoopEvent, Position};

/// Which events are told one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Events that carry news.
    #[default]
    News,
    /// All events.
    AllEvents,
}

impl Detail {
    /// Whether an event gets a sentence.
    pub(crate) fn tells(self, event: &Event) -> bool {
        match self {
            Detail::News => carries_news(event),
            Detail::AllEvents => true,
        }
    }
}

/// How many events a search for the last news examines at once, and how many times.
const WINDOW: u64 = 1024;
const WINDOWS: usize = 16;

/// The most events that a search for the next news examines.
const MOST_SEARCHED: usize = 500_000;

/// The position of the first event that carries news: here a run opens, and steps back end.
pub fn first_news(replay: &Replay) -> Position {
    next_news(replay, Position(0))
        .unwrap_or(Position(1))
        .min(replay.end())
}

/// The position after the next event that carries news; `None` if the trace has no more of them.
pub fn next_news(replay: &Replay, from: Position) -> Option<Position> {
    let mut events = replay.events_from(from).take(MOST_SEARCHED);
    let news = events.find(|(_, event, _)| carries_news(event));
    news.map(|(position, _, _)| position)
}

/// The last event at or before a position that carries news, as [`last_news`] finds it.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastNews {
    /// The position after it.
    pub(super) position: Position,
    /// Its tick; 0 before the first.
    pub(super) tick: u64,
    /// Whether that tick has ended by the position at which the search began.
    pub(super) tick_ended: bool,
}

/// Searches backward from a position for an event that carries news. Events can only be decoded
/// forward, so the search goes through windows, the last one first.
pub(super) fn last_news(replay: &Replay, at: Position) -> Option<LastNews> {
    let mut until = at.min(replay.end());
    let mut tick_ended = false;
    for _ in 0..WINDOWS {
        let start = Position(until.0.checked_sub(1)? / WINDOW * WINDOW);
        let mut last = None;
        let mut ended = false;
        let events = replay.events_from(start);
        for (position, event, cursor) in events.take_while(|(after, _, _)| *after <= until) {
            if carries_news(&event) {
                last = Some((position, cursor.ticks));
                ended = false;
            } else if event == Event::Loop(LoopEvent::TickEnd) {
                ended = true;
            }
        }
        tick_ended |= ended;
        if let Some((position, tick)) = last {
            return Some(LastNews {
                position,
                tick,
                tick_ended,
            });
        }
        until = start;
    }
    None
}

/// The position after the last event before `from` that carries news; `None` if there is none
/// nearby.
pub fn previous_news(replay: &Replay, from: Position) -> Option<Position> {
    let before = Position(from.0.checked_sub(1)?);
    last_news(replay, before).map(|news| news.position)
}

/// The tenths of a run, as positions at which an event gets a sentence.
pub fn tenths(replay: &Replay, detail: Detail) -> impl Iterator<Item = Position> {
    let end = replay.end();
    (0..=10u64).map(move |tenth| {
        let position = u128::from(end.0) * u128::from(tenth) / 10;
        let position = Position(u64::try_from(position).unwrap_or(u64::MAX));
        if detail == Detail::AllEvents || position == end {
            return position;
        }
        last_news(replay, position).map_or(position, |news| news.position)
    })
}

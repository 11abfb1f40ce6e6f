//! How many events of a run carry news: the numbers in the title of panel 5.

use crate::{insight::carries_news, replay::Replay, trace::Position};

/// How many events lie between two stored counts. A count between them takes that many events.
const WINDOW: u64 = 1024;

/// How many events carry news, up to each position.
///
/// Counting ten million events takes longer than a frame, so [`NewsCount::extend`] counts a part at
/// a time. Until the end has been reached there is no total.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewsCount {
    /// The number of such events before each [`WINDOW`] events.
    windows: Vec<u64>,
    /// The number of such events among those counted.
    total: u64,
    /// How many events have been counted.
    counted: u64,
}

impl NewsCount {
    /// Counts at most `most` further events. Returns whether all have been counted.
    pub(crate) fn extend(&mut self, replay: &Replay, most: usize) -> bool {
        if replay.end().0 < self.counted {
            *self = NewsCount::default();
        }
        for (_, event, _) in replay.events_from(Position(self.counted)).take(most) {
            if self.counted.is_multiple_of(WINDOW) {
                self.windows.push(self.total);
            }
            self.counted += 1;
            self.total += u64::from(carries_news(&event));
        }
        self.counted == replay.end().0
    }

    /// The number of events up to a position that carry news, if they have been counted.
    pub(crate) fn until(&self, replay: &Replay, position: Position) -> Option<u64> {
        if position.0 > self.counted {
            return None;
        }
        if position.0 == self.counted {
            return Some(self.total);
        }
        let window = position.0 / WINDOW;
        let before = *self.windows.get(window as usize)?;
        let events = replay.events_from(Position(window * WINDOW));
        let events = events.take_while(|(after, _, _)| *after <= position);
        let news = events.filter(|(_, event, _)| carries_news(event)).count();
        Some(before + u64::try_from(news).ok()?)
    }

    /// The number of all events that carry news, once all have been counted.
    pub(crate) fn total(&self, replay: &Replay) -> Option<u64> {
        (self.counted == replay.end().0).then_some(self.total)
    }
}

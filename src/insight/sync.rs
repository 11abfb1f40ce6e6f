//! Two runs side by side: what they are synchronized by, and how they are stepped together.
//!
//! While two runs are shown side by side, one of them moves and the other follows. Time alone does
//! not tell where the other one belongs: on the virtual clock several ticks happen at one moment.
//! So a moment is divided into [`Instant`]s. The third instant of a moment is the end of the third
//! tick that ends at it, in each run:
//!
//! ```text
//!   time                    0.000                  1.000            2.000
//!   ticks of A              1 . 2 . 3              4                5 . 6
//!   ticks of B              1 . 2                                   3
//!   steps                   1   2   3              4                5   6
//! ```
//!
//! * A step goes to the next instant of *either* run, so no moment of a run is passed over.
//! * A run without a tick at an instant shows what has happened until then: its last tick, or the
//!   poll that is in progress.
//! * Two identical runs have the same instants, so they look alike at each step.
//!
//! On a real clock no two events happen at the same time. There, all ticks of one millisecond
//! belong to one moment.

use crate::replay::{Replay, Running, TickPhase};
use crate::trace::{
    CallbackEvent, ClockKind, Event, LoopEvent, Moment, Position, TaskEvent, to_usize,
};

/// The quantity by which two runs are synchronized while they are shown side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SyncBy {
    /// Loop time, and at equal times the ticks.
    #[default]
    Time,
    /// The number of the tick.
    Tick,
    /// The number of the poll.
    Poll,
    /// The number of the event.
    Event,
    /// The number of printed lines.
    Output,
}

impl SyncBy {
    /// All of them, in the order in which a key of the screen goes through them.
    pub const ALL: [SyncBy; 5] = [
        SyncBy::Time,
        SyncBy::Tick,
        SyncBy::Poll,
        SyncBy::Event,
        SyncBy::Output,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncBy::Time => "time",
            SyncBy::Tick => "tick",
            SyncBy::Poll => "poll",
            SyncBy::Event => "event",
            SyncBy::Output => "output",
        }
    }

    /// The next one in the order of [`SyncBy::ALL`], and after the last the first.
    #[must_use]
    pub fn next(self) -> SyncBy {
        match self {
            SyncBy::Time => SyncBy::Tick,
            SyncBy::Tick => SyncBy::Poll,
            SyncBy::Poll => SyncBy::Event,
            SyncBy::Event => SyncBy::Output,
            SyncBy::Output => SyncBy::Time,
        }
    }
}

/// A moment and a number of ticks: the end of the n-th tick that ends at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Instant {
    /// The moment, in units of [`grain`].
    pub(super) at: u64,
    /// How many ticks have ended at it.
    pub(super) ticks: u64,
}

/// The positions of two runs at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TogetherStep {
    /// The position in the first run.
    pub a: Position,
    /// The position in the second run.
    pub b: Position,
    /// The time that both show.
    pub at: Moment,
}

/// The shortest time between two moments that are told apart, in nanoseconds.
pub(super) fn grain(a: &Replay, b: &Replay) -> u64 {
    let real = |run: &Replay| run.log().meta.clock == ClockKind::Real;
    if real(a) || real(b) { 1_000_000 } else { 1 }
}

/// The ends of the ticks of a run. The end of the run counts as one, if it comes after them.
struct Ticks<'a> {
    replay: &'a Replay,
    grain: u64,
}

impl Ticks<'_> {
    fn at(&self, moment: Moment) -> u64 {
        moment.0 / self.grain
    }

    /// The last position at a moment.
    fn until(&self, at: u64) -> Position {
        let next = at.saturating_add(1).saturating_mul(self.grain);
        self.replay.at_moment(Moment(next - 1))
    }

    /// How many ends there are.
    fn last(&self) -> u64 {
        let ticks = self.replay.index().head().tick();
        let ends_later = ticks == 0 || self.replay.tick_end(ticks) < self.replay.end();
        ticks + u64::from(ends_later)
    }

    /// The position at an end, counted from 1. Number 0 is the start of the run.
    fn end_of(&self, number: u64) -> Position {
        if number > self.replay.index().head().tick() {
            self.replay.end()
        } else {
            self.replay.tick_end(number)
        }
    }

    /// How many ends there are at or before a position.
    fn ended_at(&self, position: Position) -> u64 {
        if position >= self.replay.end() {
            return self.last();
        }
        let tick = self.replay.cursor_at(position).ticks();
        if self.end_of(tick) <= position {
            tick
        } else {
            tick.saturating_sub(1)
        }
    }

    /// How many ends there are before a moment.
    fn ended_before(&self, at: u64) -> u64 {
        match at.checked_sub(1) {
            Some(earlier) => self.ended_at(self.until(earlier)),
            None => 0,
        }
    }

    /// How many ends there are before a moment, and how many at it.
    fn around(&self, at: u64) -> (u64, u64) {
        let before = self.ended_before(at);
        (before, self.ended_at(self.until(at)) - before)
    }

    /// Where the run is at an instant.
    fn position(&self, instant: Instant) -> Position {
        let (before, count) = self.around(instant.at);
        if (1..=count).contains(&instant.ticks) {
            return self.end_of(before + instant.ticks);
        }
        // No tick ends at this instant: the last one is shown, or the poll that is in progress.
        let quiet = self.end_of(before + count);
        let all = self.until(instant.at);
        let mut later = self.replay.events_from(quiet);
        let polls = later.by_ref().take_while(|(position, ..)| *position <= all);
        if { polls }.any(|(_, event, _)| starts_poll(&event)) {
            all
        } else {
            quiet
        }
    }

    /// The instant of an end.
    fn instant_of(&self, number: u64) -> Instant {
        let at = self.at(self.replay.cursor_at(self.end_of(number)).now());
        let ticks = number - self.ended_before(at).min(number);
        Instant { at, ticks }
    }

    fn next(&self, instant: Instant) -> Option<Instant> {
        let (before, count) = self.around(instant.at);
        if instant.ticks < count {
            let ticks = instant.ticks + 1;
            return Some(Instant { ticks, ..instant });
        }
        let number = before + count + 1;
        (number <= self.last()).then(|| self.instant_of(number))
    }

    fn previous(&self, instant: Instant) -> Option<Instant> {
        let (before, count) = self.around(instant.at);
        let ticks = instant.ticks.saturating_sub(1).min(count);
        if ticks > 0 {
            return Some(Instant { ticks, ..instant });
        }
        (before > 0).then(|| self.instant_of(before))
    }
}

pub(super) fn starts_poll(event: &Event) -> bool {
    matches!(
        event,
        Event::Task(TaskEvent::PollStart { .. }) | Event::Callback(CallbackEvent::Start { .. })
    )
}

fn both<'a>(a: &'a Replay, b: &'a Replay) -> [Ticks<'a>; 2] {
    let grain = grain(a, b);
    [a, b].map(|replay| Ticks { replay, grain })
}

/// The instant that two runs show: that of the run that is further on.
pub(super) fn current_instant(a: &Replay, b: &Replay, now: Moment) -> Instant {
    let runs = both(a, b);
    let at = runs[0].at(now);
    let ticks = runs.each_ref().map(|run| {
        let ended = run.ended_at(run.replay.position());
        ended.saturating_sub(run.ended_before(at))
    });
    Instant {
        at,
        ticks: ticks[0].max(ticks[1]),
    }
}

fn step_to(runs: &[Ticks<'_>; 2], instant: Instant) -> TogetherStep {
    let [a, b] = runs.each_ref().map(|run| run.position(instant));
    let now = |run: &Ticks<'_>, position| run.replay.cursor_at(position).now();
    let at = now(&runs[0], a).max(now(&runs[1], b));
    TogetherStep { a, b, at }
}

/// The next instant of either run; `None` if both have ended. `now` is the time that both show.
pub fn next_together(a: &Replay, b: &Replay, now: Moment) -> Option<TogetherStep> {
    let here = current_instant(a, b, now);
    let runs = both(a, b);
    let next = runs.iter().filter_map(|run| run.next(here)).min()?;
    Some(step_to(&runs, next))
}

/// The instant before the one that the runs show; `None` if there is none. Inside a tick this is the
/// last instant that has passed.
pub fn previous_together(a: &Replay, b: &Replay, now: Moment) -> Option<TogetherStep> {
    let here = current_instant(a, b, now);
    let runs = both(a, b);
    if here.ticks > 0 {
        let step = step_to(&runs, here);
        if step.a < a.position() || step.b < b.position() {
            return Some(step);
        }
    }
    let previous = runs.iter().filter_map(|run| run.previous(here)).max()?;
    Some(step_to(&runs, previous))
}

/// The first poll that is of another task in the second run: the positions after its start.
pub fn first_other_poll(a: &Replay, b: &Replay) -> Option<TogetherStep> {
    let [mut a, b] = [a, b].map(|run| {
        let events = run.events_from(Position(0));
        events.filter(|(_, event, _)| starts_poll(event))
    });
    let other = { a.by_ref() }.zip(b).find(|(a, b)| a.1 != b.1);
    other.map(|((a, _, cursor_a), (b, _, cursor_b))| TogetherStep {
        a,
        b,
        at: cursor_a.now().max(cursor_b.now()),
    })
}

/// The position of `to` that corresponds to the current position of `from`. `now` is the time shown
/// for `from`, which may be later than its last event.
pub fn follow(sync_by: SyncBy, now: Moment, from: &Replay, to: &Replay) -> Position {
    let state = from.state();
    // At the start of one run, the other is at its start as well, although more events may happen
    // at the same time.
    if state.position.0 <= 1 && now == state.now() {
        return state.position.min(to.end());
    }
    match sync_by {
        SyncBy::Time => follow_time(now, from, to),
        SyncBy::Event => state.position.min(to.end()),
        SyncBy::Poll => follow_polls(from, to),
        SyncBy::Tick => {
            let tick = state.tick();
            let ended = state.phase == TickPhase::Between;
            if to.index().head().tick() < tick || (ended && to.index().head().tick() == tick) {
                to.end()
            } else if ended {
                Position(to.tick_start(tick + 1).0.saturating_sub(1))
            } else {
                to.tick_start(tick)
            }
        }
        SyncBy::Output => {
            let lines = to.index().outputs();
            let Some(last) = to_usize(state.outputs).checked_sub(1) else {
                return Position(0);
            };
            lines.get(last).map_or(to.end(), |line| line.position)
        }
    }
}

/// By time:
///
/// 1. If `from` shows a time after its last event, `to` goes to the last position at that time.
/// 2. At the end of a tick, `to` goes to the same instant.
/// 3. At the last position of a moment, `to` goes to its last position at that moment.
/// 4. Inside a tick, `to` goes to the same event of the tick at the next instant, if the two ticks
///    have the same events so far. Otherwise it goes to the end of that tick.
fn follow_time(now: Moment, from: &Replay, to: &Replay) -> Position {
    if now > from.state().now() {
        return to.at_moment(now);
    }
    let [from, to] = both(from, to);
    let here = from.replay.position();
    let (at, ended) = (from.at(now), from.ended_at(here));
    let ticks = ended.saturating_sub(from.ended_before(at));
    let start = from.end_of(ended);
    if ended > 0 && start == here {
        return to.position(Instant { at, ticks });
    }
    if here == from.until(at) {
        return to.until(at);
    }
    let before = to.ended_before(at) + ticks;
    let other = to.end_of(before.min(to.last()));
    let began = to.at(to.replay.cursor_at(other).now()) <= at;
    if before < to.last()
        && began
        && let Some(same) = same_events(from.replay, start, here, to.replay, other)
    {
        return same;
    }
    to.position(Instant {
        at,
        ticks: ticks + 1,
    })
}

/// By polls: during a poll, `to` goes to the same event of the poll of this number, or to its
/// start; after a poll, to its end.
fn follow_polls(from: &Replay, to: &Replay) -> Position {
    let state = from.state();
    let polls = state.cursor.polls();
    let start = from.poll_end(polls);
    let end = to.poll_end(polls);
    if let Some(same) = same_events(from, start, state.position, to, end) {
        return same;
    }
    if state.running == Running::Nothing {
        return end;
    }
    let mut events = to.events_from(end);
    let found = events.find(|(_, event, _)| starts_poll(event) || is_run_end(event));
    found
        .filter(|(_, event, _)| starts_poll(event))
        .map_or(to.poll_end(polls + 1), |(position, ..)| position)
}

fn is_run_end(event: &Event) -> bool {
    matches!(event, Event::Loop(LoopEvent::End { .. }))
}

/// The position as far behind `other` as `here` is behind `start`, if the events between are the
/// same in both runs.
fn same_events(
    from: &Replay,
    start: Position,
    here: Position,
    to: &Replay,
    other: Position,
) -> Option<Position> {
    let count = here.0.checked_sub(start.0)?;
    let left = from.events_from(start).take(to_usize(count));
    let mut right = to.events_from(other);
    for (_, event, _) in left {
        let (_, same, _) = right.next()?;
        if same != event {
            return None;
        }
    }
    Some(Position(other.0 + count))
}

//! Where two runs part: their states at the same place of a lock, side by side.
//!
//! ```text
//!   lock     what the two sides share          a place is
//!   time     the moment                        the last position at it
//!   tick     the number of the tick            its end
//!   event    the number of the event           that position
//!   output   how many lines were printed       the n-th line
//! ```
//!
//! Two states differ when their tasks, what those do, or the lines printed differ. From one place to the next the same
//! difference may go on; a *new* one is where its words change.

use crate::replay::{EventStep, Replay, State, Status, TickPhase};
use crate::trace::{Moment, Position, TaskId};

use super::width::fit;
use super::words::{status_code, task_label, wait_words};

/// What two runs have in common while they are looked at side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SyncBy {
    /// The moment: the same loop time.
    #[default]
    Time,
    /// The number of the tick.
    Tick,
    /// The number of the event.
    Event,
    /// The number of lines printed.
    Output,
}

impl SyncBy {
    /// All, in the order in which a key goes through them.
    pub const ALL: [SyncBy; 4] = [SyncBy::Time, SyncBy::Tick, SyncBy::Event, SyncBy::Output];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            SyncBy::Time => "time",
            SyncBy::Tick => "tick",
            SyncBy::Event => "event",
            SyncBy::Output => "output",
        }
    }

    /// The place on which a state is.
    fn key(self, state: &State) -> u64 {
        match self {
            SyncBy::Time => state.now().0,
            SyncBy::Tick => state.tick().into(),
            SyncBy::Event => state.position.0.into(),
            SyncBy::Output => state.outputs.into(),
        }
    }
}

/// Where `to` stands when it follows `from`'s current position, at which it is `now`: that of its last event, or later.
pub fn follow(lock: SyncBy, now: Moment, from: &Replay, to: &Replay) -> Position {
    let state = from.state();
    // Both begin at their beginnings, though more than one event may happen at the first moment.
    if state.position.0 <= 1 && now == state.now() {
        return state.position.min(to.end());
    }
    match lock {
        SyncBy::Time => to.at_moment(now),
        SyncBy::Event => state.position.min(to.end()),
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
            let Some(last) = (state.outputs as usize).checked_sub(1) else {
                return Position(0);
            };
            lines.get(last).map_or(to.end(), |line| line.position)
        }
    }
}

/// A place at which two runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where in the first.
    pub a: Position,
    /// Where in the second.
    pub b: Position,
    /// How.
    pub words: String,
}

/// The first difference of two runs, locked by time.
pub fn first_difference(a: &Replay, b: &Replay) -> Option<Difference> {
    let mut pair = RunPair::new(a, b, SyncBy::Time);
    pair.go(0);
    pair.difference().or_else(|| pair.next_difference(None))
}

/// The next new difference after the current positions. The side that is further on says where that is: when one run
/// has ended, the other may go on.
pub fn difference_after(a: &Replay, b: &Replay, lock: SyncBy) -> Option<Difference> {
    let mut pair = RunPair::new(a, b, lock);
    pair.go(key_of_both(a, b, lock));
    let here = pair.difference();
    match here {
        // The place at which the two stand is not looked at to its end yet.
        Some(here) if here.a > a.position() || here.b > b.position() => Some(here),
        here => pair.next_difference(here.map(|difference| difference.words)),
    }
}

/// The last new difference before the current positions.
pub fn difference_before(a: &Replay, b: &Replay, lock: SyncBy) -> Option<Difference> {
    let here = key_of_both(a, b, lock);
    // States only fold forwards, so the way back is the way from the start.
    let mut pair = RunPair::new(a, b, lock);
    pair.go(0);
    let mut next = pair.difference().or_else(|| pair.next_difference(None));
    let mut found = None;
    while let Some(difference) = next {
        let behind = difference.a < a.position() || difference.b < b.position();
        if pair.key() > here || !behind {
            break;
        }
        next = pair.next_difference(Some(difference.words.clone()));
        found = Some(difference);
    }
    found
}

fn key_of_both(a: &Replay, b: &Replay, lock: SyncBy) -> u64 {
    lock.key(a.state()).max(lock.key(b.state()))
}

/// How many places are compared before a search gives up: it must not hold the screen.
const PLACES: u32 = 200_000;

/// Tasks that are compared one by one; beyond them only numbers count.
const TASKS: usize = 256;

/// Two runs, walked through in step.
struct RunPair<'a> {
    lock: SyncBy,
    a: RunWalk<'a>,
    b: RunWalk<'a>,
    places: u32,
}

struct RunWalk<'a> {
    replay: &'a Replay,
    state: State,
}

impl<'a> RunPair<'a> {
    fn new(a: &'a Replay, b: &'a Replay, lock: SyncBy) -> RunPair<'a> {
        let walk = |replay| RunWalk {
            replay,
            state: State::new(),
        };
        RunPair {
            lock,
            a: walk(a),
            b: walk(b),
            places: PLACES,
        }
    }

    /// The place they stand at: one that has ended stays behind.
    fn key(&self) -> u64 {
        self.lock
            .key(&self.a.state)
            .max(self.lock.key(&self.b.state))
    }

    /// Both go to the same place.
    fn go(&mut self, key: u64) {
        self.a.go(self.lock, key);
        self.b.go(self.lock, key);
    }

    /// The next place at which they differ in other words than these.
    fn next_difference(&mut self, mut known: Option<String>) -> Option<Difference> {
        while self.places > 0 {
            self.places -= 1;
            let next = [self.a.next_key(self.lock), self.b.next_key(self.lock)];
            self.go(next.into_iter().flatten().min()?);
            match self.difference() {
                None => known = None,
                Some(new) if known.as_ref() != Some(&new.words) => return Some(new),
                Some(_) => {}
            }
        }
        None
    }

    /// How they differ where they stand.
    fn difference(&self) -> Option<Difference> {
        let words = tasks_differ(&self.a, &self.b)
            .or_else(|| doing_differs(&self.a, &self.b))
            .or_else(|| output_differs(&self.a, &self.b))?;
        Some(Difference {
            a: self.a.state.position,
            b: self.b.state.position,
            words,
        })
    }
}

impl RunWalk<'_> {
    fn go(&mut self, lock: SyncBy, key: u64) {
        while let Some(step) = EventStep::after(self.replay, &self.state) {
            let beyond = match lock {
                SyncBy::Time => step.at().0 > key,
                SyncBy::Tick => u64::from(step.after.ticks) > key,
                // Up to the n-th line or event, and not on to the next one.
                SyncBy::Event | SyncBy::Output => lock.key(&self.state) >= key,
            };
            if beyond {
                break;
            }
            self.state.step(&self.replay.log().bytes);
        }
    }

    /// The next place of the lock; none at the end.
    fn next_key(&self, lock: SyncBy) -> Option<u64> {
        let upcoming = EventStep::after(self.replay, &self.state)?;
        let next = lock.key(&self.state) + 1;
        match lock {
            SyncBy::Time => Some(upcoming.at().0),
            SyncBy::Tick | SyncBy::Event => Some(next),
            // After the last line comes no other.
            SyncBy::Output => (next <= self.replay.index().outputs().len() as u64).then_some(next),
        }
    }

    fn doing(&self, task: TaskId) -> String {
        let tables = self.replay.tables();
        match self.state.tasks.get(task) {
            None => "not there".to_owned(),
            Some(row) if matches!(row.status(), Status::Timer | Status::Pending) => format!(
                "{} ({})",
                status_code(row.status()),
                wait_words(&self.replay.log().meta, tables, &self.state, row)
            ),
            Some(row) => status_code(row.status()).to_owned(),
        }
    }

    fn label(&self, task: TaskId) -> String {
        task_label(self.replay.tables(), task)
    }
}

fn tasks_differ(a: &RunWalk<'_>, b: &RunWalk<'_>) -> Option<String> {
    let counts = [a, b].map(|walk| walk.state.tasks.len());
    if counts[0] == counts[1] {
        return None;
    }
    let describe = |walk: &RunWalk<'_>| {
        let count = walk.state.tasks.len();
        let noun = if count == 1 { "task" } else { "tasks" };
        let main = match count {
            0 => String::new(),
            _ => format!(", {} {}", walk.label(TaskId(0)), walk.doing(TaskId(0))),
        };
        format!("{count} {noun}{main}")
    };
    Some(format!("A has {}; B has {}", describe(a), describe(b)))
}

fn doing_differs(a: &RunWalk<'_>, b: &RunWalk<'_>) -> Option<String> {
    let count = a.state.tasks.len();
    let tasks = u32::try_from(count.min(TASKS)).unwrap_or(0);
    let different = (0..tasks).map(TaskId).find_map(|task| {
        let (left, right) = (a.doing(task), b.doing(task));
        let names = (a.label(task), b.label(task));
        (left != right || names.0 != names.1)
            .then(|| format!("{} {left} in A; {} {right} in B", names.0, names.1))
    });
    different.or_else(|| {
        (count > TASKS && a.state.ended != b.state.ended).then(|| {
            format!(
                "{} tasks have ended in A; {} in B",
                a.state.ended, b.state.ended
            )
        })
    })
}

fn output_differs(a: &RunWalk<'_>, b: &RunWalk<'_>) -> Option<String> {
    let last = |walk: &RunWalk<'_>| {
        let line = (walk.state.outputs as usize)
            .checked_sub(1)
            .and_then(|last| walk.replay.index().outputs().get(last));
        line.map_or_else(
            || "nothing".to_owned(),
            |line| format!("\"{}\"", fit(walk.replay.tables().text(line.text), 24)),
        )
    };
    let (left, right) = (last(a), last(b));
    let counts = (a.state.outputs, b.state.outputs);
    (counts.0 != counts.1 || left != right).then(|| {
        format!(
            "A printed {left} last ({} lines); B {right} ({})",
            counts.0, counts.1
        )
    })
}

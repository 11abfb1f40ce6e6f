//! Where two runs part: their states side by side, moved forward together.
//!
//! Two runs are synchronized by one of four quantities, see [`SyncBy`]. Its value in a state is the
//! state's *key*. To compare the runs at a key, each is moved to its last position at that key:
//!
//! ```text
//!   by time     key: loop time                    position: the last one at this time or before
//!   by tick     key: the number of the tick       position: the end of the tick
//!   by event    key: the number of the event      position: that event
//!   by output   key: how many lines are printed   position: right after the last of them
//! ```
//!
//! The search for differences goes through the keys in order:
//!
//! 1. Both runs say which key their next event has. The lower one is the next key.
//! 2. Both are moved to it. A run that has ended stays behind.
//! 3. The two states are compared: by the number of tasks, then by what each task does, then by the
//!    lines printed. The first difference is put into words.
//! 4. One difference can persist over many keys. It is reported again only if its words change, or
//!    if the states were equal in between.
//!
//! A search backwards repeats the search from the start and keeps the last difference before the
//! current positions, because a state can only be folded forward.

use crate::replay::{EventStep, Replay, State, Status, TickPhase};
use crate::trace::{Moment, Position, TaskId};

use super::language::Language;
use super::words::{fit, status_code, task_label, wait_words};

/// The quantity by which two runs are synchronized while they are shown side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SyncBy {
    /// Loop time.
    #[default]
    Time,
    /// The number of the tick.
    Tick,
    /// The number of the event.
    Event,
    /// The number of printed lines.
    Output,
}

impl SyncBy {
    /// All of them, in the order in which a key of the screen goes through them.
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

    /// The value of the quantity in a state.
    fn key(self, state: &State) -> u64 {
        match self {
            SyncBy::Time => state.now().0,
            SyncBy::Tick => state.tick().into(),
            SyncBy::Event => state.position.0.into(),
            SyncBy::Output => state.outputs.into(),
        }
    }
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

/// A pair of positions at which two runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The position in the first run.
    pub a: Position,
    /// The position in the second run.
    pub b: Position,
    /// How the two states differ.
    pub words: String,
}

/// The first difference of two runs, synchronized by time.
pub fn first_difference(a: &Replay, b: &Replay, language: Language) -> Option<Difference> {
    RunPair::at_start(a, b, SyncBy::Time, language).first_difference()
}

/// The next new difference after the current positions. If the two runs have different keys, the
/// search starts from the higher one: when one run has ended, the other may continue.
pub fn difference_after(
    a: &Replay,
    b: &Replay,
    sync_by: SyncBy,
    language: Language,
) -> Option<Difference> {
    let mut pair = RunPair::at_start(a, b, sync_by, language);
    pair.move_to(current_key(a, b, sync_by));
    let here = pair.difference();
    match here {
        // The current positions are not at the end of their key yet.
        Some(here) if here.a > a.position() || here.b > b.position() => Some(here),
        here => pair.next_difference(here.map(|difference| difference.words)),
    }
}

/// The last new difference before the current positions.
pub fn difference_before(
    a: &Replay,
    b: &Replay,
    sync_by: SyncBy,
    language: Language,
) -> Option<Difference> {
    let here = current_key(a, b, sync_by);
    let mut pair = RunPair::at_start(a, b, sync_by, language);
    let mut next = pair.first_difference();
    let mut found = None;
    while let Some(difference) = next {
        let is_before = difference.a < a.position() || difference.b < b.position();
        if pair.key() > here || !is_before {
            break;
        }
        next = pair.next_difference(Some(difference.words.clone()));
        found = Some(difference);
    }
    found
}

/// The key of the current positions: the higher of the two.
fn current_key(a: &Replay, b: &Replay, sync_by: SyncBy) -> u64 {
    sync_by.key(a.state()).max(sync_by.key(b.state()))
}

/// How many keys a search compares before it gives up, so that it does not hold up the screen.
const MOST_KEYS: u32 = 200_000;

/// How many tasks are compared one by one. Beyond them only the numbers of tasks are compared.
const TASKS: usize = 256;

/// Two runs that are moved forward together.
struct RunPair<'a> {
    sync_by: SyncBy,
    a: RunCursor<'a>,
    b: RunCursor<'a>,
    /// How many more keys may be compared.
    keys_left: u32,
}

/// One of the two runs, with the state to which it has been moved.
struct RunCursor<'a> {
    replay: &'a Replay,
    state: State,
    /// The language of the words about it.
    language: Language,
}

impl<'a> RunPair<'a> {
    fn at_start(a: &'a Replay, b: &'a Replay, sync_by: SyncBy, language: Language) -> RunPair<'a> {
        let at_start = |replay| RunCursor {
            replay,
            state: State::new(),
            language,
        };
        RunPair {
            sync_by,
            a: at_start(a),
            b: at_start(b),
            keys_left: MOST_KEYS,
        }
    }

    /// The key of the pair: that of the run that is further on.
    fn key(&self) -> u64 {
        let [a, b] = [&self.a, &self.b].map(|run| self.sync_by.key(&run.state));
        a.max(b)
    }

    fn move_to(&mut self, key: u64) {
        self.a.move_to(self.sync_by, key);
        self.b.move_to(self.sync_by, key);
    }

    /// The difference at key 0, or the next one.
    fn first_difference(&mut self) -> Option<Difference> {
        self.move_to(0);
        self.difference().or_else(|| self.next_difference(None))
    }

    /// The next difference whose words are not `known`.
    fn next_difference(&mut self, mut known: Option<String>) -> Option<Difference> {
        while self.keys_left > 0 {
            self.keys_left -= 1;
            let next = [&self.a, &self.b].map(|run| run.next_key(self.sync_by));
            self.move_to(next.into_iter().flatten().min()?);
            match self.difference() {
                None => known = None,
                Some(new) if known.as_ref() != Some(&new.words) => return Some(new),
                Some(_) => {}
            }
        }
        None
    }

    /// How the two states differ, if they do.
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

impl RunCursor<'_> {
    /// Moves to the last position at a key. A state with a higher key stays.
    fn move_to(&mut self, sync_by: SyncBy, key: u64) {
        while let Some(step) = EventStep::after(self.replay, &self.state) {
            let is_past = match sync_by {
                SyncBy::Time => step.at().0 > key,
                SyncBy::Tick => u64::from(step.after.ticks) > key,
                // The position right after the n-th event or line, not the one before the next.
                SyncBy::Event | SyncBy::Output => sync_by.key(&self.state) >= key,
            };
            if is_past {
                break;
            }
            self.state.step(&self.replay.log().bytes);
        }
    }

    /// The key of the next event; `None` at the end.
    fn next_key(&self, sync_by: SyncBy) -> Option<u64> {
        let step = EventStep::after(self.replay, &self.state)?;
        let next = sync_by.key(&self.state) + 1;
        match sync_by {
            SyncBy::Time => Some(step.at().0),
            SyncBy::Tick | SyncBy::Event => Some(next),
            // There is no key after the last line.
            SyncBy::Output => (next <= self.replay.index().outputs().len() as u64).then_some(next),
        }
    }

    fn doing(&self, task: TaskId) -> String {
        let Some(row) = self.state.tasks.get(task) else {
            return "not created yet".to_owned();
        };
        let code = status_code(row.status());
        if !matches!(row.status(), Status::Timer | Status::Pending) {
            return code.to_owned();
        }
        let (meta, tables) = (&self.replay.log().meta, self.replay.tables());
        let waits = wait_words(meta, tables, &self.state, row, self.language);
        format!("{code} ({waits})")
    }

    fn label(&self, task: TaskId) -> String {
        task_label(self.replay.tables(), task)
    }
}

fn tasks_differ(a: &RunCursor<'_>, b: &RunCursor<'_>) -> Option<String> {
    let counts = [a, b].map(|run| run.state.tasks.len());
    if counts[0] == counts[1] {
        return None;
    }
    let describe = |run: &RunCursor<'_>| {
        let count = run.state.tasks.len();
        let noun = if count == 1 { "task" } else { "tasks" };
        let main = match count {
            0 => String::new(),
            _ => format!(", {} {}", run.label(TaskId(0)), run.doing(TaskId(0))),
        };
        format!("{count} {noun}{main}")
    };
    Some(format!("A has {}; B has {}", describe(a), describe(b)))
}

fn doing_differs(a: &RunCursor<'_>, b: &RunCursor<'_>) -> Option<String> {
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

fn output_differs(a: &RunCursor<'_>, b: &RunCursor<'_>) -> Option<String> {
    let last = |run: &RunCursor<'_>| {
        let line = (run.state.outputs as usize)
            .checked_sub(1)
            .and_then(|last| run.replay.index().outputs().get(last));
        line.map_or_else(
            || "nothing".to_owned(),
            |line| format!("\"{}\"", fit(run.replay.tables().text(line.text), 24)),
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

//! Where two runs part: their states side by side, moved forward together.
//!
//! The runs are synchronized by one of the quantities of [`SyncBy`]. Its value in a state is the
//! state's *key*. To compare the runs at a key, each is moved to its last position at that key:
//!
//! ```text
//!   by time     key: an instant (see `sync`)      position: the last one at this instant or before
//!   by tick     key: the number of the tick       position: the end of the tick
//!   by poll     key: the number of the poll       position: right after the poll
//!   by event    key: the number of the event      position: that event
//!   by output   key: how many lines are printed   position: right after the last of them
//! ```
//!
//! The search for differences goes through the keys in order:
//!
//! 1. Both runs say which key their next event has. The lower one is the next key.
//! 2. Both are moved to it. A run that has ended stays behind.
//! 3. The two states are compared: by the number of tasks, then by what each task does, then by the
//!    lines printed. The first difference is put into words. Names are not compared: two variants
//!    may run the same task by functions of two names.
//! 4. One difference can persist over many keys. It is reported again only if its words change, or
//!    if the states were equal in between.
//!
//! On a real clock the same run takes some microseconds more or less. There, a difference counts
//! only if the runs still differ [`PERSISTS`] milliseconds later.
//!
//! A search backwards repeats the search from the start and keeps the last difference before the
//! current positions, because a state can only be folded forward.

use crate::replay::{EventStep, Replay, State, Status, TaskState};
use crate::trace::{Event, LoopEvent, Position, ResourceId, ResourceKind, TaskId, Wait, to_usize};

use super::language::Language;
use super::sync::{Instant, SyncBy, current_instant, grain, starts_poll};
use super::words::{fit, status_code, task_label, wait_words};

/// How many milliseconds a difference must last on a real clock.
const PERSISTS: u64 = 5;

/// The value by which two runs are synchronized: an instant, or a number with no ticks.
type SyncKey = Instant;

fn number(at: u64) -> SyncKey {
    Instant { at, ticks: 0 }
}

/// The number that a quantity other than time has in a state.
fn number_in(sync_by: SyncBy, state: &State) -> u64 {
    match sync_by {
        SyncBy::Time => state.now().0,
        SyncBy::Tick => state.tick(),
        SyncBy::Poll => state.cursor.polls,
        SyncBy::Event => state.position.0,
        SyncBy::Output => state.outputs,
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
        if pair.key > here || !is_before {
            break;
        }
        next = pair.next_difference(Some(difference.words.clone()));
        found = Some(difference);
    }
    found
}

/// How two runs differ at their current positions; `None` if they do not.
pub fn difference_here(a: &Replay, b: &Replay, language: Language) -> Option<String> {
    let grain = grain(a, b);
    let [a, b] = [a, b].map(|replay| Seen {
        replay,
        state: replay.state(),
        language,
        grain,
    });
    differs(&a, &b)
}

/// The key of the current positions: the higher of the two.
fn current_key(a: &Replay, b: &Replay, sync_by: SyncBy) -> SyncKey {
    if sync_by == SyncBy::Time {
        let now = a.state().now().max(b.state().now());
        return current_instant(a, b, now);
    }
    let [a, b] = [a, b].map(|run| number_in(sync_by, run.state()));
    number(a.max(b))
}

/// How many keys a search compares before it gives up, so that it does not hold up the screen.
const MOST_KEYS: u32 = 200_000;

/// How many times a search looks whether a difference persists.
const MOST_LOOKS: u32 = 1_000;

/// How many tasks are compared one by one. Beyond them only the numbers of tasks are compared.
const TASKS: usize = 256;

/// Two runs that are moved forward together.
#[derive(Clone)]
struct RunPair<'a> {
    sync_by: SyncBy,
    a: RunCursor<'a>,
    b: RunCursor<'a>,
    /// The key to which they were moved.
    key: SyncKey,
    /// How many more keys may be compared.
    keys_left: u32,
    /// How many more times the search may look whether a difference persists.
    looks_left: u32,
}

/// One of the two runs, with the state to which it has been moved.
#[derive(Clone)]
struct RunCursor<'a> {
    replay: &'a Replay,
    state: State,
    /// The language of the words about it.
    language: Language,
    grain: u64,
    /// The instant of the last tick that has ended.
    ended: Instant,
    /// The end of the next tick, found by looking ahead; `None` at the end of the run.
    next_end: Option<(Instant, Position)>,
}

impl<'a> RunPair<'a> {
    fn at_start(a: &'a Replay, b: &'a Replay, sync_by: SyncBy, language: Language) -> RunPair<'a> {
        let grain = grain(a, b);
        let at_start = |replay| {
            let mut run = RunCursor {
                replay,
                state: State::new(),
                language,
                grain,
                ended: Instant::default(),
                next_end: None,
            };
            if sync_by == SyncBy::Time {
                run.look_ahead();
            }
            run
        };
        RunPair {
            sync_by,
            a: at_start(a),
            b: at_start(b),
            key: SyncKey::default(),
            keys_left: MOST_KEYS,
            looks_left: MOST_LOOKS,
        }
    }

    fn move_to(&mut self, key: SyncKey) {
        self.key = key;
        self.a.move_to(self.sync_by, key);
        self.b.move_to(self.sync_by, key);
    }

    /// The difference at key 0, or the next one.
    fn first_difference(&mut self) -> Option<Difference> {
        self.move_to(SyncKey::default());
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
    fn difference(&mut self) -> Option<Difference> {
        let words = differs(&self.a.seen(), &self.b.seen())?;
        if self.sync_by == SyncBy::Time && self.a.grain > 1 && !self.persists() {
            return None;
        }
        Some(Difference {
            a: self.a.state.position,
            b: self.b.state.position,
            words,
        })
    }

    fn persists(&mut self) -> bool {
        // Each look ahead copies both states.
        if self.looks_left == 0 {
            return true;
        }
        self.looks_left -= 1;
        let mut later = self.clone();
        later.move_to(SyncKey {
            at: self.key.at + PERSISTS,
            ticks: u64::MAX,
        });
        differs(&later.a.seen(), &later.b.seen()).is_some()
    }
}

impl RunCursor<'_> {
    fn seen(&self) -> Seen<'_> {
        Seen {
            replay: self.replay,
            state: &self.state,
            language: self.language,
            grain: self.grain,
        }
    }

    /// Finds the end of the next tick. The end of the run counts as one.
    fn look_ahead(&mut self) {
        let mut cursor = self.state.cursor;
        let mut position = self.state.position;
        while let Some(event) = self.replay.next_event(&mut cursor) {
            position.0 += 1;
            if event == Event::Loop(LoopEvent::TickEnd) {
                break;
            }
        }
        let at = cursor.now.0 / self.grain;
        let ticks = if at == self.ended.at {
            self.ended.ticks + 1
        } else {
            1
        };
        self.next_end =
            (position > self.state.position).then_some((Instant { at, ticks }, position));
    }

    fn step_to(&mut self, position: Position) {
        while self.state.position < position {
            if self.replay.step(&mut self.state).is_none() {
                break;
            }
        }
    }

    /// Moves to the last position at a key. A state with a higher key stays.
    fn move_to(&mut self, sync_by: SyncBy, key: SyncKey) {
        if sync_by == SyncBy::Time {
            return self.move_to_instant(key);
        }
        while let Some(step) = EventStep::after(self.replay, &self.state) {
            let is_past = match sync_by {
                SyncBy::Time => step.at().0 > key.at,
                SyncBy::Tick => step.after.ticks > key.at,
                // The position right after the n-th poll, event or line, not the one before the
                // next.
                SyncBy::Poll | SyncBy::Event | SyncBy::Output => {
                    number_in(sync_by, &self.state) >= key.at
                }
            };
            if is_past {
                break;
            }
            self.replay.step(&mut self.state);
        }
    }

    /// Goes to the last end of a tick up to an instant. If a later poll has begun by then, the
    /// tick is not over, and the run goes to the last event of that moment.
    fn move_to_instant(&mut self, to: Instant) {
        while let Some((instant, position)) = self.next_end.filter(|(next, _)| *next <= to) {
            self.step_to(position);
            self.ended = instant;
            self.look_ahead();
        }
        if self.next_end.is_none_or(|(next, _)| next.at <= to.at) {
            return;
        }
        let mut cursor = self.state.cursor;
        let (mut position, mut last) = (self.state.position, self.state.position);
        let mut polls = self.state.running != crate::replay::Running::Nothing;
        while let Some(event) = self.replay.next_event(&mut cursor) {
            if cursor.now.0 / self.grain > to.at {
                break;
            }
            position.0 += 1;
            polls |= starts_poll(&event);
            if polls {
                last = position;
            }
        }
        self.step_to(last);
    }

    /// The key of the next event; `None` at the end.
    fn next_key(&self, sync_by: SyncBy) -> Option<SyncKey> {
        if sync_by == SyncBy::Time {
            return self.next_end.map(|(instant, _)| instant);
        }
        EventStep::after(self.replay, &self.state)?;
        let next = number_in(sync_by, &self.state) + 1;
        let head = self.replay.index().head();
        let most = match sync_by {
            SyncBy::Time | SyncBy::Tick | SyncBy::Event => u64::MAX,
            // There is no key after the last poll or line.
            SyncBy::Poll => head.cursor.polls,
            SyncBy::Output => self.replay.index().outputs().len() as u64,
        };
        (next <= most).then_some(number(next))
    }
}

/// A run at a position.
struct Seen<'a> {
    replay: &'a Replay,
    state: &'a State,
    language: Language,
    grain: u64,
}

/// What a task waits for, without names: two variants may call the same thing by two names.
#[derive(PartialEq, Eq)]
enum WaitKey {
    Nothing,
    Due(u64),
    Join(TaskId),
    /// A group: how many tasks it has, and how many of them have ended.
    Group(u32, u32),
    Resource(ResourceKind),
    Other(Wait),
}

impl Seen<'_> {
    fn status(&self, task: TaskId) -> Status {
        let row = self.state.tasks.get(task);
        row.map_or(Status::Absent, TaskState::status)
    }

    fn wait(&self, task: TaskId) -> WaitKey {
        let row = self.state.tasks.get(task);
        let waits = row.filter(|row| matches!(row.status(), Status::Timer | Status::Pending));
        let Some(row) = waits else {
            return WaitKey::Nothing;
        };
        let kind = |id: ResourceId| {
            let resource = self.state.resource(id);
            resource.map_or(WaitKey::Other(row.wait), |it| WaitKey::Resource(it.kind))
        };
        match row.wait {
            Wait::Timer(timer) => match self.state.timer(timer) {
                Some(timer) => WaitKey::Due(timer.deadline.0 / self.grain),
                None => WaitKey::Other(Wait::Unknown),
            },
            Wait::Join(task) => WaitKey::Join(task),
            Wait::All(group) | Wait::Any(group) => {
                let group = self.state.group(group).unwrap_or_default();
                WaitKey::Group(group.total, group.ended)
            }
            Wait::Send(id) | Wait::Receive(id) | Wait::Acquire(id) | Wait::Operation(id) => {
                kind(id)
            }
            Wait::Unknown | Wait::Yield => WaitKey::Other(row.wait),
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
        let waits = wait_words(meta, tables, self.state, row, self.language);
        format!("{code} ({waits})")
    }

    fn label(&self, task: TaskId) -> String {
        task_label(self.replay.tables(), task)
    }
}

fn differs(a: &Seen<'_>, b: &Seen<'_>) -> Option<String> {
    tasks_differ(a, b)
        .or_else(|| doing_differs(a, b))
        .or_else(|| output_differs(a, b))
}

fn tasks_differ(a: &Seen<'_>, b: &Seen<'_>) -> Option<String> {
    let counts = [a, b].map(|run| run.state.tasks.len());
    if counts[0] == counts[1] {
        return None;
    }
    let describe = |run: &Seen<'_>| {
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

fn doing_differs(a: &Seen<'_>, b: &Seen<'_>) -> Option<String> {
    let count = a.state.tasks.len();
    let tasks = u32::try_from(count.min(TASKS)).unwrap_or(0);
    let same = |task: &TaskId| a.status(*task) == b.status(*task) && a.wait(*task) == b.wait(*task);
    let different = (0..tasks).map(TaskId).find(|task| !same(task));
    if let Some(task) = different {
        return Some(format!(
            "{} {} in A; {} {} in B",
            a.label(task),
            a.doing(task),
            b.label(task),
            b.doing(task)
        ));
    }
    (count > TASKS && a.state.ended != b.state.ended).then(|| {
        format!(
            "{} tasks have ended in A; {} in B",
            a.state.ended, b.state.ended
        )
    })
}

fn output_differs(a: &Seen<'_>, b: &Seen<'_>) -> Option<String> {
    let last = |run: &Seen<'_>| {
        let line = to_usize(run.state.outputs)
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
        let s = if counts.0 == 1 { "" } else { "s" };
        format!(
            "A printed {left} last ({} line{s}); B {right} ({})",
            counts.0, counts.1
        )
    })
}

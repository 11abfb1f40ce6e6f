//! Detours around definitions.
//!
//! Between two events of a trace there may be any number of definitions, and a file chooses where
//! they are: a hundred thousand of them behind the first event are read by whatever starts at
//! the beginning. A picture alone starts there half a dozen times. So the index keeps two things of each
//! run of more than [`DEFINITIONS`] definitions:
//!
//! * The **cursor** behind them, for a reader of events, which has no use for definitions
//!   ([`Detours::skip`]).
//! * The **state** behind them, for a fold, since a definition may declare tasks. It is not the state
//!   at a position: it contains the definitions before the next event already. So it is a start for
//!   later positions only ([`Detours::state_before`], [`Detours::state_behind`]).

use crate::trace::{Cursor, Position};

use super::State;

/// The most definitions between two events that each reader decodes.
const DEFINITIONS: u64 = 1024;

/// A state is kept if it takes no more than this many bytes for each definition that it spares. To
/// copy it then takes less time than to apply the definitions.
const STATE_BYTES_PER_DEFINITION: u64 = 128;

/// All states together may take this many bytes.
const STATE_BYTES: usize = 16 << 20;

/// The runs of many definitions in a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Detours {
    cursors: Vec<Detour>,
    /// The states behind runs, by position.
    states: Vec<State>,
    /// How many bytes they take.
    state_bytes: usize,
    /// How often every second state was discarded. From each time on, only runs of twice the length
    /// get a state.
    thinned: u32,
    /// The definitions that were read last.
    run: Run,
}

/// The way around a run of definitions.
#[derive(Clone, Copy, Debug)]
struct Detour {
    /// The position of the event before the run.
    position: Position,
    /// The offset behind the first definition of the run.
    first: usize,
    behind: Cursor,
}

/// A run of definitions that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    position: Position,
    first: usize,
    /// How many definitions it has so far.
    count: u64,
    /// How many of them the state contains that was kept last; 0 if none was.
    kept: u64,
}

impl Detours {
    /// Enters a definition that `cursor` has just passed. Returns whether it is one of many.
    pub(super) fn note(&mut self, position: Position, cursor: &Cursor) -> bool {
        if self.run.count == 0 || self.run.position != position {
            self.run = Run {
                position,
                first: cursor.offset,
                ..Run::default()
            };
        }
        self.run.count += 1;
        if self.run.count < DEFINITIONS {
            return false;
        }
        if self.run.count.is_multiple_of(DEFINITIONS) {
            let detour = Detour {
                position,
                first: self.run.first,
                behind: *cursor,
            };
            match self.cursors.last_mut() {
                Some(last) if last.position == position => *last = detour,
                Some(_) | None => self.cursors.push(detour),
            }
        }
        true
    }

    /// Keeps a copy of the state if the run ends here and is long enough for it.
    ///
    /// The bytes of a trace that grows may end within a run. The state that is kept there is replaced
    /// by one farther on.
    #[inline(never)]
    pub(super) fn keep_state(&mut self, head: &State, bytes: &[u8]) {
        let mut ahead = head.cursor;
        if ahead.next_definition(bytes).is_some() {
            return;
        }
        let spared = self.run.count - self.run.kept;
        let weight = head.weight();
        let is_heavy = spared.saturating_mul(STATE_BYTES_PER_DEFINITION) < weight as u64;
        if spared < DEFINITIONS << self.thinned || is_heavy {
            return;
        }
        if self.run.kept > 0 {
            let replaced = self.states.pop();
            let freed = replaced.map_or(0, |state| state.weight());
            self.state_bytes = self.state_bytes.saturating_sub(freed);
        }
        self.run.kept = self.run.count;
        self.states.push(head.clone());
        self.state_bytes += weight;
        if self.state_bytes > STATE_BYTES {
            self.thin();
        }
    }

    /// Discards every second state, but not the last.
    fn thin(&mut self) {
        let mut stays = self.states.len().is_multiple_of(2);
        self.states.retain(|_| {
            stays = !stays;
            stays
        });
        self.state_bytes = self.states.iter().map(State::weight).sum();
        if self.states.len() > 1 {
            self.thinned = (self.thinned + 1).min(32);
        }
    }

    /// How many bytes the cursors and states take.
    pub(super) fn bytes(&self) -> usize {
        self.cursors.capacity() * size_of::<Detour>() + self.state_bytes
    }

    /// Moves a cursor that is within a run of definitions to its end, or nearly so. Returns whether it
    /// has moved.
    pub(super) fn skip(&self, cursor: &mut Cursor) -> bool {
        if self.cursors.is_empty() {
            return false;
        }
        let at = self
            .cursors
            .partition_point(|detour| detour.behind.offset <= cursor.offset);
        match self.cursors.get(at) {
            Some(detour) if detour.first <= cursor.offset => {
                *cursor = detour.behind;
                true
            }
            Some(_) | None => false,
        }
    }

    /// The last cursor behind a run at or before a position, with the position of the run.
    pub(super) fn cursor(&self, position: Position) -> Option<(Position, Cursor)> {
        let after = self
            .cursors
            .partition_point(|detour| detour.position <= position);
        let detour = self.cursors.get(after.checked_sub(1)?)?;
        Some((detour.position, detour.behind))
    }

    /// The last state behind a run from which the state at a position can be computed.
    pub(super) fn state_before(&self, position: Position) -> Option<&State> {
        let after = self
            .states
            .partition_point(|state| state.position < position);
        self.states.get(after.checked_sub(1)?)
    }

    /// The state behind the run that begins at or before a state and after its last event.
    pub(super) fn state_behind(&self, state: &State) -> Option<&State> {
        let at = self
            .states
            .partition_point(|behind| behind.position < state.position);
        let behind = self.states.get(at)?;
        let is_next = behind.position == state.position;
        (is_next && behind.cursor.offset > state.cursor.offset).then_some(behind)
    }

    /// Whether a state contains definitions of a run, so that it is not the state at its position.
    pub(super) fn contains(&self, state: &State) -> bool {
        let before = self.state_before(Position(state.position.0.saturating_add(1)));
        before.is_some_and(|behind| behind.cursor.offset == state.cursor.offset)
    }
}

#[cfg(all(test, feature = "formats"))]
mod tests {
    use super::*;
    use crate::{
        replay::{EventStep, Replay},
        trace::{DEFINITIONS_READ, LocationId, Log, PollOutcome, TaskId, TextId, Writer},
    };

    /// How many definitions are behind the first event, and behind another one.
    const MANY: u64 = 20_000;

    /// Many texts and tasks are defined behind the first event, and again behind a later one.
    fn records() -> Vec<u8> {
        let mut writer = Writer::new();
        let name = writer.text("task");
        writer.gap(5);
        let define = |writer: &mut Writer| {
            for number in 0..MANY {
                writer.text(&number.to_string());
                if number % 2 == 0 {
                    writer.gap_task(TextId::UNKNOWN, LocationId::UNKNOWN, None);
                }
            }
        };
        define(&mut writer);
        for round in 0..1_000 {
            writer.spawn(name, LocationId::UNKNOWN, false);
            writer.tick_start();
            writer.poll_start(TaskId(round));
            writer.poll_end(PollOutcome::Pending, 7);
            if round == 500 {
                define(&mut writer);
            }
        }
        writer.take()
    }

    fn replay(bytes: &[u8], pieces: usize) -> Replay {
        let mut replay = Replay::new(Log::default());
        for piece in bytes.chunks(bytes.len().div_ceil(pieces)) {
            replay.append(piece);
        }
        assert!(!replay.is_damaged());
        replay
    }

    /// How many definitions `work` decodes.
    fn read_by(work: impl FnOnce()) -> u64 {
        let before = DEFINITIONS_READ.get();
        work();
        DEFINITIONS_READ.get() - before
    }

    #[test]
    fn a_state_behind_definitions_is_no_state_at_a_position() {
        let bytes = records();
        for pieces in [1, 50] {
            let mut replay = replay(&bytes, pieces);
            let kept = &replay.index().detours;
            let taken: usize = kept.states.iter().map(State::weight).sum();
            assert_eq!((kept.states.len(), kept.state_bytes), (2, taken));
            let mut fold = State::new();
            let places = (0..40).chain((1_960..2_040).step_by(7)).chain([3_999]);
            for position in places.map(Position) {
                while fold.position < position {
                    fold.step(&bytes);
                }
                assert_eq!(replay.state_at(position), fold, "{position:?}");
                replay.seek(position);
                assert_eq!(replay.state(), &fold, "{position:?}");
                let mut state = fold.clone();
                let step = EventStep::after(&replay, &fold).unwrap();
                let event = state.step(&bytes);
                assert_eq!(Some(step.event), event);
                assert_eq!(step.after, state.cursor);
                let mut steps = replay.steps(position..replay.end());
                assert_eq!(steps.next_step().map(|step| step.event), event);
                assert_eq!(steps.state(), &state, "{position:?}");
                let next = Position(position.0 + 1);
                let folded = replay.each_step(fold.clone(), next, |_| {});
                assert_eq!(folded, state, "{position:?}");
            }
            // Backwards, a state that was kept on the way must not be taken for another one.
            for position in [2_005, 2_004, 9, 8, 2, 1, 2, 1, 0, 1] {
                replay.seek(Position(position));
                assert_eq!(
                    replay.state(),
                    &state_by_fold(&bytes, position),
                    "{position}"
                );
            }
        }
    }

    fn state_by_fold(bytes: &[u8], position: u64) -> State {
        let mut fold = State::new();
        while fold.position.0 < position {
            fold.step(bytes);
        }
        fold
    }

    #[test]
    fn definitions_behind_an_event_are_not_read_by_each_reader() {
        let replay = replay(&records(), 1);
        let few = 2 * DEFINITIONS;
        let first = State::new();
        for position in (2..30).chain(2_010..2_030).map(Position) {
            let from_start = Position(0);
            assert!(read_by(|| drop(replay.state_at(position))) <= few);
            assert!(
                read_by(|| {
                    replay.cursor_at(position);
                }) <= few
            );
            assert!(
                read_by(|| {
                    replay.events_from(from_start).nth(5);
                }) <= few
            );
            assert!(read_by(|| drop(replay.each_step(first.clone(), position, |_| {}))) <= 2 * few);
            let walk = || {
                let mut steps = replay.steps(from_start..position);
                while steps.next_step().is_some() {}
            };
            // The step is decoded, and then applied.
            assert!(read_by(walk) <= 3 * few, "{position:?}");
            let moment = replay.cursor_at(position).now();
            assert!(
                read_by(|| {
                    replay.at_moment(moment);
                }) <= few
            );
        }
    }

    #[test]
    fn many_states_behind_definitions_take_bounded_memory() {
        let mut writer = Writer::new();
        let name = writer.text("task");
        for _ in 0..400 {
            for _ in 0..1_000 {
                writer.spawn(name, LocationId::UNKNOWN, false);
            }
            for number in 0..8_000 {
                writer.text(&number.to_string());
            }
        }
        writer.tick_start();
        let replay = replay(&writer.take(), 1);
        let detours = &replay.index().detours;
        assert!(
            detours.state_bytes <= STATE_BYTES,
            "{}",
            detours.state_bytes
        );
        let taken: usize = detours.states.iter().map(State::weight).sum();
        assert_eq!(taken, detours.state_bytes);
    }
}

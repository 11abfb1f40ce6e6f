//! Skips long sequences of definitions.
//!
//! Between two events of a trace there may be any number of definitions, and a file chooses where
//! they are: a hundred thousand of them behind the first event are read by whatever starts at
//! the beginning. A picture alone starts there half a dozen times. So the index keeps two things of each
//! sequence of more than [`DEFINITIONS`] definitions:
//!
//! * The **cursor** behind them, for a reader of events, which has no use for definitions
//!   ([`DefinitionSkips::skip`]).
//! * The **state** behind them, for a fold, since a definition may declare tasks. It is not the state
//!   at a position: it contains the definitions before the next event already. So it is a start for
//!   later positions only ([`DefinitionSkips::state_before`], [`DefinitionSkips::state_behind`]).

use crate::trace::{Cursor, Position};

use super::State;

/// The most definitions between two events that each reader decodes.
pub(super) const DEFINITIONS: u64 = 1024;

/// A state is kept if it takes no more than this many bytes for each definition that it spares. To
/// copy it then takes less time than to apply the definitions.
const STATE_BYTES_PER_DEFINITION: u64 = 128;

/// All states together may take this many bytes.
pub(super) const STATE_BYTES: usize = 16 << 20;

/// The sequences of many definitions in a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct DefinitionSkips {
    cursors: Vec<DefinitionSkip>,
    /// The states behind sequences, by position.
    pub(super) states: Vec<State>,
    /// How many bytes they take.
    pub(super) state_bytes: usize,
    /// How often every second state was discarded. From each time on, only sequences of twice the length
    /// get a state.
    thinned: u32,
    /// The definitions that were read last.
    sequence: DefinitionSequence,
}

/// Where a reader continues that skips a sequence of definitions.
#[derive(Clone, Copy, Debug)]
struct DefinitionSkip {
    /// The position of the event before the sequence.
    position: Position,
    /// The offset behind the first definition of the sequence.
    first: usize,
    behind: Cursor,
}

/// A sequence of definitions that is being read.
#[derive(Clone, Copy, Debug, Default)]
struct DefinitionSequence {
    position: Position,
    first: usize,
    /// How many definitions it has so far.
    count: u64,
    /// How many of them the state contains that was kept last; 0 if none was.
    kept: u64,
}

impl DefinitionSkips {
    /// Enters a definition that `cursor` has just passed. Returns whether it is one of many.
    pub(super) fn note(&mut self, position: Position, cursor: &Cursor) -> bool {
        if self.sequence.count == 0 || self.sequence.position != position {
            self.sequence = DefinitionSequence {
                position,
                first: cursor.offset,
                ..DefinitionSequence::default()
            };
        }
        self.sequence.count += 1;
        if self.sequence.count < DEFINITIONS {
            return false;
        }
        if self.is_at_skip() {
            let skip = DefinitionSkip {
                position,
                first: self.sequence.first,
                behind: *cursor,
            };
            match self.cursors.last_mut() {
                Some(last) if last.position == position => *last = skip,
                Some(_) | None => self.cursors.push(skip),
            }
        }
        true
    }

    /// Whether the number of definitions in the present sequence is a multiple of [`DEFINITIONS`].
    pub(super) fn is_at_skip(&self) -> bool {
        self.sequence.count.is_multiple_of(DEFINITIONS)
    }

    /// Keeps a copy of the state if the sequence ends here and is long enough for it.
    ///
    /// The bytes of a trace that grows may end within a sequence. The state that is kept there is replaced
    /// by one farther on.
    #[inline(never)]
    pub(super) fn keep_state(&mut self, head: &State, bytes: &[u8]) {
        let mut ahead = head.cursor;
        if ahead.next_definition(bytes).is_some() {
            return;
        }
        let spared = self.sequence.count - self.sequence.kept;
        let weight = head.weight();
        let is_heavy = spared.saturating_mul(STATE_BYTES_PER_DEFINITION) < weight as u64;
        if spared < DEFINITIONS << self.thinned || is_heavy {
            return;
        }
        if self.sequence.kept > 0 {
            let replaced = self.states.pop();
            let freed = replaced.map_or(0, |state| state.weight());
            self.state_bytes = self.state_bytes.saturating_sub(freed);
        }
        self.sequence.kept = self.sequence.count;
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
        self.cursors.capacity() * size_of::<DefinitionSkip>() + self.state_bytes
    }

    /// Moves a cursor that is within a sequence of definitions to its end, or nearly so. Returns whether it
    /// has moved.
    pub(super) fn skip(&self, cursor: &mut Cursor) -> bool {
        if self.cursors.is_empty() {
            return false;
        }
        let at = self
            .cursors
            .partition_point(|skip| skip.behind.offset <= cursor.offset);
        match self.cursors.get(at) {
            Some(skip) if skip.first <= cursor.offset => {
                *cursor = skip.behind;
                true
            }
            Some(_) | None => false,
        }
    }

    /// The last cursor behind a sequence at or before a position, with the position of the sequence.
    pub(super) fn cursor(&self, position: Position) -> Option<(Position, Cursor)> {
        let after = self
            .cursors
            .partition_point(|skip| skip.position <= position);
        let skip = self.cursors.get(after.checked_sub(1)?)?;
        Some((skip.position, skip.behind))
    }

    /// The last state behind a sequence from which the state at a position can be computed.
    pub(super) fn state_before(&self, position: Position) -> Option<&State> {
        let after = self
            .states
            .partition_point(|state| state.position < position);
        self.states.get(after.checked_sub(1)?)
    }

    /// The state behind the sequence that begins at or before a state and after its last event.
    pub(super) fn state_behind(&self, state: &State) -> Option<&State> {
        let at = self
            .states
            .partition_point(|behind| behind.position < state.position);
        let behind = self.states.get(at)?;
        let is_next = behind.position == state.position;
        (is_next && behind.cursor.offset > state.cursor.offset).then_some(behind)
    }

    /// Whether a state contains definitions of a sequence, so that it is not the state at its position.
    pub(super) fn contains(&self, state: &State) -> bool {
        let before = self.state_before(Position(state.position.0.saturating_add(1)));
        before.is_some_and(|behind| behind.cursor.offset == state.cursor.offset)
    }
}

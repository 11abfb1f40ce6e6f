//! The snapshots of a Python program, from which it goes on in another order.
//!
//! A snapshot is a copy of the program's process that sleeps between two ticks. It has two halves
//! here, which arrive independently:
//!
//! * a *mark* in the stream of the first run, with the state of the reader at that place;
//! * a *connection*, over which the copy takes commands.
//!
//! A branch begins at a mark: its trace is that of the first run up to there, followed by what comes
//! over the connection. When a copy goes on, it leaves another copy with the same number behind, so
//! that the user can return to the same tick again.

use std::{
    collections::HashMap,
    os::unix::net::UnixStream,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use loopscope::{
    import::{SnapshotMark, WireReader},
    replay::Replay,
    runtime::LiveTrace,
    trace::{Log, Meta, Schedule},
    tui::{LaunchError, Session},
};

use super::{commands::Commands, lock, loop_source::LoopSource, receive::receive};

/// The most snapshots that sleep at the same time.
const MOST: usize = 16;

/// Of a longer trace no snapshots are kept, because its beginning is kept for them.
const LONGEST: usize = 64 << 20;

/// How long to wait until a branch has reached its first choice, so that the first picture shows it.
const PATIENCE: Duration = Duration::from_millis(300);

/// The snapshots of the first run.
#[derive(Debug, Default)]
pub(super) struct Snapshots(Mutex<SnapshotState>);

#[derive(Debug, Default)]
struct SnapshotState {
    /// The trace of the first run so far. Empty unless snapshots are taken.
    trace: Vec<u8>,
    marks: Vec<SnapshotMark>,
    connections: HashMap<i64, UnixStream>,
    /// The process of the first run.
    program: u32,
    /// Whether a snapshot was taken.
    are_taken: bool,
    /// Why none can be taken now.
    obstacle: String,
    is_closed: bool,
}

impl Snapshots {
    pub(super) fn new(enabled: bool) -> Snapshots {
        Snapshots(Mutex::new(SnapshotState {
            is_closed: !enabled,
            ..SnapshotState::default()
        }))
    }

    /// Whether the program lets itself be copied, or has said why not.
    pub(super) fn are_taken(&self) -> bool {
        let state = lock(&self.0);
        state.are_taken || !state.obstacle.is_empty()
    }

    /// The first run is that of this process.
    pub(super) fn begin(&self, program: u32) {
        lock(&self.0).program = program;
    }

    /// A snapshot of a process has connected.
    pub(super) fn arrived(&self, number: i64, program: u32, connection: UnixStream) {
        let mut state = lock(&self.0);
        // A connection that is dropped ends its process.
        if !state.is_closed && program == state.program {
            state.connections.insert(number, connection);
            state.thin_out();
        }
    }

    /// The first run has grown by `records`.
    pub(super) fn follow(&self, records: &[u8], reader: &mut WireReader) {
        let mut state = lock(&self.0);
        if state.is_closed {
            return;
        }
        state.trace.extend_from_slice(records);
        if state.obstacle != reader.obstacle() {
            reader.obstacle().clone_into(&mut state.obstacle);
        }
        if state.trace.len() > LONGEST {
            return state.close("too long a run".into());
        }
        let marks = reader.snapshots();
        state.are_taken |= !marks.is_empty();
        state.marks.extend(marks);
        state.thin_out();
    }

    /// Ends all snapshots.
    pub(super) fn close(&self) {
        lock(&self.0).close(String::new());
    }

    /// Starts a branch: the run goes on from the last snapshot before the first choice.
    pub(super) fn branch(&self, meta: &Meta, schedule: &Schedule) -> Result<Session, LaunchError> {
        let mut state = lock(&self.0);
        let Some(first) = schedule.choices().first() else {
            return Err(LaunchError::Unsupported);
        };
        let usable = |mark: &&SnapshotMark| {
            mark.polls < first.poll && state.connections.contains_key(&mark.number)
        };
        let Some(mark) = state.marks.iter().rfind(usable) else {
            return Err(LaunchError::Invalid(state.why_not(first.poll)));
        };
        let (number, polls) = (mark.number, mark.polls);
        let mut log = Log {
            bytes: Vec::new(),
            meta: Meta {
                schedule: schedule.clone(),
                ..meta.clone()
            },
        };
        let begun = state.trace.get(..mark.bytes).unwrap_or_default();
        log.bytes.extend_from_slice(begun);
        let reader = mark.reader.clone();
        let Some(connection) = state.connections.remove(&number) else {
            return Err(LaunchError::Unsupported);
        };
        drop(state);
        let commands = Commands::default();
        commands.connect(&connection);
        for choice in schedule.choices() {
            let ahead = u32::try_from(choice.poll - polls).unwrap_or(u32::MAX);
            commands.choose(ahead, choice.task);
        }
        commands.send(b"r");
        let live = LiveTrace::new();
        let to = live.clone();
        thread::Builder::new()
            .name("branch".into())
            .spawn(move || {
                // A branch that cannot be read ends there.
                if receive(connection, reader, Vec::new(), &to, |_, _| ()).is_err() {
                    to.finish();
                }
            })
            .map_err(LaunchError::Io)?;
        let mut replay = Replay::new(log);
        await_poll(&mut replay, &live, first.poll);
        Ok(Session {
            replay,
            source: Some(Box::new(LoopSource::new(
                live,
                commands,
                String::new(),
                true,
            ))),
        })
    }
}

impl SnapshotState {
    /// Why no branch can begin before a poll.
    fn why_not(&self, poll: u64) -> String {
        let why = if self.obstacle.is_empty() {
            "no snapshot was taken before it".into()
        } else {
            format!("it has {}", self.obstacle)
        };
        format!("the program cannot be returned to poll {poll}: {why}")
    }

    fn close(&mut self, why: String) {
        self.is_closed = true;
        self.marks.clear();
        self.connections.clear();
        self.trace = Vec::new();
        self.obstacle = why;
    }

    /// Ends snapshots if there are too many: the first one and the newest stay, and the older the
    /// others are, the wider are the gaps between them.
    fn thin_out(&mut self) {
        while self.marks.len() > MOST {
            let newest = self.marks.last().map_or(0, |mark| mark.polls);
            let places: Vec<u64> = self.marks.iter().map(|mark| mark.polls).collect();
            // The gap that its removal would leave, relative to how long ago it is.
            let weight = |at: usize| {
                let gap = places[at + 1] - places[at - 1];
                let age = newest - places[at] + 1;
                #[expect(clippy::cast_precision_loss, reason = "only the order matters")]
                let weight = gap as f64 / age as f64;
                weight
            };
            let least = (1..places.len() - 1).min_by(|a, b| weight(*a).total_cmp(&weight(*b)));
            let mark = self.marks.remove(least.unwrap_or(0));
            self.connections.remove(&mark.number);
        }
        let known = self.marks.iter().map(|mark| mark.number);
        let newest = known.clone().max().unwrap_or(-1);
        // A mark may still be on its way.
        let known: Vec<i64> = known.collect();
        self.connections
            .retain(|number, _| *number > newest || known.contains(number));
    }
}

/// Waits until a branch has begun a poll, or ended, so that it can be compared from there.
fn await_poll(replay: &mut Replay, live: &LiveTrace, poll: u64) {
    #[expect(
        clippy::disallowed_methods,
        reason = "on the screen's thread, which waits for the beginning of a branch"
    )]
    let begun = Instant::now();
    loop {
        let ended = live.is_ended();
        replay.append(&live.take());
        let has_come = replay.index().head().cursor.polls() >= poll;
        if ended || has_come || begun.elapsed() > PATIENCE {
            return;
        }
        super::pause();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(polls: impl Iterator<Item = u64>) -> SnapshotState {
        SnapshotState {
            marks: polls
                .map(|polls| SnapshotMark {
                    number: i64::try_from(polls).unwrap(),
                    reader: WireReader::default(),
                    bytes: 0,
                    polls,
                })
                .collect(),
            ..SnapshotState::default()
        }
    }

    #[test]
    fn older_snapshots_are_further_apart() {
        let mut state = state(std::iter::empty());
        for polls in 0..1000 {
            state
                .marks
                .extend(self::state(std::iter::once(polls)).marks);
            state.thin_out();
        }
        let places: Vec<u64> = state.marks.iter().map(|mark| mark.polls).collect();
        assert_eq!(places.len(), MOST);
        assert_eq!((places[0], places[MOST - 1]), (0, 999));
        let gaps: Vec<u64> = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps[0] > 100 && gaps[MOST - 2] <= 4, "{places:?}");
    }

    #[test]
    fn a_return_without_a_snapshot_is_refused_with_the_reason() {
        let snapshots = Snapshots::default();
        lock(&snapshots.0).obstacle = "threads (worker)".into();
        let schedule = "5:2".parse().unwrap();
        let refused = snapshots.branch(&Meta::default(), &schedule).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the program cannot be returned to poll 5: it has threads (worker)"
        );
    }
}

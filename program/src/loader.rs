//! Reads a recorded file on a thread while the screen already shows its beginning. To the screen,
//! the file is a run that is still growing.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::Builder,
};

use loopscope::{
    replay::Replay,
    trace::file::{Damage, Part, Recording, memory_budget},
    tui::{Control, FileProgress, Session, SourceStatus, TraceSource},
};

use super::{
    output::{CliError, cannot_open},
    sniff::TraceBytes,
};

/// The bytes that the screen indexes at a time: as many as it can between two keys, which takes some
/// milliseconds. A slice may end inside a record, which the next slice completes.
const SLICE: usize = 1 << 19;

/// The bytes that may be read ahead of the screen.
const MOST_READY: usize = 16 * SLICE;

/// A recording of which the first records are read. Chunks may be large, so a thread reads them while
/// the screen can already be left.
pub(crate) struct BegunRecording {
    recording: Recording<TraceBytes>,
    first: Vec<u8>,
}

impl BegunRecording {
    /// Opens the recording in `file`, and reads its first chunk.
    pub(crate) fn open(file: TraceBytes, path: &Path, part: Part) -> Result<Self, CliError> {
        let recording = Recording::open_part(file, part);
        let mut recording = recording.map_err(|error| cannot_open(path, &error))?;
        let first = recording.next_records();
        let first = first.map_err(|error| cannot_open(path, &error))?;
        Ok(BegunRecording {
            recording,
            first: first.unwrap_or_default(),
        })
    }

    /// What the screen shows: the first events at once, the rest through the [`Loader`].
    pub(crate) fn session(self) -> Session {
        let BegunRecording { recording, first } = self;
        let budget = memory_budget(recording.length());
        let mut replay = Replay::within(budget, recording.meta().clone());
        let (slice, rest) = first.split_at(first.len().min(SLICE));
        replay.append(slice);
        let shared = Arc::<ReadAhead>::default();
        shared.lock().add(rest);
        let events = recording.shown_events();
        let loader = Loader {
            events,
            unread: Some(recording),
            shared,
        };
        Session {
            replay,
            source: Some(Box::new(loader)),
        }
    }
}

/// The screen's end of a file that is being read.
struct Loader {
    events: u64,
    /// The rest of the file, until the first `take`: the first picture is drawn before it is read.
    unread: Option<Recording<TraceBytes>>,
    shared: Arc<ReadAhead>,
}

impl Loader {
    /// Starts the thread that reads the rest.
    fn begin(&mut self) {
        let Some(recording) = self.unread.take() else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        let thread = Builder::new().name("reading".into());
        if thread.spawn(move || shared.read(recording)).is_err() {
            // Without a thread, the first events are all there is.
            self.shared.lock().ended = true;
        }
    }
}

#[derive(Default)]
struct ReadAhead {
    state: Mutex<ReadAheadState>,
    /// Notified when the screen has taken records or has been closed.
    taken: Condvar,
}

#[derive(Default)]
struct ReadAheadState {
    ready: VecDeque<Vec<u8>>,
    bytes: usize,
    /// The file was read to its end, or as far as it can be read.
    ended: bool,
    /// The screen has been closed.
    stopped: bool,
    damage: Damage,
}

impl ReadAheadState {
    /// Adds records for the screen, in slices.
    fn add(&mut self, records: &[u8]) {
        self.bytes += records.len();
        self.ready.extend(records.chunks(SLICE).map(<[u8]>::to_vec));
    }
}

impl ReadAhead {
    fn lock(&self) -> MutexGuard<'_, ReadAheadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads to the end, or until the screen stops it.
    fn read(&self, mut recording: Recording<TraceBytes>) {
        // A read error ends the file like a truncation.
        while let Ok(Some(records)) = recording.next_records() {
            let mut state = self.lock();
            while state.bytes > MOST_READY && !state.stopped {
                state = self
                    .taken
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.stopped {
                return;
            }
            state.add(&records);
        }
        let mut state = self.lock();
        state.damage = recording.damage();
        state.ended = true;
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.control(Control::Stop);
    }
}

impl TraceSource for Loader {
    fn take(&mut self) -> Vec<u8> {
        self.begin();
        let mut state = self.shared.lock();
        let mut taken = Vec::new();
        while state
            .ready
            .front()
            .is_some_and(|next| taken.len() + next.len() <= SLICE)
            && let Some(records) = state.ready.pop_front()
        {
            state.bytes -= records.len();
            if taken.is_empty() {
                taken = records;
            } else {
                taken.extend(records);
            }
        }
        self.shared.taken.notify_one();
        taken
    }

    fn control(&mut self, control: Control) {
        if control == Control::Stop {
            self.shared.lock().stopped = true;
            self.shared.taken.notify_one();
        }
    }

    fn status(&self) -> SourceStatus {
        let state = self.shared.lock();
        let ended = state.ended && state.ready.is_empty();
        SourceStatus {
            ended,
            reading: (!ended).then_some(FileProgress {
                events: self.events,
            }),
            damage: Some(state.damage).filter(|damage| ended && damage.is_any()),
            ..SourceStatus::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_chunk_is_taken_in_slices() {
        let mut loader = Loader {
            events: 0,
            unread: None,
            shared: Arc::default(),
        };
        let records: Vec<u8> = (0..=u8::MAX).cycle().take(3 * SLICE + 7).collect();
        loader.shared.lock().add(&records);
        loader.shared.lock().add(&records);
        let mut taken = Vec::new();
        while taken.len() < 2 * records.len() {
            let slice = loader.take();
            assert!(!slice.is_empty() && slice.len() <= SLICE);
            taken.extend(slice);
        }
        assert_eq!(taken, records.repeat(2));
        assert_eq!(loader.shared.lock().bytes, 0);
    }
}

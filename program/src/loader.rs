//! A recorded file that is shown before all of it has been read: to the screen it is a run that is still coming in.

use std::{
    collections::VecDeque,
    fs::File,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::Builder,
};

use loopscope::{
    replay::Replay,
    trace::{
        Log,
        file::{Damage, Recording},
    },
    tui::{Control, FileProgress, Session, SourceStatus, TraceSource},
};

use super::output::{CliError, cannot_open};

/// How many bytes of records the screen takes in at a time: about what it can between two keys.
const SLICE: usize = 1 << 20;

/// How many may lie ready for it.
const MOST_READY: usize = 8 * SLICE;

/// Reads an open file, which is at `path`: its first events at once, the others as they come.
pub(crate) fn session(file: File, path: &Path) -> Result<Session, CliError> {
    let mut recording = Recording::open(file).map_err(|error| cannot_open(path, &error))?;
    let first = recording.next_records();
    let first = first.map_err(|error| cannot_open(path, &error))?;
    let mut log = Log {
        meta: recording.meta().clone(),
        ..Log::default()
    };
    log.bytes = first.unwrap_or_default();
    let replay = Replay::new(log);
    let events = recording.overview().events;
    let loader = Loader {
        events: u32::try_from(events).unwrap_or(u32::MAX),
        unread: Some(recording),
        shared: Arc::default(),
    };
    Ok(Session {
        replay,
        source: Some(Box::new(loader)),
    })
}

/// The screen's end of a file that is being read.
struct Loader {
    events: u32,
    /// What nobody has asked for yet: first there is a picture, then the rest is read.
    unread: Option<Recording<File>>,
    shared: Arc<ReadAhead>,
}

impl Loader {
    /// Begins to read on.
    fn begin(&mut self) {
        let Some(recording) = self.unread.take() else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        let thread = Builder::new().name("reading".into());
        if thread.spawn(move || shared.read(recording)).is_err() {
            // Without a thread there is no more than what is there.
            self.shared.lock().ended = true;
        }
    }
}

#[derive(Default)]
struct ReadAhead {
    state: Mutex<ReadAheadState>,
    /// Something was taken, or nobody wants any more.
    taken: Condvar,
}

#[derive(Default)]
struct ReadAheadState {
    ready: VecDeque<Vec<u8>>,
    bytes: usize,
    /// All has been read that can be.
    ended: bool,
    /// Nobody wants any more.
    stopped: bool,
    damage: Damage,
}

impl ReadAhead {
    fn lock(&self) -> MutexGuard<'_, ReadAheadState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads to the end, or until nobody wants any more.
    fn read(&self, mut recording: Recording<File>) {
        // A disk that cannot be read any more is as good as a file that was cut.
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
            state.bytes += records.len();
            state.ready.push_back(records);
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
        while taken.len() < SLICE
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

//! A loop on another thread, as the screen sees it.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    runtime::{LiveTrace, LoopControl, Polling, RecordFile, Store},
    trace::Log,
    tui::{self, Control, RecordError, SourceStatus},
};

/// How long to wait for a stopped loop whose run is being written to a file.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// The time between two checks whether a stopped loop has ended.
const STOP_CHECK: Duration = Duration::from_millis(2);

/// A loop that runs on another thread, as the screen sees it.
#[derive(Debug)]
pub struct Link {
    /// The records of the loop.
    pub live: LiveTrace,
    /// Pauses, steps and stops the loop.
    pub control: LoopControl,
    is_real: bool,
    /// The poll of the loop at the last call of `status`, and the time of the first call that saw
    /// this poll.
    seen: Mutex<Option<(Polling, Instant)>>,
}

impl Link {
    /// A loop that hands its trace over to `live` and is controlled by `control`. `is_real` says
    /// that its clock is real.
    pub fn new(live: LiveTrace, control: LoopControl, is_real: bool) -> Link {
        Link {
            live,
            control,
            is_real,
            seen: Mutex::new(None),
        }
    }

    /// The records since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        self.live.take()
    }

    /// Waits for the loop to end, but no longer than `timeout`: a poll that does not return cannot
    /// be ended.
    pub fn await_end(&self, timeout: Duration) {
        let mut waited = Duration::ZERO;
        while waited < timeout && !self.live.is_ended() {
            #[expect(
                clippy::disallowed_methods,
                reason = "when the screen is closed, outside of any loop"
            )]
            thread::sleep(STOP_CHECK);
            waited += STOP_CHECK;
        }
    }
}

/// Writes a live run to a new file in the working directory: first `log`, which has to be everything
/// that was taken so far, then all that follows. Returns the full path of the file.
///
/// # Errors
///
/// If the file cannot be made or written, with the reason.
pub fn record_live(live: &LiveTrace, log: &Log) -> Result<PathBuf, RecordError> {
    let file = new_file(&log.meta.scenario)?;
    let path = file.path().to_owned();
    let failed = |error| RecordError::file(&path, error);
    let store = Store::to_file(file, &log.meta, |_| {}).map_err(failed)?;
    let recorded = live.record(store, &log.bytes);
    recorded.map_err(failed)?;
    Ok(path)
}

/// If the run is being written to a file, waits for a moment for the run to end, so that the end is
/// in the file.
impl Drop for Link {
    fn drop(&mut self) {
        if self.live.is_recorded() {
            self.await_end(STOP_TIMEOUT);
            self.live.end_recording();
        }
    }
}

/// Makes a file in the working directory, named after the run and with a number if that name is
/// taken.
fn new_file(name: &str) -> Result<RecordFile, RecordError> {
    let folder = env::current_dir().map_err(|error| RecordError::file(Path::new("."), error))?;
    let name = if name.is_empty() { "run" } else { name };
    let mut number = 1;
    loop {
        let path = match number {
            1 => folder.join(format!("{name}.loopscope")),
            _ => folder.join(format!("{name}-{number}.loopscope")),
        };
        match RecordFile::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(RecordError::file(&path, error)),
            Ok(file) => return Ok(file),
        }
    }
}

impl tui::TraceSource for Link {
    fn take(&mut self) -> Vec<u8> {
        Link::take(self)
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        record_live(&self.live, log)
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Run => self.control.run(),
            Control::Pause => self.control.pause(),
            Control::Tick => self.control.tick(),
            Control::Poll => self.control.poll(),
            // Not possible: the status does not say so.
            Control::Choose(_) => {}
            Control::Stop => self.control.stop(),
        }
    }

    fn status(&self) -> SourceStatus {
        let ended = self.live.is_drained();
        let polling = self.live.polling().filter(|_| !ended);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        #[expect(
            clippy::disallowed_methods,
            reason = "how long a poll has lasted is seen from outside of its loop"
        )]
        let now = Instant::now();
        // The time of a poll is counted from the first call that sees the poll.
        *seen = match (polling, *seen) {
            (Some(polling), Some((before, since))) if before == polling => Some((polling, since)),
            (polling, _) => polling.map(|polling| (polling, now)),
        };
        SourceStatus {
            ended,
            paused: self.live.is_paused(),
            live: self.is_real,
            now: self.live.parked_now().filter(|_| !ended),
            polling: seen.map(|(polling, since)| (polling.task, now - since)),
            ..SourceStatus::default()
        }
    }
}

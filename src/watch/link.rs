//! A loop on another thread, as the screen sees it.

use std::{
    env,
    fs::File,
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    runtime::{LiveTrace, LoopControl, Polling, Store},
    trace::Log,
    tui::{self, Control, SourceStatus},
};

/// How long a loop that was stopped is waited for if its run is being written to a file.
const STOP_TIMEOUT: Duration = Duration::from_millis(500);

/// Between two looks at a loop that was stopped.
const STOP_CHECK: Duration = Duration::from_millis(2);

/// A loop that runs on another thread, as the screen sees it.
#[derive(Debug)]
pub struct Link {
    /// What the loop records.
    pub live: LiveTrace,
    /// Pauses, steps and stops the loop.
    pub control: LoopControl,
    is_real: bool,
    /// The poll that the loop was last seen in, and when it was first seen in it.
    seen: Mutex<Option<(Polling, Instant)>>,
}

impl Link {
    /// A loop that hands its trace over to `live` and is steered by `control`. `is_real` says that its clock is real.
    pub fn new(live: LiveTrace, control: LoopControl, is_real: bool) -> Link {
        Link {
            live,
            control,
            is_real,
            seen: Mutex::new(None),
        }
    }

    /// What was recorded since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        self.live.take()
    }

    /// Waits for the loop to end, but no longer than `timeout`: a poll that does not return cannot be ended.
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

    /// Writes the run to a new file in the working directory: what was taken so far, which is `log`, and from now on what
    /// is recorded. Returns the full path of the file.
    ///
    /// # Errors
    ///
    /// If the file cannot be made or written, with the reason.
    pub fn record(&mut self, log: &Log) -> Result<PathBuf, String> {
        let cannot = |error: io::Error| format!("the run cannot be recorded: {error}");
        let (path, file) = new_file(&log.meta.scenario).map_err(cannot)?;
        let store = Store::new(file, &log.meta).map_err(cannot)?;
        match self.live.record(store, &log.bytes) {
            Ok(_) => Ok(path),
            Err(error) => Err(format!("{} cannot be written: {error}", path.display())),
        }
    }
}

/// A file that is being written gets the end of the run, if the loop comes to it in time.
impl Drop for Link {
    fn drop(&mut self) {
        if self.live.is_recorded() {
            self.await_end(STOP_TIMEOUT);
            self.live.end_recording();
        }
    }
}

/// Makes a file in the working directory, named after the run and with a number if that name is taken.
fn new_file(name: &str) -> io::Result<(PathBuf, File)> {
    let folder = env::current_dir()?;
    let name = if name.is_empty() { "run" } else { name };
    let mut number = 1;
    loop {
        let path = match number {
            1 => folder.join(format!("{name}.loopscope")),
            _ => folder.join(format!("{name}-{number}.loopscope")),
        };
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            created => return created.map(|file| (path, file)),
        }
    }
}

impl tui::TraceSource for Link {
    fn take(&mut self) -> Vec<u8> {
        Link::take(self)
    }

    fn record(&mut self, log: &Log) -> Result<String, String> {
        Link::record(self, log).map(|path| path.display().to_string())
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Run => self.control.run(),
            Control::Pause => self.control.pause(),
            Control::Tick => self.control.tick(),
            Control::Poll => self.control.poll(),
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

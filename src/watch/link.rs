//! How the screen hears a loop and steers it.

use std::{
    fs::File,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::{
    runtime::{LiveTrace, LoopControl, Polling},
    trace::{Log, file::FileWriter},
    tui::{self, Control, SourceStatus},
};

/// A loop that runs on another thread, as the screen sees it.
#[derive(Debug)]
pub struct Link {
    /// What it records.
    pub feed: LiveTrace,
    /// What steers it.
    pub control: LoopControl,
    is_real: bool,
    /// The poll that was seen last, and when it was first seen.
    seen: Mutex<Option<(Polling, Instant)>>,
    /// The file that the run goes into since the person has asked for it.
    file: Option<FileWriter<File>>,
}

impl Link {
    /// A loop that hands over to `feed` and is steered by `control`. `is_real` says that it runs on a real clock.
    pub fn new(feed: LiveTrace, control: LoopControl, is_real: bool) -> Link {
        Link {
            feed,
            control,
            is_real,
            seen: Mutex::new(None),
            file: None,
        }
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        let bytes = self.feed.take();
        if !bytes.is_empty() {
            self.write(&bytes);
        }
        if self.feed.is_drained()
            && let Some(file) = self.file.take()
        {
            drop(file.finish());
        }
        bytes
    }

    /// Waits for the loop to end, but not for longer than this: a poll that does not return cannot be ended.
    pub fn await_end(&self, patience: Duration) {
        let mut waited = Duration::ZERO;
        while waited < patience && !self.feed.is_ended() {
            #[expect(
                clippy::disallowed_methods,
                reason = "at the very end, outside of any loop"
            )]
            thread::sleep(GLANCE);
            waited += GLANCE;
        }
    }

    /// A file that cannot be written any more is left as it is: it says itself that it is not finished.
    fn write(&mut self, bytes: &[u8]) {
        if let Some(file) = &mut self.file
            && file.records(bytes).and_then(|()| file.flush()).is_err()
        {
            self.file = None;
        }
    }

    /// Writes into a new file what was taken before, and from now on what is taken. Gives its name.
    pub fn record(&mut self, log: &Log) -> io::Result<String> {
        let (name, file) = new_file(&log.meta.scenario)?;
        self.file = Some(FileWriter::new(file, &log.meta)?);
        self.write(&log.bytes);
        if self.file.is_none() {
            return Err(io::Error::other("the disk is full, or gone"));
        }
        // Of a run that is over nothing more is taken.
        if self.feed.is_drained()
            && let Some(file) = self.file.take()
        {
            file.finish()?;
        }
        Ok(name)
    }
}

/// For how long a run is waited for that goes into a file.
const PATIENCE: Duration = Duration::from_millis(500);

/// Between two looks at a loop that is to end.
const GLANCE: Duration = Duration::from_millis(2);

/// A file that is being written gets the end, too, if the loop comes to it.
impl Drop for Link {
    fn drop(&mut self) {
        if self.file.is_some() {
            self.await_end(PATIENCE);
            drop(self.take());
        }
    }
}

/// A file of this name that was not there before.
fn new_file(name: &str) -> io::Result<(String, File)> {
    let name = if name.is_empty() { "run" } else { name };
    let mut number = 1;
    loop {
        let path = match number {
            1 => format!("{name}.loopscope"),
            _ => format!("{name}-{number}.loopscope"),
        };
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            created => return created.map(|file| (path, file)),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl tui::TraceSource for Link {
    fn take(&mut self) -> Vec<u8> {
        Link::take(self)
    }

    fn record(&mut self, log: &Log) -> Result<String, String> {
        Link::record(self, log).map_err(|error| format!("it cannot be recorded: {error}"))
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
        let ended = self.feed.is_drained();
        let polling = self.feed.polling().filter(|_| !ended);
        let mut seen = held(&self.seen);
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
            paused: self.feed.is_paused(),
            live: self.is_real,
            now: self.feed.waiting_now().filter(|_| !ended),
            polling: seen.map(|(polling, since)| (polling.task, now - since)),
            ..SourceStatus::default()
        }
    }
}

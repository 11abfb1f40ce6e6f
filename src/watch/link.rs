//! How the screen hears a loop and steers it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::{
    runtime::{Feed, Polling, Remote},
    tui::{self, Control, Pulse},
};

/// A loop that runs on another thread, as the screen sees it.
#[derive(Debug)]
pub struct Link {
    /// What it records.
    pub feed: Feed,
    /// What steers it.
    pub remote: Remote,
    is_real: bool,
    /// The poll that was seen last, and when it was first seen.
    seen: Mutex<Option<(Polling, Instant)>>,
    /// Where a copy goes of what is taken, if somebody else wants it too.
    copy: Option<Copy>,
}

/// What was taken out of a feed, for somebody else.
pub type Copy = Arc<Mutex<Vec<u8>>>;

impl Link {
    /// A loop that hands over to `feed` and is steered by `remote`. `is_real` says that it runs on a real clock.
    pub fn new(feed: Feed, remote: Remote, is_real: bool) -> Link {
        Link {
            feed,
            remote,
            is_real,
            seen: Mutex::new(None),
            copy: None,
        }
    }

    /// Has everything that is taken put into this as well.
    pub fn copy_to(&mut self, copy: Copy) {
        self.copy = Some(copy);
    }

    /// What was written since the last time.
    pub fn take(&mut self) -> Vec<u8> {
        let bytes = self.feed.take();
        if let Some(copy) = &self.copy {
            held(copy).extend_from_slice(&bytes);
        }
        bytes
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl tui::Feed for Link {
    fn take(&mut self) -> Vec<u8> {
        Link::take(self)
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Run => self.remote.run(),
            Control::Pause => self.remote.pause(),
            Control::Tick => self.remote.tick(),
            Control::Poll => self.remote.poll(),
            Control::Stop => self.remote.stop(),
        }
    }

    fn status(&self) -> Pulse {
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
        Pulse {
            ended,
            asks: false,
            paused: self.feed.is_paused(),
            live: self.is_real,
            now: self.feed.waiting_now().filter(|_| !ended),
            polling: seen.map(|(polling, since)| (polling.task, now - since)),
        }
    }
}

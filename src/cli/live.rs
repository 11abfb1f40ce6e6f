//! A run on a thread of its own: the screen never stands still with the loop.

use std::{
    io,
    sync::{Mutex, PoisonError},
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

use async_signal::{Signal, Signals};
use loopscope::{
    replay::Replay,
    runtime::{self, Polling, Remote},
    scenario::{Ended, Plan},
    trace::{ClockKind, Log, Meta},
    tui::{self, Control, Pulse, Session},
};
use smol::{future, stream::StreamExt};

use super::{Wrong, record::Recording};

/// A run that goes on.
pub(crate) struct Live {
    pub(crate) feed: runtime::Feed,
    pub(crate) remote: Remote,
    meta: Meta,
    is_real: bool,
    thread: Option<JoinHandle<Ended>>,
    /// The poll that was seen last, and when it was first seen.
    seen: Mutex<Option<(Polling, Instant)>>,
    /// The file that it goes into, too.
    recording: Option<Recording>,
}

impl Live {
    /// Starts a run. On a real clock it may be told to stand still before its first tick.
    pub(crate) fn start(plan: Plan, paused: bool) -> io::Result<Live> {
        let (feed, remote) = (runtime::Feed::new(), Remote::new());
        if paused {
            remote.pause();
        }
        let (meta, is_real) = (plan.meta(), plan.clock == ClockKind::Real);
        let (feed_inside, remote_inside) = (feed.clone(), remote.clone());
        let thread = Builder::new()
            .name("loop".into())
            .spawn(move || plan.run(Some(feed_inside), remote_inside))?;
        Ok(Live {
            feed,
            remote,
            meta,
            is_real,
            thread: Some(thread),
            seen: Mutex::new(None),
            recording: None,
        })
    }

    /// Has everything that is taken put into a file as well.
    pub(crate) fn record(&mut self, recording: Recording) {
        self.recording = Some(recording);
    }

    /// What was written since the last time.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let bytes = self.feed.take();
        if let Some(recording) = &self.recording {
            recording.give(&bytes);
        }
        bytes
    }

    /// Waits for the end.
    pub(crate) fn join(&mut self) -> Result<Ended, Wrong> {
        let thread = self
            .thread
            .take()
            .ok_or_else(|| Wrong::new("the run has ended before"))?;
        thread
            .join()
            .map_err(|_| Wrong::new("the loop itself failed; this is a defect of loopscope"))
    }

    /// A trace to be filled, and this to fill it.
    pub(crate) fn session(self) -> Session {
        let replay = Replay::new(Log {
            bytes: Vec::new(),
            meta: self.meta.clone(),
        });
        Session {
            replay,
            feed: Some(Box::new(self)),
        }
    }
}

impl tui::Feed for Live {
    fn take(&mut self) -> Vec<u8> {
        Live::take(self)
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
        Pulse {
            ended,
            paused: self.feed.is_paused(),
            live: self.is_real,
            now: self.feed.waiting_now().filter(|_| !ended),
            polling: seen.map(|(polling, since)| (polling.task, now - since)),
            ..Pulse::default()
        }
    }
}

/// The person left, or the screen gave up: the loop ends in order, but nobody waits for a poll that does not return.
impl Drop for Live {
    fn drop(&mut self) {
        self.remote.stop();
        for _ in 0..100 {
            if self.feed.is_ended() || self.thread.is_none() {
                return;
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "at the very end, outside of any loop"
            )]
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Runs to the end without a screen. `each` is called with what was written, now and then.
///
/// A signal stops the run; its number is returned with how it ended.
pub(crate) fn attend(
    live: &mut Live,
    mut each: impl FnMut(Vec<u8>),
) -> Result<(Ended, Option<u8>), Wrong> {
    let mut signals = Signals::new([Signal::Int, Signal::Term, Signal::Hup]).map_err(Wrong::new)?;
    let mut stopped = None;
    smol::block_on(async {
        loop {
            let signal = async { signals.next().await.and_then(Result::ok) };
            let due = async {
                future::or(live.feed.ended(), async {
                    smol::Timer::after(Duration::from_millis(50)).await;
                })
                .await;
                None
            };
            match future::or(signal, due).await {
                // Once more: whoever insists does not want to wait for a poll that does not return.
                Some(_) if stopped.is_some() => break,
                Some(signal) => {
                    stopped = Some(exit_code(signal));
                    live.remote.stop();
                }
                None => {}
            }
            let ended = live.feed.is_ended();
            let bytes = live.take();
            if !bytes.is_empty() {
                each(bytes);
            }
            if ended {
                break;
            }
        }
    });
    if !live.feed.is_ended() {
        std::process::exit(stopped.unwrap_or(1).into());
    }
    Ok((live.join()?, stopped))
}

/// What a shell expects of a program that a signal ended.
fn exit_code(signal: Signal) -> u8 {
    match signal {
        Signal::Int => 130,
        Signal::Hup => 129,
        _ => 143,
    }
}

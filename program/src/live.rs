//! A run on its own thread, so that a loop that blocks does not block the screen.

use std::{
    io,
    path::PathBuf,
    thread::{Builder, JoinHandle},
    time::Duration,
};

use async_signal::{Signal, Signals};
use loopscope::{
    replay::Replay,
    runtime::{LiveTrace, LoopControl, Store, StoreHandle},
    scenario::{Ended, Plan},
    trace::{ClockKind, Log, Meta},
    tui::{self, Control, RecordError, Session, SourceStatus},
    watch::Link,
};
use smol::{future, stream::StreamExt};

use super::output::CliError;

/// A scenario that is running on its own thread.
pub(crate) struct LiveRun {
    link: Link,
    meta: Meta,
    thread: Option<JoinHandle<Ended>>,
    /// The recording of the run to a file.
    recording: Option<StoreHandle>,
}

/// The number of descriptors that a run opens before its first task does: those of async-io, a pair
/// of sockets for the signals, and some to spare.
pub(crate) const DESCRIPTORS: u64 = 10;

impl LiveRun {
    /// Starts a run: `paused` before its first tick, and recorded by `store`.
    ///
    /// # Errors
    ///
    /// If the process may not open enough descriptors.
    pub(crate) fn start(plan: Plan, paused: bool, store: Option<Store>) -> io::Result<LiveRun> {
        tui::need_descriptors(DESCRIPTORS)?;
        let (live, control) = (LiveTrace::new(), LoopControl::new());
        if paused {
            control.pause();
        }
        let (meta, is_real) = (plan.meta(), plan.clock == ClockKind::Real);
        let link = Link::new(live.clone(), control.clone(), is_real);
        let recording = store.as_ref().map(Store::handle);
        let thread = Builder::new()
            .name("loop".into())
            .spawn(move || plan.run_into(Some(live), store, control))?;
        Ok(LiveRun {
            link,
            meta,
            thread: Some(thread),
            recording,
        })
    }

    /// The bytes of the trace since the last call.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.link.take()
    }

    /// Waits for the end of the run.
    pub(crate) fn join(&mut self) -> Result<Ended, CliError> {
        let thread = self
            .thread
            .take()
            .ok_or_else(|| CliError::new("the run was already joined"))?;
        thread.join().map_err(|_| {
            CliError::new("the thread of the loop panicked: this is a bug in loopscope")
        })
    }

    /// An empty replay, and this run as the source that fills it.
    pub(crate) fn session(self) -> Session {
        Session {
            replay: Replay::of_started_run(self.meta.clone()),
            source: Some(Box::new(self)),
        }
    }
}

impl tui::TraceSource for LiveRun {
    fn take(&mut self) -> Vec<u8> {
        LiveRun::take(self)
    }

    fn record(&mut self, log: &Log) -> Result<PathBuf, RecordError> {
        tui::TraceSource::record(&mut self.link, log)
    }

    fn control(&mut self, control: Control) {
        self.link.control(control);
    }

    fn status(&self) -> SourceStatus {
        self.link.status()
    }
}

/// The screen was closed: the loop stops in order. A poll that does not return is not waited for.
impl Drop for LiveRun {
    fn drop(&mut self) {
        self.link.control.stop();
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.link.await_end(PATIENCE);
        if self.link.live.is_ended() {
            // The loop has ended; only the file is still being written.
            drop(thread.join());
        } else if let Some(recording) = &self.recording {
            recording.close();
        }
    }
}

/// How long a stopped loop has to end.
const PATIENCE: Duration = Duration::from_millis(200);

/// Whether a run that is waited for is stopped by a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttendsSignals {
    /// A signal stops it.
    Yes,
    /// A screen attends to the signals.
    No,
}

/// Waits for a run to end, without a screen. `each` receives the bytes of the trace as they come.
///
/// A signal stops the run. Returns how the run ended, and the exit code of the signal.
pub(crate) fn wait_headless(
    live: &mut LiveRun,
    attends: AttendsSignals,
    mut each: impl FnMut(Vec<u8>),
) -> Result<(Ended, Option<u8>), CliError> {
    let of_interest: &[Signal] = match attends {
        AttendsSignals::Yes => &[Signal::Int, Signal::Term, Signal::Hup],
        AttendsSignals::No => &[],
    };
    let mut signals = Signals::new(of_interest.iter().copied()).map_err(CliError::new)?;
    let mut stopped = None;
    smol::block_on(async {
        loop {
            let signal = async { signals.next().await.and_then(Result::ok) };
            let due = async {
                future::or(live.link.live.ended(), async {
                    smol::Timer::after(Duration::from_millis(50)).await;
                })
                .await;
                None
            };
            match future::or(signal, due).await {
                // A second signal does not wait for a poll that does not return.
                Some(_) if stopped.is_some() => break,
                Some(signal) => {
                    stopped = Some(exit_code(signal));
                    live.link.control.stop();
                }
                None => {}
            }
            let ended = live.link.live.is_ended();
            let bytes = live.take();
            if !bytes.is_empty() {
                each(bytes);
            }
            if ended {
                break;
            }
        }
    });
    if !live.link.live.is_ended() {
        // The process ends without dropping anything, so the file has to be ended here.
        if let Some(recording) = &live.recording {
            recording.close();
        }
        std::process::exit(stopped.unwrap_or(1).into());
    }
    Ok((live.join()?, stopped))
}

/// The exit code that a shell expects of a program that a signal ended: 128 and its number.
fn exit_code(signal: Signal) -> u8 {
    match signal {
        Signal::Int => 130,
        Signal::Hup => 129,
        _ => 143,
    }
}

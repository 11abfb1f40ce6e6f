//! Waits for something while signals are handled, which is what a command does that shows no screen.

use std::{
    io::{self, Write},
    thread,
    time::{Duration, Instant},
};

use async_signal::{Signal, Signals};
use smol::{future, stream::StreamExt};

/// How long passes between two looks at what has no signal of its own.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// Handles SIGINT, SIGTERM and SIGHUP, which no longer end this process, for as long as it exists.
#[derive(Debug)]
pub(crate) struct SignalWait(Signals);

impl SignalWait {
    pub(crate) fn new() -> io::Result<SignalWait> {
        let signals = [Signal::Int, Signal::Term, Signal::Hup, Signal::Child];
        Signals::new(signals).map(SignalWait)
    }

    /// Calls `look` until it returns something, and returns that: at once, whenever `interval` has
    /// passed, when a child process has ended, and with each signal that asks this process to end.
    pub(crate) fn until<T>(
        &mut self,
        interval: Duration,
        mut look: impl FnMut(Option<Signal>) -> Option<T>,
    ) -> T {
        let mut arrived = None;
        smol::block_on(async {
            loop {
                if let Some(found) = look(arrived.take()) {
                    return found;
                }
                let signal = async { self.0.next().await.and_then(Result::ok) };
                let pause = async {
                    smol::Timer::after(interval).await;
                    None
                };
                // The end of a child is something to look at, and no request.
                arrived = future::or(signal, pause)
                    .await
                    .filter(|signal| *signal != Signal::Child);
            }
        })
    }

    /// Calls `is_so` until it returns true, but no longer than `time`; `None` waits without a limit.
    /// Returns the signal that asks this process to end, if one arrives first.
    pub(crate) fn until_so(
        &mut self,
        time: Option<Duration>,
        mut is_so: impl FnMut() -> bool,
    ) -> Option<Signal> {
        let end = time.map(|time| now() + time);
        self.until(LOOK, |signal| match signal {
            Some(signal) => Some(Some(signal)),
            None if is_so() => Some(None),
            None => end.is_some_and(|end| now() >= end).then_some(None),
        })
    }
}

/// Writes output that was kept. A terminal that does not read keeps neither a signal nor the end of
/// this program waiting.
pub(crate) fn print_kept(bytes: Vec<u8>, mut to: impl Write + Send + 'static) {
    let Ok(mut wait) = SignalWait::new() else {
        return;
    };
    let writer = thread::Builder::new().name("kept output".into());
    let writer = writer.spawn(move || {
        let _ = to.write_all(&bytes);
        let _ = to.flush();
    });
    if let Ok(writer) = writer {
        wait.until_so(None, || writer.is_finished());
    }
}

/// Whether the keys of a terminal, such as Ctrl-C, send signals to this process and its children.
pub(crate) fn is_in_foreground() -> bool {
    let terminal = std::fs::File::open("/dev/tty");
    let group = terminal.map(rustix::termios::tcgetpgrp);
    matches!(group, Ok(Ok(group)) if group == rustix::process::getpgrp())
}

#[expect(
    clippy::disallowed_methods,
    reason = "no loop of this program waits meanwhile"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_end_of_a_child_is_noticed_before_the_next_look() {
        let mut wait = SignalWait::new().unwrap();
        let mut child = Command::new("true").spawn().unwrap();
        let mut looks = 0;
        // An hour passes between two looks, unless a signal arrives.
        let status = wait.until(Duration::from_hours(1), |_| {
            looks += 1;
            child.try_wait().unwrap()
        });
        assert!(status.success());
        assert!(looks <= 3, "{looks}");
    }

    #[test]
    fn a_wait_without_an_event_ends_at_its_limit() {
        let mut wait = SignalWait::new().unwrap();
        assert_eq!(
            wait.until_so(Some(Duration::from_millis(1)), || false),
            None
        );
        assert_eq!(wait.until_so(None, || true), None);
    }
}

//! Threads that work on long runs while the shell handles keys and signals.

use std::thread::Builder;

use async_channel::{Receiver, Sender};

use crate::tui::work::{Work, WorkResult};

/// The number of some work and its result; no result if its thread has panicked, or could not be
/// started.
pub(super) type WorkDone = (u64, Option<WorkResult>);

/// Threads that work, and what they have found out.
#[derive(Debug)]
pub(super) struct Worker {
    sender: Sender<WorkDone>,
    results: Receiver<WorkDone>,
}

impl Default for Worker {
    fn default() -> Worker {
        let (sender, results) = async_channel::unbounded();
        Worker { sender, results }
    }
}

impl Worker {
    /// Begins to work on a thread. The thread is not waited for when the screen is left: it ends
    /// with the process.
    pub(super) fn start(&self, work: Box<Work>) {
        let mut sending = ResultSender {
            done: (work.number(), None),
            to: self.sender.clone(),
        };
        let thread = Builder::new().name("loopscope work".into());
        // Without a thread, the closure is dropped, which sends that there is no result.
        drop(thread.spawn(move || sending.finish(&work)));
    }

    /// The next result.
    pub(super) async fn next(&self) -> WorkDone {
        match self.results.recv().await {
            Ok(done) => done,
            // This value has a sender itself, so the channel stays open.
            Err(_) => std::future::pending().await,
        }
    }
}

/// Sends what there is when it is dropped, so that an answer comes in any case.
struct ResultSender {
    done: WorkDone,
    to: Sender<WorkDone>,
}

impl ResultSender {
    fn finish(&mut self, work: &Work) {
        self.done.1 = Some(work.result());
    }
}

impl Drop for ResultSender {
    fn drop(&mut self) {
        let (number, result) = &mut self.done;
        let _ = self.to.try_send((*number, result.take()));
    }
}

//! The other threads of the program, of which one may wake a task while the loop waits.
//!
//! A thread that has a sender, or the waker of a task, cannot be told from one that has none. So the trace
//! tells which threads there are when the loop waits, and no task counts as stuck that one of them may wake.
//! Only Linux tells which threads a process has.

use std::{fs, thread, time::Duration};

use crate::trace::{LocationId, ResourceId, ResourceKind};

use super::{recorder::Recorder, resource_numbers::ResourceNumbers};

/// How long the threads are not looked at again, in nanoseconds of loop time. A look takes some 30 µs.
const PERIOD: u64 = 50_000_000;

/// How long a thread may take to give itself its name.
const TO_BE_NAMED: Duration = Duration::from_millis(1);

/// The threads that were announced.
#[derive(Debug, Default)]
pub(super) struct OtherThreads {
    /// Their numbers in the system, and those in the trace.
    known: Vec<(u32, ResourceId)>,
    /// When the next look is due.
    due: u64,
    /// Another thread has woken a task.
    wakes: bool,
}

impl OtherThreads {
    /// Another thread has woken a task.
    pub(super) fn has_woken(&mut self) {
        self.wakes = true;
    }

    /// Records which threads have begun or ended, before the loop waits at the loop time `now`. It waits
    /// `for_ever` if nothing that is recorded will wake a task.
    pub(super) fn look(
        &mut self,
        recorder: &mut Recorder,
        resources: &mut ResourceNumbers,
        (now, for_ever): (u64, bool),
    ) {
        // A thread that has woken a task is known to do so.
        if now < self.due && (self.wakes || !for_ever) {
            return;
        }
        self.due = now + PERIOD;
        let running = others();
        self.known.retain(|(thread, id)| {
            let runs = running.contains(thread);
            if !runs {
                recorder.writer.resource_dropped(*id);
                resources.give_back(id.0);
            }
            runs
        });
        for thread in running {
            if self.known.iter().any(|(known, _)| *known == thread) {
                continue;
            }
            let Some(name) = given_name(thread).filter(|name| !is_helper(name)) else {
                continue;
            };
            let id = ResourceId(resources.take());
            let name = recorder.text(&name);
            let (kind, at) = (ResourceKind::Thread, LocationId::UNKNOWN);
            recorder.writer.resource_new(id, kind, name, at, 0);
            self.known.push((thread, id));
        }
    }
}

/// The numbers of the other threads of this process; empty where the system does not tell.
fn others() -> Vec<u32> {
    let own = fs::read_link("/proc/thread-self").unwrap_or_default();
    let Ok(threads) = fs::read_dir("/proc/self/task") else {
        return Vec::new();
    };
    let names = threads.filter_map(|thread| Some(thread.ok()?.file_name()));
    let others = names.filter(|name| own.file_name() != Some(name));
    others
        .filter_map(|name| name.to_str()?.parse().ok())
        .collect()
}

fn name(thread: u32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/self/task/{thread}/comm")).ok()?;
    Some(name.trim().to_owned())
}

/// The name of a thread. One that has just begun has that of the thread which has started it, until it gives
/// itself its own.
#[expect(
    clippy::disallowed_methods,
    reason = "the loop is about to wait, and does so once for each thread without a name"
)]
fn given_name(thread: u32) -> Option<String> {
    let of_program = fs::read_to_string("/proc/self/comm").ok()?;
    let mut found = name(thread)?;
    if found == of_program.trim() {
        thread::sleep(TO_BE_NAMED);
        found = name(thread)?;
    }
    Some(found)
}

/// Whether a thread with this name does nothing by itself: smol's own, whose jobs are recorded, the one that
/// writes the recording, and those of the screen.
fn is_helper(name: &str) -> bool {
    matches!(name, "async-io" | "recording" | "loopscope") || name.starts_with("blocking-")
}

//! The loops of the program that are on the screen.
//!
//! One loop is shown; the user chooses which. A loop is added before it first runs, on the thread
//! that starts it, and the screen's thread takes it from here. No loop is added after the program has
//! begun to end.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::{
    runtime::{LiveTrace, LoopControl, OutputSource},
    trace::Meta,
};

/// The most loops on a screen.
pub(super) const MOST: usize = 16;

/// A loop that is on the screen.
#[derive(Clone, Debug)]
pub(super) struct LiveLoop {
    /// The name of its thread, or `background`.
    pub(super) name: String,
    /// Whether it is the loop of the main thread.
    pub(super) is_main: bool,
    pub(super) meta: Meta,
    pub(super) live: LiveTrace,
    pub(super) control: LoopControl,
}

/// The loops of the program.
#[derive(Debug, Default)]
pub(super) struct LiveLoops {
    loops: Mutex<LoopRegister>,
    /// The index of the loop that records the program's output.
    recorder: AtomicUsize,
}

#[derive(Debug, Default)]
struct LoopRegister {
    /// The trace and the control of each loop, in the order in which the loops started.
    all: Vec<(LiveTrace, LoopControl)>,
    /// The loops that the screen has not taken.
    new: Vec<LiveLoop>,
    /// Whether the program ends.
    is_closed: bool,
}

impl LiveLoops {
    fn register(&self) -> MutexGuard<'_, LoopRegister> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a loop. Returns its index; `None` if there are [`MOST`], or the program ends. The loop
    /// of the main thread records the program's output from then on.
    pub(super) fn add(&self, new: LiveLoop) -> Option<usize> {
        let mut register = self.register();
        let index = register.all.len();
        if register.is_closed || index == MOST {
            return None;
        }
        register.all.push((new.live.clone(), new.control.clone()));
        if new.is_main {
            self.recorder.store(index, Ordering::SeqCst);
        }
        register.new.push(new);
        Some(index)
    }

    /// The loops that were added since the last call; `None` once the program ends.
    pub(super) fn take_new(&self) -> Option<Vec<LiveLoop>> {
        let mut register = self.register();
        let new = mem::take(&mut register.new);
        (!register.is_closed || !new.is_empty()).then_some(new)
    }

    /// Stops all loops.
    pub(super) fn stop(&self) {
        for (_, control) in &self.register().all {
            control.stop();
        }
    }

    /// The program ends, and all its threads with it: the loops that still run are paused, so that
    /// nothing happens while the user looks at them, and their traces end.
    pub(super) fn close(&self) {
        let mut register = self.register();
        register.is_closed = true;
        for (live, control) in &register.all {
            if !live.is_ended() {
                control.pause();
                live.finish();
            }
        }
    }

    /// How many polls the loops other than this one have begun; `None` while one of them is in a
    /// poll.
    fn polls_beside(&self, index: usize) -> Option<u64> {
        let register = self.register();
        let others = register.all.iter().enumerate();
        let mut others = others.filter(|(at, _)| *at != index);
        others.try_fold(0, |sum, (_, (live, _))| {
            let is_idle = live.polling().is_none();
            is_idle.then(|| sum + live.polls())
        })
    }
}

/// The reader of the program's output. The loops share it.
pub(super) type SharedOutput = Arc<Mutex<dyn OutputSource>>;

/// The program's output, as one of its loops records it.
///
/// All threads write to the same file, so a line is of the poll that has just ended only if no other
/// loop was in a poll since the last look.
#[derive(Debug)]
pub(super) struct LoopOutput {
    loops: Arc<LiveLoops>,
    lines: SharedOutput,
    /// The index of this loop.
    index: usize,
    /// The polls of the other loops at the last look.
    beside: Option<u64>,
}

impl LoopOutput {
    pub(super) fn new(loops: Arc<LiveLoops>, lines: SharedOutput, index: usize) -> LoopOutput {
        LoopOutput {
            loops,
            lines,
            index,
            beside: Some(0),
        }
    }

    fn is_recorder(&self) -> bool {
        self.loops.recorder.load(Ordering::SeqCst) == self.index
    }
}

impl OutputSource for LoopOutput {
    fn lines(&mut self, all: bool, line: &mut dyn FnMut(&str)) {
        if self.is_recorder() {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.lines(all, line);
        }
    }

    fn is_of_this_poll(&mut self) -> bool {
        if !self.is_recorder() {
            return false;
        }
        let beside = self.loops.polls_beside(self.index);
        let were_idle = beside.is_some() && beside == self.beside;
        self.beside = beside;
        were_idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Builder;

    #[derive(Debug)]
    struct NoOutput;

    impl OutputSource for NoOutput {
        fn lines(&mut self, _: bool, _: &mut dyn FnMut(&str)) {}
    }

    fn add(loops: &LiveLoops, name: &str, is_main: bool) -> (Option<usize>, LiveTrace) {
        let new = LiveLoop {
            name: name.into(),
            is_main,
            meta: Meta::default(),
            live: LiveTrace::new(),
            control: LoopControl::new(),
        };
        let live = new.live.clone();
        (loops.add(new), live)
    }

    #[test]
    fn each_loop_is_handed_to_the_screen_once() {
        let loops = LiveLoops::default();
        assert_eq!(add(&loops, "main", true).0, Some(0));
        let (index, live) = add(&loops, "worker", false);
        assert_eq!(index, Some(1));
        let names = |new: Vec<LiveLoop>| new.into_iter().map(|new| new.name).collect::<Vec<_>>();
        assert_eq!(
            loops.take_new().map(names),
            Some(vec!["main".into(), "worker".into()])
        );
        assert_eq!(loops.take_new().map(names), Some(Vec::new()));
        for more in 2..MOST {
            assert_eq!(add(&loops, "more", false).0, Some(more));
        }
        assert_eq!(add(&loops, "too many", false).0, None);
        loops.close();
        assert!(live.is_ended());
        assert_eq!(loops.take_new().map(|new| new.len()), Some(MOST - 2));
        assert!(loops.take_new().is_none());
    }

    #[test]
    fn output_is_of_a_poll_only_while_other_loops_are_idle() {
        let loops = Arc::new(LiveLoops::default());
        let (_, _) = add(&loops, "main", true);
        let (_, other) = add(&loops, "worker", false);
        let lines = Arc::new(Mutex::new(NoOutput));
        let mut output = LoopOutput::new(Arc::clone(&loops), lines, 0);
        assert!(output.is_of_this_poll());
        Builder::new().live_trace(other).run(async {
            assert!(!output.is_of_this_poll(), "the other loop is in a poll");
        });
        assert!(!output.is_of_this_poll(), "it was in a poll since");
        assert!(output.is_of_this_poll());
    }
}

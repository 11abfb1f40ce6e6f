//! Traces for tests: a small executor that runs scripts instead of futures, and writes the trace of
//! a real one.
//!
//! A tick is that of the real executor: it waits if no task is ready, fires due timers by deadline
//! and age, and polls exactly the tasks that were in the ready queue. Time is virtual.

#![expect(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "scripts are small, and a broken one should stop its test"
)]

use std::collections::VecDeque;

use loopscope::trace::{
    Advance, LocationId, Log, Meta, Outcome, PollOutcome, TaskId, TimerId, Wait, WakeEffect, Writer,
};

/// A second.
pub(crate) const S: u64 = 1_000_000_000;

/// A step of a scripted task.
#[derive(Clone, Debug)]
pub(crate) enum Do {
    /// Spawns a task with this name and script, from this line.
    Spawn(&'static str, Vec<Do>, u32),
    /// Sleeps, on this line.
    Sleep(u64, u32),
    /// Awaits a task, on this line.
    Join(u32, u32),
    /// Works without suspending.
    Work(u64),
    /// Prints a line.
    Print(&'static str),
    /// Yields once.
    Yield,
    /// Wakes a task, also needlessly.
    Wake(u32),
    /// Waits for something that never comes.
    Forever,
    /// Panics.
    Panic,
    /// Requests the cancellation of a task.
    Cancel(u32),
}

struct Scripted {
    script: VecDeque<Do>,
    /// The step to check when it is polled again.
    blocked: Option<Blocked>,
    queued: bool,
    ended: bool,
    cancelled: bool,
}

#[derive(Clone, Copy)]
enum Blocked {
    Sleep(u64),
    Join(u32),
    Once,
    Forever,
}

#[derive(Clone, Copy)]
struct Timer {
    slot: u32,
    deadline: u64,
    age: u32,
    task: u32,
}

/// Runs scripts and writes their trace.
pub(crate) struct Model {
    /// Writes the trace.
    pub(crate) writer: Writer,
    now: u64,
    tasks: Vec<Scripted>,
    /// The ready queue: the model that `State::ready` is compared with.
    pub(crate) ready: VecDeque<u32>,
    timers: Vec<Timer>,
    ages: u32,
    file: &'static str,
    /// The ready queue after each event that changed it, by the number of events.
    pub(crate) queues: Vec<(u64, Vec<u32>)>,
}

impl Model {
    /// An executor with its main task.
    pub(crate) fn new(main: Vec<Do>) -> Model {
        let mut model = Model {
            writer: Writer::new(),
            now: 0,
            tasks: Vec::new(),
            ready: VecDeque::new(),
            timers: Vec::new(),
            ages: 0,
            file: "src/../scenarios/program.rs",
            queues: Vec::new(),
        };
        model.spawn("main", main, LocationId::UNKNOWN, false);
        model
    }

    /// The location of an `.await`; a spawn is further left.
    fn at(&mut self, line: u32) -> LocationId {
        self.writer.location(self.file, line, 30)
    }

    fn note(&mut self) {
        self.queues
            .push((self.writer.events(), self.ready.iter().copied().collect()));
    }

    fn spawn(&mut self, name: &str, script: Vec<Do>, at: LocationId, has_parent: bool) {
        let name = self.writer.intern(name);
        let task = self.writer.spawn(name, at, has_parent);
        self.tasks.push(Scripted {
            script: script.into(),
            blocked: None,
            queued: true,
            ended: false,
            cancelled: false,
        });
        self.ready.push_back(task.0);
        self.note();
    }

    fn wake(&mut self, task: u32) {
        let Some(row) = self.tasks.get_mut(task as usize) else {
            return;
        };
        let effect = match (row.ended, row.queued) {
            (true, _) => WakeEffect::TooLate,
            (_, true) => WakeEffect::Redundant,
            _ => WakeEffect::Enqueued,
        };
        if effect == WakeEffect::Enqueued {
            row.queued = true;
            self.ready.push_back(task);
        }
        self.writer.wake(TaskId(task), effect);
        self.note();
    }

    /// Runs one tick. Returns whether the run continues.
    pub(crate) fn tick(&mut self) -> bool {
        self.writer.tick_start();
        if self.ready.is_empty() {
            let next = self.timers.iter().map(|timer| timer.deadline).min();
            self.writer
                .park(next.map(|next| next.saturating_sub(self.now)));
            let Some(next) = next else {
                self.writer.end(Outcome::Deadlock);
                return false;
            };
            self.writer
                .advance(next.saturating_sub(self.now), Advance::Jumped);
            self.now = self.now.max(next);
        }
        self.fire();
        self.writer.run(self.ready.len() as u32);
        for _ in 0..self.ready.len() {
            let task = self.ready.pop_front().unwrap();
            self.poll(task);
            if self.tasks[0].ended {
                break;
            }
        }
        self.writer.tick_end();
        if self.tasks[0].ended {
            self.writer.end(Outcome::Finished);
        }
        !self.tasks[0].ended
    }

    fn fire(&mut self) {
        let now = self.now;
        let mut due: Vec<Timer> = self.timers.clone();
        due.retain(|timer| timer.deadline <= now);
        self.timers.retain(|timer| timer.deadline > now);
        due.sort_by_key(|timer| (timer.deadline, timer.age));
        self.writer.timers(due.len() as u32);
        for timer in due {
            self.writer.timer_fired(TimerId(timer.slot));
            self.wake(timer.task);
        }
    }

    fn poll(&mut self, task: u32) {
        self.tasks[task as usize].queued = false;
        self.writer.poll_start(TaskId(task));
        self.note();
        let outcome = if self.tasks[task as usize].cancelled {
            self.writer.cancel_delivered(TaskId(task));
            for timer in self.timers.extract_if(.., |timer| timer.task == task) {
                self.writer.timer_cancelled(TimerId(timer.slot));
            }
            PollOutcome::Cancelled
        } else {
            self.go_on(task)
        };
        if outcome != PollOutcome::Pending {
            self.tasks[task as usize].ended = true;
            let joining: Vec<u32> = (0..self.tasks.len() as u32)
                .filter(|&other| {
                    let row = &self.tasks[other as usize];
                    matches!(row.blocked, Some(Blocked::Join(joined)) if joined == task)
                        && !row.ended
                })
                .collect();
            for other in joining {
                self.wake(other);
            }
        }
        self.writer.poll_end(outcome, 0);
        if outcome != PollOutcome::Pending {
            // It may have been woken during this poll.
            self.ready.retain(|other| *other != task);
        }
        self.note();
    }

    /// Runs a task's script until it has to wait.
    fn go_on(&mut self, task: u32) -> PollOutcome {
        match self.tasks[task as usize].blocked {
            Some(Blocked::Sleep(until)) if until > self.now => return PollOutcome::Pending,
            Some(Blocked::Join(joined)) if !self.is_done(joined) => return PollOutcome::Pending,
            Some(Blocked::Forever) => return PollOutcome::Pending,
            _ => self.tasks[task as usize].blocked = None,
        }
        while let Some(next) = self.tasks[task as usize].script.pop_front() {
            match next {
                Do::Spawn(name, script, line) => {
                    let at = self.writer.location(self.file, line, 5);
                    self.spawn(name, script, at, true);
                }
                Do::Sleep(span, line) => {
                    self.sleep(task, span, line);
                    return PollOutcome::Pending;
                }
                Do::Join(joined, line) if !self.is_done(joined) => {
                    let at = self.at(line);
                    self.writer.wait(Wait::Join(TaskId(joined)), at, false);
                    self.tasks[task as usize].blocked = Some(Blocked::Join(joined));
                    return PollOutcome::Pending;
                }
                Do::Join(..) => {}
                Do::Work(span) => {
                    self.writer.advance(span, Advance::Worked);
                    self.now += span;
                }
                Do::Print(line) => self.writer.output(line),
                Do::Yield => {
                    self.writer.wait(Wait::Yield, LocationId::UNKNOWN, false);
                    self.wake(task);
                    self.tasks[task as usize].blocked = Some(Blocked::Once);
                    return PollOutcome::Pending;
                }
                Do::Wake(other) => self.wake(other),
                Do::Forever => {
                    self.writer.wait(Wait::Unknown, LocationId::UNKNOWN, false);
                    self.tasks[task as usize].blocked = Some(Blocked::Forever);
                    return PollOutcome::Pending;
                }
                Do::Panic => {
                    self.writer.failed("went wrong");
                    // Some resolve to an error instead.
                    return if task % 3 == 2 {
                        PollOutcome::Failed
                    } else {
                        PollOutcome::Panicked
                    };
                }
                Do::Cancel(other) => self.cancel(other),
            }
        }
        PollOutcome::Ready
    }

    fn sleep(&mut self, task: u32, span: u64, line: u32) {
        let slot = (0..=self.timers.len() as u32)
            .find(|slot| self.timers.iter().all(|timer| timer.slot != *slot))
            .unwrap();
        self.writer.timer_set(TimerId(slot), span);
        let at = self.at(line);
        self.writer.wait(Wait::Timer(TimerId(slot)), at, false);
        let deadline = self.now + span;
        self.timers.push(Timer {
            slot,
            deadline,
            age: self.ages,
            task,
        });
        self.ages += 1;
        self.tasks[task as usize].blocked = Some(Blocked::Sleep(deadline));
    }

    fn cancel(&mut self, other: u32) {
        let Some(row) = self.tasks.get_mut(other as usize) else {
            return;
        };
        // The main task cannot be cancelled.
        if row.ended || other == 0 {
            return;
        }
        row.cancelled = true;
        self.writer
            .cancel_asked(TaskId(other), other.is_multiple_of(2));
        self.wake(other);
    }

    fn is_done(&self, task: u32) -> bool {
        self.tasks.get(task as usize).is_none_or(|row| row.ended)
    }

    /// Runs to the end, or for a number of ticks.
    pub(crate) fn run(mut self, ticks: u32) -> Model {
        for _ in 0..ticks {
            if !self.tick() {
                break;
            }
        }
        self
    }

    /// The trace, with its source.
    pub(crate) fn log(&mut self, variant: &str, source: &str) -> Log {
        Log {
            bytes: self.writer.take(),
            meta: Meta {
                scenario: "program".into(),
                variant: variant.into(),
                sources: vec![("scenarios/program.rs".into(), source.into())],
                ..Meta::default()
            },
        }
    }
}

/// A random script. Some of its steps spawn tasks with scripts of their own.
fn script(random: &mut fastrand::Rng, size: usize, depth: u32) -> Vec<Do> {
    (0..random.usize(0..=size))
        .map(|_| match random.u8(0..20) {
            0..=2 if depth > 0 => Do::Spawn("child", script(random, size, depth - 1), 3),
            0..=5 => Do::Sleep(random.u64(0..4) * S / 4, 4),
            6..=7 => Do::Join(random.u32(0..12), 5),
            8..=9 => Do::Work(random.u64(0..3) * S / 8),
            10..=11 => Do::Print("line"),
            12..=15 => Do::Yield,
            16 => Do::Wake(random.u32(0..12)),
            17 => Do::Cancel(random.u32(0..12)),
            // A long run needs a long main task.
            18 if depth < 3 || size < 20 => match random.u8(0..8) {
                0 => Do::Panic,
                1 => Do::Forever,
                _ => Do::Yield,
            },
            _ => Do::Sleep(random.u64(0..2_000), 6),
        })
        .collect()
}

/// The run of a random program: short ones to check every position, long ones for keyframes.
pub(crate) fn random_run(seed: u64, size: usize) -> Model {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut main = script(&mut random, size, 3);
    main.extend((1..12).map(|task| Do::Join(task, 8)));
    main.push(Do::Sleep(3 * S, 9));
    let most = u32::try_from(20 * size).unwrap_or(u32::MAX);
    Model::new(main).run(random.u32(1..=most))
}

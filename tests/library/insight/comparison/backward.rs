//! The critical path again, traced from the end of the run back to its start. The library computes
//! it in one pass forward, so the two agree only if both are right.

use loopscope::{
    replay::Replay,
    trace::{
        CallbackEvent, CallbackId, Event, Moment, PollOutcome, Position, Span, TaskEvent, TaskId,
        TimerEvent, TimerId, WakeEffect, WokenBy,
    },
};

/// The parts of a critical path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BackwardPath {
    pub(super) work: Span,
    pub(super) queued: Span,
    pub(super) late: Span,
    pub(super) outside: Span,
    pub(super) waits: u32,
}

/// The critical path of a run that has finished.
pub(super) fn backward_path(run: &Replay) -> BackwardPath {
    let events = run.events_from(Position(0));
    let mut trace = Backward {
        events: events
            .map(|(_, event, cursor)| (event, cursor.now()))
            .collect(),
        path: BackwardPath::default(),
        task: TaskId(0),
        here: 0,
    };
    trace.here = trace.last(trace.events.len(), |event| {
        matches!(event, Event::Task(TaskEvent::PollEnd { task: TaskId(0), outcome, .. })
            if outcome != PollOutcome::Pending)
    });
    while trace.step() {}
    trace.path
}

struct Backward {
    /// Each event with the time after it.
    events: Vec<(Event, Moment)>,
    path: BackwardPath,
    /// The task in whose poll `here` lies.
    task: TaskId,
    /// The number of the event to which the path leads.
    here: usize,
}

impl Backward {
    /// The last event before another one for which `wanted` holds.
    fn last(&self, before: usize, wanted: impl Fn(Event) -> bool) -> usize {
        let events = &self.events[..before];
        let found = events.iter().rposition(|(event, _)| wanted(*event));
        found.expect("the cause is in the trace")
    }

    /// The first event after another one for which `wanted` holds.
    fn next(&self, after: usize, wanted: impl Fn(Event) -> bool) -> usize {
        let mut later = self.events[after..].iter();
        let found = later.position(|(event, _)| wanted(*event));
        after + found.expect("what begins in the trace ends in it")
    }

    fn between(&self, from: usize, to: usize) -> Span {
        self.events[to].1.since(self.events[from].1)
    }

    /// Goes back over one poll, and over what came before it. Returns whether the start of the run
    /// is not reached yet.
    fn step(&mut self) -> bool {
        let task = self.task;
        let start = self.last(self.here, |event| {
            event == Event::Task(TaskEvent::PollStart { task })
        });
        self.path.work += self.between(start, self.here);
        let queued = self.last(start, |event| match event {
            Event::Task(TaskEvent::Spawn { task: it, .. }) => it == task,
            Event::Task(TaskEvent::Wake {
                task: it, effect, ..
            }) => it == task && effect == WakeEffect::Enqueued,
            _ => false,
        });
        match self.events[queued].0 {
            Event::Task(TaskEvent::Spawn { parent, .. }) => {
                let Some(parent) = parent else {
                    return false;
                };
                self.continue_at_end(parent, queued, start);
            }
            Event::Task(TaskEvent::Wake { by, .. }) => self.woken(by, queued, start),
            _ => unreachable!(),
        }
        true
    }

    fn woken(&mut self, by: WokenBy, queued: usize, start: usize) {
        let task = self.task;
        match by {
            // It woke itself: the poll goes on to its end.
            WokenBy::Task(waker) if waker == task => {
                self.here = self.last(start, |event| ends_poll_of(event, task));
                self.path.queued += self.between(self.here, start);
            }
            WokenBy::Task(waker) => self.continue_at_end(waker, queued, start),
            WokenBy::Loop => {
                self.here = self.last(queued, |event| polled(event).is_some());
                self.task = polled(self.events[self.here].0).unwrap();
                self.path.queued += self.between(self.here, start);
            }
            WokenBy::Timer(timer) => {
                self.path.queued += self.between(queued, start);
                self.timer(timer, queued);
            }
            WokenBy::Callback(callback) => self.callback(callback, queued, start),
            by => panic!("no virtual run has a wake by {by:?}"),
        }
    }

    /// What a task did in a poll led to `start`: nothing could begin before the poll had ended.
    fn continue_at_end(&mut self, task: TaskId, did: usize, start: usize) {
        self.task = task;
        self.here = self.next(did, |event| ends_poll_of(event, task));
        self.path.queued += self.between(self.here, start);
    }

    /// The task waited for a timer since the poll that set it.
    fn timer(&mut self, timer: TimerId, queued: usize) {
        let set = self.last(
            queued,
            |event| matches!(event, Event::Timer(TimerEvent::Set { timer: it, .. }) if it == timer),
        );
        let Event::Timer(TimerEvent::Set { deadline, .. }) = self.events[set].0 else {
            unreachable!()
        };
        self.here = self.next(set, |event| polled(event).is_some());
        self.task = polled(self.events[self.here].0).unwrap();
        let (since, now) = (self.events[self.here].1, self.events[queued].1);
        let due = deadline.clamp(since, now);
        self.path.outside += due.since(since);
        self.path.waits += u32::from(due.since(since).nanos() >= 1_000_000);
        self.path.late += now.since(due);
    }

    /// A callback woke the task; another task scheduled it.
    fn callback(&mut self, callback: CallbackId, queued: usize, start: usize) {
        let end = self.next(queued, |event| {
            matches!(event, Event::Callback(CallbackEvent::End { callback: it, .. })
                if it == callback)
        });
        self.path.queued += self.between(end, start);
        let began = self.last(queued, |event| {
            event == Event::Callback(CallbackEvent::Start { callback })
        });
        self.path.work += self.between(began, end);
        let scheduled = self.last(began, |event| {
            matches!(event, Event::Callback(CallbackEvent::Scheduled { callback: it, .. })
                if it == callback)
        });
        let poll = self.last(scheduled, |event| {
            matches!(event, Event::Task(TaskEvent::PollStart { .. }))
        });
        if let Event::Task(TaskEvent::PollStart { task }) = self.events[poll].0 {
            self.continue_at_end(task, scheduled, began);
        }
    }
}

/// The task whose poll ends with this event.
fn polled(event: Event) -> Option<TaskId> {
    if let Event::Task(TaskEvent::PollEnd { task, .. }) = event {
        return Some(task);
    }
    None
}

fn ends_poll_of(event: Event, task: TaskId) -> bool {
    polled(event) == Some(task)
}

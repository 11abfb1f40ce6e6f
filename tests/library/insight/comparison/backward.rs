//! The critical path again, traced from the end of the run back to its start. The library computes
//! it in one pass forward, so the two agree only if both are right.

use loopscope::{
    replay::Replay,
    trace::{
        CallbackEvent, Event, Moment, PollOutcome, Position, Span, TaskEvent, TaskId, TimerEvent,
        WokenBy,
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

/// An event with the time after it.
struct Timed {
    event: Event,
    at: Moment,
}

/// The critical path of a run that has finished.
pub(super) fn backward_path(run: &Replay) -> BackwardPath {
    let events: Vec<Timed> = run
        .events_from(Position(0))
        .map(|(_, event, cursor)| Timed {
            event,
            at: cursor.now(),
        })
        .collect();
    let last = |before: usize, wanted: &dyn Fn(&Event) -> bool| {
        events[..before]
            .iter()
            .rposition(|timed| wanted(&timed.event))
    };
    let mut path = BackwardPath::default();
    let is_end = |event: &Event| matches!(event, Event::Task(TaskEvent::PollEnd { task: TaskId(0), outcome, .. }) if *outcome != PollOutcome::Pending);
    let mut task = TaskId(0);
    // The path leads to this event, which lies in a poll of `task` or ends it.
    let mut here = last(events.len(), &is_end).expect("the main task ends");
    loop {
        let starts = |event: &Event| matches!(event, Event::Task(TaskEvent::PollStart { task: it }) if *it == task);
        let start = last(here, &starts).expect("a poll of the task");
        path.work += events[here].at.since(events[start].at);
        let enqueues = |event: &Event| match *event {
            Event::Task(TaskEvent::Spawn { task: it, .. }) => it == task,
            Event::Task(TaskEvent::Wake {
                task: it, effect, ..
            }) => it == task && effect == loopscope::trace::WakeEffect::Enqueued,
            _ => false,
        };
        let queued = last(start, &enqueues).expect("the task became ready");
        path.queued += events[start].at.since(events[queued].at);
        match events[queued].event {
            Event::Task(TaskEvent::Spawn { parent: None, .. }) => return path,
            Event::Task(TaskEvent::Spawn {
                parent: Some(parent),
                ..
            }) => {
                task = parent;
                here = queued;
            }
            Event::Task(TaskEvent::Wake { by, .. }) => match by {
                WokenBy::Task(waker) if waker == task => {
                    here = last_end(&events, start, queued, task)
                }
                WokenBy::Task(waker) => {
                    task = waker;
                    here = queued;
                }
                WokenBy::Loop => {
                    let ends =
                        |event: &Event| matches!(event, Event::Task(TaskEvent::PollEnd { .. }));
                    here = last(queued, &ends).expect("a poll before the wake");
                    let Event::Task(TaskEvent::PollEnd { task: polled, .. }) = events[here].event
                    else {
                        unreachable!()
                    };
                    task = polled;
                }
                WokenBy::Timer(timer) => {
                    here = suspended(&events, queued, task);
                    let set = |event: &Event| matches!(event, Event::Timer(TimerEvent::Set { timer: it, .. }) if *it == timer);
                    let set = last(queued, &set).expect("the timer was set");
                    let Event::Timer(TimerEvent::Set { deadline, .. }) = events[set].event else {
                        unreachable!()
                    };
                    let (since, now) = (events[here].at, events[queued].at);
                    let due = deadline.clamp(since, now);
                    path.outside += due.since(since);
                    path.waits += u32::from(due.since(since).nanos() >= 1_000_000);
                    path.late += now.since(due);
                }
                WokenBy::Callback(callback) => {
                    let is =
                        |event: &Event, wanted: CallbackEvent| *event == Event::Callback(wanted);
                    let starts = |event: &Event| is(event, CallbackEvent::Start { callback });
                    let start = last(queued, &starts).expect("the callback runs");
                    let schedules = |event: &Event| matches!(event, Event::Callback(CallbackEvent::Scheduled { callback: it, .. }) if *it == callback);
                    here = last(start, &schedules).expect("it was scheduled");
                    path.work += events[queued].at.since(events[start].at);
                    path.queued += events[start].at.since(events[here].at);
                    let polls =
                        |event: &Event| matches!(event, Event::Task(TaskEvent::PollStart { .. }));
                    let poll = last(here, &polls).expect("a task scheduled it");
                    let Event::Task(TaskEvent::PollStart { task: by }) = events[poll].event else {
                        unreachable!()
                    };
                    task = by;
                }
                by => panic!("no virtual run has a wake by {by:?}"),
            },
            _ => unreachable!(),
        }
    }
}

/// The end of the poll in which a task woke itself.
fn last_end(events: &[Timed], start: usize, queued: usize, task: TaskId) -> usize {
    let ends = |timed: &Timed| matches!(timed.event, Event::Task(TaskEvent::PollEnd { task: it, .. }) if it == task);
    let after = events[queued..start].iter().position(ends);
    queued + after.expect("the poll ends")
}

/// The end of the poll after which a task waited.
fn suspended(events: &[Timed], before: usize, task: TaskId) -> usize {
    let ends = |timed: &Timed| matches!(timed.event, Event::Task(TaskEvent::PollEnd { task: it, .. }) if it == task);
    events[..before]
        .iter()
        .rposition(ends)
        .expect("an earlier poll")
}

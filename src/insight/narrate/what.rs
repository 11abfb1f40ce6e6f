//! The first line of a narration: what happened. This file tells what the loop, its timers and its
//! callbacks do; [`tasks`](super::tasks) and [`resources`](super::resources) tell the rest.

use crate::replay::Running;
use crate::trace::{
    Advance, CallbackEvent, Event, LoopEvent, Outcome, TickPolicy, TimerEvent, TimerId,
};

use super::{
    super::{
        facts::{EndingFact, StuckFact, StuckReason, ending},
        words::{capital, duration, fit, missing_words, outcome_words, timer_owner},
    },
    NAME, TEXT, Told, resources, tasks,
};

/// The most entries of a queue that a sentence names.
const NAMED: usize = 4;

/// With more unfinished tasks than this, the entries of the ready queue are counted and not named.
const SCANNED: usize = 256;

pub(super) fn what(step: &Told<'_>) -> String {
    match step.event {
        Event::Loop(event) => of_loop(step, event),
        Event::Task(event) => tasks::of_task(step, event),
        Event::Timer(event) => of_timer(step, event),
        Event::Resource(event) => resources::of_resource(step, event),
        Event::Callback(event) => of_callback(step, event),
        Event::Output { text, .. } => format!(
            "{} prints \"{}\".",
            printer(step),
            fit(step.tables().text(text), TEXT)
        ),
        Event::Gap { events } => format!("{}.", missing_words(events)),
    }
}

/// What prints: a task or a callback. Output that no poll has printed may be that of any thread.
fn printer(step: &Told<'_>) -> String {
    match step.before.running {
        Running::Nothing => "The program".to_owned(),
        Running::Task(_) | Running::Callback(..) => step.actor(),
    }
}

fn of_loop(step: &Told<'_>, event: LoopEvent) -> String {
    let (tick, now) = (step.before.tick(), step.at());
    match event {
        LoopEvent::TickStart => format!("Tick {}: check I/O and other threads.", tick + 1),
        LoopEvent::Park { until: Some(until) } => {
            format!("Nothing is ready: the loop parks until {until}, the next deadline.")
        }
        LoopEvent::Park { until: None } if nothing_can_come(step) => {
            "Nothing is ready, no timer is set, and no I/O is in flight.".to_owned()
        }
        LoopEvent::Park { until: None } => {
            "Nothing is ready: the loop parks until I/O or another thread wakes a task.".to_owned()
        }
        LoopEvent::Advance { by, why } => match (duration(by), why) {
            (by, Advance::Waited) => format!("The loop waited {by}; the clock is now {now}."),
            (by, Advance::Jumped) => format!("The virtual clock jumps {by} ahead, to {now}."),
            (by, Advance::Passed) => format!("Time passes: {by}; the clock is now {now}."),
            (by, Advance::Worked) => format!(
                "{} runs for {by} without yielding; the clock is now {now}.",
                step.actor()
            ),
        },
        LoopEvent::TimerPhase { due: 0 } => "No timer is due.".to_owned(),
        LoopEvent::TimerPhase { due: 1 } => "One timer is due: it fires now.".to_owned(),
        LoopEvent::TimerPhase { due } => {
            format!("{due} timers are due: they fire, earliest deadline first.")
        }
        LoopEvent::RunPhase { ready } => run_phase(step, ready),
        LoopEvent::TickEnd => format!("Tick {tick} ends."),
        LoopEvent::End {
            outcome: outcome @ (Outcome::Deadlock | Outcome::Stalled),
        } => stuck_words(step, outcome),
        LoopEvent::End { outcome } => {
            format!("{}, at {now}.", outcome_words(outcome, step.language))
        }
    }
}

/// Whether the loop finds right after this event that nothing can ever run again. While a live run
/// is parked, the trace ends here, and something may come.
fn nothing_can_come(step: &Told<'_>) -> bool {
    let mut ahead = step.after;
    let next = step.replay.next_event(&mut ahead);
    matches!(
        next,
        Some(Event::Loop(LoopEvent::End {
            outcome: Outcome::Deadlock
        }))
    )
}

/// Which entries of the ready queue a tick runs.
fn run_phase(step: &Told<'_>, ready: u32) -> String {
    let tick = step.before.tick();
    if ready == 0 {
        return format!("Tick {tick} has nothing to run.");
    }
    if !step.replay.has_one_order() {
        return format!(
            "Tick {tick} will run {ready} of the tasks that are READY; an executor among them polls its own."
        );
    }
    let drains = match step.meta().tick_policy {
        TickPolicy::Snapshot => "",
        TickPolicy::Drain => ", then whatever becomes READY meanwhile",
    };
    let named = (step.before.unfinished() <= SCANNED && ready as usize <= NAMED)
        .then(|| step.before.ready())
        .filter(|queue| queue.len() == ready as usize && step.before.callbacks.is_empty());
    match named {
        Some(queue) if queue.len() == 1 => {
            let only = step.label(queue[0].0);
            format!("Tick {tick} will run exactly the one entry that is READY: {only}{drains}.")
        }
        Some(queue) => {
            let entries: Vec<String> = queue.iter().map(|(task, _)| step.label(*task)).collect();
            format!(
                "Tick {tick} will run exactly these {ready}: {}{drains}.",
                entries.join(", ")
            )
        }
        None => format!("Tick {tick} will run exactly the {ready} entries that are READY{drains}."),
    }
}

/// A run that cannot continue: who waits for what, and why it cannot come.
fn stuck_words(step: &Told<'_>, outcome: Outcome) -> String {
    let mut after = step.before.clone();
    after.outcome = Some(outcome);
    let Some(ending) = ending(&after) else {
        return format!("{}.", outcome_words(outcome, step.language));
    };
    if outcome == Outcome::Stalled {
        return format!(
            "{}, at {}.",
            outcome_words(outcome, step.language),
            step.at()
        );
    }
    deadlock_words(step, &ending)
}

fn deadlock_words(step: &Told<'_>, ending: &EndingFact) -> String {
    match ending.stuck.as_slice() {
        [only] => format!("Deadlock: {}.", stuck_task(step, only, true)),
        [first, ..] => match ending.circle.as_slice() {
            [] => format!(
                "Deadlock: {} tasks wait, and none of them can continue. {}.",
                ending.unfinished,
                capital(&stuck_task(step, first, false))
            ),
            [own] => {
                let it = ending.stuck.iter().find(|stuck| stuck.task == *own);
                let it = it.unwrap_or(first);
                format!("Deadlock: {}.", stuck_task(step, it, false))
            }
            circle => {
                let names: Vec<String> = circle.iter().map(|task| step.label(*task)).collect();
                format!(
                    "Deadlock: these {} wait for each other in a circle: {}.",
                    names.len(),
                    names.join(", ")
                )
            }
        },
        [] => format!("{}.", outcome_words(ending.outcome, step.language)),
    }
}

/// Why one task is stuck: `#0 main waits for room in channel items (full, 1 of 1), and …`.
pub(super) fn stuck_task(step: &Told<'_>, stuck: &StuckFact, alone: bool) -> String {
    let label = step.label(stuck.task);
    let could = |what: &str| {
        if alone {
            format!(", and no task is left that could {what}")
        } else {
            format!(", and no task that could {what} can run")
        }
    };
    match stuck.why {
        StuckReason::Joins(other) => {
            format!("{label} waits for the end of {}", step.label(other))
        }
        StuckReason::JoinsItself => format!("{label} waits for its own end"),
        StuckReason::HoldsItself(id) => {
            let what = step.resource_label(id);
            format!("{label} waits for {what}, which it holds itself")
        }
        StuckReason::HeldBy(id, holder) => format!(
            "{label} waits for {}, which {} holds",
            step.resource_label(id),
            step.label(holder)
        ),
        StuckReason::Full(id) => {
            let (held, limit) = step
                .before
                .resource(id)
                .map_or((0, 0), |channel| (channel.value, channel.limit));
            format!(
                "{label} waits for room in {} (full, {held} of {limit}){}",
                step.resource_label(id),
                could("take an item out")
            )
        }
        StuckReason::Empty(id) => format!(
            "{label} waits for an item in {} (empty){}",
            step.resource_label(id),
            could("put an item in")
        ),
        StuckReason::NeverSet(id) => format!(
            "{label} waits for {}{}",
            step.resource_label(id),
            could("set it")
        ),
        StuckReason::Unknown => match stuck.wait {
            Some(wait) => format!("{label} waits for {}", step.wait_on(wait.on)),
            None => format!("{label} waits for something that is not recorded"),
        },
    }
}

fn of_timer(step: &Told<'_>, event: TimerEvent) -> String {
    match event {
        TimerEvent::Set { task, deadline, .. } => {
            let sets = match (task, step.before.running) {
                (Some(task), _) => format!("{} sets a timer", step.label(task)),
                (None, Running::Callback(..)) => format!("{} sets a timer", step.actor()),
                (None, Running::Task(_) | Running::Nothing) => {
                    "The program sets a timer".to_owned()
                }
            };
            let left = deadline.since(step.before.now());
            if left.0 == 0 {
                format!("{sets} that is due at once.")
            } else {
                format!("{sets}: due {deadline}, in {}.", duration(left))
            }
        }
        TimerEvent::Fired { timer } => format!("{} fires.", timer_words(step, timer)),
        TimerEvent::Cancelled { timer } => format!(
            "{} is removed from TIMERS before it fires.",
            timer_words(step, timer)
        ),
    }
}

fn timer_words(step: &Told<'_>, timer: TimerId) -> String {
    match step.before.timer(timer) {
        Some(timer) => format!(
            "The timer of {}, due {},",
            timer_owner(step.tables(), timer),
            timer.deadline
        ),
        None => "A timer".to_owned(),
    }
}

fn of_callback(step: &Told<'_>, event: CallbackEvent) -> String {
    match event {
        CallbackEvent::Scheduled { name, .. } => format!(
            "{} schedules callback {}: it joins the back of READY.",
            step.actor(),
            fit(step.tables().text(name), NAME)
        ),
        CallbackEvent::Start { callback } => {
            let waiting = step.before.callbacks.get(&callback);
            let name = waiting.map_or("", |waiting| step.tables().text(waiting.name));
            format!("Callback {} moves from READY to RUNNING.", fit(name, NAME))
        }
        CallbackEvent::End { .. } => format!("{} returns.", step.actor()),
    }
}

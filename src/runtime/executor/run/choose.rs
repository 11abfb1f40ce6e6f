//! Making the choices of a schedule: a poll of another task than the first in the ready queue.
//!
//! A choice moves an entry to the front of the ready queue. The entry must be one that the tick is still to poll, so a tick
//! polls exactly its snapshot, each entry once, in another order.

use std::collections::VecDeque;

use crate::{
    runtime::executor::{
        scheduler::Scheduler,
        task_key::{CALLBACK, TaskKey},
    },
    trace::{Choice, Outcome, Schedule},
};

use super::{EventLoop, Stop};

/// Makes the choices of a [`Schedule`].
#[derive(Debug)]
pub(super) struct Chooser {
    /// The choices still to be made, by poll.
    rest: VecDeque<Choice>,
    /// How many polls there were, callbacks included.
    polls: u32,
    /// Why a choice could not be made.
    refused: Option<String>,
}

impl Chooser {
    /// `None` if there is nothing to choose.
    pub(super) fn new(schedule: &Schedule) -> Option<Chooser> {
        let rest: VecDeque<_> = schedule.choices().iter().copied().collect();
        (!rest.is_empty()).then_some(Chooser {
            rest,
            polls: 0,
            refused: None,
        })
    }

    /// After the run: why a choice could not be made, or was never reached.
    pub(super) fn refused(self) -> Option<String> {
        let never = |choice: &Choice| {
            format!(
                "there is no poll {}: the run ended after {}",
                choice.poll, self.polls
            )
        };
        self.refused.or_else(|| self.rest.front().map(never))
    }
}

impl EventLoop<'_> {
    /// Makes the choice for the next poll, if the schedule has one. The tick is to poll the first `left` entries.
    #[cold]
    pub(super) fn choose(&mut self, left: usize) -> Result<(), Stop> {
        let Some(chooser) = &mut self.chooser else {
            return Ok(());
        };
        let mut sched = self.core.sched.borrow_mut();
        // The stale key of a task that has ended will be skipped: that is no poll.
        let front = sched.ready.front();
        if !front.is_some_and(|key| will_be_polled(&sched, *key)) {
            return Ok(());
        }
        chooser.polls += 1;
        let polls = chooser.polls;
        let Some(choice) = chooser.rest.pop_front_if(|choice| choice.poll == polls) else {
            return Ok(());
        };
        let is_chosen = |key: &TaskKey| {
            key.slot != CALLBACK && key.task == choice.task.0 && will_be_polled(&sched, *key)
        };
        let Some(at) = sched.ready.iter().take(left).position(is_chosen) else {
            chooser.refused = Some(refusal(&sched, choice, left));
            return Err(Stop(Outcome::Stopped));
        };
        if let Some(key) = sched.ready.remove(at) {
            sched.ready.push_front(key);
        }
        Ok(())
    }
}

/// Whether an entry of the ready queue is a callback or an unfinished task.
fn will_be_polled(sched: &Scheduler, key: TaskKey) -> bool {
    let slot = sched.slots.get(key.slot as usize);
    key.slot == CALLBACK || slot.is_some_and(|slot| slot.task == key.task && !slot.has_ended())
}

fn refusal(sched: &Scheduler, choice: Choice, left: usize) -> String {
    let keys = sched.ready.iter().take(left);
    let tasks = keys.filter(|key| key.slot != CALLBACK && will_be_polled(sched, **key));
    let mut tasks: Vec<_> = tasks.map(|key| format!("#{}", key.task)).collect();
    if tasks.len() > 10 {
        tasks.truncate(10);
        tasks.push("…".into());
    }
    let ready = if tasks.is_empty() {
        "no task".into()
    } else {
        tasks.join(", ")
    };
    format!(
        "{} cannot run at poll {}: this tick has still to run {ready}",
        choice.task, choice.poll
    )
}

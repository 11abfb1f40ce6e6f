//! Applies a schedule: at chosen polls, the loop polls another task than the first in the ready
//! queue.
//!
//! A choice moves an entry to the front of the ready queue. The entry must be among those that the
//! tick has yet to poll. Thus a tick still polls exactly its snapshot, each entry once, only in
//! another order.

use std::{collections::VecDeque, fmt};

use crate::{
    runtime::executor::{
        scheduler::Scheduler,
        task_key::{CALLBACK, TaskKey},
    },
    trace::{Choice, Outcome, Schedule, TaskId},
};

use super::{EventLoop, Stop};

/// Why a choice of a [`Schedule`] was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChoiceRefused {
    /// The task is not among those that the tick has yet to poll.
    NotReady {
        /// The choice.
        choice: Choice,
        /// The tasks that the tick has yet to poll.
        ready: Vec<TaskId>,
    },
    /// The run ended before the poll of the choice.
    NotReached {
        /// The choice.
        choice: Choice,
        /// How many polls the run had.
        polls: u64,
    },
}

/// How many tasks an error message lists.
const MAX_LISTED: usize = 10;

impl fmt::Display for ChoiceRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChoiceRefused::NotReached { choice, polls } => write!(
                f,
                "there is no poll {}: the run ended after {polls}",
                choice.poll
            ),
            ChoiceRefused::NotReady { choice, ready } => {
                let mut tasks: Vec<_> = ready
                    .iter()
                    .take(MAX_LISTED)
                    .map(TaskId::to_string)
                    .collect();
                if ready.len() > MAX_LISTED {
                    tasks.push("…".into());
                }
                if tasks.is_empty() {
                    tasks.push("no task".into());
                }
                write!(
                    f,
                    "poll {} cannot be of {}: this tick has yet to poll {}",
                    choice.poll,
                    choice.task,
                    tasks.join(", ")
                )
            }
        }
    }
}

impl std::error::Error for ChoiceRefused {}

/// Makes the choices of a [`Schedule`].
#[derive(Debug)]
pub(super) struct Chooser {
    /// The choices still to be made, by poll.
    rest: VecDeque<Choice>,
    /// How many polls there were, callbacks included.
    polls: u64,
    /// Why a choice could not be made.
    refused: Option<ChoiceRefused>,
}

impl Chooser {
    /// Returns `None` for a schedule without choices.
    pub(super) fn new(schedule: &Schedule) -> Option<Chooser> {
        let rest: VecDeque<_> = schedule.choices().iter().copied().collect();
        (!rest.is_empty()).then_some(Chooser {
            rest,
            polls: 0,
            refused: None,
        })
    }

    /// After the run: why a choice could not be made, or was never reached.
    pub(super) fn refused(self) -> Option<ChoiceRefused> {
        let not_reached = |choice: &Choice| ChoiceRefused::NotReached {
            choice: *choice,
            polls: self.polls,
        };
        self.refused.or_else(|| self.rest.front().map(not_reached))
    }
}

impl EventLoop<'_> {
    /// Makes the choice for the next poll, if the schedule has one. The tick has yet to poll the
    /// first `left` entries of the ready queue.
    #[cold]
    pub(super) fn choose(&mut self, left: usize) -> Result<(), Stop> {
        let Some(chooser) = &mut self.chooser else {
            return Ok(());
        };
        let mut sched = self.core.sched.borrow_mut();
        // The stale key of a task that has ended is skipped, which does not count as a poll.
        let front = sched.ready.iter().next();
        if !front.is_some_and(|key| will_be_polled(&sched, key)) {
            return Ok(());
        }
        chooser.polls += 1;
        let polls = chooser.polls;
        let Some(choice) = chooser.rest.pop_front_if(|choice| choice.poll == polls) else {
            return Ok(());
        };
        let is_chosen = |key: TaskKey| {
            key.slot != CALLBACK && key.task == choice.task.0 && will_be_polled(&sched, key)
        };
        let Some(at) = sched.ready.iter().take(left).position(is_chosen) else {
            chooser.refused = Some(refusal(&sched, choice, left));
            return Err(Stop(Outcome::Stopped));
        };
        sched.ready.bring_forward(at);
        Ok(())
    }
}

/// Whether an entry of the ready queue is a callback or an unfinished task.
fn will_be_polled(sched: &Scheduler, key: TaskKey) -> bool {
    let slot = sched.slots.get(key.slot as usize);
    key.slot == CALLBACK || slot.is_some_and(|slot| slot.task == key.task && !slot.has_ended())
}

fn refusal(sched: &Scheduler, choice: Choice, left: usize) -> ChoiceRefused {
    let keys = sched.ready.iter().take(left);
    let tasks = keys.filter(|key| key.slot != CALLBACK && will_be_polled(sched, *key));
    ChoiceRefused::NotReady {
        choice,
        ready: tasks.map(|key| TaskId(key.task)).collect(),
    }
}

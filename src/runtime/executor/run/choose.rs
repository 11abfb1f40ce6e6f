//! A schedule's choices: another task has the turn that comes.
//!
//! A choice moves an entry of the ready queue to its head. It is one of those that the tick has still to run, so a tick
//! still runs exactly its snapshot, each entry once: only their order differs.

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
pub(in crate::runtime) struct Chooser {
    /// Those that are still to be made, in their order.
    rest: VecDeque<Choice>,
    /// RunOptions many turns there were.
    turns: u32,
    /// What could not be chosen, in words.
    refused: Option<String>,
}

impl Chooser {
    /// None if there is nothing to choose.
    pub(in crate::runtime) fn new(schedule: &Schedule) -> Option<Chooser> {
        let rest: VecDeque<_> = schedule.choices().iter().copied().collect();
        (!rest.is_empty()).then_some(Chooser {
            rest,
            turns: 0,
            refused: None,
        })
    }

    /// Once the run has ended: what could not be chosen, or never was.
    pub(in crate::runtime) fn refused(self) -> Option<String> {
        let never = |choice: &Choice| {
            format!(
                "there is no poll {}: the run ended after {}",
                choice.poll, self.turns
            )
        };
        self.refused.or_else(|| self.rest.front().map(never))
    }
}

impl EventLoop<'_> {
    /// Checkpoint a turn, of which the tick has `left` to give: puts whoever was chosen for it at the head of the queue.
    #[cold]
    pub(super) fn choose(&mut self, left: usize) -> Result<(), Stop> {
        let Some(chooser) = &mut self.chooser else {
            return Ok(());
        };
        let mut sched = self.core.sched.borrow_mut();
        // An entry that a task left behind when it ended is no turn.
        let front = sched.ready.front();
        if !front.is_some_and(|entry| is_turn(&sched, *entry)) {
            return Ok(());
        }
        chooser.turns += 1;
        let turns = chooser.turns;
        let Some(choice) = chooser.rest.pop_front_if(|choice| choice.poll == turns) else {
            return Ok(());
        };
        let is_chosen = |entry: &TaskKey| {
            entry.slot != CALLBACK && entry.task == choice.task.0 && is_turn(&sched, *entry)
        };
        let Some(at) = sched.ready.iter().take(left).position(is_chosen) else {
            chooser.refused = Some(refusal(&sched, choice, left));
            return Err(Stop(Outcome::Stopped));
        };
        if let Some(entry) = sched.ready.remove(at) {
            sched.ready.push_front(entry);
        }
        Ok(())
    }
}

/// Whether something will run for this entry.
fn is_turn(sched: &Scheduler, entry: TaskKey) -> bool {
    let task_slot = sched.slots.get(entry.slot as usize);
    entry.slot == CALLBACK
        || task_slot.is_some_and(|task_slot| task_slot.task == entry.task && !task_slot.has_ended())
}

fn refusal(sched: &Scheduler, choice: Choice, left: usize) -> String {
    let entries = sched.ready.iter().take(left);
    let tasks = entries.filter(|entry| entry.slot != CALLBACK && is_turn(sched, **entry));
    let mut tasks: Vec<_> = tasks.map(|entry| format!("#{}", entry.task)).collect();
    if tasks.len() > 10 {
        tasks.truncate(10);
        tasks.push("…".into());
    }
    let there = if tasks.is_empty() {
        "no task".into()
    } else {
        tasks.join(", ")
    };
    format!(
        "{} cannot run at poll {}: this tick has still to run {there}",
        choice.task, choice.poll
    )
}

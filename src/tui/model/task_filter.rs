//! Which tasks are listed: all, or those whose number and name hold what was typed.

use crate::{insight::task_label, replay::Replay, trace::TaskId};

/// A filter, with what it lets through. The names of a whole trace are looked at once, not once a picture.
#[derive(Clone, Debug, Default)]
pub(crate) struct TaskFilter {
    text: String,
    tasks: Vec<TaskId>,
    /// How many tasks have been looked at.
    known: usize,
}

impl TaskFilter {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_on(&self) -> bool {
        !self.text.is_empty()
    }

    /// Lets through what holds this text, whether it is written in capitals or not; an empty one lets all through.
    pub(crate) fn set(&mut self, replay: &Replay, text: &str) {
        *self = TaskFilter {
            text: text.to_owned(),
            ..TaskFilter::default()
        };
        self.go_on(replay);
    }

    /// Looks at the tasks that a live run has spawned since.
    pub(crate) fn go_on(&mut self, replay: &Replay) {
        let all = replay.tables().tasks().len();
        if !self.is_on() {
            return;
        }
        let wanted = self.text.to_lowercase();
        let new = self.known..all;
        let fits = |task: &TaskId| {
            task_label(replay.tables(), *task)
                .to_lowercase()
                .contains(&wanted)
        };
        self.tasks.extend(new.filter_map(number).filter(fits));
        self.known = all;
    }

    /// How many of the first `known` tasks are listed.
    pub(crate) fn len(&self, known: usize) -> usize {
        if self.is_on() {
            self.tasks.partition_point(|task| task.index() < known)
        } else {
            known
        }
    }

    /// The task in a row of the list of all that there will be.
    pub(crate) fn nth(&self, row: usize) -> Option<TaskId> {
        if self.is_on() {
            self.tasks.get(row).copied()
        } else {
            number(row)
        }
    }

    /// The row of a task, or of the next one that is listed.
    pub(crate) fn row(&self, task: TaskId) -> usize {
        if self.is_on() {
            self.tasks.partition_point(|listed| *listed < task)
        } else {
            task.index()
        }
    }
}

fn number(index: usize) -> Option<TaskId> {
    u32::try_from(index).ok().map(TaskId)
}

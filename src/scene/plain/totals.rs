//! The last line of the log: the run in numbers, and which task waited longest.

use std::io::{self, Write};

use crate::insight::{Language, in_parentheses, seconds, task_label, wait_words};
use crate::replay::{EventStep, Replay, State, Status, TaskState};
use crate::trace::{Aspect, Event, Span, TaskEvent, TaskId, Wait, WakeEffect, to_usize};

use super::{super::format::count, write_line};

/// What the log remembers of the run that it writes.
#[derive(Default)]
pub(super) struct LogTotals {
    longest: Option<LongestWait>,
}

/// A wait of a task, from the end of a poll to the wake.
struct LongestWait {
    task: TaskId,
    waited: Span,
    /// What the task waited for, in words.
    on: String,
}

impl LogTotals {
    pub(super) fn add(&mut self, step: &EventStep<'_>, language: Language) {
        let Event::Task(TaskEvent::Wake {
            task,
            effect: WakeEffect::Enqueued,
            ..
        }) = step.event
        else {
            return;
        };
        if let Some(row) = step.before.tasks.get(task) {
            let waited = step.at().since(row.since);
            self.wait(step.replay, step.before, (task, row, waited), language);
        }
    }

    /// Keeps a wait that is longer than all before it.
    fn wait(
        &mut self,
        replay: &Replay,
        state: &State,
        (task, row, waited): (TaskId, &TaskState, Span),
        language: Language,
    ) {
        let waits = matches!(row.status(), Status::Timer | Status::Pending);
        let longest = self.longest.as_ref();
        if waits && waited > longest.map_or(Span::ZERO, |longest| longest.waited) {
            let (meta, tables) = (&replay.log().meta, replay.tables());
            self.longest = Some(LongestWait {
                task,
                waited,
                // The timer has left the queue before the wake.
                on: if matches!(row.wait, Wait::Timer(_)) {
                    "a timer".to_owned()
                } else {
                    in_parentheses(&wait_words(meta, tables, state, row, language))
                },
            });
        }
    }

    /// Writes the line: `total 2.000 s, 6 ticks, 7 polls, 3 tasks; the longest wait: …`. The waits
    /// that have not ended count up to the end.
    pub(super) fn write(
        &mut self,
        replay: &Replay,
        state: &State,
        language: Language,
        to: &mut impl Write,
    ) -> io::Result<()> {
        for (task, row) in state.tasks.unfinished() {
            let waited = state.now().since(row.since);
            self.wait(replay, state, (task, row, waited), language);
        }
        let mut words = vec![format!("total {} s", seconds(state.now()))];
        if replay.log().meta.has(Aspect::Queues) {
            words.push(count(to_usize(state.tick()), "tick"));
        }
        words.push(count(to_usize(state.cursor.polls), "poll"));
        words.push(count(state.tasks.len(), "task"));
        let mut line = words.join(", ");
        if let Some(longest) = self.longest.take() {
            let task = task_label(replay.tables(), longest.task);
            let waited = seconds(longest.waited);
            line = format!(
                "{line}; the longest wait: {task}, {waited} s ({})",
                longest.on
            );
        }
        write_line(to, 0, "")?;
        write_line(to, 0, &line)
    }
}

//! The rows of the task table, and one task in detail.

use crate::{
    insight::{Language, fit, place, task_label, wait_words},
    replay::{Replay, Status},
    trace::{Aspect, Moment, TaskId},
};

use super::{
    format::{brief, seconds},
    queues::woken_words,
};

/// The most columns of a name in a row. The table is narrower.
const NAME: usize = 80;

/// A row of the task table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TaskRow {
    /// Its number.
    pub(crate) task: TaskId,
    /// Its name, cut to what a table can show.
    pub(crate) name: String,
    /// What it is doing.
    pub(crate) status: Status,
    /// How many times it was polled; `None` if a gap hides some of its polls.
    pub(crate) polls: Option<u64>,
    /// How long it was being polled, was ready, and waited.
    pub(crate) times: [String; 3],
}

/// A line of the details: its label and its text.
pub(crate) type TaskFact = (&'static str, String);

/// The rows of these tasks, except for tasks that are not spawned yet. Times are up to `now`.
pub(crate) fn task_rows(
    replay: &Replay,
    tasks: impl Iterator<Item = TaskId>,
    now: Moment,
) -> Vec<TaskRow> {
    let state = replay.state();
    tasks
        .filter_map(|task| {
            let row = state.tasks.get(task)?;
            Some(TaskRow {
                task,
                name: fit(replay.tables().task_name(task), NAME),
                status: row.status(),
                polls: row.known_polls(),
                times: row.times(now).map(brief),
            })
        })
        .collect()
}

/// The details of a task; empty if the task is not spawned yet.
pub(crate) fn task_facts(replay: &Replay, task: TaskId, language: Language) -> Vec<TaskFact> {
    let state = replay.state();
    let tables = replay.tables();
    let (Some(row), Some(info)) = (state.tasks.get(task), tables.task(task)) else {
        return Vec::new();
    };
    let none = match replay.log().meta.has(Aspect::Queues) {
        true if task == TaskId(0) => "none (first)",
        true => "no task",
        false => "not recorded",
    };
    let parent = info
        .parent
        .map_or(none.into(), |parent| task_label(tables, parent));
    let mut facts = vec![("parent", parent)];
    let children = child_list(replay, task);
    if !children.is_empty() {
        facts.push(("children", children));
    }
    let since = seconds(row.since);
    facts.push(match row.status() {
        Status::Timer | Status::Pending => (
            "waits",
            wait_words(&replay.log().meta, tables, state, row, language),
        ),
        Status::Ready => ("ready", format!("since {since}")),
        Status::Running => ("runs", format!("since {since}")),
        Status::Unknown => ("does", "unknown: events are missing".into()),
        Status::Cancelled => ("ended", format!("{since}, cancelled")),
        Status::Failed => ("ended", format!("{since}, failed")),
        Status::Done | Status::Absent => ("ended", since),
    });
    if matches!(row.status(), Status::Timer | Status::Pending) {
        facts.push(("since", seconds(row.since)));
    }
    let waker = woken_words(replay, row, language);
    let waker = waker.strip_prefix("woken ").unwrap_or(&waker);
    facts.push(("woken", format!("{waker}, event {}", row.woken().0)));
    if let Some(place) = place(&replay.log().meta, tables, row.wait_at, language) {
        facts.push((
            "line",
            format!("{} of {}", place.line, file_name(place.file)),
        ));
    }
    let held: Vec<_> = state
        .resources
        .values()
        .filter(|resource| {
            resource.kind == crate::trace::ResourceKind::Lock && resource.user == Some(task)
        })
        .map(|resource| tables.text(resource.name))
        .collect();
    if !held.is_empty() {
        facts.push(("holds", held.join(", ")));
    }
    if row.cancel_requested() && !row.status().ended() {
        let how = if row.is_being_cancelled() {
            "requested"
        } else {
            "delivered"
        };
        facts.push(("cancel", how.into()));
    }
    facts.push(("longest", format!("poll of {}", brief(row.longest))));
    facts
}

/// The tasks that this one has spawned so far: the first few, by number.
fn child_list(replay: &Replay, task: TaskId) -> String {
    const MOST: usize = 6;
    let spawned = replay.state().tasks.len();
    let infos = replay.tables().tasks().get(..spawned).unwrap_or_default();
    let from = task.index().saturating_add(1).min(infos.len());
    let mut found: Vec<String> = Vec::new();
    for (info, number) in infos[from..].iter().zip(from..).take(100_000) {
        if info.parent == Some(task) {
            if found.len() == MOST {
                found.push("…".into());
                break;
            }
            found.push(format!("#{number}"));
        }
    }
    found.join(" ")
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        insight::columns,
        trace::{LocationId, Log, Writer},
    };

    #[test]
    fn a_name_of_megabytes_is_cut_in_a_row() {
        let mut writer = Writer::new();
        let name = writer.text(&"n".repeat(5_000_000));
        let main = writer.spawn(name, LocationId::UNKNOWN, false);
        let mut replay = Replay::new(Log {
            bytes: writer.take(),
            ..Log::default()
        });
        replay.seek(replay.end());
        let rows = task_rows(&replay, std::iter::once(main), Moment(0));
        assert_eq!(rows.len(), 1);
        assert_eq!(columns(&rows[0].name), NAME);
    }
}

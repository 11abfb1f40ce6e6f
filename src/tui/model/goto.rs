//! Positions as a user names them: after `:` on the screen, and after `--at` on the command line.

use std::{error::Error, fmt};

use crate::{
    insight::longest_poll,
    replay::Replay,
    trace::{Moment, Position, TaskId},
};

/// A position in a run, as a user names it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goto {
    /// After the event with this number: `15`.
    Event(u64),
    /// The start of a tick: `tick 3`.
    Tick(u64),
    /// The last event at or before this many seconds: `t 1.5`.
    Time(f64),
    /// The spawn of a task: `task 2`.
    Task(u32),
    /// The end of the longest poll: `longest`.
    Longest,
}

/// Why a text names no position of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GotoError {
    /// The text is none of the five forms, and no task's name. Holds the text.
    Unreadable(String),
    /// The run has fewer events.
    NoEvent {
        /// The event that was asked for.
        number: u64,
        /// The number of the run's last event.
        last: u64,
    },
    /// The run has fewer ticks.
    NoTick {
        /// The tick that was asked for.
        number: u64,
        /// The number of the run's last tick.
        last: u64,
    },
    /// The run has fewer tasks.
    NoTask {
        /// The task that was asked for.
        number: u32,
        /// How many tasks the run has.
        count: usize,
    },
    /// The longest poll was asked for, and no task has been polled.
    NoPoll,
    /// No run is open.
    NoRun,
}

/// The longest part of an unreadable text that the error repeats.
const LONGEST_QUOTE: usize = 40;

impl fmt::Display for GotoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GotoError::Unreadable(text) => {
                let text: String = text.chars().take(LONGEST_QUOTE).collect();
                write!(
                    f,
                    "not a position: `{text}`; try an event `15`, `tick 3`, `t 1.5` (seconds), `task 2`, a task's \
                     name or `longest` (poll)"
                )
            }
            GotoError::NoEvent { number, last } => {
                write!(f, "there is no event {number}: this run has {last}")
            }
            GotoError::NoTick { number, last } => {
                write!(f, "there is no tick {number}: this run has {last}")
            }
            GotoError::NoTask { number, count } => {
                write!(
                    f,
                    "there is no task {number}: this run has {count}, from #0"
                )
            }
            GotoError::NoPoll => f.write_str("no task has been polled yet"),
            GotoError::NoRun => f.write_str("no run is open"),
        }
    }
}

impl Error for GotoError {}

impl fmt::Display for Goto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Goto::Event(number) => write!(f, "event {number}"),
            Goto::Tick(tick) => write!(f, "tick {tick}"),
            Goto::Time(seconds) => write!(f, "t {seconds}"),
            Goto::Task(task) => write!(f, "task {task}"),
            Goto::Longest => f.write_str("the longest poll"),
        }
    }
}

impl Goto {
    /// Parses a text that was typed. Allowed are a colon at the start, `=` or `:` between word and
    /// number, `#` before the number of a task, and `s` after seconds.
    pub fn parse(text: &str) -> Result<Goto, GotoError> {
        let text = text.trim().trim_start_matches(':').trim_start();
        let wrong = || GotoError::Unreadable(text.to_owned());
        if text == "longest" {
            return Ok(Goto::Longest);
        }
        // A word, possibly empty, and then a number.
        let split = text
            .find(|c: char| c.is_ascii_digit() || "#.+-".contains(c))
            .ok_or_else(wrong)?;
        let (word, number) = text.split_at_checked(split).ok_or_else(wrong)?;
        let number = number.trim_start_matches('#').trim();
        let whole = || number.parse::<u64>().map_err(|_| wrong());
        match word.trim().trim_end_matches(['=', ':']).trim() {
            "" | "event" | "e" => Ok(Goto::Event(whole()?)),
            "tick" => Ok(Goto::Tick(whole()?)),
            "task" => Ok(Goto::Task(number.parse().map_err(|_| wrong())?)),
            "t" | "time" => {
                let seconds: f64 = number.trim_end_matches('s').parse().map_err(|_| wrong())?;
                if seconds.is_finite() && seconds >= 0.0 {
                    Ok(Goto::Time(seconds))
                } else {
                    Err(wrong())
                }
            }
            _ => Err(wrong()),
        }
    }

    /// Parses a text that was typed, with the names of a run's tasks: `hello` and `task hello` mean
    /// the spawn of the task `hello`. A number always means an event.
    ///
    /// Upper and lower case are equal. Of several tasks with the name, the first one is meant. If no
    /// task has the name, the text may be the start of a name, if it is the start of only one.
    pub fn parse_in(text: &str, replay: &Replay) -> Result<Goto, GotoError> {
        let error = match Goto::parse(text) {
            Err(error @ GotoError::Unreadable(_)) => error,
            parsed => return parsed,
        };
        let name = text.trim().trim_start_matches(':').trim_start();
        let name = name.strip_prefix("task ").unwrap_or(name).trim();
        if name.is_empty() {
            return Err(error);
        }
        let tables = replay.tables();
        // A run may have a million tasks with long names, so none is copied.
        let tasks = (0..tables.tasks().len()).filter_map(|at| u32::try_from(at).ok());
        let tasks = tasks.map(|task| (task, tables.task_name(TaskId(task))));
        let has_name = |known: &str| lowercase(known).eq(lowercase(name));
        if let Some((task, _)) = tasks.clone().find(|(_, known)| has_name(known)) {
            return Ok(Goto::Task(task));
        }
        let count = lowercase(name).count();
        let mut begun = tasks.filter(|(_, known)| lowercase(known).take(count).eq(lowercase(name)));
        match (begun.next(), begun.next()) {
            (Some((task, first)), other)
                if other.is_none_or(|(_, other)| lowercase(other).eq(lowercase(first))) =>
            {
                Ok(Goto::Task(task))
            }
            _ => Err(error),
        }
    }

    /// The position in a run.
    pub fn position(self, replay: &Replay) -> Result<Position, GotoError> {
        Ok(self.resolve(replay)?.0)
    }

    /// The position in a run, and the task to select there: the spawned task, or the task of the
    /// longest poll.
    pub(crate) fn resolve(self, replay: &Replay) -> Result<(Position, Option<TaskId>), GotoError> {
        let head = replay.index().head();
        match self {
            Goto::Event(number) if number > replay.end().0 => Err(GotoError::NoEvent {
                number,
                last: replay.end().0,
            }),
            Goto::Event(number) => Ok((Position(number), None)),
            Goto::Tick(number) if number > head.tick() => Err(GotoError::NoTick {
                number,
                last: head.tick(),
            }),
            Goto::Tick(number) => Ok((replay.tick_start(number), None)),
            Goto::Time(seconds) => {
                let moment = Moment::from_seconds(seconds);
                Ok((replay.at_moment(moment), None))
            }
            Goto::Task(number) => {
                let task = TaskId(number);
                let count = head.tasks.len();
                let info = replay.tables().task(task);
                let info = info.ok_or(GotoError::NoTask { number, count })?;
                Ok((info.spawned, Some(task)))
            }
            Goto::Longest => {
                let poll = longest_poll(replay).ok_or(GotoError::NoPoll)?;
                Ok((poll.end, Some(poll.task)))
            }
        }
    }
}

/// The characters of a name, in lower case.
fn lowercase(name: &str) -> impl Iterator<Item = char> {
    name.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_forms_are_read() {
        let cases = [
            ("15", Goto::Event(15)),
            (" : 15", Goto::Event(15)),
            ("tick 3", Goto::Tick(3)),
            ("tick3", Goto::Tick(3)),
            ("t 1.5", Goto::Time(1.5)),
            ("t=1.5s", Goto::Time(1.5)),
            ("t .5", Goto::Time(0.5)),
            ("task #2", Goto::Task(2)),
            ("longest", Goto::Longest),
        ];
        for (text, place) in cases {
            assert_eq!(Goto::parse(text), Ok(place), "{text}");
        }
    }

    #[test]
    fn anything_else_says_what_would_be_right() {
        for text in [
            "",
            "x",
            "tock 3",
            "tick",
            "t -1",
            "t nan",
            "99999999999999999999",
            "task two",
            "1.5",
            "王 3",
            "#",
        ] {
            let error = Goto::parse(text).unwrap_err().to_string();
            assert!(
                error.contains("`tick 3`") && !error.contains('\n'),
                "{text}: {error}"
            );
        }
    }
}

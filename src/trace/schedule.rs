//! Deviations from the order of the ready queue: at which polls another task than the first is
//! chosen.

use std::{fmt, str::FromStr};

use super::TaskId;

/// The polls at which a run polls another task than the first of the ready queue. An empty schedule
/// is the order of the queue.
///
/// Its text form is `12:2,15:1`: poll 12 of the run is of task #2, and poll 15 of task #1. A chosen
/// task must be among those that the tick has not polled yet; the others keep their order behind
/// it. A run on the virtual clock depends on nothing else, so the same choices give the same run.
///
/// ```
/// use loopscope::trace::{Schedule, TaskId};
///
/// let schedule: Schedule = "12:2,15:1".parse()?;
/// assert_eq!(schedule.before(15).with(13, TaskId(4)).to_string(), "12:2,13:4");
/// # Ok::<(), loopscope::trace::ScheduleError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Choice>);

/// One choice of a [`Schedule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The number of the poll in the run, from 1. Runs of callbacks are counted like polls.
    pub poll: u64,
    /// The task that is polled.
    pub task: TaskId,
}

/// Why a text is not a [`Schedule`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A part of it is not a poll and a task: its beginning, at most 40 characters.
    #[error("{0:?} is not a choice; a choice is POLL:TASK, such as 12:2 to run task #2 at poll 12")]
    NotAChoice(String),
    /// It has two choices for this poll.
    #[error("two choices for poll {0}")]
    SamePoll(u64),
}

impl Schedule {
    /// Whether there is no choice.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The choices, in the order of their polls.
    pub fn choices(&self) -> &[Choice] {
        &self.0
    }

    /// The choices before a poll.
    #[must_use]
    pub fn before(&self, poll: u64) -> Schedule {
        let earlier = self.0.iter().filter(|choice| choice.poll < poll);
        Schedule(earlier.copied().collect())
    }

    /// The schedule with one more choice, which replaces one at the same poll.
    #[must_use]
    pub fn with(mut self, poll: u64, task: TaskId) -> Schedule {
        self.0.retain(|choice| choice.poll != poll);
        self.0.push(Choice { poll, task });
        self.0.sort_by_key(|choice| choice.poll);
        self
    }

    /// The choices as a text for people: `poll 12: #2 first, poll 15: #1 first`.
    pub fn words(&self) -> String {
        let words = self.0.iter();
        let words = words.map(|choice| format!("poll {}: {} first", choice.poll, choice.task));
        words.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, choice) in self.0.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            write!(f, "{comma}{}:{}", choice.poll, choice.task.0)?;
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Schedule, ScheduleError> {
        let mut schedule = Schedule::default();
        if text.is_empty() {
            return Ok(schedule);
        }
        for part in text.split(',') {
            let choice = part.trim().split_once(':').and_then(|(poll, task)| {
                let task = task.strip_prefix('#').unwrap_or(task);
                Some(Choice {
                    poll: poll.parse().ok().filter(|poll| *poll > 0)?,
                    task: TaskId(task.parse().ok()?),
                })
            });
            let choice = choice.ok_or_else(|| ScheduleError::NotAChoice(beginning(part)))?;
            schedule.0.push(choice);
        }
        schedule.0.sort_by_key(|choice| choice.poll);
        let mut pairs = schedule.0.array_windows();
        match pairs.find(|[one, next]| one.poll == next.poll) {
            Some([same, _]) => Err(ScheduleError::SamePoll(same.poll)),
            None => Ok(schedule),
        }
    }
}

/// The beginning of a part that is wrong, which may come from a file and have any length.
fn beginning(part: &str) -> String {
    const MOST: usize = 40;
    let mut beginning: String = part.chars().take(MOST).collect();
    if beginning.len() < part.len() {
        beginning.push('…');
    }
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_only_the_beginning_of_a_long_part() {
        let error = "9".repeat(5_000_000).parse::<Schedule>().unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
    }

    #[test]
    fn a_schedule_is_read_as_it_was_written() {
        for text in ["", "1:0", "12:2,15:1"] {
            let schedule: Schedule = text.parse().unwrap();
            assert_eq!(schedule.to_string(), text);
        }
        let schedule: Schedule = "15:#1, 12:2".parse().unwrap();
        assert_eq!(schedule.to_string(), "12:2,15:1");
        assert_eq!(schedule.words(), "poll 12: #2 first, poll 15: #1 first");
    }

    /// With a search through the choices so far for each of them, this would take an hour.
    #[test]
    fn a_million_choices_are_read_in_one_pass() {
        let text: Vec<String> = (1..=1_000_000)
            .rev()
            .map(|poll| format!("{poll}:0"))
            .collect();
        let schedule: Schedule = text.join(",").parse().unwrap();
        assert_eq!(schedule.choices().len(), 1_000_000);
        assert_eq!(
            schedule.choices().first().map(|choice| choice.poll),
            Some(1)
        );
    }

    #[test]
    fn a_text_that_is_not_a_schedule_is_refused() {
        for text in [
            ",",
            "1",
            "0:1",
            "1:",
            "a:b",
            "1:2,,3:4",
            "1:2,1:3",
            "-1:2",
            "1:99999999999",
        ] {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}

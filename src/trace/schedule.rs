//! Choices that were made in the loop's place: which of the ready tasks runs first.

use std::{fmt, str::FromStr};

use super::TaskId;

/// Where a run leaves the order of the ready queue, and for whom. Empty for a run that goes by the rules.
///
/// It is written as `12:2,15:1`: at the 12th poll of the run task #2 has its turn, at the 15th task #1. Each is one of the
/// tasks that the tick has still to run; the others keep their order behind it. As a run on the virtual clock depends on
/// nothing else, the same choices give the same run.
///
/// ```
/// use loopscope::trace::{Schedule, TaskId};
///
/// let schedule: Schedule = "12:2,15:1".parse()?;
/// assert_eq!(schedule.before(15).with(13, TaskId(4)).to_string(), "12:2,13:4");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Choice>);

/// One choice of a [`Schedule`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// At which poll of the run, from 1. Callbacks have turns, too, and count.
    pub poll: u32,
    /// Who has it.
    pub task: TaskId,
}

impl Schedule {
    /// Whether the run goes by the rules throughout.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The choices, in the order of their polls.
    pub fn choices(&self) -> &[Choice] {
        &self.0
    }

    /// The choices before a poll: what has made the run what it is there.
    #[must_use]
    pub fn before(&self, poll: u32) -> Schedule {
        let earlier = self.0.iter().filter(|choice| choice.poll < poll);
        Schedule(earlier.copied().collect())
    }

    /// The same with one more choice, instead of one at the same poll if there is any.
    #[must_use]
    pub fn with(mut self, poll: u32, task: TaskId) -> Schedule {
        self.0.retain(|choice| choice.poll != poll);
        self.0.push(Choice { poll, task });
        self.0.sort_by_key(|choice| choice.poll);
        self
    }

    /// For people: `poll 12: #2 first, poll 15: #1 first`.
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
    type Err = String;

    fn from_str(text: &str) -> Result<Schedule, String> {
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
            let choice = choice.ok_or_else(|| {
                format!("{part:?} is no choice: 12:2 means that at poll 12 task #2 has its turn")
            })?;
            if schedule.0.iter().any(|known| known.poll == choice.poll) {
                return Err(format!("two choices for poll {}", choice.poll));
            }
            schedule = schedule.with(choice.poll, choice.task);
        }
        Ok(schedule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in ["", "1:0", "12:2,15:1"] {
            let schedule: Schedule = text.parse().unwrap();
            assert_eq!(schedule.to_string(), text);
        }
        let schedule: Schedule = "15:#1, 12:2".parse().unwrap();
        assert_eq!(schedule.to_string(), "12:2,15:1");
        assert_eq!(schedule.words(), "poll 12: #2 first, poll 15: #1 first");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
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

//! What can be typed after `:`, and after `--at`.

use std::fmt;

use crate::{
    insight::longest_poll,
    replay::Replay,
    trace::{Moment, Position, TaskId},
};

/// A place in a run, as a person names it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goto {
    /// After event number so and so: `15`.
    Event(u32),
    /// The beginning of a tick: `tick 3`.
    Tick(u32),
    /// The last event at or before so many seconds: `t 1.5`.
    Time(f64),
    /// Where a task is spawned: `task 2`.
    Task(u32),
    /// The end of the longest poll: `longest`.
    Longest,
}

/// What to say when it is none of these.
const RIGHT: &str = "an event `15`, `tick 3`, `t 1.5` (seconds), `task 2` or `longest` (poll)";

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
    /// Reads what was typed.
    pub fn parse(text: &str) -> Result<Goto, String> {
        let text = text.trim().trim_start_matches(':').trim_start();
        let wrong = || {
            format!(
                "`{}` is no place to go to: try {RIGHT}",
                text.chars().take(40).collect::<String>()
            )
        };
        if text == "longest" {
            return Ok(Goto::Longest);
        }
        let split = text
            .find(|c: char| c.is_ascii_digit() || "#.+-".contains(c))
            .ok_or_else(wrong)?;
        let (word, number) = text.split_at_checked(split).ok_or_else(wrong)?;
        let number = number.trim_start_matches('#').trim();
        let whole = || number.parse::<u32>().map_err(|_| wrong());
        match word.trim().trim_end_matches(['=', ':']).trim() {
            "" | "event" | "e" => Ok(Goto::Event(whole()?)),
            "tick" => Ok(Goto::Tick(whole()?)),
            "task" => Ok(Goto::Task(whole()?)),
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

    /// Where that is in a run; if it is outside, what there is.
    pub fn position(self, replay: &Replay) -> Result<Position, String> {
        Ok(self.place(replay)?.0)
    }

    /// The same, and the task that it is about, if it is about one.
    pub fn place(self, replay: &Replay) -> Result<(Position, Option<TaskId>), String> {
        let head = replay.index().head();
        match self {
            Goto::Event(number) if number > replay.end().0 => Err(format!(
                "there is no event {number}: this run has {}",
                replay.end().0
            )),
            Goto::Event(number) => Ok((Position(number), None)),
            Goto::Tick(tick) if tick > head.tick() => Err(format!(
                "there is no tick {tick}: this run has {}",
                head.tick()
            )),
            Goto::Tick(tick) => Ok((replay.tick_start(tick), None)),
            Goto::Time(seconds) => {
                let moment = Moment::from_seconds(seconds);
                Ok((replay.at_moment(moment), None))
            }
            Goto::Task(number) => {
                let task = TaskId(number);
                let info = replay.tables().task(task).ok_or_else(|| {
                    format!(
                        "there is no task {number}: this run has {}, from #0",
                        head.tasks.len()
                    )
                })?;
                Ok((info.spawned, Some(task)))
            }
            Goto::Longest => {
                let turn = longest_poll(replay).ok_or("no task has had a turn yet")?;
                Ok((turn.end, Some(turn.task)))
            }
        }
    }
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
            "99999999999",
            "task two",
            "1.5",
            "王 3",
            "#",
        ] {
            let error = Goto::parse(text).unwrap_err();
            assert!(
                error.contains("`tick 3`") && !error.contains('\n'),
                "{text}: {error}"
            );
        }
    }
}

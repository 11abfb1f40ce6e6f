//! A run in a few words: what it is, where it stands, how it ended.

use crate::{
    insight::task_label,
    replay::{Replay, Status, TickPhase},
    trace::{Outcome, Schedule, TaskId},
};

/// What a run is called: scenario and variant, and where it left the rules.
pub fn title(replay: &Replay) -> String {
    let meta = &replay.log().meta;
    let title = match (meta.scenario.as_str(), meta.variant.as_str()) {
        ("", _) => "a trace".into(),
        (scenario, "") => scenario.into(),
        (scenario, variant) => format!("{scenario} ▸ {variant}"),
    };
    branch_title(title, &meta.schedule)
}

/// What a branch of a run is called.
pub fn branch_title(run: String, schedule: &Schedule) -> String {
    if schedule.is_empty() {
        run
    } else {
        format!("{run}, {}", schedule.words())
    }
}

/// The variant, or what else tells this run from another one.
pub fn short_title(replay: &Replay) -> String {
    let meta = &replay.log().meta;
    let run = if meta.variant.is_empty() {
        &meta.scenario
    } else {
        &meta.variant
    };
    branch_title(run.clone(), &meta.schedule)
}

/// Under what conditions two runs ran: what they have in common is what makes them comparable.
pub fn conditions(a: &Replay, b: &Replay) -> String {
    let (a, b) = (&a.log().meta, &b.log().meta);
    let clock = if a.clock == b.clock {
        format!("the same {} clock", a.clock.as_str())
    } else {
        format!(
            "A on the {} clock, B on the {} one",
            a.clock.as_str(),
            b.clock.as_str()
        )
    };
    let seed = if a.seed == b.seed {
        format!("the same seed {}", a.seed)
    } else {
        format!("seeds {} and {}", a.seed, b.seed)
    };
    format!("{clock}, {seed}")
}

/// How a run ended, in one sentence.
pub fn ending(replay: &Replay) -> String {
    let head = replay.index().head();
    let survivors = (head.tasks.len() as u64).saturating_sub(head.ended.into());
    match head.outcome {
        None if replay.is_damaged() => "The trace breaks off here: it is damaged.".into(),
        None => "The recording ends here; the run itself went on.".into(),
        Some(Outcome::Finished) if survivors == 0 => {
            "The run has finished: every task has ended.".into()
        }
        Some(Outcome::Finished) => {
            format!("The run has finished: main is done, {survivors} still unfinished and dropped.")
        }
        Some(Outcome::Deadlock) => {
            "Deadlock: nothing can ever run again, every task waits for another one.".into()
        }
        Some(Outcome::Stalled) => {
            "Stalled: nothing runs, and nobody known to the loop can wake what waits.".into()
        }
        Some(Outcome::Panicked) => {
            format!(
                "{} failed, and the run with it.",
                task_label(replay.tables(), TaskId(0))
            )
        }
        Some(Outcome::Stopped) => "The run was stopped.".into(),
        Some(Outcome::Limit) => "The number of events that was allowed is reached.".into(),
    }
}

/// Where the run stands at its end, in one word for a header.
pub fn ending_word(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Finished) => "FINISHED",
        Some(Outcome::Deadlock) => "DEADLOCK",
        Some(Outcome::Stalled) => "STALLED",
        Some(Outcome::Panicked) => "FAILED",
        Some(Outcome::Stopped) => "STOPPED",
        Some(Outcome::Limit) => "LIMIT",
        None => "CUT OFF",
    }
}

/// The parts of a tick, with the one in which the loop is.
pub fn phases(phase: TickPhase) -> [(&'static str, bool); 3] {
    [
        (
            if phase == TickPhase::Parked {
                "parked"
            } else {
                "wait"
            },
            matches!(phase, TickPhase::Wait | TickPhase::Parked),
        ),
        ("timers", phase == TickPhase::Timers),
        ("run", phase == TickPhase::Run),
    ]
}

/// What a status is, in words for a legend.
pub const LEGEND: [(Status, &str); 5] = [
    (Status::Running, "running"),
    (Status::Ready, "ready, queued"),
    (Status::Timer, "asleep on a timer"),
    (Status::Pending, "pending: join, lock, queue, I/O"),
    (Status::Failed, "failed or cancelled"),
];

/// The same in one word each, where there is less room.
pub const SHORT_LEGEND: [(Status, &str); 5] = [
    (Status::Running, "run"),
    (Status::Ready, "ready"),
    (Status::Timer, "timer"),
    (Status::Pending, "wait"),
    (Status::Failed, "fail"),
];

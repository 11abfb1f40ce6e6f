//! A run in one line: its title, its phase, and how it ended.

use crate::{
    insight::{Language, narrate_whole, status_words, task_label},
    replay::{EventStep, Replay, Status, TickPhase},
    trace::{Outcome, Position, Schedule, TaskId},
};

use super::format::count;

/// The title of a run: its scenario and variant, and its schedule if it has one.
pub fn title(replay: &Replay) -> String {
    let meta = &replay.log().meta;
    let title = match (meta.scenario.as_str(), meta.variant.as_str()) {
        ("", _) => "a trace".into(),
        (scenario, "") => scenario.into(),
        (scenario, variant) => format!("{scenario} ▸ {variant}"),
    };
    branch_title(title, &meta.schedule)
}

/// The title of a branch of a run: the polls at which its order was chosen.
pub fn branch_title(run: String, schedule: &Schedule) -> String {
    if schedule.is_empty() {
        run
    } else {
        format!("{run}, {}", schedule.words())
    }
}

/// The variant, or the scenario if it has none: what distinguishes this run from another.
pub fn short_title(replay: &Replay) -> String {
    let meta = &replay.log().meta;
    let run = if meta.variant.is_empty() {
        &meta.scenario
    } else {
        &meta.variant
    };
    branch_title(run.clone(), &meta.schedule)
}

/// The number that a position has in the file: a gap is one event of the replay, and many of the file.
pub(super) fn number_in_file(replay: &Replay, position: Position) -> u64 {
    let gaps = replay.index().gaps().iter();
    let before = gaps.take_while(|gap| gap.position <= position);
    let missing: u64 = before.map(|gap| gap.events.saturating_sub(1)).sum();
    position.0.saturating_add(missing)
}

/// That the end of a file is left out, if its events need too much memory.
pub fn left_out(replay: &Replay) -> Option<String> {
    let read = number_in_file(replay, replay.end());
    replay.is_full().then(|| {
        format!(
            "the events after event {read} are left out: all of them need more memory or time than a file of \
             this size may take; --load {read}.. reads them, --load all reads everything"
        )
    })
}

/// The clocks and seeds of two runs. Runs with the same ones can be compared.
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
pub fn ending(replay: &Replay, language: Language) -> String {
    let head = replay.index().head();
    let unfinished = head.tasks.len().saturating_sub(head.ended as usize);
    match head.outcome {
        None if replay.is_damaged() => "The trace breaks off here: it is damaged.".into(),
        None => "The recording ends here, before the run does.".into(),
        Some(Outcome::Finished) if unfinished == 0 => {
            "The run has finished: every task has ended.".into()
        }
        Some(Outcome::Finished) => {
            let tasks = count(unfinished, "unfinished task");
            {
                let ended = language.choose("main has completed", "main has returned");
                let fate = language.choose("dropped", "cancelled");
                format!("The run has finished: {ended}; {tasks} {fate}.")
            }
        }
        Some(Outcome::Deadlock) => deadlock(replay, language),
        Some(Outcome::Stalled) => {
            "Stalled: no task is ready, and nothing known to the loop can wake one.".into()
        }
        Some(Outcome::Panicked) => {
            format!(
                "The run has failed, because {} {}.",
                task_label(replay.tables(), TaskId(0)),
                language.choose("failed", "raised an exception")
            )
        }
        Some(Outcome::Stopped) => "The run was stopped.".into(),
        Some(Outcome::Limit) => {
            "The run has reached the largest number of events that was allowed.".into()
        }
    }
}

/// What each task waits for in a deadlock: the sentence about the last event.
fn deadlock(replay: &Replay, language: Language) -> String {
    let before = replay.state_at(Position(replay.end().0.saturating_sub(1)));
    let step = EventStep::after(replay, &before);
    step.map_or_else(String::new, |step| narrate_whole(&step, language).what)
}

/// How a run ended, in one word for the header.
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

/// The phases of a tick, and which of them is the current one.
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

/// The legend of the timeline.
pub const LEGEND: [(Status, &str); 5] = [
    (Status::Running, status_words(Status::Running).legend),
    (Status::Ready, status_words(Status::Ready).legend),
    (Status::Timer, status_words(Status::Timer).legend),
    (Status::Pending, status_words(Status::Pending).legend),
    (Status::Failed, status_words(Status::Failed).legend),
];

/// The legend in one word each, for a narrow screen.
pub const SHORT_LEGEND: [(Status, &str); 5] = [
    (Status::Running, status_words(Status::Running).word),
    (Status::Ready, status_words(Status::Ready).word),
    (Status::Timer, status_words(Status::Timer).word),
    (Status::Pending, status_words(Status::Pending).word),
    (Status::Failed, status_words(Status::Failed).word),
];

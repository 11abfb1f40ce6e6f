//! The lessons: what each variant prints and when, and the number that tells the two apart.

// The catalogue is written for the program; what is public there is private to it.
#[path = "../scenarios/catalogue.rs"]
#[expect(unreachable_pub, reason = "the file is the program's own, included")]
mod catalogue;

use loopscope::{
    Remote,
    insight::{self, LESSONS, Lesson},
    replay::Replay,
    scenario::{Plan, Scenario},
    scene::{json, plain},
    trace::Outcome,
};

/// What a run prints, each line with its time in milliseconds.
type Lines = &'static [(u64, &'static str)];

/// The two variants of a lesson: lines, total in milliseconds, and the number.
struct Case {
    lesson: u8,
    wrong: (Lines, u64, &'static str),
    right: (Lines, u64, &'static str),
}

//! What a comparison of two runs finds. The words are in `conclusion`.

use crate::trace::{Moment, Outcome, Span, TaskId, TextId};

use super::{path::Limit, summary::Hold};

/// One of two compared runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first run.
    A,
    /// The second run.
    B,
}

impl Side {
    /// Its letter on the screen.
    pub fn letter(self) -> &'static str {
        match self {
            Side::A => "A",
            Side::B => "B",
        }
    }

    /// The other run.
    #[must_use]
    pub fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }
}

/// Something in which two runs differ or agree, checked in both traces.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contrast {
    /// The two traces have the same events.
    Identical,
    /// The runs are of two scenarios.
    TwoPrograms,
    /// At least one run did not complete, or the runs ended in two ways.
    Endings([Option<Outcome>; 2]),
    /// A parameter has two values.
    Parameter {
        /// Its name.
        name: String,
        /// Its values.
        values: [String; 2],
    },
    /// Both take the same time.
    SameTotal(Span),
    /// One run takes longer, and both do the same work.
    Longer {
        /// The longer run.
        side: Side,
        /// By how much.
        by: Span,
    },
    /// In one run a poll delays a task more than any poll of the other run.
    LoopHeld {
        /// The run.
        side: Side,
        /// The poll.
        hold: Hold,
        /// The poll of the other run that delays a task the most.
        other: Option<Hold>,
        /// Whether the longer total follows from it.
        is_reason: bool,
    },
    /// On the critical path of the longer run, waits follow one another that overlap in the other.
    WaitsInSeries {
        /// The longer run.
        side: Side,
        /// The number of waits on the critical path of this run, and on that of the other.
        waits: [u32; 2],
        /// Their sums.
        sums: [Span; 2],
        /// How many waits are in progress at once at most, in this run and in the other.
        at_once: [u32; 2],
    },
    /// In one run, tasks wait for a limit.
    Limited {
        /// The run.
        side: Side,
        /// The limit.
        limit: Limit,
        /// The waits for limits: on its critical path if they are the reason of the longer total,
        /// otherwise of all tasks.
        sum: Span,
        /// Whether the longer total follows from it.
        is_reason: bool,
    },
    /// The sums of polls and outside waits differ.
    DifferentWork([Span; 2]),
    /// The first line of output comes at two times.
    FirstOutput([Option<Moment>; 2]),
    /// A line is printed at two times.
    LineMoved {
        /// The line, in the text table of each run.
        lines: [TextId; 2],
        /// When it is printed.
        at: [Moment; 2],
    },
    /// As many lines are printed, and one of them differs. Times in a line are not compared.
    LineDiffers([TextId; 2]),
    /// The same lines are printed in another order.
    LinesReordered,
    /// More lines are printed in one run than in the other.
    OtherLines([u64; 2]),
    /// The same lines are printed at the same times.
    SameLines,
    /// A count differs: of ticks, polls, tasks or of waits at once.
    Count {
        /// What is counted.
        what: Counted,
        /// The counts.
        counts: [u64; 2],
    },
    /// All counts agree, and the polls have another order.
    PollsReordered {
        /// The number of the first poll that differs.
        poll: u64,
        /// The task that is polled in each run.
        tasks: [TaskId; 2],
    },
    /// The polls, the counts and the output agree.
    OnlyDetails,
}

impl Contrast {
    /// Its name in the JSON output.
    pub fn kind(&self) -> &'static str {
        match self {
            Contrast::Identical => "identical",
            Contrast::TwoPrograms => "two_programs",
            Contrast::Endings(_) => "endings",
            Contrast::Parameter { .. } => "parameter",
            Contrast::SameTotal(_) => "same_total",
            Contrast::Longer { .. } => "longer",
            Contrast::LoopHeld { .. } => "loop_held",
            Contrast::WaitsInSeries { .. } => "waits_in_series",
            Contrast::Limited { .. } => "limited",
            Contrast::DifferentWork(_) => "different_work",
            Contrast::FirstOutput(_) => "first_output",
            Contrast::LineMoved { .. } => "line_moved",
            Contrast::LineDiffers(_) => "line_differs",
            Contrast::LinesReordered => "lines_reordered",
            Contrast::OtherLines(_) => "other_lines",
            Contrast::SameLines => "same_lines",
            Contrast::Count { .. } => "count",
            Contrast::PollsReordered { .. } => "polls_reordered",
            Contrast::OnlyDetails => "only_details",
        }
    }
}

/// What [`Contrast::Count`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Tasks that were spawned.
    Tasks,
    /// Polls.
    Polls,
    /// Ticks.
    Ticks,
    /// Waits for something outside the program that were in progress at once.
    AtOnce,
}

//! What a trace means, in words and numbers.
//!
//! ```text
//!            ┌─ facts         what is so, with the events that prove it: wakes, waits, holders,
//!            │                what held the loop, why a run ended
//!            ├─ narrate       this event: what moved, why, and what you may not expect
//!   Replay ──┼─ chains        which event caused this one, back to a timer, I/O or the start;
//!            ├─ blocked       what a task waits for, and what would unblock it
//!            ├─ news          which events carry news, and which restate another one
//!            ├─ predict       a question about what comes next, with its answer
//!            ├─ await_chain   the functions that a task is in
//!            ├─ executed_line the line of the source that was executed last
//!            ├─ source        at which line of the program each task waits
//!            ├─ twin          the corresponding line of the same program in Python
//!            ├─ path          the critical path: the polls and waits that led to the end
//!            ├─ critical      the same path as a list of segments
//!            ├─ latency       how long tasks were ready before each poll, and how long polls were
//!            ├─ summary       the whole run in numbers; its longest poll (longest_delay)
//!            ├─ compare       two runs: which takes longer, and why (contrast, conclusion)
//!            ├─ findings      what is wrong with a run, with the events that prove it
//!            ├─ sync          two runs: how they are stepped together
//!            ├─ difference    two runs: where they part
//!            └─ lesson        a misconception, and the number of a run that disproves it
//!
//!   terms                     what Rust and asyncio call the same thing
//!   language                  the language of the words: Rust's or Python's
//!   words, event_words        what the screen, the text and the exports call things
//! ```
//!
//! Everything here is a pure function of a [`Replay`](crate::replay::Replay). No text names a
//! colour or depends on the width of a screen; a [`Narration`] keeps to the columns that it
//! promises.

#![warn(clippy::wildcard_enum_match_arm)]

mod await_chain;
mod await_graph;
mod blocked;
mod chains;
mod compare;
mod conclusion;
mod contrast;
mod critical;
mod difference;
mod event_words;
mod executed_line;
mod facts;
mod findings;
mod fired_deadlines;
mod id_map;
mod language;
mod latency;
mod lesson;
mod longest_delay;
mod narrate;
mod news;
mod pairs;
mod path;
mod predict;
mod rust_code;
mod source;
mod summary;
mod sync;
mod terms;
mod twin;
mod words;

pub use await_chain::{AwaitChain, AwaitFrame, await_chain};
pub use blocked::{blocked_on, waits_for_itself};
pub use chains::{CauseLink, cause, why};
pub use compare::{Comparison, compare};
pub use conclusion::{endings, path_sentence};
pub use contrast::{Contrast, Counted, Side};
pub use critical::{
    CriticalPath, HalvedPart, NoPath, NotHalved, PathReader, PathSegment, PathShare, RunPart,
    SegmentKind, critical_path,
};
pub use difference::{
    Difference, difference_after, difference_before, difference_here, first_difference,
};
pub use event_words::{event_kind, event_words};
pub use executed_line::{ExecutedLine, current_line, current_line_in_chain};
pub use facts::{
    Delay, DelayKind, EndingFact, HoldFact, LateFact, SeriesFact, StuckFact, StuckReason, WaitFact,
    WaitMode, WaitSpan, WakeFact, WakeReason, ending, hold, hold_between, holders, in_series, late,
    most_at_once, overlap, queue_of, wait_spans, waiting_for, woken_by,
};
pub use findings::{
    ComparedFindings, Explanation, Finding, Findings, FindingsReport, Hang, LimitError,
    LimitSetting, LimitValue, Limits, MissingReason, NamedResource, Nearness, NotLookedFor, Proof,
    RULES, Rule, RuleEntry, RuleLimit, Severity, Spot, catches_cancellation, cause_line,
    explanation, findings_markdown, fix_words, ignores_cancellation, is_in_loop,
    main_waits_in_a_circle, message_words, spot_words, takes_lock,
};
pub use language::{Language, Phrase, only_language};
pub use latency::{
    Histogram, LatencyBy, LatencyGroup, LatencyGroups, LatencyKey, LatencyReader, LatencyReport,
    LeftOut, Quantiles, TimeStats, WorstTime, latency,
};
pub use lesson::{LESSONS, Lesson, LessonResult, lesson_result};
pub use narrate::{Narration, Note, headline, narrate, narrate_step};
pub use news::is_news;
pub use path::{Limit, Path};
pub use predict::{Question, question};
pub use source::{
    Place, Presence, Quote, TaskAtLine, differing_lines, has_await, location_lines, place,
    place_of_line, quote, tasks_at_lines, twin_await_lines,
};
pub use summary::{Hold, LongestPoll, Summary, longest_poll, summary, summary_until};
pub use sync::{SyncBy, TogetherStep, first_other_poll, follow, next_together, previous_together};
pub(crate) use terms::SPAWNED;
pub use twin::{Twin, text_in, title};
pub(crate) use words::timer_owner;
pub use words::{queue_name, resource_words, seconds, status_code, task_label, wait_words};

pub(crate) use narrate::{narrate_after, narrate_whole};
pub(crate) use news::carries_news;
#[cfg(feature = "tui")]
pub(crate) use rust_code::string_end;
#[cfg(feature = "tui")]
pub(crate) use words::{capital, char_columns};
pub(crate) use words::{columns, fit, in_parentheses, status_words, woken_by_words};

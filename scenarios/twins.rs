//! The Python twins of the scenarios: their shared module, and the differences that are right.

/// The module that the Python twins share.
pub(super) const TWIN: &str = include_str!("twin.py");

/// A variant that rightly differs from its twin.
#[derive(Debug)]
pub(super) struct Difference {
    /// The scenario.
    pub(super) scenario: &'static str,
    /// The variant.
    pub(super) variant: &'static str,
    /// Whether Python has this variant.
    pub(super) twin: bool,
    /// Why the two differ.
    pub(super) why: &'static str,
}

/// Where Rust and Python rightly differ.
pub(super) static DIFFERENCES: &[Difference] = &[
    Difference {
        scenario: "echo_server",
        variant: "protocol",
        twin: true,
        why: "main ends with the last answer here; asyncio's client waits until its connection is closed, so the server sees the end",
    },
    Difference {
        scenario: "finder_server",
        variant: "prompt",
        twin: true,
        why: "searching all names takes a tenth of a second here, and one or two seconds in Python",
    },
    Difference {
        scenario: "finder_server",
        variant: "http",
        twin: true,
        why: "searching all names takes a tenth of a second here, and one or two seconds in Python",
    },
    Difference {
        scenario: "lesson_08_late_sleep",
        variant: "right",
        twin: true,
        why: "a due timer makes its task ready in this tick here; asyncio's runs a callback in this tick, which wakes the task for the next one",
    },
    Difference {
        scenario: "lesson_13_dropped_handle",
        variant: "wrong",
        twin: true,
        why: "dropping the handle cancels the task here; in asyncio the task keeps running",
    },
    Difference {
        scenario: "lesson_20_snapshot",
        variant: "right",
        twin: false,
        why: "asyncio has no loop that drains its queue",
    },
];

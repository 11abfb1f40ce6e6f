//! The Python twins of the scenarios: what they share, and where they rightly do something else.

/// What the Python twins share.
pub(super) const TWIN: &str = include_str!("twin.py");

/// A variant that does not do what its twin does, and is right not to.
#[derive(Debug)]
pub(super) struct Difference {
    /// The scenario.
    pub(super) scenario: &'static str,
    /// The variant.
    pub(super) variant: &'static str,
    /// Whether there is such a variant in Python at all.
    pub(super) twin: bool,
    /// Why they differ.
    pub(super) why: &'static str,
}

/// Where Rust and Python rightly differ.
pub(super) static DIFFERENCES: &[Difference] = &[
    Difference {
        scenario: "echo_server",
        variant: "protocol",
        twin: true,
        why: "main ends with the last answer here; asyncio's client waits for its close, so the server hears of it",
    },
    Difference {
        scenario: "finder_server",
        variant: "prompt",
        twin: true,
        why: "looking through all names is work, of a tenth of a second here and of one or two in Python",
    },
    Difference {
        scenario: "finder_server",
        variant: "http",
        twin: true,
        why: "looking through all names is work, of a tenth of a second here and of one or two in Python",
    },
    Difference {
        scenario: "lesson_08_late_sleep",
        variant: "right",
        twin: true,
        why: "a timer that is due puts its task into this tick here; asyncio's puts a callback there, which wakes it for the next",
    },
    Difference {
        scenario: "lesson_13_dropped_handle",
        variant: "wrong",
        twin: true,
        why: "dropping the handle cancels the task here; in asyncio the task runs on",
    },
    Difference {
        scenario: "lesson_20_snapshot",
        variant: "right",
        twin: false,
        why: "asyncio has no loop that drains its queue",
    },
];

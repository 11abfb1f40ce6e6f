//! The words that the screen, the plain text, the JSON and the exports use for tasks, waits and
//! resources, and how many columns of a terminal they take.
//!
//! Each closed list of the trace has its words in one table here: [`status_words`],
//! [`outcome_words`], [`resource_kind_word`], [`op_words`], [`woken_by_words`] and [`wait_words`].
//! The machine-readable names of the same lists are in `trace::names`.

use super::{language::Language, terms};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::replay::{ResourceState, State, Status, TaskState, TimerState};
use crate::trace::{
    Aspect, LoopTime, Meta, Outcome, ResourceId, ResourceKind, ResourceOp, Span, Tables, TaskId,
    Wait, WokenBy,
};

/// The most columns that a name may take in a sentence.
const NAME: usize = 24;

/// The same for a resource, whose name may be an address.
const RESOURCE: usize = 34;

/// How many columns a text takes. Wide characters take two, combining characters none.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// How many columns a character takes on its own.
pub(crate) fn char_columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The text, cut to at most `width` columns; a cut is shown as `…`.
pub(crate) fn fit(text: &str, width: usize) -> String {
    /// A text of more bytes is cut without being measured: it may have megabytes, and a log may
    /// contain it a million times.
    const MEASURED: usize = 4096;
    if text.len() <= MEASURED && columns(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let kept = text.chars().take(MEASURED).take_while(|&c| {
        let taken = char_columns(c);
        let fits = taken <= left;
        left = left.saturating_sub(taken);
        fits
    });
    let mut kept: String = kept.collect();
    kept.truncate(kept.trim_end().len());
    if width > 0 {
        kept.push('…');
    }
    kept
}

/// A sentence with a capital first letter.
pub(crate) fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    match rest.next() {
        Some(first) => first.to_uppercase().chain(rest).collect(),
        None => String::new(),
    }
}

/// A task's number and name: `#1 hello`.
pub fn task_label(tables: &Tables, task: TaskId) -> String {
    match tables.task_name(task) {
        "" => task.to_string(),
        name => format!("{task} {}", fit(name, NAME)),
    }
}

/// Who has set a timer: a task, or `a callback`.
pub(crate) fn timer_owner(tables: &Tables, timer: &TimerState) -> String {
    match timer.task {
        Some(task) => task_label(tables, task),
        None => "a callback".to_owned(),
    }
}

/// A time or a length of time in seconds: `1.500`.
pub fn seconds(time: impl LoopTime) -> String {
    time.to_string()
}

/// A length of time with its unit: `1.500 s`, or `less than 1 ms`. No sentence says `0.000 s`.
pub(super) fn duration(time: Span) -> String {
    if time < Span(1_000_000) {
        "less than 1 ms".to_owned()
    } else {
        format!("{time} s")
    }
}

/// A number as a place in an order: `1st`, `12th`, `22nd`.
pub(super) fn ordinal(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        (_, _) => "th",
    };
    format!("{number}{ending}")
}

/// A program's own text, in which the paths that a compiler has joined are made short:
/// `src/../scenarios/a.rs` is `scenarios/a.rs`.
pub(super) fn tidy(text: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut text = text.to_owned();
    while let Some((before, after)) = text.split_once("/../") {
        let rest = before.trim_end_matches(is_path);
        if rest.len() == before.len() {
            break;
        }
        text = format!("{rest}{after}");
    }
    text
}

/// How many events are missing: `65536 events are missing here`.
pub(super) fn missing_words(events: u64) -> String {
    match events {
        1 => "one event is missing here".to_owned(),
        events => format!("{events} events are missing here"),
    }
}

/// The words for a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusWords {
    /// The code in tables, on the timeline and in JSON.
    pub code: &'static str,
    /// The queue in which a task with this status is, or the list of ended tasks.
    pub queue: &'static str,
    /// One word for a short legend.
    pub word: &'static str,
    /// A few words for a legend.
    pub legend: &'static str,
}

/// The table of the words for a status.
pub(crate) const fn status_words(status: Status) -> StatusWords {
    let (code, queue, word, legend) = match status {
        Status::Absent => ("-", "nowhere", "absent", "not created yet"),
        Status::Ready => ("RDY", "READY", "ready", "ready, queued"),
        Status::Running => ("RUN", "RUNNING", "run", "running"),
        Status::Timer => ("TMR", "TIMERS", "timer", "asleep on a timer"),
        Status::Pending => ("PND", "PENDING", "wait", "pending: task, lock, queue, I/O"),
        Status::Unknown => ("?", "UNKNOWN", "unknown", "unknown: events are missing"),
        Status::Done => ("DONE", "DONE", "done", "completed"),
        Status::Failed => ("ERR", "FAILED", "fail", "failed or cancelled"),
        Status::Cancelled => ("CXL", "CANCELLED", "cancel", "cancelled"),
    };
    StatusWords {
        code,
        queue,
        word,
        legend,
    }
}

/// The code of a status: `RDY`, `RUN`, `TMR` …
pub fn status_code(status: Status) -> &'static str {
    status_words(status).code
}

/// The queue in which a task with this status is: `READY`, `RUNNING`, `TIMERS` …
pub fn queue_name(status: Status) -> &'static str {
    status_words(status).queue
}

/// How a run ended, as a sentence without its full stop.
pub(crate) fn outcome_words(outcome: Outcome, language: Language) -> &'static str {
    match outcome {
        Outcome::Finished => "The main task has completed: the run ends",
        Outcome::Deadlock => "Deadlock: nothing can ever run again",
        Outcome::Stalled => "Stalled: nothing runs, and the loop knows of nothing to come",
        Outcome::Panicked => language.choose(
            "The main task has failed: the run ends",
            "The main task has raised an exception: the run ends",
        ),
        Outcome::Stopped => "The run was stopped",
        Outcome::Limit => "The limit of events is reached: the recording stops here",
    }
}

/// The word for a kind of resource.
pub(crate) fn resource_kind_word(kind: ResourceKind, language: Language) -> &'static str {
    match kind {
        ResourceKind::Channel => terms::CHANNEL.text(language),
        ResourceKind::Lock => "lock",
        ResourceKind::Semaphore => "semaphore",
        ResourceKind::Event => "event",
        ResourceKind::Group => language.choose("group", "task group"),
        ResourceKind::Listener => "listener",
        ResourceKind::Stream => "stream",
        ResourceKind::Pool => "thread pool",
        ResourceKind::Io => "I/O",
        ResourceKind::Future => "future",
        ResourceKind::Foreign => terms::FUTURE.text(language),
        ResourceKind::Value => "value",
        ResourceKind::Scope => "scope",
        ResourceKind::Generator => "generator",
        ResourceKind::RwLock => "rwlock",
        ResourceKind::Barrier => "barrier",
        ResourceKind::Cell => "cell",
        ResourceKind::Child => "child",
        ResourceKind::Thread => "thread",
    }
}

/// The verb for an operation, between the task and the resource: `#0 main closes channel jobs`.
pub(super) fn op_words(op: ResourceOp, language: Language) -> &'static str {
    match op {
        ResourceOp::Sent => language.choose("sends on", "puts an item into"),
        ResourceOp::Received => language.choose("receives on", "takes an item out of"),
        ResourceOp::Closed => "closes",
        ResourceOp::Acquired => "takes",
        ResourceOp::Released => "releases",
        ResourceOp::Set => "sets",
        ResourceOp::Cleared => "clears",
        ResourceOp::Begun => "begins an operation on",
        ResourceOp::Ended => "ends its operation on",
        ResourceOp::Abandoned => "abandons its operation on",
        ResourceOp::Read => "reads from",
        ResourceOp::Wrote => "writes to",
        ResourceOp::Accepted => "accepts a connection on",
        ResourceOp::Connected => "connects",
        ResourceOp::Loaded => "reads",
        ResourceOp::Stored => "writes",
        ResourceOp::Entered => "enters",
        ResourceOp::Left => "leaves",
        ResourceOp::Resumed => "resumes",
        ResourceOp::Yielded => "gets a value from",
        ResourceOp::Tried => "tries to take",
        ResourceOp::Failed => "fails at",
        ResourceOp::Started => "starts",
        ResourceOp::Ran => "has run",
        ResourceOp::Buffered => "buffers bytes for",
        ResourceOp::SetError => language.choose("sets an error in", "sets an exception in"),
    }
}

/// Why a task failed. A panic says at which line of Rust it was; Python has no such line.
pub(super) fn failure_words(message: &str, language: Language) -> &str {
    let place = message
        .rsplit_once(" (")
        .filter(|(_, place)| place.contains(".rs:"));
    match place {
        Some((reason, _)) => language.choose(message, reason),
        None => message,
    }
}

/// What woke a task, as a noun: `#1 hello`, `its timer`, `thread worker`.
pub(crate) fn woken_by_words(tables: &Tables, by: WokenBy) -> String {
    match by {
        WokenBy::Task(task) => task_label(tables, task),
        // Its number is shown nowhere, and its name is known only while it runs.
        WokenBy::Callback(_) => "a callback".to_owned(),
        WokenBy::Timer(_) => "its timer".to_owned(),
        WokenBy::Io => "I/O".to_owned(),
        WokenBy::Thread(name) => match fit(tables.text(name), NAME) {
            name if name.starts_with("thread") => name,
            name if name.is_empty() => "another thread".to_owned(),
            name => format!("thread {name}"),
        },
        WokenBy::Loop => "the loop".to_owned(),
        WokenBy::Unknown => "an unknown cause".to_owned(),
    }
}

/// What a task waits for: `join #1 hello`, `timer due 2.000`, `an item in channel jobs (0/4)`.
pub fn wait_words(
    meta: &Meta,
    tables: &Tables,
    state: &State,
    row: &TaskState,
    language: Language,
) -> String {
    if row.phase.wait_is_unknown() {
        return "something unknown: events are missing".to_owned();
    }
    if row.wait == Wait::Unknown && !meta.has(Aspect::Waits) {
        return "not recorded".to_owned();
    }
    let words = wait_on(tables, state, row.wait, language);
    match row.also {
        0 => words,
        more => format!("{words}, {}", other_waits(more)),
    }
}

/// The words for a single wait.
pub(super) fn wait_on(tables: &Tables, state: &State, wait: Wait, language: Language) -> String {
    let name = |id: ResourceId| resource_name(tables, state.resource(id), id, language);
    match wait {
        Wait::Unknown => "something loopscope cannot see".to_owned(),
        Wait::Yield => "its next poll".to_owned(),
        Wait::Timer(timer) => match state.timer(timer) {
            Some(timer) => format!("timer due {}", timer.deadline),
            None => "timer".to_owned(),
        },
        Wait::Join(task) => format!(
            "{} {}",
            terms::JOIN.text(language),
            task_label(tables, task)
        ),
        Wait::Send(id) => format!("room in {}", name(id)),
        Wait::Receive(id) => format!("an item in {}", name(id)),
        Wait::Acquire(id) => name(id),
        Wait::Operation(id) => match state.resource(id) {
            Some(resource) => operation_words(resource, name(id)),
            None => name(id),
        },
        Wait::All(id) => match state.group(id) {
            Some(group) => format!("all of {} tasks, {} done", group.total, group.ended),
            None => "all tasks of a group".to_owned(),
        },
        Wait::Any(id) => match state.group(id) {
            Some(group) if group.ended == 0 => format!("the first of {} tasks", group.total),
            Some(group) => format!("the next of {} tasks, {} done", group.total, group.ended),
            None => "the next task of a group".to_owned(),
        },
    }
}

/// The words of a wait for a place in parentheses: the detail, which is in parentheses itself, follows
/// a comma.
pub(crate) fn in_parentheses(wait: &str) -> String {
    let detail = wait
        .strip_suffix(')')
        .and_then(|wait| wait.split_once(" ("));
    match detail {
        Some((wait, detail)) => format!("{wait}, {detail}"),
        None => wait.to_owned(),
    }
}

/// An operation on a resource that has begun and not ended: `read on stream 127.0.0.1:8000`.
fn operation_words(resource: &ResourceState, name: String) -> String {
    match resource.kind {
        ResourceKind::Listener => format!("connection on {name}"),
        ResourceKind::Stream | ResourceKind::Io => match resource.in_flight_by_direction {
            [reads, 0] if reads > 0 => format!("read on {name}"),
            [0, writes] if writes > 0 => format!("write on {name}"),
            // An operation such as `connect` is named by itself, not by a socket.
            _ => match name.strip_prefix("I/O ") {
                Some(call) if resource.kind == ResourceKind::Io => format!("the end of `{call}`"),
                Some(_) | None => format!("I/O on {name}"),
            },
        },
        ResourceKind::Pool => format!("work on {name}"),
        ResourceKind::Channel
        | ResourceKind::Lock
        | ResourceKind::Semaphore
        | ResourceKind::Event
        | ResourceKind::Future
        | ResourceKind::Group
        | ResourceKind::Foreign
        | ResourceKind::Value
        | ResourceKind::Scope
        | ResourceKind::Generator
        | ResourceKind::RwLock
        | ResourceKind::Barrier
        | ResourceKind::Cell
        | ResourceKind::Thread => name,
        ResourceKind::Child => format!("{name} to exit"),
    }
}

/// A resource in words, or its number when it does not exist at this position.
pub(super) fn resource_name(
    tables: &Tables,
    resource: Option<&ResourceState>,
    id: ResourceId,
    language: Language,
) -> String {
    resource.map_or_else(
        || format!("resource {}", id.0),
        |resource| resource_words(tables, resource, language),
    )
}

/// A resource without what it holds: `channel jobs`, `lock db`, `TcpStream 127.0.0.1:8000`.
pub(super) fn resource_label(
    tables: &Tables,
    resource: &ResourceState,
    language: Language,
) -> String {
    let name = name_in(resource.kind, tables.text(resource.name), language);
    let name = fit(name, RESOURCE);
    let kind = resource_kind_word(resource.kind, language);
    if name.is_empty() || name == resource_kind_word(resource.kind, Language::Rust) {
        kind.to_owned()
    } else if name.contains(' ') {
        // A name like `TcpStream 127.0.0.1:8000` includes the kind, as a type of Rust.
        language.choose(name.clone(), format!("{kind} {}", address(&name)))
    } else {
        format!("{kind} {name}")
    }
}

/// An address without the type of its socket: `127.0.0.1:8899`.
pub(super) fn address(name: &str) -> &str {
    match name.split_once(' ') {
        Some((kind, rest)) if kind.starts_with("Tcp") || kind.starts_with("Unix") => rest,
        Some(_) | None => name,
    }
}

/// The number of waits that end the same suspension as the one that is named: `or 1 other wait`.
pub(super) fn other_waits(more: impl Into<u64>) -> String {
    match more.into() {
        1 => "or 1 other wait".to_owned(),
        more => format!("or {more} other waits"),
    }
}

/// The name of a resource as the program in this language has it: a group is named after the call
/// that made it.
pub(super) fn name_in(kind: ResourceKind, name: &str, language: Language) -> &str {
    match (kind, name, language) {
        (ResourceKind::Group, "try_gather", Language::Python) => "gather",
        (ResourceKind::Group, "first_completed", Language::Python) => "wait(FIRST_COMPLETED)",
        (_, name, _) => name,
    }
}

/// A kind with a name, as a sentence has it: `` channel `jobs` ``; the kind alone if there is no
/// name, and a name that includes its kind alone.
pub(super) fn named_kind(kind: ResourceKind, name: &str, language: Language) -> String {
    let name = fit(name_in(kind, name, language), RESOURCE);
    let word = resource_kind_word(kind, language);
    if name.is_empty() || name == resource_kind_word(kind, Language::Rust) {
        return word.to_owned();
    }
    match kind {
        // A name like `TcpStream 127.0.0.1:8000` includes the kind, as a type of Rust.
        ResourceKind::Listener | ResourceKind::Stream if name.contains(' ') => {
            language.choose(name.clone(), format!("{word} {}", address(&name)))
        }
        // A part of the program has the name that it has in the program.
        ResourceKind::Scope | ResourceKind::Generator => format!("`{name}`"),
        ResourceKind::Channel
        | ResourceKind::Lock
        | ResourceKind::Semaphore
        | ResourceKind::Event
        | ResourceKind::Future
        | ResourceKind::Group
        | ResourceKind::Listener
        | ResourceKind::Stream
        | ResourceKind::Pool
        | ResourceKind::Io
        | ResourceKind::Foreign
        | ResourceKind::Value
        | ResourceKind::RwLock
        | ResourceKind::Barrier
        | ResourceKind::Cell
        | ResourceKind::Child
        | ResourceKind::Thread => format!("{word} `{name}`"),
    }
}

/// A resource in a sentence: `` lock `db` ``, `the lock` if it has no name, `resource 3` if it does
/// not exist at this position.
pub(super) fn named_resource(
    tables: &Tables,
    resource: Option<&ResourceState>,
    id: ResourceId,
    language: Language,
) -> String {
    let Some(resource) = resource else {
        return format!("resource {}", id.0);
    };
    let words = named_kind(resource.kind, tables.text(resource.name), language);
    if words == resource_kind_word(resource.kind, language) {
        return format!("the {words}");
    }
    words
}

/// How many readers a read-write lock has; `None` while a writer has it.
pub(super) fn readers(lock: &ResourceState) -> Option<u32> {
    (lock.value > 0).then(|| lock.limit.saturating_sub(lock.value))
}

/// A resource with what it holds: `channel jobs (2/4)`, `lock db (held by #1 hello)`.
pub fn resource_words(tables: &Tables, resource: &ResourceState, language: Language) -> String {
    let label = resource_label(tables, resource, language);
    let (value, limit) = (resource.value, resource.limit);
    match resource.kind {
        ResourceKind::Channel if limit > 0 => format!("{label} ({value}/{limit})"),
        ResourceKind::Channel => format!("{label} ({value})"),
        ResourceKind::Semaphore => format!("{label} ({value}/{limit} free)"),
        ResourceKind::Lock => match resource.user {
            Some(user) => format!("{label} (held by {})", task_label(tables, user)),
            None => format!("{label} (free)"),
        },
        ResourceKind::RwLock => match (readers(resource), resource.user) {
            (Some(0), _) => format!("{label} (free)"),
            (Some(1), _) => format!("{label} (1 reader)"),
            (Some(readers), _) => format!("{label} ({readers} readers)"),
            (None, Some(user)) => format!("{label} (written by {})", task_label(tables, user)),
            (None, None) => format!("{label} (written)"),
        },
        ResourceKind::Barrier => format!("{label} ({value}/{limit} arrived)"),
        ResourceKind::Event
        | ResourceKind::Future
        | ResourceKind::Group
        | ResourceKind::Listener
        | ResourceKind::Stream
        | ResourceKind::Pool
        | ResourceKind::Io
        | ResourceKind::Foreign
        | ResourceKind::Value
        | ResourceKind::Scope
        | ResourceKind::Generator
        | ResourceKind::Cell
        | ResourceKind::Child
        | ResourceKind::Thread => label,
    }
}

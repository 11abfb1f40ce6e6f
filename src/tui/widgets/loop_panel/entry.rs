//! An entry of a queue: in a row of its own, in a list of names, and where it comes from.

use ratatui::{style::Style, text::Line};

use crate::{
    insight::queue_name,
    replay::Status,
    scene::{format::seconds, queues::QueueEntry},
    trace::Moment,
};

use crate::tui::{
    theme::Theme,
    widgets::text::{cut, pad, span, width},
};

/// As many names as fit, and the number of the others: `#1 a, #2 b +3`. If not all names fit, tasks
/// are named by their numbers alone where more of them fit then.
pub(super) fn names(rows: &[QueueEntry], total: usize, columns: usize) -> String {
    let (long, shown) = list(rows, total, columns, brief_name);
    if shown == total {
        return long;
    }
    let number = |entry: &QueueEntry| match entry.task {
        Some(task) => brief_entry(entry, task.to_string(), |deadline| deadline.to_string()),
        None => brief_name(entry),
    };
    let (short, more_shown) = list(rows, total, columns, number);
    if more_shown > shown { short } else { long }
}

/// As many names as fit, and how many those are.
fn list(
    rows: &[QueueEntry],
    total: usize,
    columns: usize,
    name: impl Fn(&QueueEntry) -> String,
) -> (String, usize) {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let name = name(row);
        let gap = if text.is_empty() { "" } else { ", " };
        // The rest needs room for its number, unless this name is the last.
        let rest = if at + 1 < total { " +999".len() } else { 0 };
        if !text.is_empty() && width(&text) + gap.len() + width(&name) + rest > columns {
            return (format!("{text} +{}", total - at), at);
        }
        text = format!("{text}{gap}{name}");
    }
    match total.saturating_sub(rows.len()) {
        0 => (text, total),
        more => (format!("{text} +{more}"), rows.len()),
    }
}

/// An entry in a list of names.
fn brief_name(entry: &QueueEntry) -> String {
    brief_entry(entry, entry.label.clone(), seconds)
}

/// An entry in a list, by this name: with its deadline if it is a timer, in parentheses if its task
/// is in another queue, and with an arrow if it has just moved.
fn brief_entry(entry: &QueueEntry, mut name: String, due: fn(Moment) -> String) -> String {
    if let Some(deadline) = entry.deadline {
        name = format!("{name} {}", due(deadline));
    }
    if entry.from.is_some() {
        name.push_str(" <-");
    }
    if entry.aside {
        name = format!("({name})");
    }
    name
}

/// Where an entry that has just moved comes from: `<- TIMERS`. Empty for any other entry.
pub(super) fn origin(entry: &QueueEntry) -> String {
    match entry.from {
        None => String::new(),
        Some(Status::Absent) => "<- new".to_owned(),
        Some(from) => format!("<- {}", queue_name(from)),
    }
}

/// The origin of an entry, and whether its words are shown before it.
///
/// If both do not fit, the words lose their detail first. In TIMERS, PENDING and RUNNING the words
/// then stay: what a task waits for matters more than its last queue. The arrow stands alone, or is
/// left out. In READY and DONE the origin stays, because it says what has ended.
fn origin_and_words(entry: &QueueEntry, columns: usize) -> (String, bool) {
    let from = origin(entry);
    if from.is_empty() {
        return (from, true);
    }
    let whole = format!("{from} ");
    let main = main_words(&entry.words).unwrap_or(&entry.words);
    let words = width(entry.brief.as_deref().unwrap_or(main));
    let keeps_words = matches!(
        entry.status,
        Status::Timer | Status::Pending | Status::Running
    );
    if words + width(&whole) < columns {
        (whole, true)
    } else if !keeps_words {
        (whole, false)
    } else if words + 3 < columns || entry.status == Status::Running {
        ("<- ".to_owned(), true)
    } else {
        (String::new(), true)
    }
}

/// The words of an entry in at most that many columns.
pub(super) fn shortened(entry: &QueueEntry, columns: usize) -> String {
    match &entry.brief {
        Some(brief) if width(&entry.words) > columns => cut(brief, columns),
        Some(_) | None => shorten(&entry.words, columns),
    }
}

/// The name of an entry, its origin and its words, for a queue in one line.
///
/// If not all of it fits, the words lose their detail, then the arrow its queue. Then a task that
/// waits loses its name, because what it waits for is never left out; any other loses its words.
pub(super) fn entry_words(entry: &QueueEntry, columns: usize) -> String {
    let number = entry.task.map(|task| task.to_string());
    let number = number.as_deref().unwrap_or(&entry.label);
    let main = main_words(&entry.words).unwrap_or(&entry.words);
    let main = entry.brief.as_deref().unwrap_or(main);
    let (from, label) = (origin(entry), entry.label.as_str());
    let arrow = if from.is_empty() { "" } else { "<-" };
    let mut forms = vec![
        [label, &from, &entry.words],
        [label, &from, main],
        [label, arrow, main],
    ];
    if !matches!(entry.status, Status::Timer | Status::Pending) {
        forms.extend([[label, &from, ""], [label, arrow, ""]]);
    }
    forms.push([number, arrow, main]);
    let join = |parts: [&str; 3]| {
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join("  ")
    };
    let mut joined = forms.iter().map(|parts| join(*parts));
    let fits = joined.find(|form| width(form) <= columns);
    fits.unwrap_or_else(|| cut(&join([number, arrow, main]), columns))
}

/// Words in at most that many columns. Details, in parentheses or after ` in `, are left out before
/// a word is cut.
pub(super) fn shorten(words: &str, columns: usize) -> String {
    match main_words(words) {
        Some(main) if width(words) > columns => cut(main, columns),
        _ => cut(words, columns),
    }
}

/// The words before the detail: `due 2.000s in 1.000s`, `woken by #1 (event 30)`, `for 2.00s, since
/// 1.000s` and `all of 3 tasks, 1 done` have one.
fn main_words(words: &str) -> Option<&str> {
    let detail = words.find(" (").or_else(|| words.find(" in "));
    let detail = detail.or_else(|| words.find(", since"));
    let detail = detail.or_else(|| words.find(", ").filter(|_| words.ends_with(" done")));
    detail.and_then(|at| words.get(..at))
}

/// An entry: in READY its number, then its name, its words, and for a timer a bar.
pub(super) fn entry_line(
    theme: Theme,
    status: Status,
    entry: &QueueEntry,
    at: usize,
    (labels, columns): (usize, usize),
) -> Line<'static> {
    let queue = status == Status::Ready;
    let number = if queue && !entry.aside {
        format!("{:2}", at + 1)
    } else {
        "  ".into()
    };
    let state = theme.state(status);
    let (name, plain) = match (entry.aside, entry.from) {
        (true, _) => (theme.dim(), theme.dim()),
        (false, Some(_)) => (Theme::moved(state), Style::new()),
        (false, None) => (state, Style::new()),
    };
    let used = labels + 4;
    let (from, shows_words) = origin_and_words(entry, columns.saturating_sub(used + 1));
    let columns = columns.saturating_sub(width(&from));
    let words = if shows_words {
        shortened(entry, columns.saturating_sub(used + 1))
    } else {
        String::new()
    };
    let bar = bar(
        entry.share.filter(|_| !entry.aside),
        columns.saturating_sub(used + width(&words) + 2),
    );
    let room = columns.saturating_sub(used + width(&bar) + 1);
    Line::from(vec![
        span(format!("{number} "), theme.dim()),
        span(cut(&entry.label, labels), name),
        span(
            " ".repeat(labels.saturating_sub(width(&entry.label))),
            plain,
        ),
        span(format!(" {}", pad(&words, room)), plain),
        span(from, Theme::strong()),
        span(bar, state),
    ])
}

/// A bar for the share of a timer's time that has passed; empty if there is no room for it.
fn bar(share: Option<u64>, columns: usize) -> String {
    let cells = columns.min(8);
    let Some(share) = share.filter(|_| cells >= 4) else {
        return String::new();
    };
    let full = (usize::try_from(share).unwrap_or(0) * cells / 1000).min(cells);
    format!("{}{}", "▓".repeat(full), "░".repeat(cells - full))
}

//! A limit for what long texts cost that many events use.
//!
//! An event names a text by its number. So a file of some kilobytes can print a text of megabytes a
//! million times, and an output that writes it each time never ends. A text of a program is used
//! again only if it is a name, and names are short: each line of output has a text of its own.
//! Therefore a text of more than [`LONG`] bytes is free for the first event that uses it, and each
//! further use of it costs its length. The cost counts as memory of the trace, which has a budget.
//!
//! A text of more than [`SHORT`] bytes costs a part of its length: 17 million lines of 1000 bytes are 17
//! gigabytes. A name or the path of a source file may be as long, and each task of that name and each
//! await in that file uses it, so their uses cost less than those of a line.

use crate::trace::{
    CallbackEvent, Definition, Event, LocationId, ResourceEvent, Tables, TaskEvent, TextId,
};

/// A text of more bytes is no name.
const LONG: usize = 1024;

/// A text of at most this many bytes costs nothing, however often it is used.
const SHORT: usize = 128;

/// What a use of a text of at most [`LONG`] bytes costs: its length divided by this.
const LINE: usize = 2;

/// The same for a name, and for the path of a source file.
const NAME: usize = 8;

/// What the events so far have cost.
#[derive(Clone, Debug, Default)]
pub(super) struct LongTexts {
    /// Whether there is a text that is not short: most traces have none, and nothing is computed for them.
    exist: bool,
    /// The texts below this number have been used since there is such a text.
    used: u32,
    /// The length of all repetitions of long texts, and the share that counts of that of others.
    repeated: usize,
}

impl LongTexts {
    pub(super) fn define(&mut self, definition: &Definition<'_>) {
        if let Definition::Text(bytes) = definition {
            self.exist |= bytes.len() > SHORT;
        }
    }

    /// Enters the texts that an event uses.
    #[inline]
    pub(super) fn enter(&mut self, event: &Event, tables: &Tables) {
        if self.exist {
            self.enter_texts(event, tables);
        }
    }

    #[cold]
    fn enter_texts(&mut self, event: &Event, tables: &Tables) {
        let (text, at) = texts_of(event);
        let file = tables.location(at).map(|location| location.file);
        let part = if is_line(event) { LINE } else { NAME };
        let texts = [(text, part), (file, NAME)];
        for (text, part) in texts
            .into_iter()
            .filter_map(|(text, part)| Some((text?, part)))
        {
            let length = tables.text(text).len();
            if text.0 < self.used {
                self.repeated += cost(length, part);
            }
            self.used = self.used.max(text.0.saturating_add(1));
        }
    }

    /// The bytes that the repetitions cost. An output takes up to twice as many.
    pub(super) fn cost(&self) -> usize {
        self.repeated.saturating_mul(2)
    }
}

/// What a use of a text of this length costs, if it is not long: this part of its length.
fn cost(length: usize, part: usize) -> usize {
    if length > LONG {
        length
    } else if length > SHORT {
        length / part
    } else {
        0
    }
}

/// Whether the text of an event is a line that was printed, a message, or what a socket has moved.
fn is_line(event: &Event) -> bool {
    matches!(
        event,
        Event::Output { .. }
            | Event::Task(TaskEvent::Failed { .. })
            | Event::Resource(ResourceEvent::Bytes { .. })
    )
}

/// The text that an output repeats for an event, and the location.
fn texts_of(event: &Event) -> (Option<TextId>, LocationId) {
    match *event {
        Event::Output { text, at } => (Some(text), at),
        Event::Task(TaskEvent::Spawn { name, at, .. })
        | Event::Resource(ResourceEvent::Created { name, at, .. }) => (Some(name), at),
        Event::Task(TaskEvent::Wait { at, .. } | TaskEvent::Joined { at, .. }) => (None, at),
        Event::Task(TaskEvent::Failed { message: text, .. })
        | Event::Resource(ResourceEvent::Bytes { text, .. })
        | Event::Callback(CallbackEvent::Scheduled { name: text, .. }) => {
            (Some(text), LocationId::UNKNOWN)
        }
        Event::Task(
            TaskEvent::Wake { .. }
            | TaskEvent::PollStart { .. }
            | TaskEvent::PollEnd { .. }
            | TaskEvent::CancelRequested { .. }
            | TaskEvent::CancelDelivered { .. },
        )
        | Event::Resource(
            ResourceEvent::Op { .. } | ResourceEvent::Member { .. } | ResourceEvent::Dropped { .. },
        )
        | Event::Callback(CallbackEvent::Start { .. } | CallbackEvent::End { .. })
        | Event::Timer(_)
        | Event::Loop(_)
        | Event::Gap { .. } => (None, LocationId::UNKNOWN),
    }
}

//! A line of the recording, taken apart.

use serde_json::{Map, Value};

/// `SpanEvent` happened to which span, and when.
pub(super) struct ConsoleRecord<'a> {
    pub(super) id: u64,
    /// Nanoseconds since 1970.
    pub(super) at: u64,
    pub(super) what: SpanEvent<'a>,
}

/// `SpanEvent` happened.
pub(super) enum SpanEvent<'a> {
    Spawn {
        name: String,
        place: Option<(&'a str, u32, u32)>,
    },
    Enter,
    Exit,
    Close,
    Wake {
        /// Whether it was the task itself that woke it.
        itself: bool,
    },
    /// A waker was cloned or dropped: nothing that a loop does.
    Other,
}

/// Takes a line apart.
pub(super) fn parse_record(line: &Map<String, Value>) -> Result<ConsoleRecord<'_>, String> {
    let mut members = line.iter();
    let (Some((kind, value)), None) = (members.next(), members.next()) else {
        return Err(
            "one member is wanted, which says what happened: {\"Enter\":{\"id\":1,\"at\":…}}"
                .into(),
        );
    };
    let number = |at: &Value, name: &str| {
        let number = at.get(name).and_then(Value::as_u64);
        number.ok_or_else(|| format!("{kind}: {name:?} is missing or no number"))
    };
    let what = match kind.as_str() {
        "Spawn" => spawn(value),
        "Enter" => SpanEvent::Enter,
        "Exit" => SpanEvent::Exit,
        "Close" => SpanEvent::Close,
        "Waker" => waker(value)?,
        _ => {
            return Err(format!(
                "{kind:?} is none of Spawn, Enter, Exit, Close, Waker"
            ));
        }
    };
    let at = value
        .get("at")
        .ok_or_else(|| format!("{kind}: \"at\" is missing"))?;
    let seconds = number(at, "secs_since_epoch")?;
    let nanoseconds = number(at, "nanos_since_epoch")?;
    Ok(ConsoleRecord {
        id: number(value, "id")?,
        at: seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(nanoseconds),
        what,
    })
}

/// A task is called what the program calls it, else by its kind and tokio's number for it.
fn spawn(value: &Value) -> SpanEvent<'_> {
    let fields = value.get("fields").and_then(Value::as_array);
    let field = |name: &str| {
        let named = |field: &&Value| field.get("name").and_then(Value::as_str) == Some(name);
        let field = fields.into_iter().flatten().find(named);
        field.and_then(|field| field.get("value"))
    };
    let text = |name| field(name).and_then(Value::as_str);
    let number = |name| field(name).and_then(Value::as_u64);
    let small = |name| number(name).and_then(|number| u32::try_from(number).ok());
    let kind = text("kind").unwrap_or("task");
    let name = match (text("task.name").unwrap_or_default(), number("task.id")) {
        ("", Some(id)) if kind != "block_on" => format!("{kind} {id}"),
        ("", _) => kind.to_owned(),
        (name, _) => name.to_owned(),
    };
    let place = text("loc.file").zip(small("loc.line"));
    SpanEvent::Spawn {
        name,
        place: place.map(|(file, line)| (file, line, small("loc.col").unwrap_or(0))),
    }
}

fn waker(value: &Value) -> Result<SpanEvent<'_>, String> {
    let op = value.get("op").ok_or("Waker: \"op\" is missing")?;
    let wake = op.get("Wake").or_else(|| op.get("WakeByRef"));
    Ok(match wake {
        Some(wake) => SpanEvent::Wake {
            itself: wake.get("self_wake") == Some(&Value::Bool(true)),
        },
        None if op.is_string() => SpanEvent::Other,
        None => {
            return Err(format!(
                "Waker: {op} is none of Wake, WakeByRef, Clone, Drop"
            ));
        }
    })
}

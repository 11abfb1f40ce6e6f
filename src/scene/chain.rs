//! The functions that a task is in, as a backtrace: `sequential:20`, `say_after:12`, `sleep(2s)`.

use crate::{
    insight::{Language, await_chain, place_of_line, quote, wait_words},
    replay::{Replay, Status, TaskState},
    trace::{Span, TaskId, Wait},
};

use super::tasks::file_name;

/// The functions of a task that has been polled and has not ended, outermost first, each with the
/// line at which it waits; last, what the task waits for. The first part says whether the functions
/// are a guess. Empty if the trace does not contain the source, and while the task is polled.
pub(crate) fn chain_parts(replay: &Replay, task: TaskId, language: Language) -> Vec<String> {
    let meta = &replay.log().meta;
    let Some(row) = replay.state().tasks.get(task) else {
        return Vec::new();
    };
    let waits = match row.status() {
        Status::Timer | Status::Pending => true,
        Status::Ready => false,
        Status::Absent
        | Status::Running
        | Status::Unknown
        | Status::Done
        | Status::Failed
        | Status::Cancelled => return Vec::new(),
    };
    let chain = await_chain(replay, task);
    let Some(first) = chain.frames.first() else {
        return Vec::new();
    };
    let first = place_of_line(meta, &first.file, first.line, language);
    let mut file = first.map_or("", |place| file_name(place.file));
    let mut parts = Vec::new();
    for frame in &chain.frames {
        // A line that the program of this language does not have is not replaced by another one.
        let place = place_of_line(meta, &frame.file, frame.line, language);
        let mut part = frame.function.clone();
        if let Some(place) = place {
            part = format!("{part}:{}", place.line);
            // A frame in another file than the one before it names its file.
            if file_name(place.file) != file {
                file = file_name(place.file);
                part = format!("{part} ({file})");
            }
        }
        if parts.is_empty() && !chain.known {
            part.insert_str(0, "probably ");
        }
        parts.push(part);
    }
    if waits {
        parts.push(leaf(replay, row, language));
    }
    parts
}

/// What a task waits for, at the end of its chain: `sleep(2s)`, or as the task table says it.
fn leaf(replay: &Replay, row: &TaskState, language: Language) -> String {
    let (meta, tables, state) = (&replay.log().meta, replay.tables(), replay.state());
    if let Wait::Timer(timer) = row.wait
        && let Some(timer) = state.timer(timer)
    {
        let time = short(timer.deadline.since(timer.set_at));
        let code = quote(meta, tables, row.wait_at, language).and_then(|quote| quote.text);
        return match code {
            Some(code) if code.contains("sleep") => {
                language.choose(format!("sleep({time}s)"), format!("asyncio.sleep({time})"))
            }
            _ => format!("timer of {time}s"),
        };
    }
    wait_words(meta, tables, state, row, language)
}

/// A time in seconds with as many decimals as it needs: `2`, `0.5`.
fn short(time: Span) -> String {
    let text = time.to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

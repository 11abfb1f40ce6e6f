//! The source of the program, with the line that was executed last and the tasks at each line.
//!
//! A trace contains the source files of its scenario, and may contain the same program for asyncio.
//! The Python file is shown with the same tasks: `insight` finds the corresponding lines.

use crate::{
    insight::{
        AwaitChain, AwaitFrame, Language, Lesson, Presence, Twin, await_chain,
        current_line_in_chain, tasks_at_lines,
    },
    replay::Replay,
    trace::{Meta, TaskId},
};

/// The lines of a source file, with the tasks at each of them.
#[derive(Clone, Debug, Default)]
pub struct SourceListing<'a> {
    /// The name of the file; empty if the trace contains no source.
    pub file: &'a str,
    /// Its lines.
    pub lines: Vec<SourceLine<'a>>,
    /// The line (from 0) to be shown: the one that was executed last, or that of a chosen task.
    pub focus: Option<usize>,
    /// The first line of the function that contains the focus; without a focus, the line around
    /// which the source is shown.
    pub head: Option<usize>,
    /// The lines of the functions that await the one with the focus, outermost first; only those in
    /// this file.
    pub callers: Vec<usize>,
    /// Whether the callers are certain; otherwise they are a guess.
    pub callers_known: bool,
    /// The chosen task and its file, if the trace does not contain that file.
    pub absent: Option<(TaskId, String)>,
}

/// A line of the source.
#[derive(Clone, Debug, Default)]
pub struct SourceLine<'a> {
    /// Its text.
    pub text: &'a str,
    /// The tasks that wait or are polled at this line.
    pub present: Vec<TaskId>,
    /// The tasks that ended here.
    pub ended: Vec<TaskId>,
    /// The tasks that have ended elsewhere, and were seen here last.
    pub last_seen: Vec<TaskId>,
    /// Whether the line belongs to the other variant of a lesson, which does not run.
    pub other_variant: bool,
}

/// A line of a Rust file of the program, counted from 1.
struct FollowedLine {
    file: String,
    line: u32,
}

/// What the source follows.
struct Followed {
    line: Option<FollowedLine>,
    /// The functions around the line, which ends the chain. Empty if they are not known.
    chain: AwaitChain,
    /// The chosen task and its file, if the trace does not contain that file.
    absent: Option<(TaskId, String)>,
}

/// The file with the line that was executed last, or with that of a chosen task; in the language
/// that is asked for, if the trace contains it.
pub fn source_view(
    replay: &Replay,
    chosen: Option<TaskId>,
    language: Language,
) -> SourceListing<'_> {
    let Followed {
        line: followed,
        chain,
        absent,
    } = followed(replay, chosen);
    let sources = &replay.log().meta.sources;
    let is_followed = |name: &str| followed.as_ref().is_some_and(|line| line.file == *name);
    let found = sources.iter().find(|(name, _)| is_followed(name));
    let Some((file, text)) = found.or(sources.first()) else {
        return SourceListing::default();
    };
    let twin = match language {
        Language::Rust => None,
        Language::Python => Twin::of(&replay.log().meta, file),
    };
    // A trace knows the lines of the Rust file only.
    let (file_shown, text) = match &twin {
        Some(twin) => (twin.file, twin.text),
        None => (file.as_str(), text.as_str()),
    };
    let mut lines: Vec<SourceLine<'_>> = text
        .lines()
        .map(|text| SourceLine {
            text,
            ..SourceLine::default()
        })
        .collect();
    mark_other_variant(&replay.log().meta, &mut lines);
    let count = lines.len();
    let at_line = |name: &str, rust: u32| {
        let at = rust.checked_sub(1)? as usize;
        let shown = match &twin {
            // The twin is one file, so it shows the lines of all Rust files.
            Some(_) => Twin::of(&replay.log().meta, name)?.line(at)?,
            None => Some(at).filter(|_| name == file)?,
        };
        (shown < count).then_some(shown)
    };
    let shown_line = |rust: u32| at_line(file, rust);
    let names = sources.iter().map(|(name, _)| name.as_str());
    let names = names.filter(|name| twin.is_some() || name == file);
    let first = mark_tasks(replay, names, &mut lines, at_line);
    let focus = match &followed {
        Some(line) => shown_line(line.line),
        None => first,
    };
    // A line without a counterpart in Python is not shown, but its surroundings are.
    let near = focus.or_else(|| (1..followed.as_ref()?.line).rev().find_map(shown_line));
    let callers = chain.frames.iter().rev().skip(1).rev();
    let callers: Vec<usize> = callers
        .filter_map(|frame| at_line(&frame.file, frame.line))
        .collect();
    SourceListing {
        file: file_shown,
        head: near.and_then(|near| function_head(&lines, near)),
        lines,
        focus,
        callers,
        callers_known: chain.known,
        absent,
    }
}

/// Marks the function of the variant of a lesson that does not run: `right` if `wrong` runs. It ends
/// before the next line that is not indented and does not close the function.
fn mark_other_variant(meta: &Meta, lines: &mut [SourceLine<'_>]) {
    let other = match meta.variant.as_str() {
        "wrong" => "right",
        "right" => "wrong",
        _ => return,
    };
    if Lesson::of(&meta.scenario).is_none() {
        return;
    }
    let heads = ["async fn ", "async def "].map(|keyword| format!("{keyword}{other}("));
    let is_head = |line: &SourceLine<'_>| heads.iter().any(|head| line.text.starts_with(head));
    let Some(head) = lines.iter().position(is_head) else {
        return;
    };
    let body = lines.iter().skip(head + 1);
    let inside = |line: &&SourceLine<'_>| line.text.is_empty() || line.text.starts_with([' ', '}']);
    let length = 1 + body.take_while(inside).count();
    for line in lines.iter_mut().skip(head).take(length) {
        line.other_variant = true;
    }
}

/// Marks the tasks at the lines of these files. Returns the first line with a mark.
fn mark_tasks<'a>(
    replay: &Replay,
    names: impl Iterator<Item = &'a str>,
    lines: &mut [SourceLine<'_>],
    at_line: impl Fn(&str, u32) -> Option<usize>,
) -> Option<usize> {
    let mut first = None;
    for name in names {
        for found in tasks_at_lines(replay, name) {
            let Some(at) = at_line(name, found.line) else {
                continue;
            };
            let Some(line) = lines.get_mut(at) else {
                continue;
            };
            match found.presence {
                Presence::Here => line.present.push(found.task),
                Presence::Ended => line.ended.push(found.task),
                Presence::LastSeen => line.last_seen.push(found.task),
            }
            first = first.or(Some(at));
        }
    }
    first
}

/// The line to be shown, and the functions around it. Of a chosen task it is the innermost line in a
/// file that the trace contains: the functions inside of it are those of libraries. Without a chosen
/// task it is the line that was executed last; then the functions are known only if the line is the
/// await at which its task waits.
fn followed(replay: &Replay, chosen: Option<TaskId>) -> Followed {
    let mut absent = None;
    if let Some(task) = chosen {
        let mut chain = await_chain(replay, task);
        let sources = &replay.log().meta.sources;
        let is_contained = |file: &str| sources.iter().any(|(name, _)| name == file);
        let contained = |frame: &AwaitFrame| is_contained(&frame.file);
        if let Some(at) = chain.frames.iter().rposition(contained) {
            chain.frames.truncate(at + 1);
        } else if let Some(last) = chain.frames.last() {
            absent = Some((task, last.file.clone()));
            chain = AwaitChain::default();
        }
        if let Some(last) = chain.frames.last() {
            let (file, line) = (last.file.clone(), last.line);
            return Followed {
                line: Some(FollowedLine { file, line }),
                chain,
                absent,
            };
        }
    }
    let (line, chain) = match current_line_in_chain(replay) {
        Some((executed, chain)) => (
            Some(FollowedLine {
                file: executed.file,
                line: executed.line,
            }),
            chain,
        ),
        None => (None, AwaitChain::default()),
    };
    Followed {
        line,
        chain,
        absent,
    }
}

/// The first line of the function that contains a line, in Rust or in Python.
fn function_head(lines: &[SourceLine<'_>], focus: usize) -> Option<usize> {
    let starts = |line: &SourceLine<'_>| {
        let code = line.text.trim_start();
        let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        // `pub(super) async fn name(`, `async def name(`
        let mut before_name = words.take(6).take_while(|word| *word != "let");
        before_name.any(|word| word == "fn" || word == "def") && !code.starts_with(['/', '#'])
    };
    (0..=focus)
        .rev()
        .find(|at| lines.get(*at).is_some_and(starts))
}

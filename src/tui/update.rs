//! All changes to the screen's state: how a message changes the model, and which commands result.
//!
//! ```text
//!   Message ──> update ─┬─ Key ────────────> dispatch ──> one function for each action
//!                       ├─ Paste ──────────> prompt
//!                       ├─ Mouse ──────────> mouse
//!                       ├─ Frame ──────────> playing
//!                       └─ Data, Launched ─> runs
//! ```
//!
//! Modules are listed from the outside in: each imports only from those below it.
//!
//! | module | what it changes |
//! |---|---|
//! | `dispatch` | passes a key to the overlay that is open, or to the handler of its action |
//! | `mouse` | clicks, wheel, drags |
//! | `playing` | play, pause, speed, frames |
//! | `prompt` | lines that are typed after `:` and `/`, search, marks |
//! | `picker` | the list of scenarios |
//! | `guide` | the tour and the lessons: their parts, predictions, progress |
//! | `findings` | the list of findings, and the way through the evidence of one |
//! | `latency` | the list of ready-to-run and run times |
//! | `loops` | the loops of a program of several threads |
//! | `runs` | runs that arrive, grow, end, or are laid side by side |
//! | `branch` | "what if": runs in which another task goes first |
//! | `stops` | breakpoints, the quiz, the ends of a task's current stretch |
//! | `language` | the language of source and words |
//! | `view_settings` | zoom, axis, lock, theme, scrolling, copying |
//! | `navigate` | the position: steps, jumps, causes, differences |

mod branch;
mod dispatch;
mod findings;
mod guide;
mod language;
mod latency;
mod loops;
mod mouse;
mod navigate;
mod picker;
mod playing;
mod prompt;
mod runs;
mod stops;
mod together;
mod units;
mod view_settings;

use crate::tui::{
    message::{Command, Message},
    model::{Model, run_pane::RunPane},
    source::LoadingProgress,
};

/// Changes the model and returns the effects that the shell is to carry out. Has no other effect.
pub fn update(model: &mut Model, message: Message) -> Vec<Command> {
    let mut commands = match message {
        Message::Key(key) if model.loading.is_some() => dispatch::pressed_while_loading(model, key),
        Message::Paste(_) | Message::Mouse(_) if model.loading.is_some() => Vec::new(),
        Message::Key(key) => dispatch::pressed(model, key),
        Message::Paste(text) => prompt::pasted(model, &text),
        Message::Mouse(event) => mouse::moused(model, event),
        Message::Resize(columns, rows) => {
            model.size = (columns, rows);
            vec![Command::Draw]
        }
        Message::Frame(now) => {
            let mut commands = findings::frame(model, now);
            commands.extend(latency::frame(model, now));
            commands.extend(playing::frame(model, now));
            commands
        }
        Message::Notice(words) => {
            model.notice = Some(words);
            vec![Command::Draw]
        }
        Message::Data {
            pane,
            bytes,
            status,
        } => runs::on_data(model, pane, &bytes, status),
        Message::LoopStarted {
            name,
            is_main,
            pane,
            first,
            replay,
            status,
        } => {
            let started = loops::StartedLoop { name, is_main };
            loops::started(
                model,
                started,
                RunPane::new(*replay, Some(status)),
                (pane, first),
            )
        }
        Message::LoopData {
            hidden,
            bytes,
            status,
        } => loops::on_data(model, hidden, &bytes, status),
        Message::Launched {
            slot,
            result,
            status,
        } => runs::launched(model, slot, result, status),
        Message::Checked { what, result } => {
            picker::checked(model, what, result);
            vec![Command::Draw]
        }
        Message::Worked { number, result } => runs::worked(model, number, result),
        Message::Loading(progress) => loads(model, progress),
        Message::OpenLesson(name) => guide::open_lesson_of(model, &name),
        Message::Resumed => vec![Command::Draw],
    };
    let works = model.works.take_asked().into_iter();
    commands.extend(works.map(|work| Command::Work(Box::new(work))));
    #[cfg(debug_assertions)]
    model.check();
    commands
}

/// Takes how far the loading of the first runs is. Draws only if that has changed.
fn loads(model: &mut Model, progress: Option<LoadingProgress>) -> Vec<Command> {
    let changed = model.loading != progress;
    model.loading = progress;
    if changed {
        vec![Command::Draw]
    } else {
        Vec::new()
    }
}

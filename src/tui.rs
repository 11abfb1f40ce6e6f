//! The screen: what a person sees and presses.
//!
//! ```text
//!   key, mouse, resize, frame, data ─> Message ──> update(&mut Model) ──> Command ──> shell ──> terminal, feeds
//!                                                       │
//!                                     view(&Model) <────┘ draws, and changes nothing
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | `source` | what the screen is given: runs, and the way to start them |
//! | [`keymap`] | one table of keys: bindings, footer, help, README |
//! | [`theme`] | code, pattern and colour of a state; ASCII |
//! | `model` | all state: the runs, what is open, playing, breakpoints, search, questions, branches |
//! | `message` | all that comes in and goes out |
//! | `update` | all changes, one kind a file |
//! | `layout`, `view` | which panel is where; which widgets draw it |
//! | `widgets` | one part of the screen each |
//! | [`render`] | pictures and playbacks for files, without a terminal |
//! | `shell` | the real terminal: the only module that waits, reads a clock or writes |
//!
//! The screen is a function of trace and position. Nothing moves by itself while it is paused: no frame is asked for.

pub mod keymap;
pub mod render;
mod source;
pub mod theme;

mod layout;
mod message;
mod model;
mod shell;
mod update;
mod view;
mod widgets;

pub use message::{Action, Command, Message, PaneSlot, PickerAction, SpeedChange, Unit};
pub use model::{
    Model,
    goto::{Goto, GotoError},
};
pub use shell::{draw_on, run};
pub use source::{
    CatalogueEntry, Control, FileProgress, LaunchError, Launcher, Options, Parameter, RecordError,
    RunRequest, Session, SourceStatus, Start, TraceSource,
};
pub use update::update;
pub use view::view;

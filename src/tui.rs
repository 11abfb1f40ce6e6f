//! The interactive screen.
//!
//! ```text
//!   key, mouse, resize, frame, data ──> Message ──> update(&mut Model) ──> Command ──> shell ──> terminal, sources
//!                                                       │
//!                                     view(&Model) <────┘ draws, and changes nothing
//! ```
//!
//! A program shows the screen with [`run`]: it implements [`Launcher`] for the runs that can be
//! started and [`TraceSource`] for a run that is still growing. To draw or to test the screen
//! without a terminal, create a [`Model`], send it [`Message`]s with [`update`], and draw it with
//! [`view`] or [`render`].
//!
//! | module | contents |
//! |---|---|
//! | `source` | where runs come from: the two traits and what they exchange |
//! | `message` | messages, commands, and the actions of keys |
//! | [`keymap`] | the table of keys: bindings, footer, help, README |
//! | `model` | the state: runs, panels, overlays, playing, breakpoints, search, quiz, branches |
//! | `update` | all changes to the state, a module for each kind |
//! | `layout`, `view` | where each panel is; which widgets draw it |
//! | `widgets` | the parts of the screen, one a module |
//! | [`theme`] | the letter, pattern and colour of a state; ASCII |
//! | [`render`] | pictures and recordings of the screen for files, without a terminal |
//! | `work` | what takes long on long runs, and is done beside the screen |
//! | `shell` | the terminal: the only module that waits, reads a clock or writes |
//!
//! The picture is a function of the model. While nothing plays and no source grows, no frame is due
//! and nothing moves.

pub mod keymap;
pub mod render;
pub mod theme;

mod layout;
mod message;
mod model;
mod shell;
mod source;
mod update;
mod view;
mod widgets;
mod work;

pub use message::{Action, Command, Message, PaneSlot, PickerAction, SpeedChange, Unit};
pub use model::{
    Model,
    goto::{Goto, GotoError},
};
pub use shell::{
    DESCRIPTORS, ExitHooks, draw_on, end_if_quit, need_descriptors, run, set_exit_hooks,
};
pub use source::{
    CatalogueEntry, Control, FileProgress, LaunchError, Launcher, Loading, LoadingProgress,
    LoadingStep, LoopSession, Options, Parameter, Progress, RecordError, RunRequest, Session,
    SourceStatus, Start, TraceSource,
};
pub use update::update;
pub use view::view;
pub use work::{Work, WorkResult};

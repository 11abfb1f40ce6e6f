//! The screen: what a person sees and presses.
//!
//! ```text
//!   key, mouse, resize, frame, fed ──> Message ──> update(&mut Model) ──> Command ──> shell ──> terminal, feeds
//!                                                       │
//!                                     view(&Model) <────┘ draws, and changes nothing
//! ```
//!
//! | file | what lives there |
//! |---|---|
//! | [`feed`] | what the screen is given: runs, and the way to start them |
//! | [`keymap`] | one table of keys: bindings, footer, help, README |
//! | [`theme`] | code, pattern and colour of a state; ASCII |
//! | `model`, `side`, `message`, `update` | all state, all that comes in and goes out, all changes |
//! | `breaks`, `filter`, `search`, `predict` | breakpoints, listed tasks, looking for an event, questions about what comes |
//! | `report` | what is on the screen as text, for the clipboard |
//! | `player`, `goto` | how playing keeps time; what can be typed after `:` |
//! | `layout`, `view` | which panel is where; who draws it |
//! | `header`, `program`, `loop_panel`, `tasks`, `timeline`, `why`, `inspect`, `output`, `scrubber`, `footer`, `help`, `picker`, `compare` | one part of the screen each |
//! | [`render`] | pictures and playbacks for files, without a terminal |
//! | `branch` | "what if": who else could have the next turn |
//! | `shell` | the real terminal: the only file that waits, reads a clock or writes |
//!
//! The screen is a function of trace and position. Nothing moves by itself while it is paused: no frame is asked for.

pub mod feed;
pub mod keymap;
pub mod render;
pub mod theme;

mod branch;
mod breaks;
mod compare;
mod filter;
mod footer;
mod goto;
mod header;
mod help;
mod inspect;
mod layout;
mod loop_panel;
mod message;
mod model;
mod output;
mod panel;
mod picker;
mod player;
mod predict;
mod program;
mod report;
mod scrubber;
mod search;
mod shell;
mod side;
mod tasks;
mod text;
mod timeline;
mod update;
mod view;
mod why;

pub use feed::{
    Choice, Control, Feed, Launcher, Options, Parameter, Pulse, Reading, Selection, Session, Start,
};
pub use goto::Goto;
pub use message::{Action, Command, Message, Slot, Unit};
pub use model::Model;
pub use shell::{draw_on, run};
pub use update::update;
pub use view::view;

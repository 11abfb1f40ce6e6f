//! The parts of the screen, each a ratatui widget.
//!
//! A widget holds references to the data that it shows and draws the data into an area of the
//! buffer. It reads nothing else, so the same model gives the same cells.
//!
//! | file | part |
//! |---|---|
//! | `header`, `scrubber`, `footer` | the lines above and below the panels |
//! | `program`, `loop_panel`, `tasks`, `timeline`, `why` | panels 1 to 4, and 5 with 6 |
//! | `compare` | the screen of two runs |
//! | `picker` | the start screen |
//! | `popups` | lists over the screen: keys, causes, what could run instead |
//! | `findings_popup` | the list of what is wrong with a run |
//! | `latency_popup` | the list of ready-to-run and run times |
//! | `loops_popup` | the list of the loops of a program |
//! | `panel`, `text` | borders, and text measured in columns |
//!
//! Tables, lists and paragraphs are those of ratatui. Ratatui cuts off a long text without marking
//! the cut, so a text that may be too long goes through [`text::cut`] first, which ends it in `…`.

pub(crate) mod compare;
pub(crate) mod findings_popup;
pub(crate) mod footer;
pub(crate) mod guide_card;
pub(crate) mod header;
pub(crate) mod language_popup;
pub(crate) mod latency_popup;
pub(crate) mod loading;
pub(crate) mod loop_panel;
pub(crate) mod loops_popup;
pub(crate) mod panel;
pub(crate) mod picker;
pub(crate) mod popups;
pub(crate) mod program;
pub(crate) mod scrubber;
pub(crate) mod tasks;
pub(crate) mod text;
pub(crate) mod timeline;
pub(crate) mod why;

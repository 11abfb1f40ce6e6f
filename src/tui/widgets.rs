//! The parts of the screen, one a file: each draws the model into an area of the buffer.

pub(crate) mod compare;
pub(crate) mod footer;
pub(crate) mod header;
pub(crate) mod loop_panel;
pub(crate) mod panel;
pub(crate) mod picker;
pub(crate) mod popups;
pub(crate) mod program;
pub(crate) mod scrubber;
pub(crate) mod tasks;
pub(crate) mod text;
pub(crate) mod timeline;
pub(crate) mod why;

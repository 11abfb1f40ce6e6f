//! The screen, driven by messages and drawn into a test terminal.

mod any_message;
mod branch;
mod breakpoints;
mod colours;
mod compare;
mod driver;
mod findings;
mod guide;
mod keys;
mod latency;
mod live;
mod loading;
mod loops;
mod navigate;
mod picker;
pub(crate) mod pictures;
mod scenarios;
mod sizes;
mod space;
mod story;
mod view_settings;
mod why;

use loopscope_program::scenarios as catalogue;

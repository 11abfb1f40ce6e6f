//! The library, used as by a crate that depends on it. `tests/README.md` is the map.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, its numbers are small, and programs under test look at clocks and start threads"
)]

mod effects;
mod examples;
mod findings;
mod formats;
mod insight;
mod lessons;
mod modules;
mod readme;
mod replay;
mod runtime;
mod same_as_smol;
mod scripted;
mod support;
mod threads;
mod trace;
mod tui;

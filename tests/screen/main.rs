//! The screen, driven by messages and drawn into a test terminal.

#![expect(
    clippy::unwrap_used,
    reason = "in a test, what is not there is a failure"
)]

#[path = "../model/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    clippy::cast_possible_truncation,
    clippy::maybe_infinite_iter,
    reason = "it is another test's as well"
)]
mod model;

use loopscope_program::scenarios as catalogue;

mod branch;
mod compare;
mod driver;
mod every;
mod keys;
mod learn;
mod live;
mod looks;
mod picking;
mod pictures;
mod reading;
mod real;
mod stops;
mod walk;
mod words;

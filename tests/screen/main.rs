//! The screen, driven by messages and drawn into a test terminal.

#[path = "../model/mod.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "other tests use the rest, from their root"
)]
mod model;

mod driver;
mod keys;
mod pictures;
mod walk;

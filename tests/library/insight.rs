//! The narration, causes, numbers and differences of runs, on traces made by hand.

mod await_chain;
mod comparison;
mod critical;
mod events;
mod facts;
mod languages;
mod latency;
mod narrate;
mod programs;
mod story;
mod summary;
mod truth;
mod twin;

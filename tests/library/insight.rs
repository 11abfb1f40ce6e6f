//! What is said about a run: words, causes, numbers and differences, on traces made by hand.

mod events;
mod narrate;
mod programs;
mod summary;

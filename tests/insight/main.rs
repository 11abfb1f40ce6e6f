//! What is said about a run: words, causes, numbers and differences, on traces made by hand.

#[path = "../model/mod.rs"]
mod model;

mod kinds;
mod numbers;
mod say_after;
mod words;

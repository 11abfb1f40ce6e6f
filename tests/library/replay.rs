//! A trace at any of its positions.

mod search;
mod time_travel;

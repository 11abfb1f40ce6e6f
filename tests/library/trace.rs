//! Traces as files.

mod file;
mod very_long;

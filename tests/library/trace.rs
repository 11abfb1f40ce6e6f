//! Traces as files.

mod file;
mod hostile;
mod very_long;

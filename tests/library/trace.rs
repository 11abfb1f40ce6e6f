//! Traces as files.

mod file;

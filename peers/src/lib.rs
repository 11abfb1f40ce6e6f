//! Programs of tokio that are watched by others.

pub mod program;

//! What is to be seen at a position, as plain words and numbers.

#[cfg(feature = "tui")]
pub mod json;
pub mod plain;

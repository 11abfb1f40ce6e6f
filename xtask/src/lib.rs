//! Tasks of developers that need more than one command. The tests use them as well.

#![forbid(unsafe_code)]

pub mod conformance;
pub mod figures;
pub mod instructions;
pub mod pictures;

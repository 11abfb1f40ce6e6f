//! Tasks of developers that need more than one command. The tests use them as well.

pub mod conformance;
pub mod figures;
pub mod instructions;
pub mod pictures;

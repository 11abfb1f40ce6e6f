//! Programs with several threads.

mod executors;

//! Models of the locks and channels, for the checker loom.
//!
//! A model is a program of two or three threads. loom runs it once for each order in which the
//! threads can take their locks, and reports an order in which a thread waits for ever. The files
//! with the state of the primitives are those of the library; only `Guarded`, the lock that they
//! all use, is another one.

#![cfg(test)]

mod runtime;

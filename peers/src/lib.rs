//! Programs that loopscope and its peers record.
//!
//! | file | what it is |
//! |---|---|
//! | `program` | a small tokio program |
//! | `work` | the measured work, for tokio's loop and for ours |
//! | `recorder` | one run of that work under each recorder, with its cost |
//! | `src/bin/record_console.rs` | the small program under console-subscriber |
//! | `tests/recording.rs` | a test that a fresh recording of it opens |
//! | `benches/peers.rs` | the figures |

pub mod program;
pub mod recorder;
pub mod work;

//! Programs that are watched by loopscope and by its peers.
//!
//! | file | what lives there |
//! |---|---|
//! | `program` | a small program of tokio, as a person would write it |
//! | `work` | the work that is measured, for tokio's loop and for ours |
//! | `recorder` | one run of that work under each recorder, with its cost |
//! | `src/bin/record_console.rs` | the small program under console-subscriber |
//! | `tests/recording.rs` | that a fresh recording of it opens |
//! | `benches/peers.rs` | the figures |

pub mod program;
pub mod recorder;
pub mod work;

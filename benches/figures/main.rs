//! Every figure that the project states, one per line: `bench NAME VALUE UNIT`.
//!
//! | file | what is measured |
//! |---|---|
//! | `record` | what recording costs, against peers that do the same work in the same run |
//! | `own` | a program of your own that is not watched, against smol; a long one in bounded memory |
//! | `wakes` | wakes from other threads: none is lost |
//! | `serve` | an HTTP server under load, recorded, against the same server on smol |
//! | `reading` | decoding, seeking and drawing a trace of ten million events |
//! | `findings` | looking for mistakes, in long runs and in a live one |
//! | `exchange` | exports |
//! | `file` | traces in files: writing, opening, seeking |
//! | `screen` | frames of a large run, keys in a long one, and the bytes of playing |
//! | `program` | the program on a terminal |
//! | `work`, `echo` | the measured work, for this crate's loop and for its peers |
//! | `measure` | clocks, medians, printing |
//!
//! A ratio compares the processor time of this crate with that of a peer that does the same work in
//! the same run. It is the median of alternating pairs: on a noisy machine, a disturbance affects
//! both.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that prints figures, and stops if it cannot"
)]
#![expect(
    clippy::cast_precision_loss,
    reason = "figures are rounded to three places anyway"
)]

mod echo;
mod exchange;
mod file;
mod findings;
mod measure;
mod own;
mod program;
mod reading;
mod record;
mod screen;
mod serve;
mod wakes;
mod work;

use loopscope_program::scenarios as catalogue;

fn main() {
    own::hour();
    findings::of_a_long_run();
    // The program first, because this process is still small when it starts it.
    program::first_frame();
    program::idle();
    program::keys();
    program::size();
    record::against_peers();
    record::by_the_event();
    own::off();
    wakes::all();
    serve::hyper_under_load();
    reading::all();
    findings::live();
    exchange::all();
    file::all();
    screen::all();
}

//! Every figure that the project promises, one per line: `bench NAME VALUE UNIT`.
//!
//! | file | what is measured |
//! |---|---|
//! | `record` | what recording costs, against peers that do the same work in the same run |
//! | `own` | a program of one's own that nobody looks at, against smol; a long one in bounded memory |
//! | `wakes` | wakes from other threads: that none is lost |
//! | `serve` | an HTTP server under load, recorded, against the same one on bare smol |
//! | `reading` | decoding, seeking and drawing a trace of ten million events |
//! | `exchange` | writing a trace for other programs |
//! | `file` | traces in files: writing, opening, looking at them |
//! | `screen` | frames of a large run, and the bytes of playing |
//! | `program` | the program itself, on a terminal |
//! | `work`, `echo` | the work that is measured, for this crate's loop and for its peers |
//! | `measure` | clocks, medians, printing |
//!
//! Ratios are of processor time against a peer that does the same work in the same run, the median of pairs that
//! alternate: these machines are noisy, and what disturbs one disturbs the other.
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
    // The program first: it is started while this process is still small.
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
    exchange::all();
    file::all();
    screen::all();
}

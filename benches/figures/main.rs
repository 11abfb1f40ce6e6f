//! Every figure that the project promises, one per line: `bench NAME VALUE UNIT`.
//!
//! | file | what is measured |
//! |---|---|
//! | `record` | what recording costs, against peers that do the same work in the same run |
//! | `wakes` | wakes from other threads: that none is lost |
//! | `reading` | decoding, seeking and drawing a trace of ten million events |
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

#[path = "../../scenarios/catalogue.rs"]
#[allow(
    unused_imports,
    reason = "a program without a test harness leaves the tests of the scenarios out"
)]
mod catalogue;
mod echo;
mod file;
mod measure;
mod program;
mod reading;
mod record;
mod screen;
mod wakes;
mod work;

fn main() {
    // The program first: it is started while this process is still small.
    program::first_frame();
    program::idle();
    program::size();
    record::against_peers();
    record::by_the_event();
    wakes::all();
    reading::all();
    file::all();
    screen::all();
}

//! Every figure that the project promises, one per line: `bench NAME VALUE UNIT`.
//!
//! Ratios are of processor time against a peer that does the same work in the same run, the median of pairs that
//! alternate: these machines are noisy, and what disturbs one disturbs the other.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program that prints figures, and stops if it cannot"
)]

#[path = "../../scenarios/catalogue.rs"]
mod catalogue;
mod measure;
mod record;
mod screen;
mod work;

fn main() {
    record::all();
    screen::all();
}

//! Exports, read by the readers of other programs, and imports of files that other programs wrote.

mod chrome;
mod console;
mod console_screen;
mod folded;
mod gaps;
mod hostile;
mod jsonl;
mod perfetto;
mod python;
mod random;
mod wire;
mod wire_snapshots;

use loopscope::{
    import::{self, ImportError, ImportFormat, Imported},
    replay::Replay,
    trace::ClockKind,
};
use loopscope_program::scenarios as catalogue;

use crate::support::run_of;

/// A run of each variant on the virtual clock.
fn runs() -> impl Iterator<Item = Replay> {
    let all = catalogue::ALL.iter();
    let variants = all.flat_map(|known| known.variants.iter().map(move |variant| (known, variant)));
    let on_virtual = variants.filter(|(_, variant)| variant.clock == ClockKind::Virtual);
    on_virtual.map(|(known, variant)| run_of(known, variant))
}

fn read(format: ImportFormat, text: &[u8]) -> Result<Imported, ImportError> {
    import::read(format, text)
}

/// The bytes that an export writes.
fn written(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    bytes
}

/// Asserts that a file opens wherever it is truncated, and that the events before the cut are
/// intact.
fn opens_wherever_it_is_cut(format: ImportFormat, file: &[u8]) {
    let whole = read(format, file).unwrap().log.bytes.len();
    let mut longest = 0;
    for cut in 0..file.len() {
        match read(format, &file[..cut]) {
            Ok(imported) => {
                let replay = Replay::new(imported.log);
                assert!(!replay.is_damaged(), "cut at {cut}");
                longest = longest.max(replay.log().bytes.len());
            }
            Err(ImportError::Empty(_)) => assert!(cut < file.len() / 2, "cut at {cut}"),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
    assert!(longest * 10 > whole * 9, "{longest} of {whole}");
}

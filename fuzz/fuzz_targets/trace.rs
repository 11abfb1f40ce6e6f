//! Any bytes as a trace file: reading them, and seeking in what was read, never panics.

#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use loopscope::{
    replay::Replay,
    trace::{Position, file},
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((log, _)) = file::read_all(Cursor::new(bytes)) {
        let mut replay = Replay::new(log);
        for part in 0..4 {
            replay.seek(Position(replay.end().0 / 4 * part));
        }
    }
});

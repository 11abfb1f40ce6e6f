//! Any bytes as JSON Lines: importing them never panics, and what is imported is a valid trace.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loopscope::{
    import::{self, ImportFormat},
    replay::Replay,
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(imported) = import::read(ImportFormat::Jsonl, bytes) {
        assert!(!Replay::new(imported.log).is_damaged());
    }
});

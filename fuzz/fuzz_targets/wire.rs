//! Imports arbitrary bytes as a file of the wire: the import never panics, and its result is a
//! valid trace.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loopscope::{
    import::{self, ImportFormat},
    replay::Replay,
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(imported) = import::read(ImportFormat::Wire, bytes) {
        assert!(!Replay::new(imported.log).is_damaged());
    }
});

//! A simulated world: small functions that return the same numbers in any language.

pub(crate) mod files;
pub(crate) mod flags;
pub(crate) mod url;

use std::time::Duration;

/// Random numbers from a seed: the linear congruential generator of older C libraries.
pub(crate) fn lcg(seed: u32) -> impl FnMut() -> u32 {
    let mut state = u64::from(seed);
    move || {
        state = (1_103_515_245 * state + 12_345) % (1 << 31);
        u32::try_from(state >> 16).unwrap_or(u32::MAX)
    }
}

/// The time of a request over the simulated network: 100 to 999 ms, always the same for a name.
pub(crate) fn latency(name: &str) -> Duration {
    Duration::from_millis(u64::from(100 + fnv1a(name) % 900))
}

/// The 32-bit FNV-1a hash of a text in UTF-8.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_world_gives_the_same_numbers_in_any_language() {
        use super::*;
        assert_eq!(fnv1a(""), 2_166_136_261);
        assert_eq!(fnv1a("foobar"), 0xbf9c_f968);
        assert_eq!(latency("none.dev"), Duration::from_millis(678));
        let mut random = lcg(1);
        assert_eq!((random() % 1000, random() % 1000), (838, 758));
    }
}

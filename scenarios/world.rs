//! The simulated world: two tiny functions that give the same numbers in any language.

/// Random numbers from a seed: the linear congruential generator that C libraries used to have.
pub(crate) fn lcg(seed: u32) -> impl FnMut() -> u32 {
    let mut state = u64::from(seed);
    move || {
        state = (1_103_515_245 * state + 12_345) % (1 << 31);
        u32::try_from(state >> 16).unwrap_or(u32::MAX)
    }
}

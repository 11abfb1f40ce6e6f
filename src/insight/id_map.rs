//! Maps whose keys are numbers of a trace: tasks, resources, locations, and pairs of them.
//!
//! The hash function of the standard library takes a large part of the time in which a trace is
//! read. This one is a multiplication. Its seed is that of a map of the standard library, so a file
//! cannot be made to have keys that collide.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, Hasher},
    sync::OnceLock,
};

/// A map from numbers of a trace.
pub(super) type IdMap<K, V> = HashMap<K, V, IdHashing>;

/// A set of numbers of a trace.
pub(super) type IdSet<K> = HashSet<K, IdHashing>;

/// Makes the hashers of a map: all have the same seed.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdHashing {
    seed: u64,
}

impl Default for IdHashing {
    fn default() -> IdHashing {
        static SEED: OnceLock<u64> = OnceLock::new();
        let seed = *SEED.get_or_init(|| HashMap::<u8, u8>::new().hasher().hash_one(0));
        IdHashing { seed }
    }
}

impl BuildHasher for IdHashing {
    type Hasher = IdHasher;

    #[inline]
    fn build_hasher(&self) -> IdHasher {
        IdHasher { hash: self.seed }
    }
}

/// Mixes numbers: each is combined with the hash so far and multiplied by a constant to twice the
/// width, and the two halves of the product are combined.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdHasher {
    hash: u64,
}

impl IdHasher {
    #[inline]
    fn mix(&mut self, number: u64) {
        const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.hash ^ number) * FACTOR;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the two halves of the product"
        )]
        let (low, high) = (product as u64, (product >> 64) as u64);
        self.hash = (low ^ high).rotate_left(5);
    }
}

impl Hasher for IdHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.hash
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.mix(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.mix(number.into());
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.mix(number.into());
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    #[inline]
    fn write_isize(&mut self, number: isize) {
        self.mix(number.cast_unsigned() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::TaskId;

    #[test]
    fn numbers_in_a_row_have_different_hashes() {
        let hashing = IdHashing::default();
        let mut low_bits = HashSet::new();
        let mut all = HashSet::new();
        for number in 0..10_000 {
            let hash = hashing.hash_one(TaskId(number));
            all.insert(hash);
            low_bits.insert(hash % 1024);
        }
        assert_eq!(all.len(), 10_000);
        assert!(low_bits.len() > 1000, "{}", low_bits.len());
    }
}

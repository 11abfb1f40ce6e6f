//! Bytes from one thread to another without a lock.
//!
//! The bytes are in a ring of words. The sender stores words and then the number of bytes that were
//! sent; the receiver loads that number and then the words. The number is stored with `Release` and
//! loaded with `Acquire`, so the receiver finds the words that it counts. The receiver tells in the
//! same way how much it has taken, which is what the sender may overwrite.
//!
//! ```text
//!            taken                         sent
//!   ──────────┴─────────────────────────────┴──────────
//!     may be      the sender writes no more      is written next
//!     overwritten, the receiver reads
//! ```
//!
//! The sender's bytes are in a buffer of its own, which grows at its end. A few bytes at a time are
//! sent from there, often fewer than a word has: then the last word is stored once more when its next
//! bytes are known. The bytes of it that the receiver may have read do not change.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

const WORD: usize = size_of::<u64>();

#[derive(Debug)]
struct ByteRing {
    /// A power of two of them.
    words: Box<[AtomicU64]>,
    /// How many bytes were sent since the start.
    sent: AtomicU64,
    /// How many bytes were taken since the start.
    taken: AtomicU64,
}

/// The sending end.
#[derive(Debug)]
pub(super) struct ByteSender {
    ring: Arc<ByteRing>,
    /// The position of the first byte of the sender's buffer: a multiple of the length of a word.
    base: u64,
    /// How many bytes of the buffer were sent.
    sent: usize,
    /// Up to here the ring may be written.
    limit: u64,
}

/// The receiving end.
#[derive(Debug)]
pub(super) struct ByteReceiver {
    ring: Arc<ByteRing>,
    taken: u64,
}

/// Both ends of a queue of at least this many bytes.
pub(super) fn byte_queue(capacity: usize) -> (ByteSender, ByteReceiver) {
    let words = (capacity / WORD).next_power_of_two();
    let ring = Arc::new(ByteRing {
        words: (0..words).map(|_| AtomicU64::new(0)).collect(),
        sent: AtomicU64::new(0),
        taken: AtomicU64::new(0),
    });
    let sender = ByteSender {
        ring: Arc::clone(&ring),
        base: 0,
        sent: 0,
        limit: (words * WORD) as u64,
    };
    (sender, ByteReceiver { ring, taken: 0 })
}

impl ByteSender {
    /// Sends what was added to the buffer since the last call. Returns how many bytes were sent since
    /// the start; `None`, and sends nothing, if there is no space for them.
    ///
    /// What a poll adds is at the end of one word and at the start of the next one.
    #[expect(
        clippy::inline_always,
        reason = "called at every poll: a call would save and restore registers"
    )]
    #[inline(always)]
    pub(super) fn send(&mut self, buffer: &[u8]) -> Option<u64> {
        let end = self.base + buffer.len() as u64;
        let first = self.sent & !(WORD - 1);
        if end > self.limit || buffer.len() >= first + 2 * WORD {
            return self.send_long(buffer);
        }
        let at = self.at(first);
        let (words, mask) = (&*self.ring.words, self.ring.words.len() - 1);
        let mut rest = buffer.get(first..)?;
        let mut index = at & mask;
        if let Some((word, behind)) = rest.split_first_chunk() {
            words[index].store(u64::from_le_bytes(*word), Ordering::Relaxed);
            rest = behind;
            index = (at + 1) & mask;
        }
        if !rest.is_empty() {
            words[index].store(last_word(buffer, rest), Ordering::Relaxed);
        }
        self.sent = buffer.len();
        self.ring.sent.store(end, Ordering::Release);
        Some(end)
    }

    /// The number of the word at a place of the buffer, of which the mask leaves an index.
    #[inline]
    fn at(&self, place: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the mask leaves no more than an index"
        )]
        let base = self.base as usize;
        (base + place) / WORD
    }

    /// Looks how much was taken meanwhile, and sends any number of words.
    #[inline(never)]
    fn send_long(&mut self, buffer: &[u8]) -> Option<u64> {
        let end = self.base + buffer.len() as u64;
        self.look();
        if end > self.limit {
            return None;
        }
        let first = self.sent & !(WORD - 1);
        let (words, mask) = (&*self.ring.words, self.ring.words.len() - 1);
        let mut at = self.at(first);
        let (whole, rest) = buffer.get(first..)?.as_chunks::<WORD>();
        for word in whole {
            words[at & mask].store(u64::from_le_bytes(*word), Ordering::Relaxed);
            at += 1;
        }
        if !rest.is_empty() {
            words[at & mask].store(last_word(buffer, rest), Ordering::Relaxed);
        }
        self.sent = buffer.len();
        self.ring.sent.store(end, Ordering::Release);
        Some(end)
    }

    /// Looks how much was taken meanwhile.
    fn look(&mut self) {
        let taken = self.ring.taken.load(Ordering::Acquire);
        // The word that is taken in part is still to be read.
        self.limit = taken / WORD as u64 * WORD as u64 + (self.ring.words.len() * WORD) as u64;
    }

    /// How many bytes of the buffer have been sent or may be sent now.
    pub(super) fn space(&mut self) -> usize {
        self.look();
        usize::try_from(self.limit - self.base).unwrap_or(usize::MAX)
    }

    /// Starts with an empty buffer, whatever was not sent.
    pub(super) fn discard(&mut self) {
        self.base += self.sent.next_multiple_of(WORD) as u64;
        self.sent = 0;
    }

    /// How many bytes at the start of the buffer are no longer needed, once all are sent. The caller
    /// removes them.
    pub(super) fn forget(&mut self) -> usize {
        let whole = self.sent / WORD * WORD;
        self.base += whole as u64;
        self.sent -= whole;
        whole
    }
}

/// The word that begins with `rest`, the last bytes of the buffer, of which there are fewer than a
/// word has. They are the upper bytes of the last word of the buffer, if it has one.
#[inline]
fn last_word(buffer: &[u8], rest: &[u8]) -> u64 {
    if let Some(last) = buffer.last_chunk::<WORD>() {
        return u64::from_le_bytes(*last) >> (64 - 8 * rest.len());
    }
    let bytes = rest.iter().rev();
    bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

impl ByteReceiver {
    /// How many bytes were sent and not taken.
    pub(super) fn waiting(&self) -> usize {
        let waiting = self.ring.sent.load(Ordering::Acquire) - self.taken;
        usize::try_from(waiting).unwrap_or(usize::MAX)
    }

    /// How many bytes were taken since the start.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes all bytes that were sent.
    pub(super) fn take(&mut self, into: &mut Vec<u8>) {
        let mut waiting = self.waiting();
        into.reserve(waiting);
        let mask = self.ring.words.len() - 1;
        while waiting > 0 {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the mask leaves no more than an index"
            )]
            let (at, from) = (self.taken as usize / WORD, self.taken as usize % WORD);
            let word = self.ring.words[at & mask].load(Ordering::Relaxed);
            let count = waiting.min(WORD - from);
            into.extend_from_slice(&word.to_le_bytes()[from..from + count]);
            self.taken += count as u64;
            waiting -= count;
        }
        self.ring.taken.store(self.taken, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Pieces of random lengths, over a ring that is much shorter than all of them.
    #[test]
    fn bytes_arrive_whole_and_in_order() {
        const ALL: usize = 300_000;
        let (mut sender, mut receiver) = byte_queue(1 << 10);
        #[expect(
            clippy::disallowed_methods,
            reason = "the other side of the queue is another thread"
        )]
        let receiving = thread::spawn(move || {
            let mut all = Vec::new();
            while all.len() < ALL {
                receiver.take(&mut all);
                thread::yield_now();
            }
            all
        });
        let mut random = fastrand::Rng::with_seed(15);
        let (mut buffer, mut next) = (Vec::new(), 0_usize);
        while next < ALL {
            let count = random.usize(1..40).min(ALL - next);
            buffer.extend((next..next + count).map(|byte| (byte % 251).to_le_bytes()[0]));
            next += count;
            while sender.send(&buffer).is_none() {
                thread::yield_now();
            }
            if random.u8(0..4) == 0 {
                let sent = sender.forget();
                buffer.drain(..sent);
            }
        }
        let all = receiving.join().unwrap();
        let expected = (0..ALL).map(|byte| (byte % 251).to_le_bytes()[0]);
        assert!(all.into_iter().eq(expected));
    }

    #[test]
    fn a_full_queue_refuses_until_bytes_are_taken() {
        let (mut sender, mut receiver) = byte_queue(64);
        let mut buffer = vec![7; 64];
        assert_eq!(sender.send(&buffer), Some(64));
        buffer.push(8);
        assert_eq!(sender.send(&buffer), None);
        let mut taken = Vec::new();
        receiver.take(&mut taken);
        assert_eq!(
            (taken.len(), receiver.waiting(), receiver.taken()),
            (64, 0, 64)
        );
        assert_eq!(sender.send(&buffer), Some(65));
        receiver.take(&mut taken);
        assert_eq!(taken.last(), Some(&8));
    }
}

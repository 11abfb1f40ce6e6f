//! What a program has printed to its terminal, and which part of it belongs to a debugger.
//!
//! The adapter brackets each time in which a debugger of Python reads commands by two sequences,
//! which a terminal would ignore. They are removed from what is kept.
//!
//! | state | `lent` | the real terminal |
//! |---|---|---|
//! | the program runs | `None` | shows the screen |
//! | a debugger reads commands | how much was printed when that was last shown | shows the program's terminal, unless `is_declined` |
//! | the debugger has let it continue | the same, and `looks_left` counts down | the same: a debugger that steps reads the next command soon |

/// The most output that is kept while the screen is up; the oldest goes first.
const MOST: usize = 16 << 20;

/// A debugger begins to read commands.
const BEGIN: &[u8] = b"\x1b]7717;terminal\x07";
/// The debugger lets the program continue.
const END: &[u8] = b"\x1b]7717;screen\x07";

/// How many looks after a command the terminal is still lent. The screen looks 100 times a second.
const LOOKS: u8 = 15;

/// What the program has printed.
#[derive(Debug, Default)]
pub(super) struct Printed {
    bytes: Vec<u8>,
    /// How many bytes were discarded before `bytes`.
    discarded: u64,
    /// The begin of a sequence, of which the rest may follow.
    partial: Vec<u8>,
    /// A debugger has the program: how much was printed when that was last shown.
    lent: Option<u64>,
    /// The debugger has let the program continue: how many looks are left.
    looks_left: Option<u8>,
    /// The user has returned to the screen although a debugger has the program.
    is_declined: bool,
}

impl Printed {
    /// Keeps what was printed next.
    pub(super) fn push(&mut self, block: &[u8]) {
        let mut block = [std::mem::take(&mut self.partial), block.to_vec()].concat();
        while let Some(at) = block.iter().position(|byte| *byte == b'\x1b') {
            let after = block.split_off(at);
            self.keep(&block);
            if let Some(rest) = after.strip_prefix(BEGIN) {
                self.lent = self.lent.or(Some(self.end()));
                self.looks_left = None;
                block = rest.to_vec();
            } else if let Some(rest) = after.strip_prefix(END) {
                self.looks_left = Some(LOOKS);
                if self.is_declined {
                    self.lent = None;
                    self.is_declined = false;
                }
                block = rest.to_vec();
            } else if BEGIN.starts_with(&after) || END.starts_with(&after) {
                self.partial = after;
                return;
            } else {
                let (escape, rest) = after.split_at(1);
                self.keep(escape);
                block = rest.to_vec();
            }
        }
        self.keep(&block);
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        let surplus = self.bytes.len().saturating_sub(MOST);
        self.bytes.drain(..surplus);
        self.discarded += surplus as u64;
    }

    /// How much was printed.
    fn end(&self) -> u64 {
        self.discarded + self.bytes.len() as u64
    }

    /// All that is kept.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether a debugger waits for the terminal, or has it.
    pub(super) fn wants_terminal(&self) -> bool {
        self.lent.is_some() && !self.is_declined
    }

    /// The user has returned to the screen, until the debugger reads commands at a later breakpoint.
    pub(super) fn decline(&mut self) {
        self.is_declined = true;
    }

    /// Looks at what the debugger has printed since the last call; `None` once it has let the program
    /// continue.
    pub(super) fn take_lent(&mut self) -> Option<Vec<u8>> {
        let end = self.end();
        if let Some(left) = &mut self.looks_left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.lent = None;
                self.looks_left = None;
            }
        }
        let shown = self.lent.as_mut()?;
        let from = usize::try_from(shown.saturating_sub(self.discarded)).unwrap_or(0);
        *shown = end;
        Some(self.bytes.get(from..).unwrap_or_default().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &[u8] =
        b"one\r\n\x1b]7717;terminal\x07> app.py(3)\r\n(Pdb) \x1b[1mc\x1b]7717;screen\x07two\r\n";

    /// A program that stops in a debugger, which has printed a prompt.
    fn stopped() -> (Printed, usize) {
        let mut printed = Printed::default();
        let at = RUN.iter().position(|byte| *byte == b'c').unwrap();
        printed.push(&RUN[..at]);
        (printed, at)
    }

    #[test]
    fn a_debugger_gets_the_terminal_until_it_continues() {
        let (mut printed, at) = stopped();
        assert!(printed.wants_terminal());
        assert_eq!(
            printed.take_lent().unwrap(),
            b"> app.py(3)\r\n(Pdb) \x1b[1m"
        );
        assert_eq!(printed.take_lent().unwrap(), b"");
        printed.push(&RUN[at..]);
        assert_eq!(printed.take_lent().unwrap(), b"ctwo\r\n");
        for _ in 2..LOOKS {
            assert_eq!(printed.take_lent().unwrap(), b"");
        }
        assert_eq!(printed.take_lent(), None);
        assert!(!printed.wants_terminal());
    }

    #[test]
    fn a_debugger_that_steps_keeps_the_terminal() {
        let (mut printed, _) = stopped();
        for _ in 0..100 {
            printed.push(END);
            printed.push(BEGIN);
            assert!(printed.take_lent().is_some());
        }
    }

    #[test]
    fn a_terminal_that_was_taken_back_is_lent_at_the_next_breakpoint() {
        let (mut printed, at) = stopped();
        printed.decline();
        assert!(!printed.wants_terminal());
        printed.push(&RUN[at..]);
        assert!(!printed.wants_terminal());
        printed.push(BEGIN);
        assert!(printed.wants_terminal());
    }

    #[test]
    fn the_sequences_are_found_wherever_a_read_ends() {
        let kept = b"one\r\n> app.py(3)\r\n(Pdb) \x1b[1mctwo\r\n";
        for cut in 0..RUN.len() {
            let mut printed = Printed::default();
            printed.push(&RUN[..cut]);
            printed.push(&RUN[cut..]);
            assert_eq!(printed.bytes(), kept, "cut at {cut}");
            while printed.take_lent().is_some() {}
            assert!(!printed.wants_terminal());
        }
    }
}

//! The parser of terminal input: bytes in, keys, mouse events and pastes out.
//!
//! # Why a parser of this crate
//!
//! crossterm 0.29 reads and parses in one step that cannot be separated: it subtracts 1 from mouse
//! coordinates unchecked, reads again and again from a terminal that has hung up, and waits in a
//! blocking read for the rest of half a sequence. No release mends these. The other parsers of
//! *input* that were considered (those of termina and terminput) descend from crossterm's: each
//! keeps an unfinished sequence, of any length, until a byte ends it. The parsers of *output*, such
//! as vte and vtparse, are well kept, but input has another grammar: an `ESC` may be a key of its
//! own or Alt with the next character, `ESC O` and `ESC [ M` are followed by bytes that belong to
//! the sequence, and what half a sequence means is decided by time.
//!
//! This parser is a state machine with one transition for each byte. It is total: each state
//! accepts each byte, so no input is an error. Its memory is bounded: a sequence keeps at most
//! [`LONGEST`] bytes and a paste at most [`LONGEST_PASTE`]; what is longer is read to its end and
//! dropped. It neither reads nor waits: [`Parser::patience`] says how long a caller waits for the
//! rest of a sequence, and [`Parser::give_up`] decides what the half of it means.
//!
//! # States
//!
//! | state | bytes so far | ends with |
//! |---|---|---|
//! | `Ground` | none | any byte but `ESC` and the first byte of a character |
//! | `Character` | the first bytes of a character in UTF-8 | the last of them |
//! | `Escape` | `ESC` | any byte: Alt with a character, or the beginning of a sequence |
//! | `Ss3` | `ESC O` | any byte: an arrow or F1 to F4 |
//! | `Csi` | `ESC [` and parameters | a byte from `@` to `~` |
//! | `Console` | `ESC [ [` | any byte: F1 to F5 of the Linux console |
//! | `Mouse` | `ESC [ M` | the third byte: the mouse report of old terminals |
//! | `Reply` | `ESC ]`, `ESC P` or `ESC _`, and a text | `BEL` or `ESC \`: the reply to a request |
//! | `ReplyEscape` | the same, and `ESC` | any byte |
//! | `Paste` | `ESC [ 200 ~` and a text | `ESC [ 201 ~` |
//!
//! In all states but `Ground`, `Reply` and `Paste`, a control character ends the sequence: the
//! sequence is dropped and the character is handled as if nothing had come before. In `Reply` the
//! same holds for all control characters but `BEL`. So Ctrl-C works after any half sequence.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyModifiers};

use super::csi::{self, Meaning, key};

/// The number of bytes of a sequence that are kept. The longest known key has about 30.
const LONGEST: usize = 64;

/// The number of bytes of a paste that are kept.
const LONGEST_PASTE: usize = 1 << 14;

const ESC: u8 = 0x1b;

/// The bytes that end a paste.
const PASTE_END: &[u8] = b"\x1b[201~";

/// How long an `ESC` waits to become a sequence. A terminal writes a whole sequence at once, so the
/// wait only has to bridge the time between two reads. It delays the key Esc.
const AFTER_ESCAPE: Duration = Duration::from_millis(10);

/// How long `ESC [`, `ESC O` and the first byte of a reply wait. A person types these as Alt with a
/// character.
const AFTER_INTRODUCER: Duration = Duration::from_millis(50);

/// How long an unfinished sequence waits that a terminal sends, and no person types.
const INSIDE_SEQUENCE: Duration = Duration::from_millis(250);

/// How long a paste waits. Its rest would act as keys.
const INSIDE_PASTE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum SequenceState {
    #[default]
    Ground,
    /// `alt` if `ESC` came before.
    Character {
        alt: bool,
    },
    Escape,
    Ss3,
    Csi,
    Console,
    Mouse,
    /// The byte after `ESC`, and whether a text follows.
    Reply {
        introducer: u8,
        empty: bool,
    },
    ReplyEscape,
    /// The number of bytes of [`PASTE_END`] that have arrived.
    Paste {
        matched: usize,
    },
}

/// The parser. See the module for its states.
#[derive(Debug, Default)]
pub(super) struct Parser {
    state: SequenceState,
    /// The bytes of an unfinished character, sequence or mouse report, without the introducer. One
    /// byte more than [`LONGEST`] marks a sequence that is too long.
    held: Vec<u8>,
    /// The text of an unfinished paste.
    pasted: Vec<u8>,
}

impl Parser {
    /// Takes the next byte. Returns the event that it completes.
    pub(super) fn feed(&mut self, byte: u8) -> Option<Event> {
        match self.state {
            SequenceState::Ground => self.begin(byte, false),
            SequenceState::Character { alt } => self.continue_character(byte, alt),
            SequenceState::Escape => self.after_escape(byte),
            SequenceState::Ss3 => self.end_short(byte, csi::ss3),
            SequenceState::Console => self.end_short(byte, csi::console),
            SequenceState::Csi => self.inside_csi(byte),
            SequenceState::Mouse => self.inside_mouse(byte),
            SequenceState::Reply { .. } => self.inside_reply(byte),
            SequenceState::ReplyEscape => match byte {
                b'\\' => self.drop_sequence(),
                _ => self.after_escape(byte),
            },
            SequenceState::Paste { matched } => self.inside_paste(byte, matched),
        }
    }

    /// How long to wait for the next byte before [`Parser::give_up`]; `None` if nothing is
    /// unfinished.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.state {
            SequenceState::Ground => None,
            SequenceState::Escape => Some(AFTER_ESCAPE),
            SequenceState::Ss3 | SequenceState::Reply { empty: true, .. } => Some(AFTER_INTRODUCER),
            SequenceState::Csi if self.held.is_empty() => Some(AFTER_INTRODUCER),
            SequenceState::Character { .. }
            | SequenceState::Csi
            | SequenceState::Console
            | SequenceState::Mouse
            | SequenceState::Reply { empty: false, .. }
            | SequenceState::ReplyEscape => Some(INSIDE_SEQUENCE),
            SequenceState::Paste { .. } => Some(INSIDE_PASTE),
        }
    }

    /// Ends an unfinished sequence whose rest does not arrive: what a person may have typed becomes
    /// a key, a paste ends, and the rest is dropped.
    pub(super) fn give_up(&mut self) -> Option<Event> {
        let event = match self.state {
            SequenceState::Escape | SequenceState::ReplyEscape => {
                Some(key(KeyCode::Esc, KeyModifiers::NONE))
            }
            SequenceState::Ss3 => Some(character('O', true)),
            SequenceState::Csi if self.held.is_empty() => Some(character('[', true)),
            SequenceState::Reply {
                introducer,
                empty: true,
            } => Some(character(introducer.into(), true)),
            SequenceState::Paste { .. } => Some(self.end_paste()),
            SequenceState::Ground
            | SequenceState::Character { .. }
            | SequenceState::Csi
            | SequenceState::Console
            | SequenceState::Mouse
            | SequenceState::Reply { empty: false, .. } => None,
        };
        self.state = SequenceState::Ground;
        self.held.clear();
        event
    }

    /// A byte with nothing unfinished before it, but `ESC` if `alt`.
    fn begin(&mut self, byte: u8, alt: bool) -> Option<Event> {
        self.state = SequenceState::Ground;
        self.held.clear();
        match byte {
            ESC => {
                self.state = SequenceState::Escape;
                None
            }
            0x00..=0x1f | 0x7f => Some(control(byte, alt)),
            0x20..=0x7e => Some(character(byte.into(), alt)),
            0xc2..=0xf4 => {
                self.state = SequenceState::Character { alt };
                self.held.push(byte);
                None
            }
            // No character begins with this byte.
            0x80..=0xc1 | 0xf5..=0xff => None,
        }
    }

    fn continue_character(&mut self, byte: u8, alt: bool) -> Option<Event> {
        if !(0x80..=0xbf).contains(&byte) {
            return self.begin(byte, false);
        }
        self.held.push(byte);
        let length = match self.held.first() {
            Some(..=0xdf) => 2,
            Some(..=0xef) => 3,
            _ => 4,
        };
        if self.held.len() < length {
            return None;
        }
        let letter = std::str::from_utf8(&self.held).ok();
        let letter = letter.and_then(|text| text.chars().next());
        self.drop_sequence();
        letter.map(|letter| character(letter, alt))
    }

    fn after_escape(&mut self, byte: u8) -> Option<Event> {
        self.held.clear();
        match byte {
            b'[' => self.state = SequenceState::Csi,
            b'O' => self.state = SequenceState::Ss3,
            b']' | b'P' | b'_' => {
                self.state = SequenceState::Reply {
                    introducer: byte,
                    empty: true,
                }
            }
            // The first `ESC` was the key; the second one may begin a sequence.
            ESC => {
                self.state = SequenceState::Escape;
                return Some(key(KeyCode::Esc, KeyModifiers::NONE));
            }
            _ => return self.begin(byte, true),
        }
        None
    }

    /// The one byte that ends a short sequence.
    fn end_short(&mut self, byte: u8, means: fn(u8) -> Option<KeyCode>) -> Option<Event> {
        if is_control(byte) {
            return self.begin(byte, false);
        }
        self.drop_sequence();
        means(byte).map(|code| key(code, KeyModifiers::NONE))
    }

    fn inside_csi(&mut self, byte: u8) -> Option<Event> {
        match byte {
            b'[' if self.held.is_empty() => self.state = SequenceState::Console,
            b'M' if self.held.is_empty() => self.state = SequenceState::Mouse,
            0x20..=0x3f if self.held.len() <= LONGEST => self.held.push(byte),
            0x20..=0x3f => {}
            0x40..=0x7e => {
                let is_whole = self.held.len() <= LONGEST;
                let meaning = is_whole.then(|| csi::meaning(&self.held, byte));
                self.drop_sequence();
                match meaning.unwrap_or(Meaning::Nothing) {
                    Meaning::Event(event) => return Some(event),
                    Meaning::Paste => {
                        self.state = SequenceState::Paste { matched: 0 };
                    }
                    Meaning::Nothing => {}
                }
            }
            0x00..=0x1f | 0x7f..=0xff => return self.begin(byte, false),
        }
        None
    }

    fn inside_mouse(&mut self, byte: u8) -> Option<Event> {
        if byte < 0x20 {
            return self.begin(byte, false);
        }
        self.held.push(byte);
        let &[button, column, row] = self.held.as_slice() else {
            return None;
        };
        self.drop_sequence();
        csi::mouse_of_bytes(button, column, row)
    }

    fn inside_reply(&mut self, byte: u8) -> Option<Event> {
        match byte {
            0x07 => return self.drop_sequence(),
            ESC => self.state = SequenceState::ReplyEscape,
            0x00..=0x1f => return self.begin(byte, false),
            _ => {
                if let SequenceState::Reply { empty, .. } = &mut self.state {
                    *empty = false;
                }
            }
        }
        None
    }

    /// A byte of a paste. The bytes that end a paste contain `ESC` only at their beginning, so after
    /// a byte that does not match, the next match begins with that byte or a later one.
    fn inside_paste(&mut self, byte: u8, matched: usize) -> Option<Event> {
        if PASTE_END.get(matched) == Some(&byte) {
            if matched + 1 == PASTE_END.len() {
                self.state = SequenceState::Ground;
                return Some(self.end_paste());
            }
            self.state = SequenceState::Paste {
                matched: matched + 1,
            };
            return None;
        }
        let begun = PASTE_END.get(..matched).unwrap_or_default();
        self.keep_pasted(begun);
        let matched = usize::from(byte == ESC);
        if matched == 0 {
            self.keep_pasted(&[byte]);
        }
        self.state = SequenceState::Paste { matched };
        None
    }

    fn keep_pasted(&mut self, bytes: &[u8]) {
        let left = LONGEST_PASTE.saturating_sub(self.pasted.len());
        self.pasted.extend(bytes.iter().take(left));
    }

    /// The text of the paste. A character that is cut at its limit is replaced.
    fn end_paste(&mut self) -> Event {
        let text = String::from_utf8_lossy(&self.pasted).into_owned();
        self.pasted.clear();
        Event::Paste(text)
    }

    /// Ends a sequence that means nothing to the screen.
    fn drop_sequence(&mut self) -> Option<Event> {
        self.state = SequenceState::Ground;
        self.held.clear();
        None
    }
}

fn is_control(byte: u8) -> bool {
    matches!(byte, 0x00..=0x1f | 0x7f)
}

/// The key of a character. A capital letter is a letter with shift.
fn character(letter: char, alt: bool) -> Event {
    let mut modifiers = alt_if(alt);
    modifiers.set(KeyModifiers::SHIFT, letter.is_uppercase());
    key(KeyCode::Char(letter), modifiers)
}

/// The key of a control character. Raw mode passes each of them on.
fn control(byte: u8, alt: bool) -> Event {
    let with_ctrl = |letter: u8| (KeyCode::Char(letter.into()), KeyModifiers::CONTROL);
    let (code, modifiers) = match byte {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0x00 => with_ctrl(b' '),
        // Ctrl and a letter: Ctrl+A is 1.
        0x01..=0x1a => with_ctrl(byte + (b'a' - 1)),
        // Ctrl+4 to Ctrl+7.
        _ => with_ctrl((byte & 0x07) + b'0'),
    };
    key(code, modifiers | alt_if(alt))
}

fn alt_if(alt: bool) -> KeyModifiers {
    if alt {
        KeyModifiers::ALT
    } else {
        KeyModifiers::NONE
    }
}

#[cfg(test)]
mod tests;

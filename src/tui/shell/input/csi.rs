//! What a whole sequence means: the keys and mouse reports of terminals.
//!
//! Sources: xterm's *Control Sequences* (`ctlseqs`), the *Linux console* (`console_codes(4)`) and the
//! *kitty keyboard protocol*. The screen asks for mouse reports and bracketed pastes and for nothing
//! else. A reply to a request, such as the cursor's position or the terminal's attributes, is
//! therefore unsolicited and means nothing.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

/// The number of parameters that are kept; no known sequence has more.
const MOST: usize = 4;

/// What a sequence means.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    Event(Event),
    /// A paste begins.
    Paste,
    /// Nothing to the screen.
    Nothing,
}

/// The numbers of a sequence. A parameter has at most two parts that matter, divided by a colon.
/// Missing numbers are 0; a number is at most 65535.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parameters {
    numbers: [[u16; 2]; MOST],
    count: usize,
}

impl Parameters {
    /// `None` if a byte is neither a digit nor a separator.
    fn parse(bytes: &[u8]) -> Option<Parameters> {
        let mut parameters = Parameters {
            count: 1,
            ..Parameters::default()
        };
        let mut part = 0;
        for byte in bytes {
            match byte {
                b';' => {
                    parameters.count += 1;
                    part = 0;
                }
                b':' => part += 1,
                b'0'..=b'9' => {
                    let parameter = parameters.numbers.get_mut(parameters.count - 1);
                    if let Some(number) = parameter.and_then(|parts| parts.get_mut(part)) {
                        let digit = u16::from(byte - b'0');
                        *number = number.saturating_mul(10).saturating_add(digit);
                    }
                }
                _ => return None,
            }
        }
        Some(parameters)
    }

    fn number(&self, index: usize) -> u16 {
        self.numbers.get(index).map_or(0, |parts| parts[0])
    }

    fn part(&self, index: usize) -> u16 {
        self.numbers.get(index).map_or(0, |parts| parts[1])
    }

    /// A key event with the modifiers in a parameter: 1 plus a bit for each key that is held. Its
    /// second part says whether the key is pressed, repeated or released.
    fn key(&self, code: KeyCode, index: usize) -> Meaning {
        let kind = match self.part(index) {
            2 => KeyEventKind::Repeat,
            3 => KeyEventKind::Release,
            _ => KeyEventKind::Press,
        };
        let modifiers = modifiers(self.number(index));
        Meaning::Event(Event::Key(KeyEvent::new_with_kind(code, modifiers, kind)))
    }
}

fn modifiers(parameter: u16) -> KeyModifiers {
    let bits = parameter.saturating_sub(1);
    let mut held = KeyModifiers::NONE;
    for (bit, key) in [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ] {
        held.set(key, bits & bit != 0);
    }
    held
}

pub(super) fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

/// The key of `ESC O` and a byte.
pub(super) fn ss3(last: u8) -> Option<KeyCode> {
    match last {
        b'M' => Some(KeyCode::Enter),
        b'R' => Some(KeyCode::F(3)),
        _ => cursor_key(last),
    }
}

/// The key of `ESC [ [` and a byte.
pub(super) fn console(last: u8) -> Option<KeyCode> {
    match last {
        b'A'..=b'E' => Some(KeyCode::F(last - b'A' + 1)),
        _ => None,
    }
}

/// The key that a final byte names, without or with modifiers. F3 is missing: `ESC [ 1 ; 2 R` is
/// also a position of the cursor.
fn cursor_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P' => KeyCode::F(1),
        b'Q' => KeyCode::F(2),
        b'S' => KeyCode::F(4),
        _ => return None,
    })
}

/// The key that the first number of a sequence with `~` names.
fn numbered_key(number: u16) -> Option<KeyCode> {
    let function = |first: u16, name: u16| u8::try_from(number - first + name).ok();
    let function = match number {
        1 | 7 => return Some(KeyCode::Home),
        2 => return Some(KeyCode::Insert),
        3 => return Some(KeyCode::Delete),
        4 | 8 => return Some(KeyCode::End),
        5 => return Some(KeyCode::PageUp),
        6 => return Some(KeyCode::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23..=26 => function(23, 11),
        28..=29 => function(28, 15),
        31..=34 => function(31, 17),
        _ => None,
    };
    function.map(KeyCode::F)
}

/// What `ESC [`, some bytes and a final byte mean.
pub(super) fn meaning(bytes: &[u8], last: u8) -> Meaning {
    if let Some((b'<', numbers)) = bytes.split_first() {
        let Some(numbers) = Parameters::parse(numbers).filter(|numbers| numbers.count >= 3) else {
            return Meaning::Nothing;
        };
        return match last {
            b'M' => mouse(numbers.number(0), &numbers, false),
            b'm' => mouse(numbers.number(0), &numbers, true),
            _ => Meaning::Nothing,
        };
    }
    let Some(numbers) = Parameters::parse(bytes) else {
        return Meaning::Nothing;
    };
    match last {
        b'Z' => Meaning::Event(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        b'~' => match numbers.number(0) {
            200 => Meaning::Paste,
            // A key that xterm reports by its character: modifyOtherKeys.
            27 => character_key(numbers.number(2), 0, &numbers),
            number => numbered_key(number).map_or(Meaning::Nothing, |code| numbers.key(code, 1)),
        },
        b'u' => character_key(numbers.number(0), numbers.part(0), &numbers),
        // The mouse report of rxvt.
        b'M' if numbers.count >= 3 => match numbers.number(0).checked_sub(32) {
            Some(button) => mouse(button, &numbers, false),
            None => Meaning::Nothing,
        },
        _ => cursor_key(last).map_or(Meaning::Nothing, |code| numbers.key(code, 1)),
    }
}

/// A key that is reported by the number of its character, and by that of the character with shift.
fn character_key(number: u16, shifted: u16, numbers: &Parameters) -> Meaning {
    let has_shift = modifiers(numbers.number(1)).contains(KeyModifiers::SHIFT);
    let code = match number {
        27 => KeyCode::Esc,
        13 => KeyCode::Enter,
        9 if has_shift => KeyCode::BackTab,
        9 => KeyCode::Tab,
        8 | 127 => KeyCode::Backspace,
        57344..=63743 => match keypad(number) {
            Some(code) => code,
            None => return Meaning::Nothing,
        },
        _ => match char::from_u32(number.into()).filter(|letter| !letter.is_control()) {
            Some(letter) => KeyCode::Char(with_shift(letter, shifted, has_shift)),
            None => return Meaning::Nothing,
        },
    };
    numbers.key(code, 1)
}

fn with_shift(letter: char, shifted: u16, has_shift: bool) -> char {
    if !has_shift {
        return letter;
    }
    let shifted = char::from_u32(shifted.into()).filter(|letter| !letter.is_control());
    let mut upper = letter.to_uppercase();
    shifted.or_else(|| upper.next()).unwrap_or(letter)
}

/// The keys of the keypad, which the kitty protocol numbers in a private part of Unicode.
fn keypad(number: u16) -> Option<KeyCode> {
    const CHARACTERS: &[u8] = b"0123456789./*-+\r=,";
    const OTHERS: [KeyCode; 10] = [
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Insert,
        KeyCode::Delete,
    ];
    let index = usize::from(number.checked_sub(57399)?);
    match CHARACTERS.get(index) {
        Some(b'\r') => Some(KeyCode::Enter),
        Some(&letter) => Some(KeyCode::Char(letter.into())),
        None => OTHERS.get(index - CHARACTERS.len()).copied(),
    }
}

/// The mouse report of old terminals: three bytes, to each of which 32 is added.
pub(super) fn mouse_of_bytes(button: u8, column: u8, row: u8) -> Option<Event> {
    let number = |byte: u8| u16::from(byte.saturating_sub(32));
    let numbers = Parameters {
        numbers: [[0, 0], [number(column), 0], [number(row), 0], [0, 0]],
        count: 3,
    };
    match mouse(number(button), &numbers, false) {
        Meaning::Event(event) => Some(event),
        Meaning::Paste | Meaning::Nothing => None,
    }
}

/// A mouse report. The second and third numbers are the column and row, counted from 1. Some
/// terminals report 0 at their left and upper edges; that is the first column or row, too.
fn mouse(button: u16, numbers: &Parameters, released: bool) -> Meaning {
    let Some(kind) = mouse_kind(button, released) else {
        return Meaning::Nothing;
    };
    let mut modifiers = KeyModifiers::NONE;
    modifiers.set(KeyModifiers::SHIFT, button & 4 != 0);
    modifiers.set(KeyModifiers::ALT, button & 8 != 0);
    modifiers.set(KeyModifiers::CONTROL, button & 16 != 0);
    Meaning::Event(Event::Mouse(MouseEvent {
        kind,
        column: numbers.number(1).saturating_sub(1),
        row: numbers.number(2).saturating_sub(1),
        modifiers,
    }))
}

/// What the mouse does. Bits 0, 1, 6 and 7 of the number are the button, bit 5 is set if the mouse
/// moves, and the other bits are modifiers.
fn mouse_kind(number: u16, released: bool) -> Option<MouseEventKind> {
    let number = u8::try_from(number).ok()?;
    let moves = number & 0x20 != 0;
    let button = match number & 0xc3 {
        0 => MouseButton::Left,
        1 => MouseButton::Middle,
        2 => MouseButton::Right,
        3 | 0x40..=0x43 if moves => return Some(MouseEventKind::Moved),
        // Old terminals do not say which button is released.
        3 => return Some(MouseEventKind::Up(MouseButton::Left)),
        0x40 => return Some(MouseEventKind::ScrollUp),
        0x41 => return Some(MouseEventKind::ScrollDown),
        0x42 => return Some(MouseEventKind::ScrollLeft),
        0x43 => return Some(MouseEventKind::ScrollRight),
        _ => return None,
    };
    Some(match (moves, released) {
        (_, true) => MouseEventKind::Up(button),
        (true, false) => MouseEventKind::Drag(button),
        (false, false) => MouseEventKind::Down(button),
    })
}

//! A key, and the constants for those that are not characters.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key as it is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    /// With the shift key. Only for keys that have no capital letter, such as F11.
    shift: bool,
}

impl Key {
    /// Whether an event presses this key.
    pub(super) fn is_pressed(&self, event: &KeyEvent) -> bool {
        let held = |key| event.modifiers.contains(key);
        // The code of a capital letter already tells that shift is held. Of the other keys, only
        // function keys are bound with shift.
        let shift = matches!(event.code, KeyCode::F(_)) && held(KeyModifiers::SHIFT);
        self.code == event.code && self.ctrl == held(KeyModifiers::CONTROL) && self.shift == shift
    }

    /// The key's name on the screen.
    pub fn name(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "space".into(),
            KeyCode::Char(letter) if self.ctrl => letter.to_ascii_uppercase().to_string(),
            KeyCode::Char(letter) => letter.to_string(),
            KeyCode::Left => "←".into(),
            KeyCode::Right => "→".into(),
            KeyCode::Up => "↑".into(),
            KeyCode::Down => "↓".into(),
            KeyCode::PageUp => "PgUp".into(),
            KeyCode::PageDown => "PgDn".into(),
            KeyCode::BackTab => "Shift+Tab".into(),
            KeyCode::F(number) => format!("F{number}"),
            code => format!("{code:?}"),
        };
        match (self.ctrl, self.shift) {
            (true, _) => format!("Ctrl+{name}"),
            (_, true) => format!("Shift+{name}"),
            _ => name,
        }
    }

    /// The key event that presses it.
    pub fn event(self) -> KeyEvent {
        let modifiers = match (self.ctrl, self.shift) {
            (true, _) => KeyModifiers::CONTROL,
            (_, true) => KeyModifiers::SHIFT,
            _ => KeyModifiers::NONE,
        };
        KeyEvent::new(self.code, modifiers)
    }
}

/// The key of a character.
pub(super) const fn letter(letter: char) -> Key {
    Key {
        code: KeyCode::Char(letter),
        ctrl: false,
        shift: false,
    }
}

const fn named(code: KeyCode) -> Key {
    Key {
        code,
        ctrl: false,
        shift: false,
    }
}

const fn ctrl(letter: char) -> Key {
    Key {
        code: KeyCode::Char(letter),
        ctrl: true,
        shift: false,
    }
}

pub(super) const ENTER: Key = named(KeyCode::Enter);
pub(super) const ESC: Key = named(KeyCode::Esc);
pub(super) const TAB: Key = named(KeyCode::Tab);
pub(super) const BACK_TAB: Key = named(KeyCode::BackTab);
pub(super) const BACKSPACE: Key = named(KeyCode::Backspace);
pub(super) const UP: Key = named(KeyCode::Up);
pub(super) const DOWN: Key = named(KeyCode::Down);
pub(super) const LEFT: Key = named(KeyCode::Left);
pub(super) const RIGHT: Key = named(KeyCode::Right);
pub(super) const HOME: Key = named(KeyCode::Home);
pub(super) const END: Key = named(KeyCode::End);
pub(super) const PAGE_UP: Key = named(KeyCode::PageUp);
pub(super) const PAGE_DOWN: Key = named(KeyCode::PageDown);
pub(super) const F1: Key = named(KeyCode::F(1));
pub(super) const F2: Key = named(KeyCode::F(2));
pub(super) const F3: Key = named(KeyCode::F(3));
pub(super) const F5: Key = named(KeyCode::F(5));
pub(super) const F10: Key = named(KeyCode::F(10));
pub(super) const F11: Key = named(KeyCode::F(11));
pub(super) const SHIFT_F11: Key = Key { shift: true, ..F11 };
pub(super) const CTRL_B: Key = ctrl('b');
pub(super) const CTRL_C: Key = ctrl('c');
pub(super) const CTRL_D: Key = ctrl('d');
pub(super) const CTRL_N: Key = ctrl('n');
pub(super) const CTRL_P: Key = ctrl('p');
pub(super) const CTRL_U: Key = ctrl('u');
pub(super) const CTRL_Z: Key = ctrl('z');

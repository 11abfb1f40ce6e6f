//! One key.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key as it is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    code: KeyCode,
    ctrl: bool,
    /// With the shift key; asked for where a key has no capital of its own.
    shift: bool,
}

impl Key {
    /// Whether this is the key of an event.
    pub(super) fn is_pressed(&self, event: &KeyEvent) -> bool {
        let held = |key| event.modifiers.contains(key);
        // Only keys without a capital of their own are told apart by the shift key.
        let shift = matches!(event.code, KeyCode::F(_)) && held(KeyModifiers::SHIFT);
        self.code == event.code && self.ctrl == held(KeyModifiers::CONTROL) && self.shift == shift
    }

    /// How a key is written.
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

pub(super) const fn c(letter: char) -> Key {
    Key {
        code: KeyCode::Char(letter),
        ctrl: false,
        shift: false,
    }
}

pub(super) const fn k(code: KeyCode) -> Key {
    Key {
        code,
        ctrl: false,
        shift: false,
    }
}

pub(super) const fn ctrl(letter: char) -> Key {
    Key {
        code: KeyCode::Char(letter),
        ctrl: true,
        shift: false,
    }
}

pub(super) const fn shift(code: KeyCode) -> Key {
    Key {
        code,
        ctrl: false,
        shift: true,
    }
}

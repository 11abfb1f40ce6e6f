//! The table of keys, which binds keys to actions. The footer, the help and the table in `docs/keys.md`
//! are generated from it.
//!
//! A row may have a way back: an action that undoes the row's step, and its keys. Usually they are
//! the capital letters of the row's keys.

use crossterm::event::KeyEvent;

use crate::tui::message::Action;

mod key;
mod table;

pub use key::Key;
pub use table::ROWS;

/// The screens on which a row applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyScope {
    /// On every screen.
    Anywhere,
    /// On the screens that show a run, alone or beside another.
    Run,
    /// On the main screen only.
    Main,
    /// On the screen that compares two runs.
    Compare,
    /// In the list of scenarios.
    Picker,
}

/// The parts of the help screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyGroup {
    /// Steps and jumps.
    Move,
    /// Playing.
    Play,
    /// What is shown.
    View,
    /// Two runs.
    Compare,
    /// The program itself.
    Program,
}

impl KeyGroup {
    /// All parts, in the order of the help screen.
    pub const ALL: [KeyGroup; 5] = [
        KeyGroup::Move,
        KeyGroup::Play,
        KeyGroup::View,
        KeyGroup::Compare,
        KeyGroup::Program,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            KeyGroup::Move => "Moving through the run",
            KeyGroup::Play => "Playing",
            KeyGroup::View => "What is shown",
            KeyGroup::Compare => "Two runs",
            KeyGroup::Program => "The program",
        }
    }
}

/// A row: keys and what they do.
#[derive(Clone, Copy, Debug)]
pub struct KeyRow {
    /// The keys. The footer names the first.
    pub keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// The way back: its keys and its action.
    pub back: Option<(&'static [Key], Action)>,
    /// One or two words for the footer; empty if the footer leaves the row out.
    pub short: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    /// The part of the help that lists it.
    pub group: KeyGroup,
    /// The screens on which it applies.
    pub scope: KeyScope,
}

/// The action of a key on a screen.
pub fn action(scope: KeyScope, key: &KeyEvent) -> Option<Action> {
    let pressed = |known: &Key| known.is_pressed(key);
    rows(scope).find_map(|row| {
        if row.keys.iter().any(pressed) {
            return Some(row.action);
        }
        let (keys, action) = row.back?;
        keys.iter().any(pressed).then_some(action)
    })
}

/// The rows that apply on a screen ([`KeyScope::Main`], [`KeyScope::Compare`] or
/// [`KeyScope::Picker`]).
pub fn rows(scope: KeyScope) -> impl Iterator<Item = &'static KeyRow> {
    ROWS.iter().filter(move |row| match row.scope {
        KeyScope::Anywhere => true,
        KeyScope::Run => scope != KeyScope::Picker,
        own => own == scope,
    })
}

impl KeyRow {
    /// The keys as the footer names them: `n/N`.
    pub fn brief(&self) -> String {
        let first = |keys: &[Key]| keys.first().map(|key| key.name()).unwrap_or_default();
        match self.back {
            Some((back, _)) => format!("{}/{}", first(self.keys), first(back)),
            None => first(self.keys),
        }
    }

    /// All keys, forward and back.
    pub fn all(&self) -> String {
        let names = |keys: &[Key]| {
            keys.iter()
                .map(|key| key.name())
                .collect::<Vec<_>>()
                .join(" ")
        };
        match self.back {
            Some((back, _)) => format!("{} / {}", names(self.keys), names(back)),
            None => names(self.keys),
        }
    }
}

/// The keys as a table for `docs/keys.md`.
pub fn markdown() -> String {
    let mut lines = vec!["| Keys | What they do |".to_owned(), "|---|---|".to_owned()];
    let names = |keys: &[Key]| {
        keys.iter()
            .map(|key| format!("`{}`", key.name()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    for group in KeyGroup::ALL {
        for row in ROWS.iter().filter(|row| row.group == group) {
            let keys = match row.back {
                Some((back, _)) => format!("{} / {}", names(row.keys), names(back)),
                None => names(row.keys),
            };
            let scope = match row.scope {
                KeyScope::Picker => " (in the list of scenarios)",
                KeyScope::Compare => " (comparing)",
                _ => "",
            };
            lines.push(format!("| {keys} | {}{scope} |", row.help));
        }
    }
    lines.push(
        "| mouse | click a lane or the scrubber to go there, a task to select it; drag on the timeline to zoom; the \
         wheel steps by one event |"
            .into(),
    );
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice_on_a_screen() {
        for scope in [KeyScope::Main, KeyScope::Compare, KeyScope::Picker] {
            let mut seen: Vec<Key> = Vec::new();
            for row in rows(scope) {
                for key in row
                    .keys
                    .iter()
                    .chain(row.back.map_or(&[][..], |(keys, _)| keys))
                {
                    assert!(!seen.contains(key), "{} twice in {scope:?}", key.name());
                    assert!(action(scope, &key.event()).is_some());
                    seen.push(*key);
                }
            }
        }
    }

    #[test]
    fn every_row_says_what_it_does() {
        for row in ROWS {
            assert!(!row.help.is_empty() && !row.keys.is_empty());
            assert!(row.help.len() <= 60, "{}", row.help);
            assert!(markdown().contains(row.help));
        }
    }
}

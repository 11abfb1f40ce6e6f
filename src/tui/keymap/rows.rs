//! The table itself.

use crate::tui::message::Action;

use super::{Key, KeyGroup, KeyRow, KeyScope};

mod looking;
mod moving;
mod starting;

/// The whole table. The footer takes the rows that have a short form, in this order, as far as there is room.
pub fn all() -> impl Iterator<Item = &'static KeyRow> {
    [moving::ROWS, looking::ROWS, starting::ROWS]
        .into_iter()
        .flatten()
}

const fn row(
    keys: &'static [Key],
    action: Action,
    short: &'static str,
    help: &'static str,
) -> KeyRow {
    KeyRow {
        keys,
        action,
        back: None,
        short,
        help,
        group: KeyGroup::Move,
        scope: KeyScope::Run,
    }
}

impl KeyRow {
    const fn back(mut self, keys: &'static [Key], action: Action) -> KeyRow {
        self.back = Some((keys, action));
        self
    }

    const fn of(mut self, group: KeyGroup, scope: KeyScope) -> KeyRow {
        self.group = group;
        self.scope = scope;
        self
    }
}

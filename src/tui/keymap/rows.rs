//! The table itself.

use crate::tui::message::Action;

use super::{Group, Key, Place, Row};

mod looking;
mod moving;
mod starting;

/// The whole table. The footer takes the rows that have a short form, in this order, as far as there is room.
pub fn all() -> impl Iterator<Item = &'static Row> {
    [moving::ROWS, looking::ROWS, starting::ROWS]
        .into_iter()
        .flatten()
}

const fn row(keys: &'static [Key], action: Action, short: &'static str, help: &'static str) -> Row {
    Row {
        keys,
        action,
        back: None,
        short,
        help,
        group: Group::Move,
        place: Place::Run,
    }
}

impl Row {
    const fn back(mut self, keys: &'static [Key], action: Action) -> Row {
        self.back = Some((keys, action));
        self
    }

    const fn of(mut self, group: Group, place: Place) -> Row {
        self.group = group;
        self.place = place;
        self
    }
}

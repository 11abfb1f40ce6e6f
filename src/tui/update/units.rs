//! The positions that steps go to.

use crate::{
    replay::Replay,
    scene::news::{Detail, first_news, next_news, previous_news, tenths},
    trace::Position,
};

use crate::tui::message::Unit;

/// The first position that steps reach: that of the first event that has a sentence. A run opens there.
pub(super) fn start(replay: &Replay, detail: Detail) -> Position {
    match detail {
        Detail::News => first_news(replay),
        Detail::AllEvents => Position(1).min(replay.end()),
    }
}

// For each unit, `next` and `previous` go through the same positions, so a step and the step back
// cancel each other. The start and the end belong to the positions of every unit.

pub(super) fn next(replay: &Replay, unit: Unit, detail: Detail) -> Position {
    let (here, end) = (replay.position(), replay.end());
    match unit {
        Unit::Event if detail == Detail::AllEvents => Position(here.0.saturating_add(1)),
        Unit::Event => next_news(replay, here).unwrap_or(end),
        Unit::Poll => replay.next_poll(),
        Unit::Tick => replay.next_tick(),
        Unit::Landmark => replay.next_landmark(),
        Unit::TenPercent => { tenths(replay, detail) }
            .find(|tenth| *tenth > here)
            .unwrap_or(end),
    }
}

pub(super) fn previous(replay: &Replay, unit: Unit, detail: Detail) -> Position {
    let here = replay.position();
    let before = Position(here.0.saturating_sub(1));
    match unit {
        Unit::Event if detail == Detail::AllEvents => before,
        Unit::Event => previous_news(replay, here).unwrap_or(before),
        Unit::Poll => replay.previous_poll(),
        Unit::Tick => replay.previous_tick(),
        Unit::Landmark => replay.previous_landmark(),
        Unit::TenPercent => { tenths(replay, detail) }
            .take_while(|tenth| *tenth < here)
            .last()
            .unwrap_or_default(),
    }
}

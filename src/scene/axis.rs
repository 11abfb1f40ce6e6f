//! The axis of the timeline: the part of it that is shown, its ruler, and the way from a column to a
//! position.
//!
//! A value of the axis is nanoseconds of loop time ([`Axis::Time`]) or a number of polls
//! ([`Axis::Poll`]).

use crate::{
    replay::{Axis, Replay, Window},
    trace::{Event, LoopEvent, Moment, Position},
};

/// A number on the ruler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AxisLabel {
    /// Its column.
    pub(crate) column: u16,
    /// Its text.
    pub(crate) text: String,
}

/// The value of the axis at the end of a run.
pub(crate) fn total(replay: &Replay, axis: Axis) -> u64 {
    axis.value(&replay.index().head().cursor)
}

/// The value of the axis at the current position.
pub(crate) fn current(replay: &Replay, axis: Axis) -> u64 {
    axis.value(&replay.state().cursor)
}

/// The part of an axis that is shown: all of it, or for each step of `zoom` half as much, around
/// `here`.
///
/// By time, a little space follows the end of the run, so that its last event has a column of its
/// own.
pub(crate) fn window(axis: Axis, total: u64, here: u64, zoom: u32, columns: u16) -> Window {
    let spare = match axis {
        Axis::Time => total / 24,
        Axis::Poll => 0,
    };
    let whole = total.saturating_add(spare).saturating_add(1);
    let least = u64::from(columns.max(1)).min(whole);
    let span = whole.checked_shr(zoom).unwrap_or(0).max(least);
    let from = here.saturating_sub(span / 2).min(whole - span);
    Window {
        axis,
        from,
        to: from.saturating_add(span),
        columns,
    }
}

/// How many times zooming in makes sense: until a column is one nanosecond or one poll.
pub(crate) fn max_zoom(total: u64, columns: u16) -> u32 {
    (total / u64::from(columns.max(1)))
        .checked_ilog2()
        .map_or(0, |steps| steps + 1)
}

/// The ruler of a window: round numbers, at least `apart` columns from each other.
pub(crate) fn ruler(window: &Window, apart: u16) -> Vec<AxisLabel> {
    let span = window.to.saturating_sub(window.from).max(1);
    let columns = u64::from(window.columns.max(1));
    let wanted = (u128::from(span) * u128::from(apart)).div_ceil(u128::from(columns));
    let step = round_up(u64::try_from(wanted).unwrap_or(u64::MAX));
    let mut labels = Vec::new();
    let mut value = window.from.div_ceil(step).saturating_mul(step);
    while value < window.to {
        if let Some(column) = window
            .column(value)
            .and_then(|column| u16::try_from(column).ok())
        {
            labels.push(AxisLabel {
                column,
                text: label(window.axis, value, step),
            });
        }
        let Some(next) = value.checked_add(step) else {
            break;
        };
        value = next;
    }
    labels
}

/// The next of 1, 2, 5, 10, 20, 50 …
fn round_up(value: u64) -> u64 {
    let mut power: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step >= value {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// A number of the ruler, with the unit and the digits that its step needs.
fn label(axis: Axis, value: u64, step: u64) -> String {
    if axis == Axis::Poll {
        return value.to_string();
    }
    let seconds = Moment(value).seconds();
    match step {
        s if s >= 1_000_000_000 => format!("{seconds:.0}s"),
        s if s >= 100_000_000 => format!("{seconds:.1}s"),
        s if s >= 1_000_000 => format!("{seconds:.3}s"),
        s if s >= 100_000 => format!("{:.1}ms", seconds * 1e3),
        s if s >= 1_000 => format!("{:.3}ms", seconds * 1e3),
        _ => format!("{value}ns"),
    }
}

/// A tick on the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TickLabel {
    /// The column of its run phase.
    pub(crate) column: u16,
    /// Its number.
    pub(crate) tick: u64,
}

/// How many events are searched for the ticks of a window.
const MAX_EVENTS: usize = 20_000;

/// The columns and numbers of the ticks in a window; none if the window contains too many events.
///
/// A tick is shown at its run phase, because it may begin long before, with a wait.
pub(crate) fn tick_labels(replay: &Replay, window: &Window, until: Position) -> Vec<TickLabel> {
    let before = window.from.checked_sub(1);
    let start = before.map_or(Position(0), |value| position_at(replay, window.axis, value));
    let mut labels: Vec<TickLabel> = Vec::new();
    for (seen, (position, event, after)) in replay.events_from(start).enumerate() {
        let value = window.axis.value(&after);
        if value >= window.to || position > until {
            break;
        }
        if seen == MAX_EVENTS {
            return Vec::new();
        }
        if matches!(event, Event::Loop(LoopEvent::RunPhase { .. }))
            && let Some(column) = window.column(value)
            && let Ok(column) = u16::try_from(column)
        {
            labels.push(TickLabel {
                column,
                tick: after.ticks,
            });
        }
    }
    labels
}

/// The last position at or before a value of an axis.
pub(crate) fn position_at(replay: &Replay, axis: Axis, value: u64) -> Position {
    match axis {
        Axis::Time => replay.at_moment(Moment(value)),
        Axis::Poll => replay.at_polls(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_the_position_and_stays_in_the_run() {
        for total in [0, 1, 10, 1_000, u64::MAX] {
            for here in [0, total / 3, total] {
                for zoom in [0, 1, 7, 63, 64, 1000] {
                    for columns in [0, 1, 80] {
                        let window = window(Axis::Time, total, here, zoom, columns);
                        assert!(
                            window.from <= here && here <= window.to,
                            "{window:?} {here}"
                        );
                        assert!(window.to > window.from);
                    }
                }
            }
        }
    }

    #[test]
    fn the_ruler_has_round_numbers_that_do_not_touch() {
        let window = Window {
            axis: Axis::Time,
            from: 0,
            to: 2_100_000_000,
            columns: 84,
        };
        let labels = ruler(&window, 14);
        let texts: Vec<_> = labels.iter().map(|label| label.text.as_str()).collect();
        assert_eq!(texts, ["0.0s", "0.5s", "1.0s", "1.5s", "2.0s"]);
        assert!(
            labels
                .windows(2)
                .all(|pair| pair[1].column >= pair[0].column + 14)
        );
    }
}

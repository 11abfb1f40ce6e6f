//! The timing of playing.
//!
//! Playing does not follow loop time exactly: a thousand events may happen in one instant, and then
//! none for an hour. The player shows the next event after the time that lies between the two in the
//! trace, but
//!
//! * after at least an eighth of a second, so that the events of one instant are seen one after the
//!   other, and
//! * after at most one second, so that playing never seems to have stopped.
//!
//! The speed divides these times. The player keeps a credit of playing time. Each frame does this:
//!
//! 1. The time since the last frame, times the speed, is added to the credit.
//! 2. While the credit covers the time of the next event, the event is shown and its time is
//!    subtracted.
//! 3. What remains of the credit is kept for the next frame. At the end of the run playing stops.

use std::time::Duration;

use crate::{
    replay::Replay,
    trace::{Moment, Position},
};

/// The shortest time for an event at 1x, in seconds.
const SHORTEST: f64 = 1.0 / 8.0;

/// The longest time for an event at 1x, in seconds.
const LONGEST: f64 = 1.0;

/// The most time that one frame adds to the credit. After a longer gap between frames, such as a
/// suspension, playing continues instead of catching up.
const LATEST: Duration = Duration::from_millis(250);

/// The most events in one frame, so that a high speed does not delay the keys.
const MOST_EVENTS: usize = 100_000;

/// The lowest and the highest speed.
const SPEEDS: (f64, f64) = (0.05, 4096.0);

/// Whether and how fast a run plays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Player {
    playing: bool,
    /// Whether every event is shown; if not, playing goes from landmark to landmark.
    motion: bool,
    speed: f64,
    /// Seconds of playing time that no event has used yet.
    credit: f64,
    /// The time of the last frame.
    last: Option<Duration>,
}

impl Default for Player {
    fn default() -> Player {
        Player {
            playing: false,
            motion: true,
            speed: 1.0,
            credit: 0.0,
            last: None,
        }
    }
}

impl Player {
    pub(crate) fn is_playing(&self) -> bool {
        self.playing
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether every event is shown. If not, playing is one step to the next landmark.
    pub(crate) fn has_motion(&self) -> bool {
        self.motion
    }

    pub(crate) fn set_motion(&mut self, motion: bool) {
        self.motion = motion;
    }

    /// Starts playing. The credit covers one short event, so that the key has a visible effect at
    /// once.
    pub(crate) fn play(&mut self) {
        *self = Player {
            playing: true,
            credit: SHORTEST,
            last: None,
            ..*self
        };
    }

    pub(crate) fn pause(&mut self) {
        self.playing = false;
    }

    /// Sets the speed. Numbers that are not positive are ignored.
    pub(crate) fn set_speed(&mut self, speed: f64) {
        if speed.is_finite() && speed > 0.0 {
            // Rounded to hundredths, so that faster and then slower returns to the same speed.
            self.speed = ((speed * 100.0).round() / 100.0).clamp(SPEEDS.0, SPEEDS.1);
        }
    }

    /// The position to show at `now`.
    pub(crate) fn frame(&mut self, replay: &Replay, now: Duration) -> Position {
        let passed = self
            .last
            .map_or(Duration::ZERO, |last| now.saturating_sub(last).min(LATEST));
        self.last = Some(now);
        self.credit += passed.as_secs_f64() * self.speed;
        let mut position = replay.position();
        let mut before = replay.state().now();
        for (after, _, cursor) in replay.events_from(position).take(MOST_EVENTS) {
            let cost = cost(before, cursor.now);
            if cost > self.credit {
                break;
            }
            self.credit -= cost;
            (position, before) = (after, cursor.now);
        }
        if position == replay.end() {
            self.playing = false;
        }
        position
    }
}

/// The seconds that an event takes at 1x.
fn cost(before: Moment, after: Moment) -> f64 {
    Moment(after.since(before).nanos())
        .seconds()
        .clamp(SHORTEST, LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Advance, Log, Outcome, Writer};

    /// Eight events at one instant, ten seconds of waiting, the end.
    fn replay() -> Replay {
        let mut writer = Writer::new();
        for _ in 0..8 {
            writer.tick_start();
        }
        writer.advance(10_000_000_000, Advance::Jumped);
        writer.end(Outcome::Finished);
        Replay::new(Log {
            bytes: writer.take(),
            ..Log::default()
        })
    }

    #[test]
    fn events_of_one_instant_come_one_after_the_other_and_waits_are_cut() {
        let mut replay = replay();
        let mut player = Player::default();
        player.play();
        let mut seen = Vec::new();
        for frame in 0..100 {
            let position = player.frame(&replay, Duration::from_millis(frame * 125));
            replay.seek(position);
            seen.push(position.0);
            if !player.is_playing() {
                break;
            }
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8, 8, 8, 8, 9, 10]);
    }

    #[test]
    fn the_speed_stays_within_its_limits() {
        let mut player = Player::default();
        player.set_speed(f64::NAN);
        player.set_speed(-1.0);
        assert!((player.speed() - 1.0).abs() < 1e-9);
        for _ in 0..100 {
            player.set_speed(player.speed() * 2.0);
        }
        assert!(player.speed() <= SPEEDS.1);
    }
}

//! When the next frame is due.

use std::time::{Duration, Instant};

/// The time of the next frame, kept from one wait of the shell to the next.
///
/// The time is fixed when a frame is first wanted. If each wait counted from its own start, input
/// that arrives more often than a frame is due, such as mouse motion, would postpone the frame
/// forever.
#[derive(Debug, Default)]
pub(super) struct FrameTimer {
    /// `None` while no frame is wanted.
    due: Option<Instant>,
}

impl FrameTimer {
    /// The time of the next frame, at most `interval` after `now`. `None` if no frame is wanted.
    pub(super) fn next(
        &mut self,
        wanted: bool,
        now: Instant,
        interval: Duration,
    ) -> Option<Instant> {
        let latest = now + interval;
        self.due = wanted.then(|| self.due.map_or(latest, |due| due.min(latest)));
        self.due
    }

    /// Notes that the frame has been handled: the next interval begins.
    pub(super) fn handled(&mut self) {
        self.due = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Duration = Duration::from_millis(33);

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a point in time to count from")]
    fn input_does_not_postpone_a_frame() {
        let start = Instant::now();
        let mut timer = FrameTimer::default();
        for milliseconds in 0..100 {
            let now = start + Duration::from_millis(milliseconds);
            assert_eq!(timer.next(true, now, FRAME), Some(start + FRAME));
        }
        timer.handled();
        let now = start + Duration::from_millis(100);
        assert_eq!(timer.next(true, now, FRAME), Some(now + FRAME));
        assert_eq!(timer.next(false, now, FRAME), None);
    }
}

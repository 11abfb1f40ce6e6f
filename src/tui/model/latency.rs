//! The ready-to-run and run times of a run on the screen.
//!
//! They are read while their list is open, one slice of the trace in each frame. Of a live run, new
//! times are shown at most ten times a second.

use std::time::Duration;

use crate::{
    insight::{LatencyBy, LatencyGroup, LatencyReader, LatencyReport, TimeStats, WorstTime},
    replay::Replay,
    trace::Position,
};

/// How many events are read for one frame.
const SLICE: u64 = 50_000;

/// The time between two reports of a live run.
const APART: Duration = Duration::from_millis(100);

/// The times of one run, as far as they are known.
#[derive(Debug, Default)]
pub(crate) struct RunLatency {
    reader: LatencyReader,
    report: LatencyReport,
    /// The position up to which the report goes; `None` before the first one.
    made_of: Option<Position>,
    /// When the last report was made, on the clock of the frames.
    made_at: Option<Duration>,
}

impl RunLatency {
    /// Reads the next slice, and makes a report if all was read. Returns whether there is a new one.
    pub(crate) fn advance(&mut self, replay: &Replay, now: Option<Duration>) -> bool {
        if !self.is_behind(replay) || !self.reader.feed_some(replay, SLICE) {
            return false;
        }
        let is_due = match (self.made_at, now) {
            (Some(last), Some(now)) => now >= last + APART,
            (Some(_), None) => false,
            (None, _) => true,
        };
        if is_due {
            self.report = self.reader.report();
            self.made_of = Some(self.reader.position());
            self.made_at = now.or(self.made_at);
        }
        is_due
    }

    /// Whether a frame would read more, or make a newer report.
    pub(crate) fn is_behind(&self, replay: &Replay) -> bool {
        self.made_of != Some(replay.end())
    }

    /// The report; `None` before the first one.
    pub(crate) fn report(&self) -> Option<&LatencyReport> {
        self.made_of.map(|_| &self.report)
    }
}

/// What the list of times shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LatencyList {
    /// The chosen tab.
    pub(crate) tab: LatencyTab,
    /// Whether the rows are sorted by the durations of polls, and not by the times before them.
    pub(crate) by_polls: bool,
    /// The chosen row.
    pub(crate) row: usize,
}

/// The tabs of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LatencyTab {
    /// The ten longest times.
    #[default]
    Longest,
    Groups(LatencyBy),
}

impl LatencyTab {
    /// All tabs in their order.
    pub(crate) const ALL: [LatencyTab; 4] = [
        LatencyTab::Longest,
        LatencyTab::Groups(LatencyBy::Task),
        LatencyTab::Groups(LatencyBy::Spawn),
        LatencyTab::Groups(LatencyBy::Await),
    ];

    /// The tab after this one, or before it.
    pub(crate) fn neighbour(self, forward: bool) -> LatencyTab {
        let all = LatencyTab::ALL;
        let at = all.iter().position(|tab| *tab == self).unwrap_or(0);
        all[(at + if forward { 1 } else { all.len() - 1 }) % all.len()]
    }
}

impl LatencyList {
    /// The times of a group by which the rows are sorted.
    pub(crate) fn measured(self, group: &LatencyGroup) -> &TimeStats {
        if self.by_polls {
            &group.polls
        } else {
            &group.ready
        }
    }

    /// The longest times, if they are listed.
    pub(crate) fn longest(self, report: &LatencyReport) -> &[WorstTime] {
        if self.by_polls {
            &report.worst_polls
        } else {
            &report.worst_ready
        }
    }

    /// The groups of the chosen tab, those with the longest times first. Empty for the longest times.
    pub(crate) fn groups(self, report: &LatencyReport) -> Vec<&LatencyGroup> {
        let LatencyTab::Groups(by) = self.tab else {
            return Vec::new();
        };
        let mut groups: Vec<&LatencyGroup> = report.by(by).groups.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(self.measured(group).quantiles.max));
        groups
    }

    /// How many rows can be chosen.
    pub(crate) fn len(self, report: &LatencyReport) -> usize {
        match self.tab {
            LatencyTab::Longest => self.longest(report).len(),
            LatencyTab::Groups(by) => report.by(by).groups.len(),
        }
    }

    /// The time to which the chosen row leads.
    pub(crate) fn target(self, report: &LatencyReport) -> Option<WorstTime> {
        match self.tab {
            LatencyTab::Longest => self.longest(report).get(self.row).copied(),
            LatencyTab::Groups(_) => {
                let groups = self.groups(report);
                let group = groups.get(self.row.min(groups.len().saturating_sub(1)))?;
                self.measured(group).worst
            }
        }
    }
}

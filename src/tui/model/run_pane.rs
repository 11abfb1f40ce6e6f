//! A run on the screen: where it stands, what is selected in it, what was marked.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    insight,
    replay::{Axis, Replay},
    scene::{
        axis,
        source_view::{self, Language},
    },
    trace::{Moment, Position, TaskId},
};

use crate::tui::{
    model::{breakpoints::Breakpoints, goto::Goto, task_filter::TaskFilter},
    source::{FileProgress, SourceStatus},
};

/// A run on the screen.
#[derive(Debug)]
pub(crate) struct RunPane {
    pub(crate) replay: Replay,
    /// How the loop is, if more may come from it.
    pub(crate) status: Option<SourceStatus>,
    /// Where to go as soon as so much of the file has been read.
    pub(crate) pending_goto: Option<Goto>,
    /// Stays at the newest event.
    pub(crate) following: bool,
    /// A moment at which it is looked at, later than that of the last event: the one that two runs have in common.
    pub(crate) view_time: Option<Moment>,
    /// The selected task's number; it may not have been spawned yet at the position.
    pub(crate) selected: u32,
    /// The line of the source (from 0) that is chosen; none follows the tasks.
    pub(crate) line: Option<usize>,
    /// How many of the newest lines of output are scrolled out.
    pub(crate) output_back: usize,
    /// How far the explanation is scrolled.
    pub(crate) why_top: usize,
    pub(crate) marks: BTreeMap<char, Position>,
    pub(crate) breakpoints: Breakpoints,
    /// Which tasks are listed.
    pub(crate) filter: TaskFilter,
    /// Where we came from, latest last.
    pub(crate) jumps: Vec<ViewPoint>,
    /// Where it is to stand once so much of it has come in.
    pending_position: Option<Position>,
}

/// Where a run was looked at: a position, and the moment, if that was a later one.
pub(crate) type ViewPoint = (Position, Option<Moment>);

/// The most jumps that can be returned from.
const MOST_JUMPS: usize = 100;

impl RunPane {
    pub(crate) fn new(mut replay: Replay, status: Option<SourceStatus>) -> RunPane {
        let live = status.is_some_and(|status| status.live && !status.ended);
        let start = if live { replay.end() } else { Position(1) };
        replay.seek(start);
        RunPane {
            replay,
            status,
            pending_goto: None,
            following: live,
            view_time: None,
            selected: 0,
            line: None,
            output_back: 0,
            why_top: 0,
            marks: BTreeMap::new(),
            breakpoints: Breakpoints::default(),
            filter: TaskFilter::default(),
            jumps: Vec::new(),
            pending_position: None,
        }
    }

    /// Whether there is a loop that runs on a real clock and can be told what to do.
    pub(crate) fn is_live(&self) -> bool {
        self.status
            .is_some_and(|status| status.live && !status.ended)
    }

    /// Whether the program waits for input.
    pub(crate) fn wants_input(&self) -> bool {
        self.status
            .is_some_and(|status| status.wants_input && !status.ended)
    }

    /// The file that it is read from, while it is.
    pub(crate) fn reading(&self) -> Option<FileProgress> {
        self.status.and_then(|status| status.reading)
    }

    /// The last position: of the whole file, while that is still being read.
    pub(crate) fn end(&self) -> Position {
        let all = self.reading().map_or(0, |reading| reading.events);
        self.replay.end().max(Position(all))
    }

    /// How much of the file has been read, in percent; none if all of it has.
    pub(crate) fn percent(&self) -> Option<u64> {
        let all = u64::from(self.reading()?.events.max(1));
        Some((u64::from(self.replay.end().0) * 100 / all).min(99))
    }

    /// Where a place is and whose, if as much of the file as that takes has been read.
    pub(crate) fn find(&self, place: Goto) -> Result<Option<(Position, Option<TaskId>)>, String> {
        // Only the whole file can tell, and to ask at each piece of it would be to read it again and again.
        if place == Goto::Longest && self.reading().is_some() {
            return Ok(None);
        }
        let found = place.place(&self.replay);
        match found {
            // The last event that is there need not be the last one of that moment.
            Ok((position, _)) if self.reading().is_some() && position >= self.replay.end() => {
                Ok(None)
            }
            Err(_) if self.reading().is_some() => Ok(None),
            found => found.map(Some),
        }
    }

    pub(crate) fn is_paused_live(&self) -> bool {
        self.is_live() && self.status.is_some_and(|status| status.paused)
    }

    pub(crate) fn at_end(&self) -> bool {
        self.replay.position() == self.replay.end()
    }

    /// The task that is selected: the last one if that many have not been spawned yet.
    pub(crate) fn task(&self) -> TaskId {
        let last = self.replay.state().tasks.len().saturating_sub(1);
        TaskId(self.selected.min(u32::try_from(last).unwrap_or(u32::MAX)))
    }

    /// The rows of the list of tasks at the position.
    pub(crate) fn listed(&self) -> usize {
        self.filter.len(self.replay.state().tasks.len())
    }

    /// Selects the task in a row of the list, or in the last one.
    pub(crate) fn select_row(&mut self, row: usize) {
        let last = self.listed().saturating_sub(1);
        if let Some(task) = self.filter.nth(row.min(last)) {
            self.selected = task.0;
        }
    }

    /// Lists the tasks whose names hold a text; the selected one stays near.
    pub(crate) fn set_filter(&mut self, text: &str) {
        let task = self.task();
        self.filter.set(&self.replay, text);
        self.select_row(self.filter.row(task));
    }

    /// What time it is: at the position, at a later moment that was asked for, or, for who follows a loop that waits or
    /// is held up, by that loop's clock.
    pub(crate) fn now(&self) -> Moment {
        let at = self.replay.state().now();
        let status = self.status.filter(|_| self.following);
        let waiting = status.and_then(|status| status.now);
        let held = status
            .filter(|status| status.live)
            .and_then(|status| status.long_poll());
        let later = [self.view_time, waiting, held.map(|(_, time)| at + time)];
        later.into_iter().flatten().fold(at, Moment::max)
    }

    /// The same on an axis of the timeline.
    pub(crate) fn here(&self, axis: Axis) -> u64 {
        match axis {
            Axis::Time => self.now().0,
            Axis::Poll => axis::current(&self.replay, axis),
        }
    }

    /// Where the run ends on an axis; a run that goes on, now.
    pub(crate) fn total(&self, axis: Axis) -> u64 {
        axis::total(&self.replay, axis).max(self.here(axis))
    }

    /// Looks at it at a moment after the last event; a run that has ended stays at its end.
    pub(crate) fn stay_until(&mut self, moment: Moment) {
        self.view_time = Some(moment.min(self.replay.index().head().now()));
    }

    /// The lines of the source that are not as in another run.
    pub(crate) fn differs_from(&self, other: &RunPane) -> BTreeSet<u32> {
        let program = source_view::source_view(&self.replay, self.task(), Language::Rust);
        insight::differing_lines(&self.replay, program.file, &other.replay)
    }

    /// Holds it against what must be true of it at any time.
    pub(crate) fn check(&self) {
        let state = self.replay.state();
        assert!(self.replay.position() <= self.replay.end());
        assert!(self.task().index() <= state.tasks.len().saturating_sub(1));
        assert!(self.output_back <= state.outputs as usize);
        assert!(self.jumps.len() <= MOST_JUMPS);
        assert!(self.listed() <= state.tasks.len());
        assert!(self.marks.values().all(|mark| *mark <= self.replay.end()));
    }

    /// The oldest events have gone, to make room: all positions are this much lower.
    pub(crate) fn shift_positions(&mut self, by: u32) {
        if by == 0 {
            return;
        }
        let lower = |position: &mut Position| position.0 = position.0.saturating_sub(by);
        self.marks.values_mut().for_each(lower);
        self.jumps.iter_mut().for_each(|place| lower(&mut place.0));
        self.output_back = 0;
        let text = self.filter.text().to_owned();
        self.filter.set(&self.replay, &text);
    }

    /// Moves. What was scrolled goes back to where something happens.
    pub(crate) fn seek(&mut self, position: Position) {
        self.view_time = None;
        self.pending_position = None;
        if position == self.replay.position() {
            return;
        }
        self.replay.seek(position);
        self.line = None;
        self.output_back = 0;
        self.why_top = 0;
    }

    /// Goes to a position that may not have come in yet.
    pub(crate) fn stand_at(&mut self, position: Position) {
        self.seek(position);
        self.pending_position = Some(position).filter(|position| *position > self.replay.end());
    }

    /// More of the run has come in.
    pub(crate) fn on_append(&mut self, was_empty: bool) {
        self.filter.go_on(&self.replay);
        if let Some(position) = self.pending_position {
            self.stand_at(position);
        } else if self.following {
            self.seek(self.replay.end());
        } else if was_empty {
            self.replay.seek(Position(1));
        }
    }

    /// Remembers where we are before a jump.
    pub(crate) fn remember(&mut self) {
        let here = (self.replay.position(), self.view_time);
        if self.jumps.last() != Some(&here) {
            if self.jumps.len() == MOST_JUMPS {
                self.jumps.remove(0);
            }
            self.jumps.push(here);
        }
    }
}

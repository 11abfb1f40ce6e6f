//! A run on the screen: its position, its selection, its marks and breakpoints.
//!
//! # What a pane shows
//!
//! A pane always shows the state at `replay.position()`. [`ViewMode`] says what determines that
//! position, and which time is displayed. Exactly one of its four states holds:
//!
//! * [`AtPosition`](ViewMode::AtPosition): the pane keeps its position when more of the run
//!   arrives. The displayed time is that of the last event before the position.
//! * [`Loading`](ViewMode::Loading): like `AtPosition`, but the pane waits for a place that has not
//!   been read yet. The user typed the place, `--at` named it, or it is the last position of a
//!   branch that is shown again. As soon as enough has been read, the pane goes there.
//! * [`Following`](ViewMode::Following): only for a live run. The pane goes to each event that
//!   arrives. The displayed time is the loop's own clock, which advances while the loop waits, and
//!   while a poll does not return.
//! * [`Shared`](ViewMode::Shared): only in a comparison that is synchronised by time. Both panes
//!   display one common time, which may be later than a pane's last event. A live pane that
//!   followed before remembers this in `following`, still goes to each event that arrives, and is
//!   `Following` again afterwards.
//!
//! | state | entered by | left by |
//! |---|---|---|
//! | `AtPosition` | `go`, and whenever another state is left | entering another state |
//! | `Loading` | `wait_for`, `stand_at` | `go`, `stop_loading`, `follow`; a branch also `seek` |
//! | `Following` | `follow`, `go` to the newest event | `go`, `stop_following`, `stay_until` |
//! | `Shared` | `stay_until`, except from `Loading` | `go`, `seek`, `leave_shared` |
//!
//! Two functions move a pane. `go` is for a move that the user asked for: it ends the wait for a
//! place, and also following, unless it goes to the newest event. `seek` is for a move that has
//! another reason: data has arrived, a run plays, or the other run has moved. It ends the shared
//! time, but neither following nor the wait for a place that was typed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::{
    insight::{self, Language},
    replay::{Axis, Replay},
    scene::{axis, findings::CheckSettings, news::first_news, source_view},
    trace::{Moment, Position, TaskId},
};

use crate::tui::{
    model::{
        breakpoints::Breakpoints,
        findings::RunFindings,
        goto::{Goto, GotoError},
        latency::RunLatency,
        lists::TaskFilter,
        panel_story::StoryCache,
        path_line::PathLine,
    },
    source::{FileProgress, SourceStatus},
};

/// A run on the screen.
#[derive(Debug)]
pub(crate) struct RunPane {
    pub(crate) replay: Replay,
    /// The state of the source; `None` if the run is complete.
    pub(crate) status: Option<SourceStatus>,
    /// What determines the position, and which time is displayed.
    mode: ViewMode,
    /// The number of the selected task, which may not have been spawned yet at the position.
    pub(crate) selected: u32,
    /// Whether the user has chosen the selected task at this position. Then panel 1 shows where that
    /// task is; otherwise it follows what executes.
    pub(crate) task_chosen: bool,
    /// The chosen line of the source (from 0); `None` shows the line that was executed last.
    pub(crate) line: Option<usize>,
    /// By how many lines the output is scrolled back from its newest line.
    pub(crate) output_back: usize,
    /// By how many rows the log in panel 5 is scrolled back from its newest row.
    pub(crate) why_back: usize,
    /// What panel 5 tells.
    pub(crate) told: StoryCache,
    /// What is wrong with the run.
    pub(crate) findings: RunFindings,
    /// The critical path on the timeline.
    pub(crate) path: PathLine,
    /// Its ready-to-run and run times.
    pub(crate) latency: RunLatency,
    pub(crate) marks: BTreeMap<char, Position>,
    pub(crate) breakpoints: Breakpoints,
    /// The tasks that are listed.
    pub(crate) filter: TaskFilter,
    /// Where jumps began, the latest last: Backspace returns there.
    pub(crate) jumps: Vec<ViewPoint>,
    /// The number of the loop among those of its program, from 0; `None` if the program has one loop.
    pub(crate) loop_number: Option<usize>,
}

/// What determines the position of a pane; the module's text describes the states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ViewMode {
    Loading(Target),
    AtPosition,
    Following,
    Shared { time: Moment, following: bool },
}

/// A place that has not been read yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target {
    /// A place that was typed. Its position is known only when enough has been read.
    Goto(Goto),
    /// The position at which a branch was left.
    Position(Position),
}

/// What a pane showed: a position, and the shared time if that applied.
pub(crate) type ViewPoint = (Position, Option<Moment>);

/// The most jumps that can be returned from.
const MOST_JUMPS: usize = 100;

impl RunPane {
    pub(crate) fn new(mut replay: Replay, status: Option<SourceStatus>) -> RunPane {
        let live = status.is_some_and(|status| status.live && !status.ended);
        let start = if live {
            replay.end()
        } else {
            first_news(&replay)
        };
        replay.seek(start);
        RunPane {
            replay,
            status,
            mode: if live {
                ViewMode::Following
            } else {
                ViewMode::AtPosition
            },
            selected: 0,
            task_chosen: false,
            line: None,
            output_back: 0,
            why_back: 0,
            told: StoryCache::default(),
            findings: RunFindings::default(),
            path: PathLine::default(),
            latency: RunLatency::default(),
            marks: BTreeMap::new(),
            breakpoints: Breakpoints::default(),
            filter: TaskFilter::default(),
            jumps: Vec::new(),
            loop_number: None,
        }
    }

    /// Whether a loop on the real clock still runs and can be controlled.
    pub(crate) fn is_live(&self) -> bool {
        self.status
            .is_some_and(|status| status.live && !status.ended)
    }

    /// Whether the program waits for input.
    pub(crate) fn wants_input(&self) -> bool {
        self.status
            .is_some_and(|status| status.wants_input && !status.ended)
    }

    /// The size of the file, while the file is still being read.
    pub(crate) fn reading(&self) -> Option<FileProgress> {
        self.status.and_then(|status| status.reading)
    }

    /// The last position; of a file that is still being read, the last one of the whole file.
    pub(crate) fn end(&self) -> Position {
        let all = self.reading().map_or(0, |reading| reading.events);
        self.replay.end().max(Position(all))
    }

    /// How much of the file has been read, in percent; `None` if all of it has.
    pub(crate) fn percent(&self) -> Option<u64> {
        let all = self.reading()?.events.max(1);
        Some((self.replay.end().0 * 100 / all).min(99))
    }

    /// Resolves `place` to a position and a task to select there. `Ok(None)` while the file has not
    /// been read that far.
    pub(crate) fn find(
        &self,
        place: Goto,
    ) -> Result<Option<(Position, Option<TaskId>)>, GotoError> {
        // Which poll is the longest is known only when the whole file has been read. Searching
        // again for each piece that arrives would take quadratic time.
        if place == Goto::Longest && self.reading().is_some() {
            return Ok(None);
        }
        let found = place.resolve(&self.replay);
        match found {
            // More events of the same time may follow the last one that has been read.
            Ok((position, _)) if self.reading().is_some() && position >= self.replay.end() => {
                Ok(None)
            }
            Err(_) if self.reading().is_some() => Ok(None),
            found => found.map(Some),
        }
    }

    /// Looks for what is wrong in the next slice of the trace. Returns whether there is a new report.
    pub(crate) fn look_for_findings(
        &mut self,
        checks: &CheckSettings,
        now: Option<Duration>,
    ) -> bool {
        let (replay, status) = (&self.replay, self.status);
        self.findings.advance(replay, checks, status, now)
    }

    /// Whether the findings, or the critical path, do not cover all of the run yet.
    pub(crate) fn is_looking(&self) -> bool {
        self.path.is_reading() || self.findings.is_behind(&self.replay, self.status)
    }

    pub(crate) fn is_paused_live(&self) -> bool {
        self.is_live() && self.status.is_some_and(|status| status.paused)
    }

    /// Whether this is a live loop that waits to be started: its first tick has not begun. The first
    /// task may have been spawned already.
    pub(crate) fn is_unstarted(&self) -> bool {
        self.is_paused_live() && self.replay.index().head().tick() == 0
    }

    /// Whether nothing more happens in the tasks of a run that is not live: all have ended, or the
    /// position is the last.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.replay.state();
        let all_ended = !state.tasks.is_empty() && state.unfinished() == 0;
        !self.is_live() && (all_ended || self.at_end())
    }

    pub(crate) fn at_end(&self) -> bool {
        self.replay.position() == self.replay.end()
    }

    /// The selected task; if it has not been spawned yet at the position, the task that was spawned
    /// last.
    pub(crate) fn task(&self) -> TaskId {
        let last = self.replay.state().tasks.len().saturating_sub(1);
        TaskId(self.selected.min(u32::try_from(last).unwrap_or(u32::MAX)))
    }

    /// The number of rows of the list of tasks at the position.
    pub(crate) fn listed(&self) -> usize {
        self.filter.len(self.replay.state().tasks.len())
    }

    /// Selects the task in a row of the list, at most in the last one.
    pub(crate) fn select_row(&mut self, row: usize) {
        let last = self.listed().saturating_sub(1);
        if let Some(task) = self.filter.nth(row.min(last)) {
            self.choose(task);
        }
    }

    /// Selects a task because the user has chosen it.
    pub(crate) fn choose(&mut self, task: TaskId) {
        self.selected = task.0;
        self.task_chosen = true;
        self.line = None;
    }

    /// The task whose line panel 1 shows; `None` follows what executes.
    pub(crate) fn chosen(&self) -> Option<TaskId> {
        self.task_chosen.then(|| self.task())
    }

    /// Lists the tasks whose label contains a text. The selection moves to the nearest task that is
    /// listed.
    pub(crate) fn set_filter(&mut self, text: &str) {
        let task = self.task();
        self.filter.set(&self.replay, text);
        self.select_row(self.filter.row(task));
    }

    /// The displayed time: the latest of
    ///
    /// * the time of the last event,
    /// * the shared time,
    /// * while a live loop is followed, the loop's clock, which is known while the loop waits, and
    /// * while a live loop is followed, the time of the last event plus the length so far of a poll
    ///   that does not return.
    pub(crate) fn now(&self) -> Moment {
        let at = self.replay.state().now();
        let status = self.status.filter(|_| self.is_following());
        let waiting = status.and_then(|status| status.now);
        let held = status
            .filter(|status| status.live)
            .and_then(|status| status.long_poll());
        let later = [self.shared_time(), waiting, held.map(|(_, time)| at + time)];
        later.into_iter().flatten().fold(at, Moment::max)
    }

    /// The displayed time, or the poll at the position, on an axis of the timeline.
    pub(crate) fn axis_value(&self, axis: Axis) -> u64 {
        match axis {
            Axis::Time => self.now().0,
            Axis::Poll => axis::current(&self.replay, axis),
        }
    }

    /// The end of the run on an axis; of a live run, at least its current time.
    pub(crate) fn total(&self, axis: Axis) -> u64 {
        axis::total(&self.replay, axis).max(self.axis_value(axis))
    }

    /// Whether the pane moves to the newest event when one arrives.
    pub(crate) fn is_following(&self) -> bool {
        matches!(
            self.mode,
            ViewMode::Following
                | ViewMode::Shared {
                    following: true,
                    ..
                }
        )
    }

    /// The time that both runs of a comparison display; `None` in any other state.
    fn shared_time(&self) -> Option<Moment> {
        match self.mode {
            ViewMode::Shared { time, .. } => Some(time),
            ViewMode::Loading(_) | ViewMode::AtPosition | ViewMode::Following => None,
        }
    }

    /// The place that the pane waits for.
    pub(crate) fn loading(&self) -> Option<Target> {
        match self.mode {
            ViewMode::Loading(target) => Some(target),
            ViewMode::AtPosition | ViewMode::Following | ViewMode::Shared { .. } => None,
        }
    }

    /// Displays a time that may be later than the last event, but at most the end of the run. Has
    /// no effect while the pane waits for a place.
    pub(crate) fn stay_until(&mut self, moment: Moment) {
        if self.loading().is_none() {
            self.mode = ViewMode::Shared {
                time: moment.min(self.replay.index().head().now()),
                following: self.is_following(),
            };
        }
    }

    /// Ends the shared time.
    pub(crate) fn leave_shared(&mut self) {
        if let ViewMode::Shared { following, .. } = self.mode {
            self.mode = if following {
                ViewMode::Following
            } else {
                ViewMode::AtPosition
            };
        }
    }

    /// Goes to the newest event of a live run, and to each event that arrives later.
    pub(crate) fn follow(&mut self) {
        self.mode = ViewMode::Following;
        self.seek(self.replay.end());
    }

    pub(crate) fn stop_following(&mut self) {
        match &mut self.mode {
            ViewMode::Following => self.mode = ViewMode::AtPosition,
            ViewMode::Shared { following, .. } => *following = false,
            ViewMode::Loading(_) | ViewMode::AtPosition => {}
        }
    }

    /// Waits until this place has been read.
    pub(crate) fn wait_for(&mut self, place: Goto) {
        self.mode = ViewMode::Loading(Target::Goto(place));
    }

    /// Ends the wait for a place: it has been read, or the user goes elsewhere.
    pub(crate) fn stop_loading(&mut self) {
        if self.loading().is_some() {
            self.mode = ViewMode::AtPosition;
        }
    }

    /// The lines of this run's source that differ from those of another run.
    pub(crate) fn differs_from(&self, other: &RunPane) -> BTreeSet<u32> {
        let program = source_view::source_view(&self.replay, None, Language::Rust);
        insight::differing_lines(&self.replay, program.file, &other.replay)
    }

    /// Asserts what must be true of the pane at any time.
    #[cfg(debug_assertions)]
    pub(crate) fn check(&self) {
        let state = self.replay.state();
        assert!(self.replay.position() <= self.replay.end());
        assert!(self.task().index() <= state.tasks.len().saturating_sub(1));
        assert!(self.output_back as u64 <= state.outputs);
        assert!(self.jumps.len() <= MOST_JUMPS);
        assert!(self.listed() <= state.tasks.len());
        assert!(self.marks.values().all(|mark| *mark <= self.replay.end()));
    }

    /// Lowers all remembered positions by `by`: the replay has discarded that many of its oldest
    /// events to limit memory.
    pub(crate) fn shift_positions(&mut self, by: u64) {
        if by == 0 {
            return;
        }
        let shift = |position: &mut Position| position.0 = position.0.saturating_sub(by);
        self.marks.values_mut().for_each(shift);
        self.jumps.iter_mut().for_each(|jump| shift(&mut jump.0));
        self.output_back = 0;
        self.told.clear();
        self.findings.begin_again();
        self.path = PathLine::Off;
        self.latency = RunLatency::default();
        let text = self.filter.text().to_owned();
        self.filter.set(&self.replay, &text);
    }

    /// Moves to a position without ending [`Following`](ViewMode::Following) or the wait for a
    /// place that was typed. Ends the shared time and the wait for a branch's position. If the
    /// position changes, the source, the output and the explanation scroll back to the current
    /// event.
    pub(crate) fn seek(&mut self, position: Position) {
        self.leave_shared();
        if let ViewMode::Loading(Target::Position(_)) = self.mode {
            self.mode = ViewMode::AtPosition;
        }
        if position == self.replay.position() {
            return;
        }
        self.replay.seek(position);
        self.filter.moved(&self.replay);
        self.task_chosen = false;
        self.line = None;
        self.output_back = 0;
        self.why_back = 0;
    }

    /// Moves to a position because the user asked for it. A pane that is now at the newest event of
    /// a live run follows the run; any other pane keeps its position.
    pub(crate) fn go(&mut self, position: Position) {
        self.stop_loading();
        self.seek(position);
        self.mode = if self.is_live() && self.at_end() {
            ViewMode::Following
        } else {
            ViewMode::AtPosition
        };
    }

    /// Moves to the position at which a branch was left, which may not have been read yet.
    pub(crate) fn stand_at(&mut self, position: Position) {
        self.seek(position);
        if position > self.replay.end() {
            self.mode = ViewMode::Loading(Target::Position(position));
        }
    }

    /// Reacts to data that has been appended to the replay.
    ///
    /// * A pane that waits for a branch's position tries again.
    /// * A pane that follows goes to the newest event.
    /// * A pane whose replay was empty goes to the first event that carries news, at which every other
    ///   run opens.
    /// * Any other pane keeps its position.
    pub(crate) fn on_append(&mut self, was_empty: bool) {
        self.filter.extend(&self.replay);
        if let ViewMode::Loading(Target::Position(position)) = self.mode {
            self.stand_at(position);
        } else if self.is_following() {
            self.seek(self.replay.end());
        } else if was_empty {
            self.replay.seek(first_news(&self.replay));
            self.filter.moved(&self.replay);
        }
    }

    /// Remembers what the pane shows, before a jump.
    pub(crate) fn remember(&mut self) {
        let shown = (self.replay.position(), self.shared_time());
        if self.jumps.last() != Some(&shown) {
            if self.jumps.len() == MOST_JUMPS {
                self.jumps.remove(0);
            }
            self.jumps.push(shown);
        }
    }
}

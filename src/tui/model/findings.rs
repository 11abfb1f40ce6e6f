//! What is wrong with a run on the screen, as far as its events have been read.
//!
//! Reading takes about as long as replaying, so it never holds up a picture: each frame reads one
//! slice of the trace. A report is made when the reader has caught up:
//!
//! * of a run that is complete, once;
//! * of a live run, at most fifteen times a second, so that no event is unreported for longer than 100 ms;
//! * of a run that is still arriving, not before its end, because a rule such as `deadlock` looks at
//!   what the tasks wait for at the end of what was read.
//!
//! Until the first report, the header shows `!…`. `--limit`, `--allow` and comments in the source do what
//! they do in `loopscope check`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::{
    insight::{Finding, Findings, FindingsReport, Language, Rule, Severity},
    replay::{Axis, Replay},
    scene::findings::{CheckSettings, finding_view},
    trace::{Position, Span},
};

use crate::tui::source::SourceStatus;

/// How many events are read for one frame.
const SLICE: u64 = 50_000;

/// The time between two reports of a live run.
const APART: Duration = Duration::from_millis(65);

/// How long a live loop waits before a report says that nothing can wake it: until then, a program
/// that waits for its first connection looks the same.
const IDLE: Span = Span(1_000_000_000);

/// The findings of one run.
#[derive(Debug, Default)]
pub(crate) struct RunFindings {
    /// `None` before the first slice.
    reader: Option<Findings>,
    report: FindingsReport,
    /// What the report was made of; `None` before the first one.
    made_of: Option<ReportKey>,
    /// When the last report was made, on the clock of the frames.
    made_at: Option<Duration>,
    /// The first finding that each piece of evidence proves, by its number in the report.
    by_evidence: BTreeMap<Position, usize>,
    /// The finding whose evidence `n` and `N` go through.
    pub(crate) open: Option<OpenFinding>,
}

/// What a report depends on: how much was read, whether the run has ended, and whether the loop has
/// waited for long.
type ReportKey = (Position, bool, bool);

/// A finding that the user has chosen from the list.
#[derive(Clone, Debug)]
pub(crate) struct OpenFinding {
    pub(crate) finding: Finding,
    /// Its evidence, in the order of the run.
    pub(crate) evidence: Vec<Evidence>,
    /// The piece of evidence that was visited last.
    pub(crate) at: usize,
    /// The position that shows this piece: that of the event itself, or of the next event with news.
    pub(crate) shown: Position,
}

/// A piece of evidence, and where it is on each axis of the timeline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    pub(crate) position: Position,
    time: u64,
    poll: u64,
}

impl Evidence {
    pub(crate) fn on(&self, axis: Axis) -> u64 {
        match axis {
            Axis::Time => self.time,
            Axis::Poll => self.poll,
        }
    }
}

/// The findings that neither an argument nor a comment in the source leaves out. What follows from an allowed one is allowed with
/// it.
fn without_allowed(
    replay: &Replay,
    checks: &CheckSettings,
    mut report: FindingsReport,
) -> FindingsReport {
    let language = Language::Rust.for_run(replay);
    let is_told = |finding: &Finding| !checks.leaves_out(&finding_view(replay, finding, language));
    report.findings.retain(is_told);
    for finding in &mut report.findings {
        finding.children.retain(is_told);
    }
    report
}

/// A row of the list: a finding, or one that follows from the finding above it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FindingRow<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) follows: bool,
}

impl RunFindings {
    /// Reads the next slice of the trace, and makes a report if all was read. Returns whether there is
    /// a new one. `now` is the time of the frame, if this is for one.
    pub(crate) fn advance(
        &mut self,
        replay: &Replay,
        checks: &CheckSettings,
        status: Option<SourceStatus>,
        now: Option<Duration>,
    ) -> bool {
        if !self.is_behind(replay, status) {
            return false;
        }
        let new = || Findings::new(&checks.limits);
        let reader = self.reader.get_or_insert_with(new);
        if !reader.feed_some(replay, SLICE) {
            return false;
        }
        let key = key(replay, status);
        let is_live = status.is_some_and(|status| status.live && !status.ended);
        let is_complete = status.is_none_or(|status| status.ended);
        let is_due = match (self.made_at, now) {
            (Some(last), Some(now)) => now >= last + APART,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let is_told = is_complete || (is_live && is_due);
        if !is_told {
            return false;
        }
        self.made_of = Some(key);
        self.made_at = now.or(self.made_at);
        let reader = self.reader.get_or_insert_with(new);
        self.report = without_allowed(replay, checks, reader.report(replay));
        let (_, ended, idle) = key;
        if !ended && !idle {
            let lasts = |finding: &Finding| !is_about_idleness(finding.rule);
            self.report.findings.retain(lasts);
        }
        self.by_evidence.clear();
        for (finding, number) in self.report.all().zip(0..) {
            for position in &finding.evidence {
                self.by_evidence.entry(*position).or_insert(number);
            }
        }
        true
    }

    /// Whether a frame would read more, or make a newer report.
    pub(crate) fn is_behind(&self, replay: &Replay, status: Option<SourceStatus>) -> bool {
        let arrives = status.is_some_and(|status| !status.live && !status.ended);
        let read = self.reader.as_ref().map_or(Position(0), Findings::position);
        let is_read = read >= replay.end();
        // While a file is being read, the time belongs to the file.
        let is_file = status.is_some_and(|status| status.reading.is_some());
        !is_file && (!is_read || (!arrives && self.made_of != Some(key(replay, status))))
    }

    /// Whether nothing is known of the run yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.made_of.is_none()
    }

    pub(crate) fn report(&self) -> &FindingsReport {
        &self.report
    }

    /// The findings, the worst first, each followed by those that follow from it.
    pub(crate) fn rows(&self) -> Vec<FindingRow<'_>> {
        let findings = self.report.findings.iter();
        let rows = findings.flat_map(|finding| {
            let first = FindingRow {
                finding,
                follows: false,
            };
            let others = finding.children.iter().map(|finding| FindingRow {
                finding,
                follows: true,
            });
            std::iter::once(first).chain(others)
        });
        rows.collect()
    }

    /// How many findings have a severity, without those that follow from another.
    pub(crate) fn count(&self, severity: Severity) -> usize {
        let findings = self.report.findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// The finding that one of the events at these positions proves: the open one, or the worst.
    pub(crate) fn proven_at(&self, positions: RangeInclusive<Position>) -> Option<&Finding> {
        if let Some(open) = &self.open
            && positions.contains(&open.shown)
        {
            return Some(&open.finding);
        }
        let found = self.by_evidence.range(positions).map(|(_, number)| number);
        self.report.all().nth(*found.min()?)
    }

    /// Opens the finding in a row.
    pub(crate) fn open(&mut self, replay: &Replay, row: usize) -> Option<&OpenFinding> {
        let finding = self.rows().get(row)?.finding.clone();
        let mut positions = finding.evidence.clone();
        positions.sort_unstable();
        positions.dedup();
        let place = |position: Position| {
            let cursor = replay.cursor_at(position);
            Evidence {
                position,
                time: Axis::Time.value(&cursor),
                poll: Axis::Poll.value(&cursor),
            }
        };
        self.open = Some(OpenFinding {
            finding,
            evidence: positions.into_iter().map(place).collect(),
            at: 0,
            shown: Position(0),
        });
        self.open.as_ref()
    }

    /// Begins again, because the replay has discarded its oldest events: the positions of all others
    /// are lower now.
    pub(crate) fn begin_again(&mut self) {
        *self = RunFindings {
            made_at: self.made_at,
            ..RunFindings::default()
        };
    }
}

/// What a report would be made of now.
fn key(replay: &Replay, status: Option<SourceStatus>) -> ReportKey {
    let head = replay.index().head();
    let clock = status.and_then(|status| status.now);
    let idle = clock.is_some_and(|now| now.since(head.now()) >= IDLE);
    let ended = status.is_none_or(|status| status.ended);
    (replay.end(), ended, idle)
}

/// Whether a loop that only waits looks like this for a moment.
fn is_about_idleness(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::Deadlock | Rule::Stalled | Rule::ChanDeadlock | Rule::SenderAlive | Rule::LostWakeup
    )
}

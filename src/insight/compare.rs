//! Two runs, compared: which of them takes longer, and why.
//!
//! The conclusion is a list of [`Finding`]s. Each is checked in both traces before it is stated:
//!
//! 1. *The same run*: the two traces have the same events. Nothing else is looked for.
//! 2. *Two programs*, *two endings*, *other parameters*: the totals answer different questions.
//! 3. *Loop held*: a poll delayed a task, and the other run has no such poll, or a shorter one.
//! 4. *Waits in series*: on the critical path of the longer run, waits follow one another that
//!    overlap in the other run.
//! 5. *A limit*: on the critical path of the longer run, tasks wait for a permit, a lock or room in
//!    a channel.
//! 6. *Different work*: the sums of polls and outside waits differ, so the totals cannot be
//!    compared.
//! 7. *Output and order*: what is printed, and when; otherwise in how many polls and ticks.
//!
//! The parts of the critical paths (see [`Path`]) add up to the totals. So the difference of the
//! totals is the sum of the differences of the parts, and 3 to 5 are stated as the reason of it only
//! if their part of the path is longer by a share of that difference.

use crate::replay::Replay;
use crate::trace::{ClockKind, Event, Moment, Outcome, Position, Span, TaskEvent, TaskId, TextId};

use super::{
    conclusion,
    difference::{Difference, first_difference},
    language::Language,
    lesson::{LessonResult, lesson_result},
    path::{Limit, Path},
    summary::{Hold, Summary, summary},
};

/// Two runs in numbers, and what follows from them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The first run.
    pub a: Summary,
    /// The second run.
    pub b: Summary,
    /// A − B, in nanoseconds; negative if the second run takes longer.
    pub saved: i64,
    /// A / B: 1.5 for 3 s against 2 s. 1 if neither takes any time.
    pub ratio: f64,
    /// Of the run with the lower bound, the part that can overlap only with waits.
    pub serial: Span,
    /// The lower of the two bounds.
    pub bound: Span,
    /// The first difference, synchronized by time.
    pub first: Option<Difference>,
    /// What they teach, if they are the two variants of a lesson.
    pub lesson: Option<LessonResult>,
    /// What was found, the most important first.
    pub findings: Vec<Finding>,
    /// The findings in words, a sentence or two for each.
    pub lines: Vec<String>,
    /// The critical path of each run in words.
    pub paths: [String; 2],
}

/// One of two compared runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The first run.
    A,
    /// The second run.
    B,
}

impl Side {
    /// Its letter on the screen.
    pub fn letter(self) -> &'static str {
        match self {
            Side::A => "A",
            Side::B => "B",
        }
    }

    /// The other run.
    pub fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }
}

/// Something in which two runs differ or agree, checked in both traces.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The two traces have the same events.
    Identical,
    /// The runs are of two scenarios.
    TwoPrograms,
    /// At least one run did not complete, or the runs ended in two ways.
    Endings([Option<Outcome>; 2]),
    /// A parameter has two values.
    Parameter {
        /// Its name.
        name: String,
        /// Its values.
        values: [String; 2],
    },
    /// Both take the same time.
    SameTotal(Span),
    /// One run takes longer, and both do the same work.
    Longer {
        /// The longer run.
        side: Side,
        /// By how much.
        by: Span,
    },
    /// In one run a poll delays a task more than any poll of the other run.
    LoopHeld {
        /// The run.
        side: Side,
        /// The poll.
        hold: Hold,
        /// The poll of the other run that delays a task the most.
        other: Option<Hold>,
        /// Whether the longer total follows from it.
        is_reason: bool,
    },
    /// On the critical path of the longer run, waits follow one another that overlap in the other.
    WaitsInSeries {
        /// The longer run.
        side: Side,
        /// The number of waits on the critical path of this run, and on that of the other.
        waits: [u32; 2],
        /// Their sums.
        sums: [Span; 2],
        /// How many waits are in progress at once at most, in this run and in the other.
        at_once: [u32; 2],
    },
    /// In one run, tasks wait for a limit.
    Limited {
        /// The run.
        side: Side,
        /// The limit.
        limit: Limit,
        /// The waits for limits: on its critical path if they are the reason of the longer total,
        /// otherwise of all tasks.
        sum: Span,
        /// Whether the longer total follows from it.
        is_reason: bool,
    },
    /// The sums of polls and outside waits differ.
    DifferentWork([Span; 2]),
    /// The first line of output comes at two times.
    FirstOutput([Option<Moment>; 2]),
    /// A line is printed at two times.
    LineMoved {
        /// The line, in the text table of each run.
        lines: [TextId; 2],
        /// When it is printed.
        at: [Moment; 2],
    },
    /// As many lines are printed, and one of them differs. Times in a line are not compared.
    LineDiffers([TextId; 2]),
    /// The same lines are printed in another order.
    LinesReordered,
    /// More lines are printed in one run than in the other.
    OtherLines([u32; 2]),
    /// The same lines are printed at the same times.
    SameLines,
    /// A count differs: of ticks, polls, tasks or of waits at once.
    Count {
        /// What is counted.
        what: Counted,
        /// The counts.
        counts: [u32; 2],
    },
    /// All counts agree, and the polls have another order.
    PollsReordered {
        /// The number of the first poll that differs.
        poll: u32,
        /// The task that is polled in each run.
        tasks: [TaskId; 2],
    },
    /// The polls, the counts and the output agree.
    OnlyDetails,
}

impl Finding {
    /// Its name in the JSON output.
    pub fn kind(&self) -> &'static str {
        match self {
            Finding::Identical => "identical",
            Finding::TwoPrograms => "two_programs",
            Finding::Endings(_) => "endings",
            Finding::Parameter { .. } => "parameter",
            Finding::SameTotal(_) => "same_total",
            Finding::Longer { .. } => "longer",
            Finding::LoopHeld { .. } => "loop_held",
            Finding::WaitsInSeries { .. } => "waits_in_series",
            Finding::Limited { .. } => "limited",
            Finding::DifferentWork(_) => "different_work",
            Finding::FirstOutput(_) => "first_output",
            Finding::LineMoved { .. } => "line_moved",
            Finding::LineDiffers(_) => "line_differs",
            Finding::LinesReordered => "lines_reordered",
            Finding::OtherLines(_) => "other_lines",
            Finding::SameLines => "same_lines",
            Finding::Count { .. } => "count",
            Finding::PollsReordered { .. } => "polls_reordered",
            Finding::OnlyDetails => "only_details",
        }
    }
}

/// What [`Finding::Count`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Tasks that were spawned.
    Tasks,
    /// Polls.
    Polls,
    /// Ticks.
    Ticks,
    /// Waits for something outside the program that were in progress at once.
    AtOnce,
}

/// Compares two runs.
pub fn compare(a: &Replay, b: &Replay, language: Language) -> Comparison {
    let first = first_difference(a, b, language);
    let lesson = lesson_result(a, b, language);
    let summaries = [summary(a), summary(b)];
    let findings = Pair {
        runs: [a, b],
        sums: &summaries,
    }
    .findings();
    let lines = conclusion::lines([a, b], &findings, language);
    let [a, b] = summaries;
    let better = if a.bound < b.bound { a } else { b };
    let saved = i128::from(a.total.0) - i128::from(b.total.0);
    let ratio = if a.total == b.total {
        1.0
    } else {
        a.total.seconds() / b.total.seconds()
    };
    Comparison {
        saved: i64::try_from(saved).unwrap_or(if saved < 0 { i64::MIN } else { i64::MAX }),
        ratio,
        serial: better.serial,
        bound: better.bound,
        first,
        lesson,
        findings,
        lines,
        paths: [("A", &a), ("B", &b)].map(|(name, run)| conclusion::path_sentence(name, run)),
        a,
        b,
    }
}

/// Two runs with their numbers.
struct Pair<'a> {
    runs: [&'a Replay; 2],
    sums: &'a [Summary; 2],
}

impl Pair<'_> {
    fn findings(&self) -> Vec<Finding> {
        let [a, b] = self.runs;
        if a.log().bytes == b.log().bytes {
            return vec![Finding::Identical];
        }
        if a.log().meta.scenario != b.log().meta.scenario {
            return vec![Finding::TwoPrograms];
        }
        let mut found = Vec::new();
        found.extend(self.endings());
        found.extend(self.parameters());
        let complete = found.is_empty();
        let work = self.different_work();
        let reasons = complete && work.is_none();
        if reasons {
            found.push(self.totals());
        }
        found.extend(self.loop_held(reasons));
        if reasons {
            found.extend(self.series());
        }
        found.extend(self.limited(reasons));
        found.extend(work);
        found.extend(self.output());
        found
    }

    /// Times that differ by less are taken as equal: on a real clock no two runs take the same
    /// time.
    fn tolerance(&self) -> Span {
        let real = |run: &&Replay| run.log().meta.clock == ClockKind::Real;
        if self.runs.iter().any(real) {
            let [a, b] = self.sums.each_ref().map(|sum| sum.total.nanos());
            Span((a.max(b) / 20).max(20_000_000))
        } else {
            Span(1_000_000)
        }
    }

    fn differ(&self, spans: [Span; 2]) -> bool {
        spans[0].nanos().abs_diff(spans[1].nanos()) >= self.tolerance().nanos()
    }

    fn each<T>(&self, of: impl Fn(&Summary) -> T) -> [T; 2] {
        self.sums.each_ref().map(of)
    }

    /// The longer run, if the totals differ.
    fn longer(&self) -> Option<(Side, Span)> {
        let [a, b] = self.each(|sum| sum.total);
        if !self.differ([a, b]) {
            return None;
        }
        Some(if a > b {
            (Side::A, a - b)
        } else {
            (Side::B, b - a)
        })
    }

    fn of(&self, side: Side) -> &Summary {
        &self.sums[side as usize]
    }

    fn totals(&self) -> Finding {
        match self.longer() {
            Some((side, by)) => Finding::Longer { side, by },
            None => Finding::SameTotal(self.sums[0].total),
        }
    }

    fn endings(&self) -> Option<Finding> {
        let endings = self.each(|sum| sum.outcome);
        let finished = endings == [Some(Outcome::Finished); 2];
        (!finished).then_some(Finding::Endings(endings))
    }

    /// A parameter that was set for one run only.
    fn parameters(&self) -> Option<Finding> {
        let [a, b] = self.runs.map(|run| &run.log().meta);
        // Two variants may use different parameters, so only those that both have are compared.
        let pairs = a.params.iter().filter_map(|(name, value)| {
            let (_, other) = b.params.iter().find(|(known, _)| known == name)?;
            Some((name, [value, other]))
        });
        let mut differing = pairs.filter(|(_, [a, b])| a != b);
        differing.next().map(|(name, values)| Finding::Parameter {
            name: name.clone(),
            values: values.map(Clone::clone),
        })
    }

    /// Whether the runs do different work.
    ///
    /// * Time by which timers were late may replace waits: a task that sleeps until a deadline
    ///   sleeps less after it was late.
    /// * A task that drives several futures by hand has one wait where several tasks have one each.
    ///   The same lines of output show that the work is the same.
    fn different_work(&self) -> Option<Finding> {
        let lines = self.runs.map(lines_of);
        if !lines[0].is_empty()
            && lines[0].len() == lines[1].len()
            && line_differs(&lines).is_none()
        {
            return None;
        }
        let effort = self.each(|sum| sum.effort);
        let with_late = self.each(|sum| sum.effort + sum.path.late);
        let differs = self.differ(effort) && self.differ(with_late);
        differs.then_some(Finding::DifferentWork(effort))
    }

    /// Whether a part of the critical path is longer in the longer run, by at least a twentieth of
    /// the difference of the totals.
    fn is_reason(&self, side: Side, part: impl Fn(&Path) -> Span) -> bool {
        let Some((longer, by)) = self.longer() else {
            return false;
        };
        let [more, less] = [side, side.other()].map(|side| part(&self.of(side).path));
        longer == side && more > less && (more - less).nanos() >= (by.nanos() / 20).max(1)
    }

    fn loop_held(&self, reasons: bool) -> Option<Finding> {
        let delay = |side: Side| self.of(side).hold.map_or(Span::ZERO, |hold| hold.delay);
        let spans = [delay(Side::A), delay(Side::B)];
        let side = if spans[0] > spans[1] {
            Side::A
        } else {
            Side::B
        };
        if !self.differ(spans) {
            return None;
        }
        let is_reason = reasons && self.is_reason(side, Path::held);
        // A hold of the shorter run explains nothing if the longer one is not held at all.
        Some(Finding::LoopHeld {
            side,
            hold: self.of(side).hold?,
            other: self.of(side.other()).hold,
            is_reason,
        })
    }

    fn series(&self) -> Option<Finding> {
        let (side, _) = self.longer()?;
        let sides = [side, side.other()].map(|side| self.of(side));
        let free = |path: &Path| Span(path.outside.nanos().saturating_sub(path.limited.nanos()));
        let waits = sides.map(|run| run.path.waits);
        (waits[0] > 1 && self.is_reason(side, free)).then_some(Finding::WaitsInSeries {
            side,
            waits,
            sums: sides.map(|run| run.path.outside),
            at_once: sides.map(|run| run.outside_at_once),
        })
    }

    fn limited(&self, reasons: bool) -> Option<Finding> {
        let sides = [Side::A, Side::B];
        let mut reason = sides.into_iter().filter(|_| reasons);
        if let Some(side) = reason.find(|side| self.is_reason(*side, |path| path.limited)) {
            let path = self.of(side).path;
            return Some(Finding::Limited {
                side,
                limit: path.limit?,
                sum: path.limited,
                is_reason: true,
            });
        }
        let [a, b] = self.each(|sum| sum.limits);
        let side = if a > b { Side::A } else { Side::B };
        let limit = self.of(side).limit.filter(|_| self.differ([a, b]))?;
        Some(Finding::Limited {
            side,
            limit,
            sum: a.max(b),
            is_reason: false,
        })
    }

    /// How the output differs. If it does not, what else differs.
    fn output(&self) -> Vec<Finding> {
        let lines = self.runs.map(lines_of);
        let mut found: Vec<Finding> = self.first_output().into_iter().collect();
        let counts = self.each(|sum| sum.outputs);
        if counts[0] != counts[1] {
            found.push(Finding::OtherLines(counts));
            return found;
        }
        if let Some(differs) = line_differs(&lines) {
            found.push(differs);
            return found;
        }
        if found.is_empty() {
            found.extend(self.line_moved(&lines));
        }
        let order = |lines: &[Line<'_>]| lines.iter().map(Line::compared).collect::<Vec<_>>();
        if order(&lines[0]) != order(&lines[1]) {
            found.push(Finding::LinesReordered);
        }
        if !found.is_empty() {
            return found;
        }
        let counts = self.counts();
        if counts.is_empty() {
            return vec![polls_reordered(self.runs).unwrap_or(Finding::OnlyDetails)];
        }
        found.push(Finding::SameLines);
        found.extend(counts);
        found
    }

    fn first_output(&self) -> Option<Finding> {
        let first = self.each(|sum| sum.first_output);
        let at = first.map(|at| at.unwrap_or_default().since(Moment::START));
        let differ = self.differ(at) || first[0].is_some() != first[1].is_some();
        differ.then_some(Finding::FirstOutput(first))
    }

    /// The line whose times differ the most. Equal lines are paired in their order.
    fn line_moved(&self, lines: &[Vec<Line<'_>>; 2]) -> Option<Finding> {
        let [a, b] = lines.each_ref().map(|lines| sorted(lines));
        let pairs = a.into_iter().zip(b);
        let (a, b) = pairs.max_by_key(|(a, b)| a.at.0.abs_diff(b.at.0))?;
        let differ = self.differ([a, b].map(|line| line.at.since(Moment::START)));
        differ.then_some(Finding::LineMoved {
            lines: [a.id, b.id],
            at: [a.at, b.at],
        })
    }

    fn counts(&self) -> Vec<Finding> {
        let all = [
            (Counted::Tasks, self.each(|sum| sum.tasks)),
            (Counted::Polls, self.each(|sum| sum.polls)),
            (Counted::Ticks, self.each(|sum| sum.ticks)),
            (Counted::AtOnce, self.each(|sum| sum.outside_at_once)),
        ];
        let differing = all.into_iter().filter(|(_, [a, b])| a != b);
        let found = differing.map(|(what, counts)| Finding::Count { what, counts });
        found.collect()
    }
}

/// A printed line.
struct Line<'a> {
    text: &'a str,
    id: TextId,
    at: Moment,
}

impl Line<'_> {
    /// The text without times, which would make lines of the same meaning differ: words such as
    /// `00:00:03` or `0.90s`.
    fn compared(&self) -> String {
        let is_time = |word: &str| {
            let digits = |c: char| c.is_ascii_digit();
            word.contains(digits)
                && (word.matches(':').count() == 2 || word.contains('.'))
                && word.chars().all(|c| digits(c) || ":.()s,".contains(c))
        };
        let words = self.text.split(' ').filter(|word| !is_time(word));
        words.collect::<Vec<_>>().join(" ")
    }
}

fn lines_of(run: &Replay) -> Vec<Line<'_>> {
    let lines = run.index().outputs().iter();
    lines
        .map(|line| Line {
            text: run.tables().text(line.text),
            id: line.text,
            at: line.at,
        })
        .collect()
}

fn sorted<'a, 'b>(lines: &'b [Line<'a>]) -> Vec<&'b Line<'a>> {
    let mut sorted: Vec<_> = lines.iter().collect();
    sorted.sort_by_cached_key(|line| (line.compared(), line.at));
    sorted
}

/// The first line, in the order of the texts, that only one of the runs prints.
fn line_differs(lines: &[Vec<Line<'_>>; 2]) -> Option<Finding> {
    let [a, b] = lines.each_ref().map(|lines| sorted(lines));
    let mut pairs = a.into_iter().zip(b);
    let (a, b) = pairs.find(|(a, b)| a.compared() != b.compared())?;
    Some(Finding::LineDiffers([a.id, b.id]))
}

/// The first poll that is of another task.
fn polls_reordered(runs: [&Replay; 2]) -> Option<Finding> {
    let [a, b] = runs.map(|run| {
        let events = run.events_from(Position(0));
        events.filter_map(|(_, event, _)| match event {
            Event::Task(TaskEvent::PollStart { task }) => Some(task),
            Event::Loop(_)
            | Event::Task(_)
            | Event::Timer(_)
            | Event::Resource(_)
            | Event::Callback(_)
            | Event::Output { .. }
            | Event::Gap { .. } => None,
        })
    });
    let mut polls = (1..).zip(a.zip(b));
    let (poll, (a, b)) = polls.find(|(_, (a, b))| a != b)?;
    Some(Finding::PollsReordered {
        poll,
        tasks: [a, b],
    })
}

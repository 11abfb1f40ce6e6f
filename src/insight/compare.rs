//! Two runs, compared: which of them takes longer, and why.
//!
//! The conclusion is a list of [`Contrast`]s. Each is checked in both traces before it is stated:
//!
//! 1. *The same run*: the two traces have the same events. Nothing else is looked for.
//! 2. *Two programs*, *two endings*, *other parameters*: the totals answer different questions. Two
//!    files are one program and its mended version if they print the same lines, and if these are
//!    several, or the tasks have the same names. If one of the runs has not run, or only one of them
//!    has ended, nothing else is looked for.
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

use std::collections::HashSet;

use crate::replay::Replay;
use crate::trace::{ClockKind, Event, Moment, Outcome, Position, Span, TaskEvent, TextId};

use super::{
    conclusion,
    contrast::{Contrast, Counted, Side},
    difference::{Difference, first_difference},
    language::Language,
    lesson::{LessonResult, lesson_result},
    path::Path,
    summary::{Summary, summary},
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
    pub contrasts: Vec<Contrast>,
    /// The contrasts in words, a sentence or two for each.
    pub lines: Vec<String>,
    /// The critical path of each run in words.
    pub paths: [String; 2],
}

impl Comparison {
    /// Whether both runs have ended, so that their numbers are final.
    pub fn is_complete(&self) -> bool {
        self.a.outcome.is_some() && self.b.outcome.is_some()
    }

    /// The longer run. `None` if the runs take the same time, or if their totals cannot be compared,
    /// such as those of runs that do different work.
    pub fn longer(&self) -> Option<Side> {
        self.contrasts.iter().find_map(|contrast| {
            if let Contrast::Longer { side, .. } = contrast {
                Some(*side)
            } else {
                None
            }
        })
    }
}

/// Compares two runs.
pub fn compare(a: &Replay, b: &Replay, language: Language) -> Comparison {
    let is_same = a.has_trace_of(b);
    let first = if is_same {
        None
    } else {
        first_difference(a, b, language)
    };
    let of_a = summary(a);
    let summaries = [of_a, if is_same { of_a } else { summary(b) }];
    let pair = Pair {
        runs: [a, b],
        sums: &summaries,
    };
    let contrasts = pair.contrasts();
    let lesson = lesson_result(a, b, language).filter(|_| !pair.is_too_early());
    let lines = conclusion::lines([a, b], &contrasts, language);
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
        contrasts,
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
    fn contrasts(&self) -> Vec<Contrast> {
        let [a, b] = self.runs;
        if self.is_too_early() {
            return self.endings().into_iter().collect();
        }
        if a.log().bytes == b.log().bytes {
            return vec![Contrast::Identical];
        }
        if a.log().meta.scenario != b.log().meta.scenario && !self.is_one_program() {
            return vec![Contrast::TwoPrograms];
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

    fn totals(&self) -> Contrast {
        match self.longer() {
            Some((side, by)) => Contrast::Longer { side, by },
            None => Contrast::SameTotal(self.sums[0].total),
        }
    }

    /// Whether one of the runs has yet to run, or to end as the other did. Two recordings without an
    /// end are compared, because some other programs record none.
    fn is_too_early(&self) -> bool {
        let open = self.each(|sum| sum.outcome.is_none());
        open[0] != open[1] || open == [true; 2] && self.each(|sum| sum.polls).contains(&0)
    }

    fn endings(&self) -> Option<Contrast> {
        let endings = self.each(|sum| sum.outcome);
        let finished = endings == [Some(Outcome::Finished); 2];
        (!finished).then_some(Contrast::Endings(endings))
    }

    /// A parameter that was set for one run only.
    fn parameters(&self) -> Option<Contrast> {
        let [a, b] = self.runs.map(|run| &run.log().meta);
        // Two variants may use different parameters, so only those that both have are compared.
        let pairs = a.params.iter().filter_map(|(name, value)| {
            let (_, other) = b.params.iter().find(|(known, _)| known == name)?;
            Some((name, [value, other]))
        });
        let mut differing = pairs.filter(|(_, [a, b])| a != b);
        differing.next().map(|(name, values)| Contrast::Parameter {
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
    fn different_work(&self) -> Option<Contrast> {
        if self.prints_the_same() {
            return None;
        }
        let effort = self.each(|sum| sum.effort);
        let with_late = self.each(|sum| sum.effort + sum.path.late);
        let differs = self.differ(effort) && self.differ(with_late);
        differs.then_some(Contrast::DifferentWork(effort))
    }

    /// Whether the runs of two files are taken for those of a program and its mended version: they print
    /// the same lines, and these tell more than that the program has ended, or the tasks have the same
    /// names as well.
    fn is_one_program(&self) -> bool {
        let names = self.runs.map(task_names);
        let has_same_tasks = names[0].len() > 1 && names[0] == names[1];
        self.prints_the_same() && (has_same_tasks || texts(self.runs[0]) >= TELLING)
    }

    /// Whether both runs print the same lines, in any order, which shows that runs of one program do the
    /// same work.
    fn prints_the_same(&self) -> bool {
        let lines = self.runs.map(lines_of);
        !lines[0].is_empty() && lines[0].len() == lines[1].len() && line_differs(&lines).is_none()
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

    fn loop_held(&self, reasons: bool) -> Option<Contrast> {
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
        Some(Contrast::LoopHeld {
            side,
            hold: self.of(side).hold?,
            other: self.of(side.other()).hold,
            is_reason,
        })
    }

    fn series(&self) -> Option<Contrast> {
        let (side, _) = self.longer()?;
        let sides = [side, side.other()].map(|side| self.of(side));
        let free = |path: &Path| Span(path.outside.nanos().saturating_sub(path.limited.nanos()));
        let waits = sides.map(|run| run.path.waits);
        (waits[0] > 1 && self.is_reason(side, free)).then_some(Contrast::WaitsInSeries {
            side,
            waits,
            sums: sides.map(|run| run.path.outside),
            at_once: sides.map(|run| run.outside_at_once),
        })
    }

    fn limited(&self, reasons: bool) -> Option<Contrast> {
        let sides = [Side::A, Side::B];
        let mut reason = sides.into_iter().filter(|_| reasons);
        if let Some(side) = reason.find(|side| self.is_reason(*side, |path| path.limited)) {
            let path = self.of(side).path;
            return Some(Contrast::Limited {
                side,
                limit: path.limit?,
                sum: path.limited,
                is_reason: true,
            });
        }
        let [a, b] = self.each(|sum| sum.limits);
        let side = if a > b { Side::A } else { Side::B };
        let limit = self.of(side).limit.filter(|_| self.differ([a, b]))?;
        Some(Contrast::Limited {
            side,
            limit,
            sum: a.max(b),
            is_reason: false,
        })
    }

    /// How the output differs. If it does not, what else differs.
    fn output(&self) -> Vec<Contrast> {
        let lines = self.runs.map(lines_of);
        let mut found: Vec<Contrast> = self.first_output().into_iter().collect();
        let counts = self.each(|sum| sum.outputs);
        if counts[0] != counts[1] {
            found.push(Contrast::OtherLines(counts));
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
            found.push(Contrast::LinesReordered);
        }
        if !found.is_empty() {
            return found;
        }
        let counts = self.counts();
        if counts.is_empty() {
            return vec![polls_reordered(self.runs).unwrap_or(Contrast::OnlyDetails)];
        }
        found.push(Contrast::SameLines);
        found.extend(counts);
        found
    }

    fn first_output(&self) -> Option<Contrast> {
        let first = self.each(|sum| sum.first_output);
        let at = first.map(|at| at.unwrap_or_default().since(Moment::START));
        let differ = self.differ(at) || first[0].is_some() != first[1].is_some();
        differ.then_some(Contrast::FirstOutput(first))
    }

    /// The line whose times differ the most. Equal lines are paired in their order.
    fn line_moved(&self, lines: &[Vec<Line<'_>>; 2]) -> Option<Contrast> {
        let [a, b] = lines.each_ref().map(|lines| sorted(lines));
        let pairs = a.into_iter().zip(b);
        let (a, b) = pairs.max_by_key(|(a, b)| a.at.0.abs_diff(b.at.0))?;
        let differ = self.differ([a, b].map(|line| line.at.since(Moment::START)));
        differ.then_some(Contrast::LineMoved {
            lines: [a.id, b.id],
            at: [a.at, b.at],
        })
    }

    fn counts(&self) -> Vec<Contrast> {
        let all = [
            (Counted::Tasks, self.each(|sum| sum.tasks.into())),
            (Counted::Polls, self.each(|sum| sum.polls)),
            (Counted::Ticks, self.each(|sum| sum.ticks)),
            (Counted::AtOnce, self.each(|sum| sum.outside_at_once.into())),
        ];
        let differing = all.into_iter().filter(|(_, [a, b])| a != b);
        let found = differing.map(|(what, counts)| Contrast::Count { what, counts });
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

/// How many lines of a run are compared with those of the other run.
const LINES: usize = 10_000;

/// How many different lines tell one program from another. A single word such as `done` is printed by
/// many.
const TELLING: usize = 3;

/// How many different lines a run prints.
fn texts(run: &Replay) -> usize {
    let lines = lines_of(run);
    let texts: HashSet<String> = lines.iter().map(Line::compared).collect();
    texts.len()
}

/// The names of the tasks of a run.
fn task_names(run: &Replay) -> HashSet<&str> {
    let tables = run.tables();
    let names = tables.tasks().iter().map(|task| tables.text(task.name));
    names.collect()
}

fn lines_of(run: &Replay) -> Vec<Line<'_>> {
    let lines = run.index().outputs().iter().take(LINES);
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
fn line_differs(lines: &[Vec<Line<'_>>; 2]) -> Option<Contrast> {
    let [a, b] = lines.each_ref().map(|lines| sorted(lines));
    let mut pairs = a.into_iter().zip(b);
    let (a, b) = pairs.find(|(a, b)| a.compared() != b.compared())?;
    Some(Contrast::LineDiffers([a.id, b.id]))
}

/// The first poll that is of another task.
fn polls_reordered(runs: [&Replay; 2]) -> Option<Contrast> {
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
    Some(Contrast::PollsReordered {
        poll,
        tasks: [a, b],
    })
}

//! `loopscope check`: looks for what is wrong with runs, and says at which line.
//!
//! | file | what it does |
//! |---|---|
//! | `command` | runs a command that records itself |
//! | `list` | findings and rules as lines |
//! | `json` | findings and rules as JSON |
//! | `sarif` | findings as SARIF |

mod command;
mod json;
mod list;
mod sarif;

use std::{ffi::OsStr, time::Duration};

use loopscope::{
    insight::{Findings, Hang, Language, Limits, Severity},
    replay::Replay,
    scene::{
        findings::{CommentAnswer, FindingView, finding_views},
        json::write_value,
    },
    trace::Outcome,
};

use super::{
    args::{CheckCommand, DisplayArgs, FailOn, RunNames},
    complete,
    output::{CliError, CliResult, print_with, report_error},
    reading::FileReading,
};

/// A run that was checked.
struct CheckedRun {
    /// What the user called it.
    what: String,
    outcome: Option<Outcome>,
    /// What is wrong with it, without what is allowed.
    findings: Vec<FindingView>,
    /// How many findings are allowed.
    allowed: usize,
    /// The rules that it was not checked for, and why.
    not_looked_for: Vec<(&'static str, &'static str)>,
}

pub(crate) fn check(args: &CheckCommand, display: &DisplayArgs) -> CliResult {
    if args.rules {
        return Ok(print_with(|out| {
            if args.output.json {
                write_value(&json::rules(), out)
            } else {
                list::write_rules(out)
            }
        }));
    }
    let rules = CheckRules {
        limits: args.rules_of.settings().limits,
        args,
        language: display.language(),
    };
    let mut runs = Vec::new();
    each_checked_run(&args.runs, |name, replay, hang| {
        runs.push(rules.apply(name, replay, hang));
    })?;
    let printed = print_with(|out| match () {
        () if args.output.json => write_value(&json::checked(&runs), out),
        () if args.output.sarif => write_value(&sarif::log(&runs), out),
        () => list::write(&runs, out),
    });
    Ok(if runs.iter().any(|run| run.fails(args.fail_on)) {
        printed.or_failed()
    } else {
        printed
    })
}

/// Makes the runs that are named, and hands over each.
pub(crate) fn each_run(
    runs: &RunNames,
    mut each: impl FnMut(&str, &Replay),
) -> Result<(), CliError> {
    each_checked_run(runs, |name, replay, _| each(name, replay))
}

/// The same, with why a run was stopped, if its loop hung, and how long that had waited.
fn each_checked_run(
    runs: &RunNames,
    mut each: impl FnMut(&str, &Replay, Option<(Hang, Duration)>),
) -> Result<(), CliError> {
    if runs.what.is_empty() && runs.command.is_empty() {
        return Err(CliError::new(
            "no run is named: name a recording, a SCENARIO:VARIANT or a Python script, or put a command behind `--`",
        ));
    }
    for what in &runs.what {
        let reading = FileReading::of(runs.format, runs.load);
        let run = complete::one(what, &reading, &runs.run)?;
        let name = run_name(what, &run.replay);
        each(&name, &run.replay, run.hang);
        for (of_loop, replay) in &run.others {
            each(&format!("{name} ({of_loop})"), replay, run.hang);
        }
    }
    if !runs.command.is_empty() {
        command::run(&runs.command, runs.run.until, each)?;
    }
    Ok(())
}

/// What a run is called: a scenario with its variant, a file by its name.
fn run_name(what: &OsStr, replay: &Replay) -> String {
    let what = what.to_string_lossy();
    let meta = &replay.log().meta;
    if *what == *meta.scenario && !meta.variant.is_empty() {
        return format!("{}:{}", meta.scenario, meta.variant);
    }
    what.into_owned()
}

/// What is looked for, and what of it is left out.
struct CheckRules<'a> {
    limits: Limits,
    args: &'a CheckCommand,
    language: Language,
}

impl CheckRules<'_> {
    fn apply(&self, what: &str, replay: &Replay, hang: Option<(Hang, Duration)>) -> CheckedRun {
        let report = match hang {
            Some(hang) => Findings::of_hang(replay, &self.limits, hang),
            None => Findings::of(replay, &self.limits),
        };
        let views = finding_views(replay, &report, self.language.for_run(replay));
        let mut is_allowed: Vec<bool> = Vec::with_capacity(views.len());
        for view in &views {
            let by_argument = self
                .args
                .rules_of
                .allowed
                .iter()
                .any(|rule| rule.covers(view));
            let by_itself = by_argument || is_allowed_by_comment(view);
            // A cause is listed before what follows from it, which is allowed with it.
            let with_cause = view.caused_by.is_some_and(|cause| is_allowed[cause]);
            is_allowed.push(by_itself || with_cause);
        }
        let allowed = is_allowed.iter().filter(|allowed| **allowed).count();
        let not_looked_for = report.not_looked_for.iter();
        CheckedRun {
            what: what.to_owned(),
            outcome: replay.index().head().outcome,
            findings: without(views, &is_allowed),
            allowed,
            not_looked_for: not_looked_for
                .map(|missing| (missing.rule.id(), missing.why.words()))
                .collect(),
        }
    }
}

/// Whether a comment allows a finding. A comment that gives no reason is reported and ignored.
fn is_allowed_by_comment(view: &FindingView) -> bool {
    match view.comment() {
        CommentAnswer::Allows => true,
        CommentAnswer::Silent => false,
        CommentAnswer::LacksReason => {
            report_error(&format!(
                "{}: this finding is allowed by a comment without a reason, which has no effect",
                view.line()
            ));
            false
        }
    }
}

/// The findings that are not allowed. The causes are numbered anew.
fn without(views: Vec<FindingView>, is_allowed: &[bool]) -> Vec<FindingView> {
    let mut kept_before = 0;
    let new_places: Vec<Option<usize>> = is_allowed
        .iter()
        .map(|allowed| {
            let place = (!allowed).then_some(kept_before);
            kept_before += usize::from(!allowed);
            place
        })
        .collect();
    let kept = views
        .into_iter()
        .zip(is_allowed)
        .filter(|(_, allowed)| !**allowed);
    kept.map(|(mut view, _)| {
        view.caused_by = view.caused_by.and_then(|cause| new_places[cause]);
        view
    })
    .collect()
}

impl CheckedRun {
    /// Whether a finding makes the check fail.
    fn fails(&self, on: FailOn) -> bool {
        let least = match on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
        };
        self.findings
            .iter()
            .any(|finding| finding.severity >= least)
    }
}

//! Which findings one of two runs has and the other lacks.
//!
//! Two variants of a program have their lines at different places, so findings are compared by their
//! rules. Only errors and warnings count, and only where the other run could be checked for the rule.

use crate::replay::Replay;

use super::{
    Findings,
    limits::Limits,
    report::FindingsReport,
    rule::{RULES, Rule, Severity},
};

/// The rules that only one of two runs breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ComparedFindings {
    /// The rules that the first run breaks and the second does not.
    pub only_a: Vec<Rule>,
    /// The rules that the second run breaks and the first does not.
    pub only_b: Vec<Rule>,
}

impl ComparedFindings {
    /// Compares the findings of two runs.
    pub fn new(a: &FindingsReport, b: &FindingsReport) -> ComparedFindings {
        ComparedFindings {
            only_a: only_in(a, b),
            only_b: only_in(b, a),
        }
    }

    /// Looks for the findings of two complete runs, and compares them.
    pub fn of(a: &Replay, b: &Replay) -> ComparedFindings {
        if a.has_trace_of(b) {
            return ComparedFindings::default();
        }
        let limits = Limits::default();
        ComparedFindings::new(&Findings::of(a, &limits), &Findings::of(b, &limits))
    }

    /// The comparison in a line: `Wrong in A only: blocking, latetimer.`
    pub fn sentence(&self) -> Option<String> {
        let part = |(letter, rules): (&str, &Vec<Rule>)| {
            let ids: Vec<&str> = rules.iter().map(|rule| rule.id()).collect();
            (!ids.is_empty()).then(|| format!("Wrong in {letter} only: {}.", ids.join(", ")))
        };
        let parts = [("A", &self.only_a), ("B", &self.only_b)];
        let parts: Vec<String> = parts.into_iter().filter_map(part).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// The rules that the first run breaks, and that the second was checked for and does not break.
fn only_in(one: &FindingsReport, other: &FindingsReport) -> Vec<Rule> {
    let breaks = |report: &FindingsReport, rule: Rule| {
        let mut alarms = report.all();
        alarms.any(|finding| finding.rule == rule && finding.severity > Severity::Info)
    };
    let was_checked = |rule: Rule| {
        let mut missing = other.not_looked_for.iter();
        missing.all(|missing| missing.rule != rule)
    };
    let rules = RULES.iter().map(|entry| entry.rule);
    rules
        .filter(|rule| breaks(one, *rule) && !breaks(other, *rule) && was_checked(*rule))
        .collect()
}

//! The findings of a run, in their order, and what was not looked for.

use std::{cmp::Reverse, collections::HashMap};

use crate::replay::{Replay, State};
use crate::trace::{Aspect, LocationId, Position, Span, TaskId};

use super::{
    claim::{CauseKey, Claims, MergedClaim, Nearness, Spot},
    proof::Proof,
    rule::{RULES, Rule, Severity},
};

/// Something that is wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The task that causes it; `None` if a callback or the loop does.
    pub task: Option<TaskId>,
    /// The place of the cause.
    pub spot: Spot,
    /// Other places that matter.
    pub also: Vec<LocationId>,
    /// The facts of its worst instance. The words are [`message_words`](super::message_words).
    pub proof: Proof,
    /// What all instances cost together.
    pub cost: Span,
    /// The positions after the events that prove it.
    pub evidence: Vec<Position>,
    /// How many instances it has.
    pub count: u64,
    /// The findings that follow from it.
    pub children: Vec<Finding>,
}

/// What is wrong with a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FindingsReport {
    /// The worst first: by severity, then by cost, then in the order of the run.
    pub findings: Vec<Finding>,
    /// The rules that this trace cannot be checked for.
    pub not_looked_for: Vec<NotLookedFor>,
}

/// A rule that a trace was not checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLookedFor {
    /// The rule.
    pub rule: Rule,
    /// Why.
    pub why: MissingReason,
}

/// Why a trace was not checked for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MissingReason {
    /// The recording lacks an aspect of the run.
    Aspect(Aspect),
    /// Events are missing.
    Gap,
    /// No run is checked for it yet, for this reason.
    Undetected(&'static str),
}

impl MissingReason {
    /// The reason in words: `waits are not recorded`.
    pub fn words(self) -> &'static str {
        match self {
            MissingReason::Aspect(Aspect::Queues) => "the ready queue is not recorded",
            MissingReason::Aspect(Aspect::Timers) => "timers are not recorded",
            MissingReason::Aspect(Aspect::Waits) => "waits are not recorded",
            MissingReason::Aspect(Aspect::Wakes) => "wakes are not recorded",
            MissingReason::Gap => "events are missing",
            MissingReason::Undetected(why) => why,
        }
    }
}

impl FindingsReport {
    pub(super) fn new(replay: &Replay, state: &State, claims: Claims) -> FindingsReport {
        let not_looked_for = not_looked_for(replay, state);
        let is_looked_for = |rule: Rule| !not_looked_for.iter().any(|missing| missing.rule == rule);
        let findings: Vec<(Finding, MergedClaim)> = claims
            .into_merged()
            .into_iter()
            .filter(|merged| is_looked_for(merged.worst.rule))
            .map(|merged| (Finding::of(&merged, replay), merged))
            .collect();
        let parents = parents(&findings);
        let mut children: Vec<(usize, Finding)> = Vec::new();
        let mut top: Vec<Option<Finding>> = Vec::new();
        for (at, (finding, _)) in findings.into_iter().enumerate() {
            match parents[at] {
                Some(parent) => {
                    children.push((parent, finding));
                    top.push(None);
                }
                None => top.push(Some(finding)),
            }
        }
        for (parent, child) in children {
            if let Some(Some(finding)) = top.get_mut(parent) {
                finding.children.push(child);
            }
        }
        let mut findings: Vec<Finding> = top.into_iter().flatten().collect();
        findings.sort_by_key(|finding| (Reverse(finding.severity), Reverse(finding.cost)));
        FindingsReport {
            findings,
            not_looked_for,
        }
    }

    /// The worst severity; `None` without findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// All findings, each followed by those that follow from it.
    pub fn all(&self) -> impl Iterator<Item = &Finding> {
        let mut all = Vec::new();
        for finding in &self.findings {
            all.push(finding);
            all.extend(&finding.children);
        }
        all.into_iter()
    }
}

impl Finding {
    fn of(merged: &MergedClaim, replay: &Replay) -> Finding {
        let worst = &merged.worst;
        // Where the task of an unknown place was spawned is better than no place.
        let spawned = worst.task.and_then(|task| replay.tables().task(task));
        let spot = match spawned {
            Some(info) if worst.spot.is_unknown() => Spot {
                at: info.at,
                nearness: Nearness::Spawned,
            },
            Some(_) | None => worst.spot,
        };
        Finding {
            rule: worst.rule,
            severity: worst.severity,
            task: worst.task,
            spot,
            also: merged.also.clone(),
            proof: worst.proof.clone(),
            cost: merged.cost,
            evidence: merged.evidence.clone(),
            count: merged.count,
            children: Vec::new(),
        }
    }
}

/// For each finding, the one that it stands under: the first cause of its causes.
fn parents(findings: &[(Finding, MergedClaim)]) -> Vec<Option<usize>> {
    let by_key: HashMap<CauseKey, usize> = findings
        .iter()
        .enumerate()
        .map(|(at, (_, merged))| (merged.worst.key(), at))
        .collect();
    let cause = |at: usize| {
        let follows = findings[at].1.worst.follows?;
        by_key.get(&follows).copied().filter(|cause| *cause != at)
    };
    let first = |at: usize| {
        let mut parent = cause(at)?;
        // Causes have causes only a few times; a circle of them would be a mistake in a detector.
        for _ in 0..4 {
            match cause(parent) {
                Some(next) if next != at => parent = next,
                Some(_) | None => break,
            }
        }
        Some(parent)
    };
    (0..findings.len()).map(first).collect()
}

fn not_looked_for(replay: &Replay, state: &State) -> Vec<NotLookedFor> {
    let meta = &replay.log().meta;
    let entries = RULES.iter();
    entries
        .filter_map(|entry| {
            let lacks = entry.needs.iter().find(|aspect| !meta.has(**aspect));
            let undetected = entry.undetected.map(MissingReason::Undetected);
            let gap = (entry.needs_all && state.missing > 0).then_some(MissingReason::Gap);
            let why = undetected
                .or(lacks.copied().map(MissingReason::Aspect))
                .or(gap)?;
            Some(NotLookedFor {
                rule: entry.rule,
                why,
            })
        })
        .collect()
}

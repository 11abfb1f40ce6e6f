//! Findings and rules as JSON. Programs rely on the fields: fields may be added, but none may change
//! or be removed.

use loopscope::{
    insight::{LimitValue, RULES},
    scene::findings::{FindingView, ProgramLine},
    trace::{Outcome, Position, Span},
};
use serde_json::{Value, json};

use super::CheckedRun;

/// The findings of all runs in one list, and the runs.
pub(super) fn checked(runs: &[CheckedRun]) -> Value {
    let mut findings = Vec::new();
    let mut list = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let first = findings.len();
        let of_run = run.findings.iter();
        findings.extend(of_run.map(|view| finding(view, at, first)));
        let missing = run.not_looked_for.iter();
        list.push(json!({
            "what": run.what,
            "outcome": run.outcome.map(Outcome::as_str),
            "allowed": run.allowed,
            "not_looked_for": missing
                .map(|(id, why)| json!({"id": id, "why": why}))
                .collect::<Vec<_>>(),
        }));
    }
    json!({"findings": findings, "runs": list})
}

/// A finding of the run with this number, whose first finding has the number `first`.
fn finding(view: &FindingView, run: usize, first: usize) -> Value {
    let evidence = view.evidence.iter().map(|Position(at)| *at);
    json!({
        "id": view.id,
        "severity": view.severity.as_str(),
        "task": view.task.as_ref().map(|(number, _)| number),
        "task_name": view.task.as_ref().map(|(_, name)| name),
        "location": view.location.as_ref().map(ProgramLine::to_string),
        "location_note": view.location_note,
        "also": view.also.iter().map(ProgramLine::to_string).collect::<Vec<_>>(),
        "message": view.message,
        "cost_s": view.cost_s,
        "evidence": evidence.collect::<Vec<_>>(),
        "fix": view.fix,
        "count": view.count,
        "caused_by": view.caused_by.map(|cause| cause + first),
        "run": run,
    })
}

/// The rules with their thresholds. Times are seconds, shares are percent.
pub(super) fn rules() -> Value {
    let rules = RULES.iter().map(|entry| {
        let limits = entry.limits.iter().map(|limit| {
            let (unit, value) = match limit.default {
                LimitValue::Milliseconds(value) => ("s", json!(Span(value * 1_000_000).seconds())),
                LimitValue::Count(value) => ("count", json!(value)),
                LimitValue::Percent(value) => ("percent", json!(value)),
            };
            json!({"name": limit.name, "default": value, "unit": unit, "what": limit.what})
        });
        json!({
            "id": entry.id,
            "severity": entry.severity.as_str(),
            "claim": entry.claim,
            "limits": limits.collect::<Vec<_>>(),
            "undetected": entry.undetected,
        })
    });
    Value::Array(rules.collect())
}

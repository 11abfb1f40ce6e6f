//! Findings and rules as lines.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use loopscope::{
    insight::{RULES, Rule, Severity},
    scene::findings::FindingView,
    trace::sanitized,
};

use super::CheckedRun;

/// Writes the findings of all runs, and what they add up to.
pub(super) fn write(runs: &[CheckedRun], out: &mut impl Write) -> io::Result<()> {
    for run in runs {
        write_run(run, out)?;
    }
    let findings = || runs.iter().flat_map(|run| &run.findings);
    let of = |severity| {
        findings()
            .filter(|found| found.severity == severity)
            .count()
    };
    let allowed: usize = runs.iter().map(|run| run.allowed).sum();
    let total = format!(
        "{}, {}, {}",
        counted(of(Severity::Error), "error"),
        counted(of(Severity::Warning), "warning"),
        counted(of(Severity::Info), "note"),
    );
    if allowed > 0 {
        return writeln!(out, "{total}; {} allowed", counted(allowed, "finding"));
    }
    writeln!(out, "{total}")
}

fn write_run(run: &CheckedRun, out: &mut impl Write) -> io::Result<()> {
    let ending = run.outcome.map_or("not ended", |outcome| outcome.as_str());
    writeln!(out, "{} ({ending})", sanitized(&run.what, ""))?;
    if run.findings.is_empty() {
        writeln!(out, "  nothing found")?;
    }
    for finding in &run.findings {
        let indent = if finding.caused_by.is_some() {
            "    "
        } else {
            "  "
        };
        write_finding(finding, indent, out)?;
    }
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let of_this_trace = run
        .not_looked_for
        .iter()
        .filter(|(id, _)| is_looked_for(id));
    for (id, why) in of_this_trace {
        reasons.entry(why).or_default().push(id);
    }
    for (why, ids) in reasons {
        writeln!(out, "  not looked for, because {why}: {}", ids.join(", "))?;
    }
    Ok(())
}

/// Whether some trace can be checked for a rule. Of the others, `--rules` tells why not.
fn is_looked_for(id: &str) -> bool {
    Rule::from_id(id).is_some_and(|rule| rule.entry().undetected.is_none())
}

fn write_finding(finding: &FindingView, indent: &str, out: &mut impl Write) -> io::Result<()> {
    let caused = if finding.caused_by.is_some() {
        "which causes "
    } else {
        ""
    };
    writeln!(out, "{indent}{caused}{}", sanitized(&finding.line(), ""))?;
    let mut facts = Vec::new();
    if finding.count > 1 {
        facts.push(format!("{} times", finding.count));
    }
    if finding.cost_s > 0.0 {
        facts.push(format!("costs {:.3}s", finding.cost_s));
    }
    let events: Vec<String> = finding.evidence.iter().map(|at| at.0.to_string()).collect();
    if !events.is_empty() {
        facts.push(format!("events {}", events.join(", ")));
    }
    for line in &finding.also {
        facts.push(format!("also {}", sanitized(&line.to_string(), "")));
    }
    if !facts.is_empty() {
        writeln!(out, "{indent}  {}", facts.join("; "))?;
    }
    writeln!(out, "{indent}  fix: {}", finding.fix)
}

/// Writes the rules with their thresholds.
pub(super) fn write_rules(out: &mut impl Write) -> io::Result<()> {
    for entry in RULES {
        writeln!(
            out,
            "{:<16} {:<8} {}",
            entry.id,
            entry.severity.as_str(),
            entry.claim
        )?;
        for (at, limit) in entry.limits.iter().enumerate() {
            let key = match at {
                0 => entry.id.to_owned(),
                _ => format!("{}.{}", entry.id, limit.name),
            };
            writeln!(
                out,
                "{:<16} --limit {key}={}  {}",
                "", limit.default, limit.what
            )?;
        }
        if let Some(why) = entry.undetected {
            writeln!(out, "{:<16} not looked for: {why}", "")?;
        }
    }
    Ok(())
}

fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

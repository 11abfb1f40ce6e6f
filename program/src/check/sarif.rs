//! Findings as SARIF 2.1.0, the format of results that code review reads.
//!
//! Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use loopscope::{
    insight::{RULES, Severity},
    scene::findings::{FindingView, ProgramLine},
};
use serde_json::{Value, json};

use super::CheckedRun;

/// The log of all runs.
pub(super) fn log(runs: &[CheckedRun]) -> Value {
    let rules = RULES.iter().map(|entry| {
        json!({
            "id": entry.id,
            "shortDescription": {"text": entry.claim},
            "defaultConfiguration": {"level": level(entry.severity)},
        })
    });
    let results = runs
        .iter()
        .flat_map(|run| run.findings.iter().map(|view| result(run, view)));
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "loopscope",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.collect::<Vec<_>>(),
            }},
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn result(run: &CheckedRun, view: &FindingView) -> Value {
    let rule = RULES.iter().position(|entry| entry.id == view.id);
    let note = view.location_note.map(|note| format!(" ({note})"));
    let text = format!(
        "{}{}. {}.",
        view.message,
        note.unwrap_or_default(),
        view.fix
    );
    let also = view.also.iter();
    json!({
        "ruleId": view.id,
        "ruleIndex": rule,
        "level": level(view.severity),
        "message": {"text": text},
        "locations": view.location.iter().map(location).collect::<Vec<_>>(),
        "relatedLocations": also.map(location).collect::<Vec<_>>(),
        "occurrenceCount": view.count,
        "properties": {
            "run": run.what,
            "task": view.task.as_ref().map(|(_, name)| name),
            "cost_s": view.cost_s,
        },
    })
}

fn location(line: &ProgramLine) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&line.file)},
        "region": {"startLine": line.line.max(1)},
    }})
}

/// A path as a URI reference: what one may not contain is written as `%` and two digits.
fn uri(path: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri.extend([
                '%',
                char::from(HEX[usize::from(byte >> 4)]),
                char::from(HEX[usize::from(byte & 15)]),
            ]),
        }
    }
    if path.starts_with('/') {
        uri.insert_str(0, "file://");
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("src/main.rs"), "src/main.rs");
        assert_eq!(uri("/a b/ü.py"), "file:///a%20b/%C3%BC.py");
    }
}

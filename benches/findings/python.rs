//! The programs in Python, under the adapter.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{Score, Scores, count};

/// A program in Python.
pub(super) struct PythonProgram {
    pub(super) file: PathBuf,
    /// Its rule; `None` for a healthy program.
    pub(super) rule: Option<String>,
    /// The lines with the mark of the rule.
    pub(super) marks: Vec<u64>,
    /// It has a wrong and a right variant.
    pub(super) is_pair: bool,
    is_real: bool,
}

impl PythonProgram {
    /// A program, whose rule is named by its marks.
    fn read(file: PathBuf, is_pair: bool) -> PythonProgram {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let marked = |line: &str| {
            let (_, rule) = line.split_once("# WRONG: ")?;
            Some(rule.to_owned())
        };
        let rule = text.lines().find_map(marked);
        let own = |line: &str| rule.is_some() && marked(line) == rule;
        let lines = (1..).zip(text.lines());
        PythonProgram {
            marks: lines
                .filter(|(_, line)| own(line))
                .map(|(line, _)| line)
                .collect(),
            rule,
            is_pair,
            is_real: text.contains("# clock: real"),
            file,
        }
    }

    /// Whether a line is near a mark.
    pub(super) fn is_near(&self, line: u64) -> bool {
        self.marks.iter().any(|mark| mark.abs_diff(line) <= 2)
    }

    fn findings(&self, variant: &str) -> Vec<Value> {
        let clock = if self.is_real { "real" } else { "virtual" };
        let answer = Command::new(env!("CARGO_BIN_EXE_loopscope"))
            .args(["check", "--json", "--until", "60", "--clock", clock])
            .arg(format!("{}{variant}", self.file.display()))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output();
        let answer = answer
            .ok()
            .and_then(|answer| serde_json::from_slice(&answer.stdout).ok());
        let answer: Value = answer.unwrap_or_default();
        answer["findings"].as_array().cloned().unwrap_or_default()
    }
}

/// The programs of the corpus; `None` without an interpreter.
pub(super) fn programs() -> Option<Vec<PythonProgram>> {
    let version = Command::new("python3").arg("--version").output();
    version.ok().filter(|version| version.status.success())?;
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/findings");
    let mut programs = Vec::new();
    for (folder, is_pair) in [("python", true), ("real", false), ("healthy", false)] {
        let files = fs::read_dir(corpus.join(folder)).ok()?;
        let files = files.filter_map(|file| Some(file.ok()?.path()));
        let mut files: Vec<PathBuf> = files
            .filter(|file| file.extension().is_some_and(|ending| ending == "py"))
            .collect();
        files.sort();
        programs.extend(
            files
                .into_iter()
                .map(|file| PythonProgram::read(file, is_pair)),
        );
    }
    Some(programs)
}

pub(super) fn score(programs: &[PythonProgram], scores: &mut Scores) {
    let has_alarm = |found: &[Value]| found.iter().any(|finding| finding["severity"] != "info");
    for program in programs {
        let Some(rule) = &program.rule else {
            let has_alarm = has_alarm(&program.findings(""));
            if has_alarm {
                let file = program.file.display();
                println!("findings: {file} is healthy, and raises an alarm");
            }
            count(scores, "healthy", Score::of_healthy(has_alarm));
            continue;
        };
        let wrong = program.findings(if program.is_pair { ":wrong" } else { "" });
        let mut own = wrong
            .iter()
            .filter(|finding| finding["id"] == **rule)
            .peekable();
        let is_named = own.peek().is_some();
        let is_at_line = own.any(|finding| {
            let at = finding["location"]
                .as_str()
                .and_then(|at| at.rsplit_once(':'));
            at.and_then(|(_, line)| line.parse().ok())
                .is_some_and(|line| program.is_near(line))
        });
        count(scores, rule, Score::of_wrong(is_named, is_at_line));
        if program.is_pair {
            let has_alarm = has_alarm(&program.findings(":right"));
            count(scores, rule, Score::of_healthy(has_alarm));
        }
    }
}

//! The Python programs of `tests/findings`, under the adapter: each wrong one has its finding at its
//! line, each right or healthy one has none. Those in `real` look like programs of projects; the mark in
//! each names its rule.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use serde_json::Value;

use super::{
    process::{PATIENCE, finish_within, loopscope},
    python::has_python,
};

/// The rules whose wrong program has no finding yet.
const MISSING: &[&str] = &[];

/// The comment of a program that needs the real clock.
const REAL: &str = "# clock: real";

/// The Python files of a folder of the corpus, in the order of their names.
fn programs(folder: &str) -> Vec<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/findings");
    let files = fs::read_dir(corpus.join(folder)).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "py"));
    files.sort();
    files
}

/// The findings of programs that run on one clock, those of each program together.
fn findings(clock: &str, programs: &[String]) -> Vec<Vec<Value>> {
    if programs.is_empty() {
        return Vec::new();
    }
    let mut arguments = vec!["check", "--json", "--clock", clock];
    arguments.extend(programs.iter().map(String::as_str));
    let answer = finish_within(10 * PATIENCE, &mut loopscope(&arguments));
    let answer = answer.json();
    // A program may have several loops: each is a run, named after the program.
    let runs = answer["runs"].as_array().unwrap().iter();
    let program_of = |run: &Value| {
        let name = run["what"].as_str().unwrap();
        programs
            .iter()
            .position(|program| name == program || name.starts_with(&format!("{program} (")))
            .unwrap()
    };
    let program_of_run: Vec<usize> = runs.map(program_of).collect();
    let mut found = vec![Vec::new(); programs.len()];
    for finding in answer["findings"].as_array().unwrap() {
        let run = finding["run"].as_u64().unwrap();
        found[program_of_run[usize::try_from(run).unwrap()]].push(finding.clone());
    }
    found
}

/// The programs with their findings. `variant` is the argument of each.
fn checked(programs: Vec<PathBuf>, variant: &str) -> Vec<(PathBuf, Vec<Value>)> {
    let is_real = |file: &PathBuf| fs::read_to_string(file).unwrap().contains(REAL);
    let (real, on_virtual): (Vec<_>, Vec<_>) = programs.into_iter().partition(is_real);
    let on_clock = |clock: &str, files: Vec<PathBuf>| {
        let names = files.iter().map(|file| file.to_str().unwrap());
        let names: Vec<String> = names.map(|name| format!("{name}{variant}")).collect();
        let found = findings(clock, &names);
        files.into_iter().zip(found).collect::<Vec<_>>()
    };
    // A program on the real clock mostly waits.
    thread::scope(|scope| {
        let real = scope.spawn(|| on_clock("real", real));
        let mut all = on_clock("virtual", on_virtual);
        all.extend(real.join().unwrap());
        all
    })
}

/// The name of a program, which for a wrong one is that of its rule.
fn name(file: &Path) -> &str {
    file.file_stem().unwrap().to_str().unwrap()
}

/// The lines with the mark of a rule.
fn marks(file: &Path) -> Vec<u64> {
    let mark = format!("# WRONG: {}", name(file));
    let text = fs::read_to_string(file).unwrap();
    let marked = (1..)
        .zip(text.lines())
        .filter(|(_, line)| line.ends_with(&mark));
    marked.map(|(line, _)| line).collect()
}

/// The rules that the marks of a program name, each with its lines.
fn marked_rules(file: &Path) -> Vec<(String, Vec<u64>)> {
    let text = fs::read_to_string(file).unwrap();
    let mut rules: Vec<(String, Vec<u64>)> = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let Some((_, rule)) = text.split_once("# WRONG: ") else {
            continue;
        };
        match rules.iter_mut().find(|(known, _)| known == rule) {
            Some((_, lines)) => lines.push(line),
            None => rules.push((rule.to_owned(), vec![line])),
        }
    }
    rules
}

/// Whether a finding is that of a rule, at one of these lines or within two of it.
fn is_at(finding: &Value, rule: &str, marks: &[u64]) -> bool {
    let at = finding["location"]
        .as_str()
        .and_then(|at| at.rsplit_once(':'));
    let line = at.and_then(|(_, line)| line.parse::<u64>().ok());
    let near = |line: u64| marks.iter().any(|mark| mark.abs_diff(line) <= 2);
    finding["id"] == rule && line.is_some_and(near)
}

/// What is found, in short, for the message of a failed test.
fn lines(found: &[Value]) -> Vec<String> {
    let line = |finding: &Value| {
        let field = |name: &str| finding[name].as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}: {}",
            field("severity"),
            field("id"),
            field("location"),
            field("message")
        )
    };
    found.iter().map(line).collect()
}

/// Names the programs that have an alarm.
fn are_silent(checked: &[(PathBuf, Vec<Value>)]) {
    let is_alarm = |finding: &&Value| finding["severity"] != "info";
    let loud: Vec<_> = checked
        .iter()
        .filter(|(_, found)| found.iter().any(|finding| is_alarm(&finding)))
        .map(|(file, found)| (name(file), lines(found)))
        .collect();
    assert!(loud.is_empty(), "{loud:#?}");
}

#[test]
fn a_wrong_python_program_has_its_finding_at_its_line() {
    if !has_python() {
        return;
    }
    let mut unlike = Vec::new();
    for (file, found) in checked(programs("python"), ":wrong") {
        let (rule, marks) = (name(&file), marks(&file));
        let is_found = found.iter().any(|finding| is_at(finding, rule, &marks));
        if is_found == MISSING.contains(&rule) {
            unlike.push((rule.to_owned(), marks, lines(&found)));
        }
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
}

#[test]
fn a_program_like_that_of_a_project_has_its_finding() {
    if !has_python() {
        return;
    }
    let mut unlike = Vec::new();
    for (file, found) in checked(programs("real"), "") {
        for (rule, marks) in marked_rules(&file) {
            if !found.iter().any(|finding| is_at(finding, &rule, &marks)) {
                unlike.push((name(&file).to_owned(), rule, marks, lines(&found)));
            }
        }
    }
    assert!(unlike.is_empty(), "{unlike:#?}");
}

#[test]
fn a_right_python_program_raises_nothing() {
    if has_python() {
        are_silent(&checked(programs("python"), ":right"));
    }
}

#[test]
fn a_healthy_python_program_raises_nothing() {
    if has_python() {
        are_silent(&checked(programs("healthy"), ""));
    }
}

//! The scenarios agree with their references: what `CPython`'s asyncio does with the same programs.
//!
//! Every file in `tests/reference` holds the lines of a run, their times and the total. A failure
//! lists all differences at once.

use std::{fs, path::Path, thread};

use serde_json::Value;

use super::process::{Answer, ask, scratch};

/// The lines and times of a run, of a reference or of ours.
struct Facts {
    lines: Vec<(f64, String)>,
    elapsed: f64,
}

/// A reference file: the run, and its expected result.
struct Reference {
    /// `SCENARIO:VARIANT` and its parameters, as on the command line.
    arguments: Vec<String>,
    facts: Facts,
}

impl Reference {
    fn read(path: &Path) -> Reference {
        let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let word = |name: &str| value[name].as_str().unwrap().to_owned();
        let mut arguments = vec![format!("{}:{}", word("scenario"), word("variant"))];
        for (name, value) in value["set"].as_object().unwrap() {
            let value = value.as_str().map_or_else(|| value.to_string(), Into::into);
            arguments.extend(["--set".into(), format!("{name}={value}")]);
        }
        let lines = value["output"].as_array().unwrap().iter();
        let lines = lines.map(|line| (line[0].as_f64().unwrap(), text(&line[1])));
        let facts = Facts {
            lines: lines.collect(),
            elapsed: value["elapsed_s"].as_f64().unwrap(),
        };
        Reference { arguments, facts }
    }

    /// The references whose names begin with a prefix.
    fn all(prefix: &str) -> Vec<Reference> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/reference");
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap());
        let mut paths: Vec<_> = files
            .filter(|file| file.file_name().to_string_lossy().starts_with(prefix))
            .map(|file| file.path())
            .collect();
        paths.sort();
        paths.iter().map(|path| Reference::read(path)).collect()
    }

    fn run(&self, more: &[&str]) -> Answer {
        let mut arguments = vec!["run", "--json"];
        arguments.extend(self.arguments.iter().map(String::as_str));
        arguments.extend(more);
        ask(&arguments)
    }

    /// Runs the scenario and returns the differences from the reference.
    fn disagreements(&self, more: &[&str], tolerance: f64) -> Vec<String> {
        let answer = self.run(more);
        let name = format!("{} {}", self.arguments.join(" "), more.join(" "));
        if answer.code() != 0 {
            return vec![format!("{name}: {answer:?}")];
        }
        let found = Facts::of(&answer.json());
        let differ = |what: String| format!("{name}: {what}");
        let found = self.facts.differences(&found, tolerance);
        found.into_iter().map(differ).collect()
    }
}

impl Facts {
    fn of(run: &Value) -> Facts {
        let lines = run["output"].as_array().unwrap().iter();
        let lines = lines.map(|line| (line["t"].as_f64().unwrap(), text(&line["line"])));
        Facts {
            lines: lines.collect(),
            elapsed: run["elapsed_s"].as_f64().unwrap(),
        }
    }

    fn differences(&self, found: &Facts, tolerance: f64) -> Vec<String> {
        let mut differences = Vec::new();
        let near = |a: f64, b: f64| (a - b).abs() <= tolerance;
        if !near(self.elapsed, found.elapsed) {
            let (due, is) = (self.elapsed, found.elapsed);
            differences.push(format!("took {is} s, not {due} s"));
        }
        for at in 0..self.lines.len().max(found.lines.len()) {
            let same = match (self.lines.get(at), found.lines.get(at)) {
                (Some((due, expected)), Some((is, line))) => expected == line && near(*due, *is),
                _ => false,
            };
            if !same {
                let (due, is) = (self.lines.get(at), found.lines.get(at));
                differences.push(format!("line {at} is {is:?}, not {due:?}"));
            }
        }
        differences
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The references of variants that run on the real clock, and those of the others.
fn by_clock() -> (Vec<Reference>, Vec<Reference>) {
    let real = variants("real");
    Reference::all("")
        .into_iter()
        .partition(|reference| real.contains(&reference.arguments[0]))
}

#[test]
fn every_reference_is_met_to_the_millisecond() {
    let (_, references) = by_clock();
    assert!(references.len() >= 8, "where are the references?");
    let wrong: Vec<String> = references
        .iter()
        // The times of the references are rounded to milliseconds.
        .flat_map(|reference| reference.disagreements(&[], 0.001))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn real_clock_references_are_met_to_fifty_ms() {
    let (mut references, _) = by_clock();
    references.extend(Reference::all("say_after"));
    // They run concurrently. A busy machine may delay one, so each gets several attempts.
    let wrong: Vec<String> = thread::scope(|scope| {
        let attempt = |reference: &Reference| {
            let mut wrong = Vec::new();
            for _ in 0..6 {
                wrong = reference.disagreements(&["--clock", "real"], 0.05);
                if wrong.is_empty() {
                    break;
                }
            }
            wrong
        };
        let runs: Vec<_> = references
            .iter()
            .map(|reference| scope.spawn(move || attempt(reference)))
            .collect();
        runs.into_iter()
            .flat_map(|run| run.join().unwrap())
            .collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every variant of the catalogue that runs on this clock, as `SCENARIO:VARIANT`.
pub(crate) fn variants(clock: &str) -> Vec<String> {
    let mut found = Vec::new();
    for scenario in ask(&["list", "--json"]).json().as_array().unwrap() {
        for variant in scenario["variants"].as_array().unwrap() {
            if variant["clock"] == clock {
                found.push(format!(
                    "{}:{}",
                    text(&scenario["name"]),
                    text(&variant["name"])
                ));
            }
        }
    }
    found
}

#[test]
fn a_virtual_run_recorded_twice_gives_the_same_bytes() {
    let variants = variants("virtual");
    assert!(variants.len() >= 8);
    let mut differing = Vec::new();
    for variant in &variants {
        for seed in ["0", "1", "4711"] {
            let record = |name: &str| {
                let file = scratch(&format!("twice_{name}.trace"));
                let path = file.to_str().unwrap();
                let answer = ask(&["run", variant, "--seed", seed, "--json", "--record", path]);
                (
                    fs::read(&file).unwrap(),
                    answer.out,
                    ask(&["replay", path, "--json"]).out,
                )
            };
            let (first, second) = (record("a"), record("b"));
            // The recording says the same as the run.
            if first != second || first.1 != first.2 {
                differing.push(format!("{variant} --seed {seed}"));
            }
        }
    }
    assert!(differing.is_empty(), "{differing:?}");
}

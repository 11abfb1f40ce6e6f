//! What asyncio's own debug mode says about the same programs, for comparison.

use std::{
    io::Read,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{Score, Scores, count, python::PythonProgram};

/// What debug mode says, and the rules whose mistake that names.
const SAYS: [(&str, &[&str]); 5] = [
    (
        "Executing <",
        &["blocking", "deadtimeout", "latetimer", "nestedblock"],
    ),
    ("was never awaited", &["unawaited"]),
    ("exception was never retrieved", &["unretrieved"]),
    ("was destroyed but it is pending", &["orphan", "shutdown"]),
    ("ResourceWarning", &["handleleak", "halfopen"]),
];

/// How long a program may run: one that hangs is ended.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) fn score(programs: &[PythonProgram], scores: &mut Scores) {
    for program in programs {
        let Some(rule) = &program.rule else {
            let has_alarm = !alarms(&said(program, None)).is_empty();
            count(scores, "healthy", Score::of_healthy(has_alarm));
            continue;
        };
        let wrong = said(program, program.is_pair.then_some("wrong"));
        let found = alarms(&wrong);
        let own: Vec<&str> = found
            .iter()
            .filter(|(rules, _)| rules.contains(&rule.as_str()))
            .map(|(_, line)| *line)
            .collect();
        let is_at_line = own.iter().any(|line| names_a_mark(line, program));
        count(scores, rule, Score::of_wrong(!own.is_empty(), is_at_line));
        if program.is_pair {
            let right = said(program, Some("right"));
            count(scores, rule, Score::of_healthy(!alarms(&right).is_empty()));
        }
    }
}

/// The alarms of debug mode: the rules that each stands for, and its line.
fn alarms(said: &str) -> Vec<(&'static [&'static str], &str)> {
    let lines = said.lines().filter_map(|line| {
        let known = SAYS.iter().find(|(words, _)| line.contains(words))?;
        Some((known.1, line))
    });
    lines.collect()
}

/// Whether a message names a line near a mark: `file.py:12`.
fn names_a_mark(message: &str, program: &PythonProgram) -> bool {
    let name = program
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let after = message.split(&*name).skip(1);
    let mut lines = after.filter_map(|rest| {
        let digits = rest
            .trim_start_matches(':')
            .split(|c: char| !c.is_ascii_digit());
        digits.into_iter().next()?.parse().ok()
    });
    lines.any(|line| program.is_near(line))
}

/// What a program prints as errors under debug mode.
fn said(program: &PythonProgram, variant: Option<&str>) -> String {
    let mut python = Command::new("python3");
    python
        .args(["-B", "-W", "default"])
        .arg(&program.file)
        .args(variant)
        .env("PYTHONASYNCIODEBUG", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let Ok(mut child) = python.spawn() else {
        return String::new();
    };
    let errors = child.stderr.take();
    #[expect(
        clippy::disallowed_methods,
        reason = "a pipe that is full would stop the program that is measured"
    )]
    let reading = thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(mut errors) = errors {
            let _ = errors.read_to_end(&mut text);
        }
        String::from_utf8_lossy(&text).into_owned()
    });
    #[expect(
        clippy::disallowed_methods,
        reason = "a program that measures runs no loop"
    )]
    let since = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if since.elapsed() > PATIENCE {
            let _ = child.kill();
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "a program that measures runs no loop"
        )]
        thread::sleep(Duration::from_millis(10));
    }
    reading.join().unwrap_or_default()
}

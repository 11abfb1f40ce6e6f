//! Python programs beside something else: the same program without loopscope, and the Rust scenario
//! that it is the twin of.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use loopscope::{scenario::Scenario, trace::ClockKind};
use loopscope_program::scenarios::ALL;
use serde_json::Value;

use super::{
    process::{ask, finish, finish_within, loopscope, scratch, wrong_of},
    python::has_python,
};

/// Variants whose twin prints other lines, because the languages differ.
const OTHER_LINES: [&str; 2] = [
    "lesson_13_dropped_handle:wrong",
    "lesson_17_own_semaphore:wrong",
];

/// Variants that only wait for timers and for each other.
const TIMER_ONLY: [&str; 32] = [
    "say_after:in_order",
    "say_after:concurrent",
    "say_after:sequential",
    "factorial:sequential",
    "factorial:concurrent",
    "compute_sum:chain",
    "await_twice:task",
    "futures:create_future",
    "callbacks:future",
    "callbacks:task",
    "async_iteration:generator",
    "async_iteration:two",
    "gather:order",
    "gather:error",
    "gather:return_exceptions",
    "producer_consumer:sequential",
    "producer_consumer:three_consumers",
    "flag_downloads:gather",
    "flag_downloads:throttled",
    "flag_downloads:errors",
    "probe_domains:as_completed",
    "probe_domains:task_group",
    "two_requests:gather",
    "send_updates:concurrent",
    "spinner:main",
    "transaction:rollback",
    "blocking_call:cooperative",
    "use_files:first_ready",
    "lesson_02_spawn_and_await:right",
    "lesson_09_gather_order:wrong",
    "lesson_16_lost_update:right",
    "lesson_17_own_semaphore:right",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The polls of a run: the time of each in nanoseconds, and its task.
fn polls(what: &str) -> Vec<(u64, u64)> {
    let answer = ask(&["export", what, "--format", "jsonl"]);
    let lines = answer.out.lines();
    let events = lines.map(|line| serde_json::from_str::<Value>(line).unwrap());
    let polls = events.filter(|event| event["e"] == "poll");
    polls
        .map(|poll| (poll["t"].as_u64().unwrap(), poll["task"].as_u64().unwrap()))
        .collect()
}

/// The printed lines of a run, each with its time in seconds.
fn lines(run: &Value) -> Vec<(f64, &str)> {
    let output = run["output"].as_array().unwrap().iter();
    output
        .map(|line| (line["t"].as_f64().unwrap(), line["line"].as_str().unwrap()))
        .collect()
}

/// What is wrong with the comparison of a twin with its scenario. The first run is the twin's.
fn compare_with_twin(name: &str) -> Result<(), String> {
    let (scenario, variant) = name.split_once(':').unwrap();
    let script = root().join(format!("scenarios/{scenario}.py"));
    let file = scratch(&format!("python-twin-{scenario}-{variant}.loopscope"));
    let (script, file) = (script.to_str().unwrap(), file.to_str().unwrap());
    let record = ["python", "--clock", "virtual", "--record", file, "-B"];
    ask(&[&record[..], &[script, variant]].concat());
    let compared = ask(&["compare", file, name, "--json"]);
    if compared.code() != 0 {
        return Err(compared.err);
    }
    let compared = compared.json();
    let (twin, ours) = (lines(&compared["a"]), lines(&compared["b"]));
    if twin != ours {
        return Err(format!("{twin:?} instead of {ours:?}"));
    }
    let first = &compared["first_difference"];
    let words = first["words"].as_str().unwrap_or_default();
    if !(words.contains(" in A; ") && words.ends_with(" in B")) {
        return Err(format!("no difference is named: {first}"));
    }
    // Until then both loops have polled the same tasks in the same order.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time of a short run"
    )]
    let moment = (first["t"].as_f64().unwrap() * 1e9).round() as u64;
    let before = |what: &str| -> Vec<(u64, u64)> {
        let polls = polls(what).into_iter();
        polls.take_while(|(at, _)| *at < moment).collect()
    };
    let (twin, ours) = (before(file), before(name));
    if twin != ours {
        return Err(format!("{words}, but {twin:?} instead of {ours:?}"));
    }
    Ok(())
}

#[test]
fn a_twin_equals_its_scenario_up_to_a_named_difference() {
    if !has_python() {
        return;
    }
    let wrong = wrong_of(&TIMER_ONLY, |name| {
        let why = compare_with_twin(name).err()?;
        Some((*name, why))
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn small_programs_are_equal_with_and_without_loopscope() {
    if !has_python() {
        return;
    }
    let mut programs = Command::new("python3");
    programs.args(["-B", "python/tests/programs.py", "--loopscope"]);
    programs.arg(env!("CARGO_BIN_EXE_loopscope"));
    let answer = finish_within(Duration::from_mins(4), programs.current_dir(root()));
    assert!(answer.status.success(), "{}{}", answer.out, answer.err);
}

/// The Python command of the README's first example, on a program like that of its lines.
#[test]
fn the_first_example_of_the_readme_runs() {
    if !has_python() {
        return;
    }
    let readme = include_str!("../../README.md");
    let command = readme.split("**`loopscope ").nth(1).unwrap();
    let command = command.split('`').next().unwrap();
    let folder = scratch("python-readme");
    std::fs::create_dir_all(&folder).unwrap();
    let say_after = std::fs::read_to_string(root().join("scenarios/say_after.py")).unwrap();
    let twin = std::fs::read_to_string(root().join("scenarios/twin.py")).unwrap();
    std::fs::write(folder.join("app.py"), say_after).unwrap();
    std::fs::write(folder.join("twin.py"), twin).unwrap();
    let typed: Vec<&str> = command.split(' ').chain(["concurrent"]).collect();
    let run = |arguments: &[&str]| {
        let mut command = loopscope(arguments);
        command.current_dir(&folder);
        finish(command.env("PYTHONDONTWRITEBYTECODE", "1"))
    };
    let answer = run(&typed);
    assert_eq!(answer.code(), 0, "{answer:?}");
    assert!(answer.out.contains("hello\n"), "{answer:?}");
    let (first, rest) = typed.split_first().unwrap();
    let answer = run(&[&[*first, "--plain"], rest].concat());
    assert_eq!(answer.code(), 0, "{answer:?}");
    assert!(answer.out.contains("#1 say_after"), "{answer:?}");
}

/// The lines that a scenario prints on the virtual clock. `None` if it ends in a deadlock: asyncio
/// waits for ever then.
fn scenario_lines(name: &str) -> Option<Vec<String>> {
    let run = ask(&["run", name, "--json"]).json();
    let lines = run["output"].as_array().unwrap().iter();
    let lines = lines.map(|line| line["line"].as_str().unwrap().to_owned());
    (run["outcome"] != "deadlock").then(|| lines.collect())
}

/// The lines that its twin prints under loopscope on the virtual clock. `None` if the twin lacks the
/// variant.
fn twin_lines(scenario: &Scenario, variant: &str) -> Option<Vec<String>> {
    let script = root().join(format!("scenarios/{}.py", scenario.name));
    let file = scratch(&format!("python-{}-{variant}.loopscope", scenario.name));
    let answer = ask(&[
        "python",
        "--clock",
        "virtual",
        "--record",
        file.to_str().unwrap(),
        "-B",
        script.to_str().unwrap(),
        variant,
    ]);
    if answer.err.contains("invalid choice") {
        return None;
    }
    Some(answer.out.lines().map(str::to_owned).collect())
}

#[test]
fn twins_print_the_lines_of_their_scenarios() {
    if !has_python() {
        return;
    }
    let cases: Vec<_> = ALL
        .iter()
        .filter(|scenario| scenario.twin.is_some())
        .flat_map(|scenario| {
            scenario
                .variants
                .iter()
                .map(move |variant| (scenario, variant))
        })
        .filter(|(_, variant)| variant.clock == ClockKind::Virtual)
        .map(|(scenario, variant)| {
            (
                scenario,
                variant,
                format!("{}:{}", scenario.name, variant.name),
            )
        })
        // `compare_with_twin` compares the lines of these, with their times.
        .filter(|(.., name)| !TIMER_ONLY.contains(&name.as_str()))
        .collect();
    let wrong = wrong_of(&cases, |(scenario, variant, name)| {
        let ours = scenario_lines(name)?;
        let theirs = twin_lines(scenario, variant.name)?;
        let is_wrong = ours != theirs && !OTHER_LINES.contains(&name.as_str());
        is_wrong.then(|| (name.clone(), ours, theirs))
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

//! `loopscope check`: what it finds, what it leaves out, its outputs and exit codes.

use std::fs;

use super::process::{ask, scratch};

#[test]
fn a_blocking_poll_is_found_at_its_line() {
    let found = ask(&["check", "--json", "say_after:blocking"]);
    assert_eq!(found.code(), 1, "{found:?}");
    let found = found.json();
    let first = &found["findings"][0];
    assert_eq!(first["id"], "blocking");
    assert_eq!(first["severity"], "warning");
    assert_eq!(first["task_name"], "world");
    assert_eq!(first["cost_s"], 2.0);
    let source = include_str!("../../scenarios/say_after.rs");
    let line = source
        .lines()
        .position(|line| line.contains("block_for("))
        .unwrap()
        + 1;
    assert_eq!(first["location"], format!("scenarios/say_after.rs:{line}"));
    assert!(first["location_note"].as_str().unwrap().contains("a guess"));
    // Where the trace knows it: the line at which the task was spawned.
    assert_eq!(first["also"].as_array().unwrap().len(), 1);
    assert!(!first["evidence"].as_array().unwrap().is_empty());
    assert_eq!(found["runs"][0]["what"], "say_after:blocking");
}

#[test]
fn a_healthy_run_passes() {
    let found = ask(&["check", "say_after:concurrent", "lesson_16:right"]);
    assert_eq!(found.code(), 0, "{found:?}");
    assert!(found.out.contains("nothing found"), "{found:?}");
    assert!(
        found.out.ends_with("0 errors, 0 warnings, 0 notes\n"),
        "{found:?}"
    );
}

#[test]
fn a_check_fails_from_the_chosen_severity_on() {
    let warning = ask(&["check", "--fail-on", "error", "say_after:blocking"]);
    assert_eq!(warning.code(), 0, "{warning:?}");
    let error = ask(&["check", "--fail-on", "error", "lesson_18_lock_twice:wrong"]);
    assert_eq!(error.code(), 1, "{error:?}");
}

#[test]
fn limits_and_allowed_rules_leave_findings_out() {
    let above = ask(&[
        "check",
        "--limit",
        "blocking=5s",
        "--limit",
        "blocking.again=5s",
        "say_after:blocking",
    ]);
    assert_eq!(above.code(), 0, "{above:?}");
    let allowed = ask(&["check", "--allow", "blocking", "say_after:blocking"]);
    assert_eq!(allowed.code(), 0, "{allowed:?}");
    assert!(allowed.out.contains("2 findings allowed"), "{allowed:?}");
    let elsewhere = ask(&[
        "check",
        "--allow",
        "blocking@say_after.rs:1",
        "say_after:blocking",
    ]);
    assert_eq!(elsewhere.code(), 1, "{elsewhere:?}");
}

#[test]
fn what_follows_from_an_allowed_finding_is_allowed() {
    let what = "lesson_18_lock_twice:wrong";
    let all = ask(&["check", "--json", what]).json();
    let findings = all["findings"].as_array().unwrap();
    assert_eq!(findings[1]["caused_by"], 0, "{all}");
    let cause = findings[0]["id"].as_str().unwrap();
    let allowed = ask(&["check", "--json", "--allow", cause, what]).json();
    let left = allowed["findings"].as_array().unwrap();
    assert!(left.iter().all(|found| found["id"] != findings[1]["id"]));
    assert_eq!(allowed["runs"][0]["allowed"], findings.len() - left.len());
}

#[test]
fn each_rule_is_explained_with_its_proof_and_its_mend() {
    let listed = ask(&["explain"]);
    assert_eq!(listed.code(), 0, "{listed:?}");
    let rules = ask(&["check", "--rules", "--json"]).json();
    let rules = rules.as_array().unwrap();
    assert_eq!(listed.out.lines().count(), rules.len(), "{listed:?}");
    for rule in rules {
        let id = rule["id"].as_str().unwrap();
        let claim = rule["claim"].as_str().unwrap();
        assert!(listed.out.contains(claim), "{id}: {listed:?}");
        let told = ask(&["explain", id]);
        assert_eq!(told.code(), 0, "{told:?}");
        assert!(told.out.starts_with(&format!("{id} (")), "{told:?}");
        for head in ["Proof", "Harm", "Mend it in Rust", "Mend it in Python"] {
            assert!(told.out.contains(&format!("\n{head}\n")), "{told:?}");
        }
        for limit in rule["limits"].as_array().unwrap() {
            let key = format!("--limit {id}.{}=", limit["name"].as_str().unwrap());
            assert!(told.out.contains(&key), "{told:?}");
        }
        let longest = told.out.lines().map(|line| line.chars().count()).max();
        assert!(longest.unwrap() <= 120, "{told:?}");
    }
    let unknown = ask(&["explain", "speed"]);
    assert_eq!(unknown.code(), 2, "{unknown:?}");
    assert!(
        unknown.err.contains("no rule is called speed"),
        "{unknown:?}"
    );
}

#[test]
fn invalid_requests_are_refused_in_a_line() {
    for (arguments, what) in [
        (vec!["check"], "no run is named"),
        (
            vec!["check", "--limit", "blocking=often", "say_after"],
            "a time such as 50ms",
        ),
        (
            vec!["check", "--allow", "speed", "say_after"],
            "no rule is called speed",
        ),
        (vec!["check", "--", "true"], "recorded nothing"),
        (vec!["check", "--", "./no-such-program"], "cannot run"),
    ] {
        let refused = ask(&arguments);
        assert_eq!(refused.code(), 2, "{refused:?}");
        assert!(refused.err.contains(what), "{refused:?}");
        assert_eq!(refused.err.lines().count(), 1, "{refused:?}");
    }
}

#[test]
fn a_command_that_records_itself_is_checked() {
    let folder = scratch("check_command");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("run.loopscope");
    let file = file.to_str().unwrap();
    let recorded = ask(&[
        "run",
        "lesson_06:wrong",
        "--record",
        file,
        "--force",
        "--plain",
    ]);
    assert_eq!(recorded.code(), 0, "{recorded:?}");
    let of_file = ask(&["check", "--json", file]).json();
    assert_eq!(of_file["findings"][0]["id"], "blocking");
    // A shell that copies a recording to the place in the variable stands for a program that records itself.
    let copy = format!("cp {file} \"${{LOOPSCOPE#record:}}\"; exit 3");
    let of_command = ask(&["check", "--json", "--", "sh", "-c", &copy]);
    assert_eq!(of_command.code(), 1, "{of_command:?}");
    assert!(of_command.err.contains("exit status: 3"), "{of_command:?}");
    let of_command = of_command.json();
    assert_eq!(of_command["findings"][0]["id"], "blocking");
    assert_eq!(of_command["runs"][0]["what"], "sh");
    let _ = fs::remove_dir_all(&folder);
}

#[test]
fn sarif_names_the_rule_and_the_line() {
    let log = ask(&["check", "--sarif", "lesson_16:wrong"]);
    assert_eq!(log.code(), 1, "{log:?}");
    let log = log.json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "race");
    assert_eq!(result["level"], "error");
    let rule = result["ruleIndex"].as_u64().unwrap();
    assert_eq!(
        run["tool"]["driver"]["rules"][usize::try_from(rule).unwrap()]["id"],
        "race"
    );
    let place = &result["locations"][0]["physicalLocation"];
    let file = place["artifactLocation"]["uri"].as_str().unwrap();
    assert_eq!(file, "scenarios/lesson_16_lost_update.rs");
    assert!(place["region"]["startLine"].as_u64().unwrap() > 1);
}

#[test]
fn the_rules_are_listed_with_their_thresholds() {
    let rules = ask(&["check", "--rules"]);
    assert_eq!(rules.code(), 0);
    assert!(rules.out.contains("--limit blocking=100ms"), "{rules:?}");
    let rules = ask(&["check", "--rules", "--json"]).json();
    assert_eq!(rules.as_array().unwrap().len(), 37);
}
